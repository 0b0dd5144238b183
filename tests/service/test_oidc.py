"""Staff sign in by OpenID Connect: what holds opens a session, what does not opens nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from litestar.testing import TestClient

from tests.api_world import PASSWORD, ApiWorld, Client, told
from tests.oidc_provider import CLIENT, SECRET, Provider, serving
from xindeng.access import oidc, staff
from xindeng.access.oidc import Oidc, provider_of
from xindeng.api.app import create
from xindeng.api.routes import ROUTES
from xindeng.kernel.errors import InputError, UnavailableError
from xindeng.kernel.time import MINUTE
from xindeng.service.engine import Engine
from xindeng.store import Store
from xindeng.web.app import Pages
from xindeng.web.settings import Site

ROLES = {"risk": "approver", "desk": "support"}


@pytest.fixture(scope="module")
def provider(world: ApiWorld) -> Iterator[Provider]:
    with serving(Provider(lambda: world.now)) as found:
        yield found


@pytest.fixture(scope="module")
def world(store: Store, tmp_path_factory: pytest.TempPathFactory) -> ApiWorld:
    return ApiWorld(store, tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="module")
def client(world: ApiWorld, provider: Provider) -> Iterator[Client]:
    found = door(world.engine, provider)
    object.__setattr__(world.service, "oidc", found)
    with world.client() as made:
        yield made


def door(engine: Engine, provider: Provider, issuer: str = "") -> Oidc:
    return Oidc(engine, oidc.Provider(
        issuer or provider.issuer, CLIENT, SECRET, provider.redirect, ROLES
    ))  # fmt: skip


def begins(client: Client) -> Any:
    return told(client.call("POST", "/v1/sessions/oidc", role=""), 201)


def returns(client: Client, back: dict[str, str], status: int = 201) -> Any:
    return told(client.post("/v1/sessions/oidc/return", back, role=""), status)


def test_who_comes_back_has_the_roles_of_their_groups(client: Client, provider: Provider) -> None:
    back = provider.authorise(begins(client)["url"], groups=["risk", "desk", "gym"])
    opened = returns(client, back)
    assert opened["roles"] == ["approver", "support"]
    mine = {"Authorization": f"Bearer {opened['token']}"}
    told(client.get("/v1/proposals", role="", headers=mine), 200)
    told(client.get("/v1/agents", role="", headers=mine), 200)


FALSE: dict[str, dict[str, Any]] = {
    "another issuer": {"iss": "https://evil.example"},
    "another audience": {"aud": "somebody-else"},
    "another authorised party": {"azp": "somebody-else"},
    "expired": {"exp": 1_000},
    "another nonce": {"nonce": "guessed"},
    "no nonce": {"nonce": None},
    "no group of ours": {"groups": ["gym"]},
    "no groups": {"groups": None},
    "groups as text": {"groups": "risk"},
    "no name": {"preferred_username": None},
    "a name with a blank": {"preferred_username": "a b"},
}


@pytest.mark.parametrize("name", FALSE)
def test_what_does_not_hold_opens_nothing(client: Client, provider: Provider, name: str) -> None:
    back = provider.authorise(begins(client)["url"], **FALSE[name])
    assert returns(client, back, 401)["code"] == "unauthenticated.oidc"


def test_a_token_signed_by_another_key_opens_nothing(client: Client, provider: Provider) -> None:
    back = provider.authorise(begins(client)["url"], _key=provider.other)
    returns(client, back, 401)


def test_a_state_works_once_and_only_ours(client: Client, provider: Provider) -> None:
    back = provider.authorise(begins(client)["url"])
    returns(client, {**back, "state": "made-up"}, 401)
    returns(client, back)
    returns(client, back, 401)


def test_a_code_of_another_sign_in_does_not_fit_its_verifier(
    client: Client, provider: Provider
) -> None:
    one = provider.authorise(begins(client)["url"])
    other = provider.authorise(begins(client)["url"])
    returns(client, {"code": one["code"], "state": other["state"]}, 401)
    assert all(len(sent["code_verifier"]) >= 43 for sent in provider.asked)


def test_a_nonce_that_nobody_compares_is_found(
    client: Client, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Planted: a token of another sign-in, replayed with a fresh code, is let in."""
    back = provider.authorise(begins(client)["url"], nonce="of another sign-in")
    monkeypatch.setattr("xindeng.access.oidc.hmac.compare_digest", lambda *_: True)
    returns(client, back)


def test_ten_minutes_are_enough(
    world: ApiWorld, client: Client, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    back = provider.authorise(begins(client)["url"])
    monkeypatch.setattr(world, "now", world.now + 10 * MINUTE)
    returns(client, back, 401)


def test_who_is_disabled_here_stays_out(
    world: ApiWorld, client: Client, provider: Provider
) -> None:
    returns(client, provider.authorise(begins(client)["url"], preferred_username="leaver"))
    staff.disable(world.engine, "leaver@127.0.0.1")
    back = provider.authorise(begins(client)["url"], preferred_username="leaver")
    returns(client, back, 401)


def test_no_name_of_theirs_is_one_of_ours_and_no_password_fits_it(
    world: ApiWorld, client: Client, provider: Provider
) -> None:
    back = provider.authorise(begins(client)["url"], preferred_username="admin", groups=["desk"])
    assert returns(client, back)["roles"] == ["support"]
    local = {one.name: one.roles for one in staff.everybody(world.engine)}
    assert local["admin"] == ("admin",) and local["admin@127.0.0.1"] == ("support",)
    for guess in ("-", "", PASSWORD):
        sent = {"name": "admin@127.0.0.1", "password": guess or "-"}
        told(client.post("/v1/sessions", sent, role=""), 401)


def test_the_password_door_stays_open_when_the_provider_is_away(
    world: ApiWorld, client: Client
) -> None:
    gone = Oidc(world.engine, oidc.Provider(
        "http://127.0.0.1:9", CLIENT, SECRET, "http://127.0.0.1/x", ROLES
    ))  # fmt: skip
    with pytest.raises(UnavailableError):
        gone.begin()
    told(client.post("/v1/sessions", {"name": "support", "password": PASSWORD}, role=""), 201)


def test_a_document_of_another_issuer_is_not_believed(
    world: ApiWorld, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provider, "told_issuer", "https://evil.example")
    with pytest.raises(UnavailableError):
        door(world.engine, provider).begin()


def test_settings_by_half_and_plain_http_are_refused(world: ApiWorld) -> None:
    whole = {
        "XINDENG_OIDC_ISSUER": "https://id.example", "XINDENG_OIDC_CLIENT": "c",
        "XINDENG_OIDC_SECRET": "s", "XINDENG_OIDC_REDIRECT": "https://x.example/back",
        "XINDENG_OIDC_ROLES": "risk=approver, desk=support",
    }  # fmt: skip
    assert provider_of({}) is None
    found = provider_of(whole)
    assert found is not None and found.roles == ROLES and "'s'" not in repr(found)
    for name in whole.keys() - {"XINDENG_OIDC_ISSUER"}:
        with pytest.raises(InputError, match="half"):
            provider_of({**whole, name: ""})
    for wrong in ({"ISSUER": "http://id.example"}, {"ROLES": "risk=king"}):
        ((name, value),) = wrong.items()
        bad = provider_of({**whole, f"XINDENG_OIDC_{name}": value})
        assert bad is not None
        with pytest.raises(InputError):
            Oidc(world.engine, bad)


def test_without_a_provider_there_is_no_such_door(world: ApiWorld, client: Client) -> None:
    found = world.service.oidc
    object.__setattr__(world.service, "oidc", None)
    assert told(client.call("POST", "/v1/sessions/oidc", role=""), 404)["code"] == "not_found.oidc"
    object.__setattr__(world.service, "oidc", found)


def test_the_pages_let_in_only_the_browser_that_was_sent(
    world: ApiWorld, client: Client, provider: Provider
) -> None:
    application = create(world.service, ROUTES, beside=Pages(Site(secure=False)))
    with TestClient(application) as browser:
        browser.follow_redirects = False
        assert "/staff/oidc" in browser.get("/staff/sign-in").text
        away = browser.get("/staff/oidc")
        assert away.status_code == 303
        back = provider.authorise(away.headers["location"])
        state = browser.cookies["xindeng-sign-in"]
        browser.cookies.clear()  # a stranger sends their own code to somebody else's browser
        assert browser.get("/staff/oidc/back", params=back).status_code == 401
        browser.cookies["xindeng-sign-in"] = state
        home = browser.get("/staff/oidc/back", params=back)
        assert (home.status_code, home.headers["location"]) == (303, "/risk")
        assert browser.cookies["xindeng"].startswith("xs_")
