"""Refusing at the door: only whole requests, only where somebody must go, and like any refusal."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.api_world import ApiWorld, Client, told
from xindeng.api.app import Application, create
from xindeng.api.lanes import MOST
from xindeng.api.routes import ROUTES
from xindeng.api.turnstile import _asked
from xindeng.store import Store

WISH = {"amount": 300_000, "term_months": 10, "rate_bp": 1200}


@pytest.fixture(scope="module")
def world(store: Store, tmp_path_factory: pytest.TempPathFactory) -> ApiWorld:
    return ApiWorld(store, tmp_path_factory.mktemp("keys"))


def request(body: bytes = b"{}", more: bytes = b"", length: int | None = None) -> bytes:
    told = len(body) if length is None else length
    return b"POST /v1/borrowers/b/draws HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n%s\r\n%s" % (
        told,
        more,
        body,
    )


def test_only_a_whole_request_that_stays_is_passed_over() -> None:
    assert _asked(request()) == (b"POST", b"/v1/borrowers/b/draws")
    apart = {
        "its body is not here yet": request(length=3),
        "another comes behind it": request() + b"GET",
        "the head is not here yet": request()[:40],
        "it tells no length": b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "it asks to be closed": request(more=b"Connection: close\r\n"),
        "it is no request": b"\x16\x03\x01\r\n\r\n",
    }
    assert {why: _asked(data) for why, data in apart.items()} == dict.fromkeys(apart)


def test_who_is_refused_is_told_so_like_anybody(world: ApiWorld, client: Client) -> None:
    async def ask() -> None:
        app = create(world.service, ROUTES)
        assert isinstance(app, Application)
        target = b"/v1/borrowers/b/draws?x=1"
        lanes = app._desk.lanes
        assert not app.crowded
        assert app.refusal(b"POST", target) is None
        lanes["draws"].here = MOST["draws"]
        assert app.crowded
        answer = app.refusal(b"POST", target)
        assert answer is not None and app.refusal(b"POST", target) != answer, "each has its number"
        head, _, body = answer.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 503 ") and b"\r\nretry-after: 2" in head
        assert b"\r\ncontent-length: %d\r\n" % len(body) in head
        assert b'"code":"overloaded"' in body
        # Money coming back, and whoever asks how we are, are let in all the same.
        assert app.refusal(b"POST", b"/v1/borrowers/b/repayments") is None
        assert app.refusal(b"GET", b"/readyz") is None
        assert app.refusal(b"GET", b"/nothing") is None

    asyncio.run(ask())


def test_draws_are_refused_while_repayments_are_booked(world: ApiWorld, client: Client) -> None:
    name = client.settle("calm")
    desk = client.http.app._desk
    desk.lanes["draws"].here = MOST["draws"]
    try:
        refused = client.post(f"/v1/borrowers/{name}/draws", WISH, key="k")
        booked = client.post(f"/v1/borrowers/{name}/repayments", {"amount": 1}, key="r")
    finally:
        desk.lanes["draws"].here = 0
    assert told(refused, 503)["code"] == "overloaded"
    assert refused.headers["retry-after"] == "2"
    assert told(booked, 409)["code"] == "repay.nothing_owed"
    told(client.post(f"/v1/borrowers/{name}/draws", WISH, key="k"), 201)


def test_streams_are_read_as_they_are_stored(client: Client, tmp_path: Path) -> None:
    """A line longer than an event may be is refused before all of it is here."""
    ndjson = {"Content-Type": "application/x-ndjson"}
    long = b'{"borrower":"' + b"x" * 1_100_000
    bad = told(client.call("POST", "/v1/events/stream", long, headers=ndjson), 413)
    assert bad["code"] == "request.too_large" and "sending all again is safe" in bad["next_step"]
