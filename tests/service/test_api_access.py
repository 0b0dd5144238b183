"""Who may what, over HTTP: every route × every role × own and other, made from the tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import count
from typing import Any

import pytest

from tests.api_world import AUDIENCE, ISSUER, STAFF, ApiWorld, Client, signing_key, told
from xindeng.access.table import ACTIONS
from xindeng.access.tokens import Tokens
from xindeng.api.app import check
from xindeng.api.route import Route
from xindeng.api.routes import ROUTES
from xindeng.kernel.errors import XindengError
from xindeng.kernel.time import SECOND
from xindeng.store import Store
from xindeng.web.serve import Settings

SELF, ELSE = "matrix-self", "matrix-else"
CALLERS = ("nobody", "own", "other", *STAFF, "service")
NUMBERS = count()


@pytest.fixture(scope="module")
def world(store: Store, tmp_path_factory: pytest.TempPathFactory) -> ApiWorld:
    world = ApiWorld(store, tmp_path_factory.mktemp("keys"))
    with world.client() as client:
        for name in (SELF, ELSE):
            client.settle(name)
            # What waits for an answer holds the erasure that the matrix asks for.
            waits = client.post(f"/v1/borrowers/{name}/matters", {"way": "complaint"}, key="waits")
            told(waits, 201)
    return world


def expected(route: Route, caller: str) -> set[str]:
    """What the tables say: "401", "403", "404", or "in" for whoever may pass."""
    rule = ACTIONS[route.action]
    if rule.public:
        return {"in"}
    if caller == "nobody":
        return {"401"}
    role = "borrower" if caller in ("own", "other") else caller
    if role not in {str(one.value) for one in rule.roles}:
        return {"403"}
    return {"404"} if caller == "other" and "borrower" in route.parameters else {"in"}


def found(client: Client, route: Route, caller: str) -> str:
    names = dict.fromkeys(route.parameters, "00000000-0000-7000-8000-000000000000")
    names |= {"borrower": SELF} if "borrower" in names else {}
    path = route.path.format(**names)
    role = {"nobody": "", "own": "borrower", "other": "borrower"}.get(caller, caller)
    body = b"" if route.lines else ({} if route.body is not None else None)
    answer = client.call(
        route.method, path, body, role=role, borrower=ELSE if caller == "other" else SELF,
        key=f"m{next(NUMBERS)}" if route.once else None,
    )  # fmt: skip
    assert answer.status_code < 500, (route.name, caller, answer.text)
    if answer.status_code == 404 and caller == "other":
        return "404" if answer.json()["code"] == "not_found.borrower" else "in"
    return str(answer.status_code) if answer.status_code in (401, 403) else "in"


def faults(client: Client, routes: Sequence[Route]) -> list[tuple[str, str, str]]:
    wrong = []
    for route in routes:
        if route.action == "session.close":
            continue  # it would end the caller's own session; tried by itself
        for caller in CALLERS:
            was = found(client, route, caller)
            if was not in expected(route, caller):
                wrong.append((route.name, caller, was))
    return wrong


def test_every_route_asks_for_every_role(client: Client) -> None:
    assert faults(client, ROUTES) == []


def test_a_route_that_forgets_to_ask_is_found(world: ApiWorld) -> None:
    """Planted: the service is built with one route that asks for nothing."""
    draws = next(route for route in ROUTES if route.action == "draw.decide")
    careless = tuple(
        replace(route, action="document.read") if route is draws else route for route in ROUTES
    )
    with world.client(careless) as client:
        wrong = faults(client, [draws])
    assert {(name, caller) for name, caller, _ in wrong} >= {
        (draws.name, "nobody"), (draws.name, "other"), (draws.name, "support"),
    }  # fmt: skip


@pytest.mark.parametrize(
    "change", [{"action": ""}, {"action": "draw.everything"}, {"once": None}, {"path": "/v1/draws"}]
)
def test_an_unsound_table_does_not_start(change: dict[str, Any]) -> None:
    draws = next(route for route in ROUTES if route.action == "draw.decide")
    with pytest.raises(XindengError) as caught:
        check([replace(draws, **change)])
    assert caught.value.code == "api.route"


def test_a_session_ends_when_it_is_closed(world: ApiWorld, client: Client) -> None:
    from tests.api_world import PASSWORD

    opened = told(
        client.post("/v1/sessions", {"name": "support", "password": PASSWORD}, role=""), 201
    )
    mine = {"Authorization": f"Bearer {opened['token']}"}
    path = f"/v1/borrowers/{SELF}"
    told(client.get(path, role="", headers=mine), 200)
    told(client.call("DELETE", "/v1/sessions/current", role="", headers=mine), 200)
    told(client.get(path, role="", headers=mine), 401)


# Times in seconds from now.
BEYOND = {
    "good for a day": {"exp": 86_400},
    "good for a day since it was issued": {"iat": -80_000, "exp": 6_400},
    "not good yet": {"nbf": 3_600, "exp": 7_200},
    "issued tomorrow": {"iat": 86_400, "exp": 90_000},
    "issued after it began": {"iat": 600, "nbf": -600, "exp": 1_200},
    "over for a while": {"exp": -120},
}
WITHIN = {
    "good for twelve hours": {"iat": 0, "exp": 12 * 3_600},
    "good for twelve hours, begun long ago": {"iat": -11 * 3_600, "exp": 3_600},
    "by a clock half a minute before ours": {"iat": 30, "nbf": 30, "exp": 600},
    "over for half a minute": {"iat": -600, "exp": -30},
}


@pytest.mark.parametrize(
    ("name", "status"), [*((n, 401) for n in BEYOND), *((n, 200) for n in WITHIN)]
)
def test_a_token_ends_soon_and_has_begun(
    world: ApiWorld, client: Client, name: str, status: int
) -> None:
    now = world.now // SECOND
    token = world.token(SELF, **{claim: now + at for claim, at in (BEYOND | WITHIN)[name].items()})
    bearer = {"Authorization": f"Bearer {token}"}
    told(client.get(f"/v1/borrowers/{SELF}/line", role="", headers=bearer), status)


def test_how_long_a_token_may_be_good_for_is_a_setting(world: ApiWorld) -> None:
    now = world.now // SECOND
    token = world.token(SELF, iat=now, exp=now + 24 * 3_600)
    for hours, name in ((24, SELF), (23, None)):
        issuer = Settings(jwks=str(world.jwks), issuer=ISSUER, audience=AUDIENCE, token_hours=hours)
        assert issuer.tokens_of is not None
        found = Tokens(issuer.tokens_of, world.engine.clock).read(token)
        assert (found.borrower if found else None) == name


FORGED: dict[str, dict[str, Any]] = {
    "expired": {"exp": 1},
    "good for ever": {"exp": 2**39},
    "good for longer than any clock shows": {"exp": 2**70},
    "good until infinity": {"exp": float("inf")},
    "issued at no time": {"iat": "now"},
    "issued at a truth": {"iat": True},
    "from a word on": {"nbf": "yesterday"},
    "until a word": {"exp": "tomorrow"},
    "for another service": {"aud": "somebody-else"},
    "by another issuer": {"iss": ISSUER + "/x"},
    "without an end": {"exp": None},
    "without a subject": {"sub": None},
    "for a name of no character": {"sub": ""},
    "for a name that no database takes": {"sub": "a\0b"},
    "for a name without end": {"sub": "b" * 129},
}


@pytest.mark.parametrize("name", FORGED)
def test_a_token_that_does_not_hold_opens_nothing(
    world: ApiWorld, client: Client, name: str
) -> None:
    token = world.token(SELF, **FORGED[name])
    bearer = {"Authorization": f"Bearer {token}"}
    told(client.get(f"/v1/borrowers/{SELF}/line", role="", headers=bearer), 401)


def test_a_token_signed_by_nobody_we_know_opens_nothing(
    world: ApiWorld, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(world, "signing", signing_key())
    bearer = {"Authorization": f"Bearer {world.token(SELF)}"}
    told(client.get(f"/v1/borrowers/{SELF}/line", role="", headers=bearer), 401)
