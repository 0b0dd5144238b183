"""At the door: how much may be said before a request, how long that may take, and what no request
is told."""

from __future__ import annotations

import asyncio
import json
from http import HTTPStatus
from typing import Any

import pytest
from uvicorn import Config
from uvicorn.server import ServerState

from xindeng.api import turnstile, wire
from xindeng.api.problems import MEDIA_TYPE, RequestError, of_status, problem
from xindeng.api.turnstile import MOST_HEAD, Turnstile
from xindeng.api.wire import Arrival, whole

GET = b"GET /healthz HTTP/1.1\r\nHost: x\r\n"


class Open:
    """An application that lets everybody in and counts them."""

    crowded = False

    def __init__(self, slowly: float = 0.0) -> None:
        self.asked, self.slowly = 0, slowly

    def unreadable(self, status: int) -> bytes:
        code, body, headers = problem(of_status(status), "n")
        return whole(code, body, MEDIA_TYPE, "n", {**headers, "Connection": "close"})

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.asked += 1
        message = await receive()
        while message.get("more_body"):
            message = await receive()
        await asyncio.sleep(self.slowly)
        await send({"type": "http.response.start", "status": 200,
                    "headers": [(b"content-length", b"0")]})  # fmt: skip
        await send({"type": "http.response.body", "body": b""})


async def said(
    app: Open, *parts: bytes, pause: float = 0.0, wait: float = 2.0, keep: int = 5
) -> bytes:
    """What a connection is told that sends these parts one after another; b"" where it is left
    without a word, b"..." where it stays open. `keep`: s after an answer that it is kept."""
    config = Config(app, http=Turnstile, log_config=None, lifespan="off", proxy_headers=False,
                    timeout_keep_alive=keep)  # fmt: skip
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
    # Whoever goes on sending what is not read may lose the answer on the way.
    assert told == b"" or refused(told)["code"] == "request.too_long"


def refused(answer: bytes) -> dict[str, Any]:
    """The problem that a connection was told last."""
    head, _, body = answer.partition(b"\r\n\r\n")
    status = int(head.split()[1])
    assert b"content-type: application/problem+json" in head and b"connection: close" in head
    assert b"x-content-type-options: nosniff" in head
    found: dict[str, Any] = json.loads(body)
    assert found["status"] == status and found["title"] == HTTPStatus(status).phrase
    assert found["detail"] and found["next_step"]
    return found


POST = b"POST /v1/events HTTP/1.1\r\nHost: x\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
NO_REQUESTS = {
    "no HTTP": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "no method": b"FETCH-IT /healthz HTTP/1.1\r\n\r\n",
    "a version of tomorrow": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "two hosts": GET + b"HOST: y\r\n\r\n",
    "a header without a colon": GET + b"nonsense\r\n\r\n",
    "a header with a null": GET + b"X: a\0b\r\n\r\n",
    "a path that is none": b"GET http:// HTTP/1.1\r\nHost: x\r\n\r\n",
    "a length that is none": POST + b"Content-Length: many\r\n\r\n",
    "a length below zero": POST + b"Content-Length: -1\r\n\r\n",
    "two lengths": POST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n",
    "a length and chunks": POST + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
    "a chunk of no size": CHUNKED + b"zz\r\nhello\r\n0\r\n\r\n",
    "a chunk that goes on": CHUNKED + b"2\r\nhello\r\n0\r\n\r\n",
    "a chunk without end of size": CHUNKED + b"f" * 40 + b"\r\n",
}


@pytest.mark.parametrize("case", NO_REQUESTS)
def test_what_is_no_request_is_told_so_as_a_problem(case: str) -> None:
    found = refused(asyncio.run(said(Open(), NO_REQUESTS[case])))
    assert (found["status"], found["code"]) == (400, "request.malformed")


def test_too_long_a_head_says_what_is_too_long() -> None:
    long = asyncio.run(said(Open(), b"GET /" + b"a" * MOST_HEAD + b" HTTP/1.1\r\n\r\n"))
    assert (refused(long)["status"], refused(long)["where"]) == (414, "path")
    many = asyncio.run(said(Open(), GET, b"X: " + b"a" * MOST_HEAD, b"\r\n\r\n", pause=0.02))
    assert (refused(many)["status"], refused(many)["where"]) == (431, "headers")


def test_nonsense_behind_a_request_takes_nobody_the_answer() -> None:
    """Whoever waits gets the answer to what they asked, never the refusal in its place."""
    app = Open(slowly=0.2)
    told = asyncio.run(said(app, GET + b"\r\n" + b"\x16\x03\x01 nonsense\r\n\r\n"))
    assert told.startswith(b"HTTP/1.1 200 ") and told.count(b"HTTP/1.1 ") == 1
    assert app.asked == 1
    # Once it was answered, it is nonsense at the beginning of another request.
    quick = asyncio.run(said(Open(), GET + b"\r\n", b"nonsense\r\n\r\n", pause=0.1))
    first, _, second = quick.partition(b"HTTP/1.1 400")
    assert first.startswith(b"HTTP/1.1 200 ")
    assert refused(b"HTTP/1.1 400" + second)["code"] == "request.malformed"


def test_who_says_nothing_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turnstile, "HEAD_WITHIN_S", 0.2)
    app = Open()
    assert asyncio.run(said(app)) == b""
    late = asyncio.run(said(app, GET, b"X: y\r\n"))
    assert (refused(late)["status"], refused(late)["code"]) == (408, "request.too_slow")
    # Slowly, one header at a time, is no way around.
    slowly = asyncio.run(said(app, GET, *[b"X: y\r\n"] * 6, pause=0.06))
    assert slowly == b"" or refused(slowly)["status"] == 408
    assert app.asked == 0
    # Who asks at once may go on for longer than that.
    whole = GET + b"\r\n"
    assert asyncio.run(said(app, *[whole] * 6, pause=0.08, wait=0.2)) == b"..."
    assert app.asked == 6


def test_a_body_in_drops_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "_WHOLE_S", 0.1)
    drops = [0]

    async def receive() -> Any:
        drops[0] += 1
        await asyncio.sleep(0.02)
        return {"type": "http.request", "body": b" ", "more_body": True}

    async def read() -> bytes:
        return await Arrival({"query_string": b"", "headers": []}, receive, {}).body(10_000)  # type: ignore[typeddict-item]

    with pytest.raises(RequestError) as caught:
        asyncio.run(read())
    assert (caught.value.http_status, caught.value.code) == (408, "request.too_slow")
    assert 3 < drops[0] < 50


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


class Crowded(Open):
    """An application that refuses everybody at the door."""

    crowded = True

    def refusal(self, method: bytes, target: bytes) -> bytes:
        self.asked += 1
        return b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n"


def test_who_is_refused_keeps_the_connection_for_as_long_as_anybody() -> None:
    """Refusals set no timer anew: it must be found how long ago the last of them was."""
    app = Crowded()
    asked = GET + b"Content-Length: 0\r\n\r\n"
    told = asyncio.run(said(app, asked, asked, asked, pause=0.7, wait=3, keep=1))
    assert app.asked == 3, "the second came within a second of the first, the third of the second"
    assert told.count(b" 503 ") == 3
    assert not told.endswith(b"..."), "a second after the last it was closed"
