"""The load generator counts what it is there to count: to the end of its time, and every answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from benchmarks import load
from benchmarks.load import Found, Job, _Loader, _requests

ANSWER = b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}"


async def measured(
    answer: Callable[[asyncio.StreamWriter], Awaitable[None]], seconds: float, **more: float
) -> Found:
    """What the generator finds of a server that does `answer` to each request."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(65_536):
            await answer(writer)
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    job = Job(port=server.sockets[0].getsockname()[1], bearer="b", seconds=seconds,
              connections=3, borrowers=["a"], **more)  # fmt: skip
    async with server:
        found = await _Loader(job, _requests(job)).go()
        await asyncio.sleep(0.05)  # for the server to see the connections end
        return found


async def promptly(writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(0.01)
    writer.write(ANSWER)


async def never(writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(0)


@pytest.mark.parametrize("rate", [None, 100.0])
def test_it_goes_on_to_the_end_and_loses_no_answer(
    monkeypatch: pytest.MonkeyPatch, rate: float | None
) -> None:
    """Its grace is shorter than the time it measures, as it is in a run of 30 s."""
    monkeypatch.setattr(load, "_GRACE_S", 0.2)
    found = asyncio.run(measured(promptly, 0.6, rate=rate))
    assert found.seconds >= 0.6
    assert (found.unanswered, found.statuses) == (0, {201: found.sent})
    assert found.sent == len(found.latencies) > 20


def test_what_is_never_answered_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "_GRACE_S", 0.1)
    found = asyncio.run(measured(never, 0.1))
    assert (found.sent, found.unanswered, found.statuses) == (3, 3, {})
