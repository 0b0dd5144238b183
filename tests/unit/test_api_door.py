"""At the door: how much may be said before a request, and how long that may take."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from uvicorn import Config
from uvicorn.server import ServerState

from xindeng.api import turnstile, wire
from xindeng.api.problems import RequestError
from xindeng.api.turnstile import MOST_HEAD, Turnstile
from xindeng.api.wire import Arrival

GET = b"GET /healthz HTTP/1.1\r\nHost: x\r\n"


class Open:
    """An application that lets everybody in and counts them."""

    crowded = False

    def __init__(self) -> None:
        self.asked = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.asked += 1
        await send({"type": "http.response.start", "status": 200,
                    "headers": [(b"content-length", b"0")]})  # fmt: skip
        await send({"type": "http.response.body", "body": b""})


async def said(app: Open, *parts: bytes, pause: float = 0.0, wait: float = 2.0) -> bytes:
    """What a connection is told that sends these parts one after another; b"" where it is left
    without a word, b"..." where it stays open."""
    config = Config(app, http=Turnstile, log_config=None, lifespan="off", proxy_headers=False)
    config.load()
    state, loop = ServerState(), asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: Turnstile(config=config, server_state=state, app_state={}), "127.0.0.1", 0
    )
    async with server:
        port = server.sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            for part in parts:
                writer.write(part)
                await asyncio.sleep(pause)
            return await asyncio.wait_for(reader.read(), wait)
        except TimeoutError:
            return b"..."
        except ConnectionError:
            return b""
        finally:
            writer.close()
            for one in list(state.connections):
                one.transport.close()
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    "parts",
    [
        [GET, b"X: " + b"a" * MOST_HEAD, b"\r\n\r\n"],
        [GET, b"".join(b"X%d: %s\r\n" % (n, b"a" * 100) for n in range(400)), b"\r\n"],
        [GET, b"X: ", *[b"a" * 10_000] * 8],
        [b"GET /" + b"a" * MOST_HEAD + b" HTTP/1.1\r\n\r\n"],
    ],
    ids=["a long header", "many headers", "a header without end", "a long path"],
)
def test_a_head_without_end_is_not_read(parts: list[bytes]) -> None:
    app = Open()
    told = asyncio.run(said(app, *parts, pause=0.01))
    assert app.asked == 0
    assert told == b"" or told.startswith(b"HTTP/1.1 400 ")


def test_who_says_nothing_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turnstile, "HEAD_WITHIN_S", 0.2)
    app = Open()
    assert asyncio.run(said(app)) == b""
    assert asyncio.run(said(app, GET, b"X: y\r\n")) == b""
    # Slowly, one header at a time, is no way around.
    assert asyncio.run(said(app, GET, *[b"X: y\r\n"] * 6, pause=0.06)) == b""
    assert app.asked == 0
    # Who asks at once may go on for longer than that.
    whole = GET + b"\r\n"
    assert asyncio.run(said(app, *[whole] * 6, pause=0.08, wait=0.2)) == b"..."
    assert app.asked == 6


def test_a_body_that_stops_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "_SILENT_S", 0.05)
    sent = iter([{"type": "http.request", "body": b"{", "more_body": True}])

    async def receive() -> Any:
        message = next(sent, None)
        if message is None:
            await asyncio.sleep(10)
        return message

    async def read() -> bytes:
        scope: Any = {"query_string": b"", "headers": [(b"content-length", b"50")]}
        return await Arrival(scope, receive, {}).body(100)

    with pytest.raises(RequestError) as caught:
        asyncio.run(read())
    assert (caught.value.http_status, caught.value.code) == (408, "request.too_slow")
