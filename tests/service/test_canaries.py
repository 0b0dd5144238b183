"""More than a thousand pieces of somebody's data through every route: none comes out again."""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any
from urllib.parse import quote

import pytest
from litestar.testing import TestClient

from tests.api_world import STAFF, ApiWorld, Client, told
from tests.canaries import MARK, bodies, canary, encoded, events
from tests.service.test_api_input import Written
from xindeng.access.table import ACTIONS
from xindeng.api.app import create
from xindeng.api.route import Route
from xindeng.api.routes import ROUTES
from xindeng.service.policies import read_bundle
from xindeng.store import Store
from xindeng.web.app import Pages
from xindeng.web.guard import form_token
from xindeng.web.route import Page
from xindeng.web.settings import Site
from xindeng.web.table import PAGES

HOME = "bears-canaries"
KEYS = count()
NDJSON = {"Content-Type": "application/x-ndjson"}


@pytest.fixture(scope="module")
def world(store: Store, tmp_path_factory: pytest.TempPathFactory) -> ApiWorld:
    made = ApiWorld(store, tmp_path_factory.mktemp("keys"), read_bundle("consumer_line"))
    made.service.checkups.per_hour = 1_000_000
    made.service.door.guesses.per_hour = 1_000_000
    with made.client() as client:
        client.settle(HOME)
        waits = client.post(f"/v1/borrowers/{HOME}/matters", {"way": "complaint"}, key="waits")
        told(waits, 201)  # it holds the erasure that is asked for on the way
    return made


class Sent:
    """What was sent, and what came out where it should not."""

    def __init__(self) -> None:
        self.words: set[str] = set()
        self.statuses: dict[int, int] = {}
        self.leaks: list[str] = []

    def look(self, route: str, word: str, answer: Any) -> None:
        self.words.add(word)
        status = answer.status_code
        self.statuses[status] = self.statuses.get(status, 0) + 1
        assert status < 500, (route, answer.text)
        headers = str(answer.headers)
        if word in headers or (status >= 400 and word in answer.text):
            self.leaks.append(f"{route}: {status} {answer.text[:300]}")


@contextmanager
def listening() -> Iterator[Written]:
    written, root = Written(), logging.getLogger()
    level = root.level
    root.addHandler(written)
    root.setLevel(logging.DEBUG)
    try:
        yield written
    finally:
        root.removeHandler(written)
        root.setLevel(level)


def roles_of(route: Route) -> list[str]:
    rule = ACTIONS[route.action]
    return [
        role for role in ("service", "borrower", *STAFF)
        if rule.public or role in {one.value for one in rule.roles}
    ]  # fmt: skip


def send(client: Client, route: Route, body: Any, role: str, **names: str) -> Any:
    every = dict.fromkeys(route.parameters, "00000000-0000-7000-8000-000000000000")
    every |= ({"borrower": HOME} if "borrower" in every else {}) | names
    return client.call(
        route.method, route.path.format(**every), None if body is None else encoded(body),
        role=role, borrower=HOME, key=f"canaries-{next(KEYS)}" if route.once else None,
    )  # fmt: skip


def everywhere(client: Client) -> Sent:
    """Send canaries in every field, name and query of every route, as whoever may and may not."""
    sent = Sent()
    routes = [route for route in ROUTES if route.action != "session.close"]
    for route in routes:
        may = roles_of(route)
        for turn, (word, body) in enumerate(bodies(route)):
            sent.look(route.name, word, send(client, route, body, may[turn % len(may)]))
        for name in route.parameters:
            word = canary()
            for role in (may[0], "support", "borrower"):
                body = {} if route.body is not None else None
                sent.look(route.name, word, send(client, route, body, role, **{name: word}))
        word = canary()
        path = route.path.format(**dict.fromkeys(route.parameters, HOME))
        body = {} if route.body is not None else None
        for query in ({"limit": word}, {word: "1"}, {"cursor": word, "since": word, "lang": word}):
            answer = client.call(route.method, path, body, role=may[0], borrower=HOME, params=query)
            sent.look(route.name, word, answer)
        stray = {"Authorization": f"Bearer {word}".encode(), "Idempotency-Key": word.encode()}
        answer = client.http.request(route.method, path, headers=stray)
        sent.look(route.name, word, answer)
    for word, event in events(HOME):
        sent.look("events", word, client.post("/v1/events", {"events": [event]}))
    for word, event in events(HOME):
        line = encoded(event) + b"\n" + encoded({**event, "type": word})
        sent.look("stream", word, client.post("/v1/events/stream", line, headers=NDJSON))
    return sent


def test_a_thousand_canaries_come_out_nowhere(client: Client) -> None:
    with listening() as written:
        sent = everywhere(client)
    figures = client.get("/metrics", role="").text
    assert len(sent.words) >= 1_000, len(sent.words)
    accepted = sum(count_ for status, count_ in sent.statuses.items() if status < 300)
    assert accepted >= 40 and sent.statuses[422] >= 500, sent.statuses
    assert sent.leaks == [], "\n".join(sent.leaks[:20])
    assert len(written.lines) > len(ROUTES)
    assert [line for line in written.lines if MARK in line][:5] == []
    assert MARK not in figures


def test_no_page_logs_what_its_visitors_send(world: ApiWorld) -> None:
    """In every name, field and query of every page, as whoever may open it and as nobody."""
    application = create(world.service, ROUTES, beside=Pages(Site()))
    words, statuses = set[str](), Counter[int]()
    with (
        listening() as written,
        TestClient(
            application, base_url="https://testserver.local", raise_server_exceptions=False
        ) as site,
    ):
        site.follow_redirects = False
        for page in PAGES:
            if page.action == "session.close":
                continue
            for word, sent in visits(page):
                bearer = credential(world, page) if sent.pop("known", True) else ""
                site.cookies.clear()
                if bearer:
                    site.cookies.set("__Host-xindeng", bearer, domain="testserver.local")
                form = sent.pop("data", None)
                if form is not None:
                    form = {"_csrf": form_token(bearer), "_key": f"p-{word}", **form}
                answer = site.request(page.method, sent.pop("path"), data=form, **sent,
                                      headers={"Accept": "text/html"})  # fmt: skip
                words.add(word)
                statuses[answer.status_code] += 1
                assert answer.status_code < 500, (page.path, answer.text[:300])
    assert len(words) > 3 * len(PAGES) and statuses[200] > 20 and statuses[401] > 20, statuses
    assert len(written.lines) >= len(words) / 2
    assert [line for line in written.lines if MARK in line][:5] == []
    assert MARK not in world.service.metrics.text().decode()


def visits(page: Page) -> Iterator[tuple[str, dict[str, Any]]]:
    """(canary, request): in each name of the path, in the query, in each field of the form."""
    names = re.findall(r"{(\w+)(?::\w+)?}", page.path)
    usual = dict.fromkeys(names, "00000000-0000-7000-8000-000000000000")
    usual |= {"borrower": HOME} if "borrower" in usual else {}
    plain: dict[str, Any] = {"data": {}} if page.method == "POST" else {}
    for name in names:
        word = canary()
        yield word, {"path": page.path.format(**{**usual, name: quote(word)}), **plain}
    path = page.path.format(**usual)
    for query in ("amount", "next", "before", "way", "q", canary()):
        word = canary()
        yield word, {"path": path, "params": {query: word}, **plain}
    word = canary()
    yield word, {"path": path, "params": {"q": word}, "known": False, **plain}
    for field in page.form.__struct_encode_fields__ if page.form is not None else ():
        word = canary()
        yield word, {"path": path, "data": {field: word}}
        word = canary()
        yield word, {"path": path, "data": {field: word}, "known": False}


def credential(world: ApiWorld, page: Page) -> str:
    """What the cookie of somebody holds who may open a page."""
    roles = {one.value for one in ACTIONS[page.action].roles}
    for role in STAFF:
        if role in roles and page.room == "desk":
            return world.sessions[role]
    return world.token(HOME) if page.room == "borrower" else ""


# What callers choose as a name, and staff write of no borrower, stands in the clear; the pages say
# that ids are to be pseudonymous.
IN_THE_CLEAR = {
    ("event", "id"), ("quarantine", "id"), ("event", "borrower"), ("answer", "key"),
    ("idempotency", "key"), ("in_hand", "key"),
}  # fmt: skip


def test_at_rest_they_stand_in_no_column_in_the_clear(world: ApiWorld, client: Client) -> None:
    """Only what is sealed, or a name that the caller chose, holds any of it."""
    everywhere(client)
    found = {place for place in in_the_clear(world) if place not in IN_THE_CLEAR}
    assert found == set()


def in_the_clear(world: ApiWorld) -> set[tuple[str, str]]:
    found = set()
    with world.store.snapshot() as conn:
        columns = conn.execute(
            "SELECT c.table_name, c.column_name, c.data_type FROM information_schema.columns c"
            " JOIN pg_class r ON r.relname = c.table_name AND r.relkind IN ('r', 'p')"
            " AND NOT r.relispartition WHERE c.table_schema = 'public'"
            " AND c.data_type IN ('text', 'jsonb', 'bytea', 'character varying', 'ARRAY')"
        ).fetchall()
        for table, column, kind in columns:
            if kind == "bytea":
                test, value = f"position(%s::bytea in {column}) > 0", MARK.encode()
            else:
                test, value = f"{column}::text LIKE %s", f"%{MARK}%"  # type: ignore[assignment]
            row = conn.execute(f"SELECT count(*) FROM {table} WHERE {test}", [value]).fetchone()  # type: ignore[call-overload]
            if row[0]:
                found.add((table, column))
    return found


def test_a_column_in_the_clear_is_found(world: ApiWorld) -> None:
    """Planted: a notice is stored as it is."""
    with world.store.pool.connection() as conn:
        conn.execute(
            "INSERT INTO notice (id, borrower, kind, key_id, body, made_at)"
            " SELECT gen_random_uuid(), borrower, 'x', key_id, %s, 1 FROM borrower_key"
            " WHERE borrower = %s",
            [f"{MARK} in the clear".encode(), HOME],
        )
    assert ("notice", "body") in in_the_clear(world)
    with world.store.pool.connection() as conn:
        conn.execute("DELETE FROM notice WHERE kind = 'x'")


def test_an_error_that_quotes_is_found(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: a refusal says back what it was sent."""
    from xindeng.api import problems

    honest = problems.problem

    def quoting(error: Any, number: str, **more: Any) -> Any:
        status, body, headers = honest(error, number, **more)
        return (
            status,
            body.replace(b'"status"', f'"said":"{error.what}","status"'.encode()),
            headers,
        )

    monkeypatch.setattr("xindeng.api.endpoint.problem", quoting)
    route = next(
        one for one in ROUTES if one.action == "decision.read" and "{decision}" in one.path
    )
    sent, word = Sent(), canary()
    sent.look(route.name, word, send(client, route, None, "service", decision=word))
    assert sent.leaks
