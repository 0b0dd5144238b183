"""What callers get wrong is told as a problem, never as a stack; what they sent is not said back."""

from __future__ import annotations

import asyncio
import gzip
import json
import logging
from typing import Any

import pytest
from msgspec import inspect

from tests.api_world import STAFF, ApiWorld, Client, told
from tests.canaries import body_of, places, put
from xindeng.access.table import ACTIONS
from xindeng.api import logs
from xindeng.api.endpoint import MAX_BODY
from xindeng.api.routes import ROUTES
from xindeng.kernel.errors import UnavailableError
from xindeng.service.policies import read_bundle
from xindeng.store import Store

WISH = {"amount": 300_000, "term_months": 12}


@pytest.fixture(scope="module")
def world(store: Store, tmp_path_factory: pytest.TempPathFactory) -> ApiWorld:
    return ApiWorld(store, tmp_path_factory.mktemp("keys"), read_bundle("consumer_line"))


@pytest.fixture(scope="module")
def name(client: Client) -> str:
    return client.settle("careless")


JSON = {"Content-Type": "application/json"}
# body, status, code, where it is; b"…" is sent as it stands
BODIES: dict[str, tuple[Any, int, str, str]] = {
    "not JSON": (b"{", 400, "request.json", "body"),
    "nothing": (b"", 400, "request.json", "body"),
    "not UTF-8": (b'{"amount":1,"purpose":"\xff"}', 400, "request.json", "body"),
    "a NaN": (b'{"amount":NaN}', 400, "request.json", "body"),
    "nested without end": (b'{"amount":' + b"[" * 100_000, 422, "request.value", "body.amount"),
    "a list": ([], 422, "request.value", "body"),
    "a null": (None, 400, "request.json", "body"),
    "a missing field": ({}, 422, "request.value", "body"),
    "an unknown field": (WISH | {"iq": 1}, 422, "request.value", "body"),
    "an amount of zero": (WISH | {"amount": 0}, 422, "request.value", "body.amount"),
    "a negative amount": (WISH | {"amount": -1}, 422, "request.value", "body.amount"),
    "yuan with a point": (WISH | {"amount": 30.5}, 422, "request.value", "body.amount"),
    "an amount as text": (WISH | {"amount": "1"}, 422, "request.value", "body.amount"),
    "a truth for an amount": (WISH | {"amount": True}, 422, "request.value", "body.amount"),
    "more than there is": (WISH | {"amount": 10**12}, 422, "request.value", "body.amount"),
    "a number without end": (
        b'{"amount":' + b"9" * 5_000 + b"}", 422, "request.value", "body.amount"),
    "no purpose of ours": (WISH | {"purpose": "gold"}, 422, "request.value", "request.purpose"),
    "two amounts": (b'{"amount":300000,"amount":500000}', 422, "request.doubled", "body"),
    "a term of no line": (WISH | {"term_months": 601}, 422, "request.value", "body.term_months"),
}  # fmt: skip


@pytest.mark.parametrize("case", BODIES)
def test_a_body_that_cannot_be_meant(client: Client, name: str, case: str) -> None:
    body, status, code, where = BODIES[case]
    sent = b"" if body is None else body
    path = f"/v1/borrowers/{name}/draws"
    bad = told(client.post(path, sent, key=f"bad {case}", headers=JSON), status)
    assert (bad["code"], bad["where"]) == (code, where)
    assert bad["next_step"]


def test_what_was_sent_in_place_of_what_is_said_in_our_words(client: Client, name: str) -> None:
    path = f"/v1/borrowers/{name}/draws"
    bad = told(client.post(path, WISH | {"amount": "1"}, key="in our words"), 422)
    assert bad["detail"] == "Expected `int`, got `str`"


def test_a_field_twice_deep_within_is_refused_too(client: Client, name: str) -> None:
    event = (b'{"type":"purchase","occurred_at":"2026-01-01","borrower":"%s",'
             b'"payload":{"amount":1,"merchant":"m","amount":2}}') % name.encode()  # fmt: skip
    bad = client.post("/v1/events", b'{"events":[' + event + b"]}", headers=JSON)
    assert told(bad, 422)["code"] == "request.doubled"


def test_requests_that_are_not_even_that(client: Client, name: str) -> None:
    path = f"/v1/borrowers/{name}/draws"
    plain = {"Content-Type": "text/plain"}
    assert told(client.post(path, WISH, key="k", headers=plain), 415)["where"] == "Content-Type"
    large = b'{"amount":1,"purpose":"' + b"x" * MAX_BODY + b'"}'
    assert told(client.post(path, large, key="k"), 413)["code"] == "request.too_large"
    assert told(client.get("/v1/nothing"), 404)["code"] == "request.path"
    assert told(client.get(path), 405)["code"] == "request.method"
    for query in ("limit=0", "limit=201", "limit=x", "colour=red", "cursor=%00"):
        told(client.get(f"/v1/borrowers/{name}/decisions?{query}"), 422)
    for since in ("yesterday", "9999-99-99", "0001-01-01T00:00", "9999-12-31"):
        answer = client.get(f"/v1/borrowers/{name}/line/history?since={since}")
        assert answer.status_code in (200, 422), answer.text


@pytest.mark.parametrize("odd", ["%00", "a%00b", "%F0%9F%92%B0", "x" * 129, "%0A", "%ff"])
def test_names_that_nobody_has(client: Client, odd: str) -> None:
    for path in (f"/v1/borrowers/{odd}/line", f"/v1/borrowers/careless/decisions/{odd}"):
        assert client.get(path).status_code == 404, path
    told(client.get(f"/v1/borrowers/{odd}/plans/{odd}"), 404)


def test_a_name_may_hold_what_a_path_cannot(client: Client) -> None:
    """Ids in base64 hold slashes; whoever can be created can be reached, and is nobody else."""
    for name, sent in (("a+/b=", "a%2B%2Fb%3D"), ("b/line", "b%2Fline"), ("c%2Fd", "c%252Fd")):
        client.settle(name)
        line = told(client.get(f"/v1/borrowers/{sent}/line"), 200)
        assert line["borrower"] == name
        made = told(client.post(f"/v1/borrowers/{sent}/draws", WISH, key=f"draw {name}"), 201)
        path = f"/v1/borrowers/{sent}/decisions/{made['id']}"
        assert told(client.get(path, role="borrower", borrower=name), 200)["borrower"] == name
        told(client.get(path, role="borrower", borrower="careless"), 404)
    told(client.get("/v1/borrowers/c%2Fd/line"), 404)


@pytest.mark.parametrize("header", ["Idempotency-Key", "Authorization", "Content-Type"])
def test_a_header_that_says_two_things(client: Client, name: str, header: str) -> None:
    """Which of two keys or callers counts is not for us, or a proxy before us, to choose."""
    once = {**JSON, **client.world.bearer("service"), "Idempotency-Key": "one"}
    sent = [(one.lower().encode(), text.encode()) for one, text in once.items()]
    doubled = next(pair for pair in sent if pair[0] == header.lower().encode())
    scope: Any = {"type": "http", "method": "POST", "path": f"/v1/borrowers/{name}/draws",
                  "query_string": b"", "headers": [*sent, doubled]}  # fmt: skip
    answered: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": json.dumps(WISH).encode()}

    async def send(message: Any) -> None:
        answered.append(message)

    asyncio.run(client.http.app(scope, receive, send))  # the client would join the two
    bad = json.loads(answered[1]["body"])
    assert answered[0]["status"] == 400
    assert (bad["code"], bad["where"]) == ("request.header", header)


MEDIA = {
    "application/json": 201, "Application/JSON; charset=UTF-8": 201,
    'application/json;charset="utf-8"': 201, "application/json; version=1": 201,
    "application/json; charset=utf-16": 415, "application/json; charset=gb18030": 415,
    "application/json; charset=utf-8; charset=utf-16": 415, "text/plain": 415, "": 415,
}  # fmt: skip


@pytest.mark.parametrize("media", MEDIA)
def test_a_body_is_taken_in_one_writing_alone(client: Client, name: str, media: str) -> None:
    """What is said to be in other letters is refused, not read as if it were in ours."""
    path, sent = f"/v1/borrowers/{name}/draws", json.dumps(WISH).encode()
    answer = client.post(path, sent, key=f"as {media}", headers={"Content-Type": media})
    found = told(answer, MEDIA[media])
    assert MEDIA[media] == 201 or found["code"] == "request.content_type"


def test_a_packed_body_is_refused_as_such(client: Client, name: str) -> None:
    packed = JSON | {"Content-Encoding": "gzip"}
    path = f"/v1/borrowers/{name}/draws"
    bad = told(client.post(path, gzip.compress(b"{}"), key="packed", headers=packed), 415)
    assert bad["where"] == "Content-Encoding"
    lines = {"Content-Type": "application/x-ndjson", "Content-Encoding": "gzip"}
    told(client.call("POST", "/v1/events/stream", gzip.compress(b"{}"), headers=lines), 415)


@pytest.mark.parametrize("query", ["limit=1&limit=2", "limit=1&limit=1", "x=1&x=2", "limit&limit"])
def test_a_query_that_says_two_things(client: Client, name: str, query: str) -> None:
    bad = told(client.get(f"/v1/borrowers/{name}/decisions?{query}"), 400)
    assert (bad["code"], bad["where"]) == ("request.doubled", "query")


def test_whoever_looks_may_ask_without_the_answers_body(client: Client, name: str) -> None:
    for path in ("/healthz", "/readyz", "/metrics", "/v1/openapi.json",
                 f"/v1/borrowers/{name}/line", "/v1/borrowers/nobody/line"):  # fmt: skip
        whole, head = client.get(path), client.call("HEAD", path)
        assert (head.status_code, head.content) == (whole.status_code, b"")
        assert set(head.headers) == set(whole.headers)
        assert head.headers["content-type"] == whole.headers["content-type"]
        if path == "/healthz":
            assert head.headers["content-length"] == str(len(whole.content))
    assert client.call("HEAD", f"/v1/borrowers/{name}/line", role="").status_code == 401


def test_a_look_without_eyes_does_not_count_as_read(client: Client, name: str) -> None:
    """A cost sheet that was shown may be confirmed: HEAD shows nobody anything."""
    made = told(client.post(f"/v1/borrowers/{name}/draws", WISH, key="unread"), 201)
    path = f"/v1/borrowers/{name}/decisions/{made['id']}/cost-sheet"
    answer = client.call("HEAD", path)
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")
    line = client.call("POST", f"/v1/borrowers/{name}/line")
    assert (line.status_code, line.headers["allow"]) == (405, "GET, HEAD")


AUTHORIZATIONS = ["", "Bearer", "Bearer ", "Basic YTpi", "Bearer xd_000000000000_" + "a" * 43,
                  "Bearer xd_", "Bearer xs_guess", "Bearer a.b.c", "Bearer " + "x" * 20_000]  # fmt: skip


@pytest.mark.parametrize("header", AUTHORIZATIONS, ids=lambda text: text[:24] or "empty")
def test_a_credential_that_is_none(client: Client, name: str, header: str) -> None:
    answer = client.get(f"/v1/borrowers/{name}/line", role="", headers={"Authorization": header})
    told(answer, 401)
    assert answer.headers["www-authenticate"] == "Bearer"


ODD_TEXTS = ("a\x00b", "\x00", "x" * 200, "\ud7ff", "\uffff", "9" * 30)


def test_no_odd_text_in_any_field_is_a_fault_of_ours(client: Client, name: str) -> None:
    for number, route in enumerate(ROUTES):
        if route.body is None:
            continue
        role = next(one for one in ("service", *STAFF, "borrower") if _may(route.action, one))
        names = dict.fromkeys(route.parameters, "00000000-0000-7000-8000-000000000000")
        names |= {"borrower": name} if "borrower" in names else {}
        kind = inspect.type_info(route.body)
        assert isinstance(kind, inspect.StructType)
        for place, path in enumerate(dict.fromkeys(places(kind))):
            for turn, word in enumerate(ODD_TEXTS):
                answer = client.call(
                    route.method, route.path.format(**names), put(body_of(kind), path, word),
                    role=role, borrower=name,
                    key=f"odd-{number}-{place}-{turn}" if route.once else None,
                )  # fmt: skip
                assert answer.status_code < 500, (route.name, path, word[:9], answer.text)


def _may(action: str, role: str) -> bool:
    rule = ACTIONS[action]
    return rule.public or role in {one.value for one in rule.roles}


def bodies(canary: str) -> list[Any]:
    """What a caller may send that holds somebody's secret, well-formed and not."""
    event = {"type": "purchase", "occurred_at": "2025-06-01", "id": canary,
             "payload": {"amount": 100, "merchant": canary}}  # fmt: skip
    return [
        {**WISH, "purpose": canary}, {**WISH, "amount": canary}, {canary: 1}, [canary], event,
        {**event, "type": canary}, {**event, "occurred_at": canary},
        {**event, "payload": {"amount": canary}}, {"events": [{**event, "borrower": "careless"}]},
        {"events": [{**event, "payload": {"merchant": [canary]}}]},
        {"borrower": "careless", "events": [{**event, "version": canary}]},
        {"kind": canary, "reason": canary, "note": canary}, {"kind": "security", "mode": canary},
        {"days": 1, "evidence": canary}, {"why": canary}, {"decision": canary},
        {"loan": canary, "amount": 100}, {"amount": 100, "value_on": canary},
        {"cause": canary}, {"cause": "illness", "wish": canary},
        {"result": "advice", "note": canary}, {"result": "deferral", "loan": canary},
        {"name": canary, "password": canary}, {"choice": 1, "step": canary},
        {"files": {"policy.yaml": canary}}, {"files": {canary: "a: 1"}},
        {"id": canary, "type": "stance_change", "occurred_at": canary, "payload": {canary: canary}},
        canary.encode(), b'{"' + canary.encode(),
    ]  # fmt: skip


class Written(logging.Handler):
    """Keeps what would have been written."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(logs.JsonLines())
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


def leaks(client: Client, canary: str) -> list[str]:
    """Send the canary everywhere as everybody and return where it came out again."""
    written, found = Written(), []
    root = logging.getLogger()
    level = root.level
    root.addHandler(written)
    root.setLevel(logging.INFO)
    try:
        for number, route in enumerate(ROUTES):
            if route.action == "session.close":
                continue
            names = dict.fromkeys(route.parameters, canary) | (
                {"borrower": "careless"} if "borrower" in route.parameters else {}
            )
            sent = bodies(canary) if route.body is not None or route.lines else [None]
            kind = {"Content-Type": "application/x-ndjson"} if route.lines else {}
            for turn, body in enumerate(sent):
                raw = body
                if route.lines and not isinstance(body, bytes):
                    raw = json.dumps(body).encode()
                role = ("service", "borrower", *STAFF)[turn % 6] if turn > 5 else "service"
                answer = client.call(
                    route.method, route.path.format(**names), raw, role=role, borrower="careless",
                    key=f"canary-{canary[-4:]}-{number}-{turn}" if route.once else None, headers=kind,
                )  # fmt: skip
                assert answer.status_code < 500, (route.name, body, answer.text)
                if answer.status_code >= 400 and canary in answer.text:
                    found.append(f"{route.name}: {answer.text}")
                if answer.status_code >= 400:
                    assert "xindeng " not in answer.json().get("next_step", ""), answer.text
    finally:
        root.removeHandler(written)
        root.setLevel(level)
    assert len(written.lines) > len(ROUTES)
    found += [line for line in written.lines if canary in line]
    figures = client.get("/metrics", role="").text
    return found + (["metrics"] if canary in figures else [])


def test_what_somebody_sent_is_in_no_log_no_error_and_no_figure(client: Client, name: str) -> None:
    found = leaks(client, "王小明13800138000")
    assert not found, "\n".join(found)


def test_a_log_that_tells_the_message_is_found(
    client: Client, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Planted: errors are logged by their message."""
    monkeypatch.setattr("xindeng.api.route.kind_of", lambda error: str(error))
    assert leaks(client, "李小红13900139000")


def test_a_fault_of_ours_is_logged_by_its_place_alone(
    client: Client, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("secret of 张三")

    monkeypatch.setattr("xindeng.service.line.show", fail)
    written = Written()
    logging.getLogger().addHandler(written)
    try:
        bad = told(client.get(f"/v1/borrowers/{name}/line"), 500)
    finally:
        logging.getLogger().removeHandler(written)
    line = json.loads(written.lines[-1])
    assert line["error"] == "RuntimeError"
    assert any(place.endswith(" fail") for place in line["trace"])
    assert bad["instance"] == f"urn:uuid:{line['request']}"
    assert "张三" not in "".join(written.lines)
    assert "张三" not in json.dumps(bad, ensure_ascii=False)


def test_a_database_that_is_away_is_told_without_its_place(
    client: Client, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any, **__: Any) -> None:
        raise UnavailableError(
            "connection to /run/secret.sock failed",
            where="/run",
            next_step="check XINDENG_DATABASE_URL",
            code="store.connection",
        )

    monkeypatch.setattr("xindeng.service.line.show", away)
    answer = client.get(f"/v1/borrowers/{name}/line")
    assert told(answer, 503)["code"] == "store.connection"
    assert int(answer.headers["retry-after"]) >= 1
    assert "/run" not in answer.text
    assert "XINDENG" not in answer.text
