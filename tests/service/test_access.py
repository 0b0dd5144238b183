"""Keys, passwords and tokens: what opens, until when, and who remembers it how long."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest

from tests.api_world import KID, PASSWORD, ApiWorld, jwks, signing_key, told
from xindeng.access import keys, staff
from xindeng.access.caller import Caller, Role
from xindeng.access.door import REMEMBERED
from xindeng.access.permit import opens, permit
from xindeng.access.tokens import Issuer, Tokens
from xindeng.kernel.errors import (
    ConflictError,
    ForbiddenError,
    InputError,
    NotFoundError,
    TooManyError,
    UnauthenticatedError,
    UnavailableError,
)
from xindeng.kernel.time import HOUR, MINUTE, SECOND
from xindeng.service.policies import read_bundle
from xindeng.store import Store, actions


@pytest.fixture
def world(store: Store, tmp_path: Any) -> ApiWorld:
    return ApiWorld(store, tmp_path)


def lets_in(world: ApiWorld, text: str) -> bool:
    try:
        return world.service.door.caller(f"Bearer {text}") is not None
    except UnauthenticatedError:
        return False


def test_a_key_opens_until_it_ends(world: ApiWorld) -> None:
    made = keys.create(world.engine, "core", ["draw.*"], 1)
    assert lets_in(world, made.text)
    world.now = made.key.expires_at - 1
    assert lets_in(world, made.text)
    world.now += 1
    assert not lets_in(world, made.text)


def test_a_key_is_rotated_without_a_gap_and_revoked_at_once(world: ApiWorld) -> None:
    old = keys.create(world.engine, "core", ["draw.*"], 90)
    new = keys.rotate(world.engine, old.key.id, overlap_hours=2)
    assert (new.key.succeeds, new.key.scopes) == (old.key.id, old.key.scopes)
    world.now += 2 * HOUR - 1
    assert lets_in(world, old.text)
    assert lets_in(world, new.text)
    world.now += REMEMBERED
    assert not lets_in(world, old.text)
    assert lets_in(world, new.text)
    keys.revoke(world.engine, new.key.id)
    world.now += REMEMBERED
    assert not lets_in(world, new.text)
    with pytest.raises(ConflictError):
        keys.rotate(world.engine, new.key.id)
    with pytest.raises(NotFoundError):
        keys.revoke(world.engine, "000000000000")


def test_one_request_reads_a_key_again_while_the_others_go_on(world: ApiWorld) -> None:
    made = keys.create(world.engine, "core", ["draw.*"], 1)
    door, bearer = world.service.door, f"Bearer {made.text}"
    assert door.remembered(bearer) is None
    assert lets_in(world, made.text)
    world.now += REMEMBERED - 1
    asked = [door.remembered(bearer) for _ in range(3)]
    assert asked[0] is None and None not in asked[1:]
    assert lets_in(world, made.text)  # the one who was sent to read it
    world.now += REMEMBERED - 2 * SECOND
    assert door.remembered(bearer) is not None
    keys.revoke(world.engine, made.key.id)
    world.now += REMEMBERED
    assert [door.remembered(bearer) for _ in range(2)] == [None, None]


def test_the_secret_is_stored_nowhere_and_must_be_right(world: ApiWorld) -> None:
    made = keys.create(world.engine, "core", ["*"], 1)
    secret = made.text.rpartition("_")[2]
    with world.store.snapshot() as conn:
        row = conn.execute("SELECT k::text FROM api_key k WHERE id = %s", [made.key.id]).fetchone()
    assert row is not None
    assert secret not in row[0]
    assert not lets_in(world, made.text[:-1] + ("A" if made.text[-1] != "A" else "B"))


@pytest.mark.parametrize(
    ("scopes", "days"), [([], 1), (["draws.*"], 1), (["hold.release"], 1), (["*"], 0), (["*"], 999)]
)
def test_a_key_that_opens_nothing_is_not_made(
    world: ApiWorld, scopes: list[str], days: int
) -> None:
    with pytest.raises(InputError):
        keys.create(world.engine, "core", scopes, days)


def test_a_scope_opens_what_it_names(world: ApiWorld) -> None:
    assert [scope for scope in ("*", "draw.*", "draw.read", "draw", "dra*", "line.*")
            if opens(scope, "draw.read")] == ["*", "draw.*", "draw.read"]  # fmt: skip
    caller = Caller("service", "k", frozenset({Role.service}), scopes=frozenset({"draw.*"}))
    permit(caller, "draw.decide", "anybody")
    with pytest.raises(ForbiddenError):
        permit(caller, "line.read", "anybody")


def test_passwords_are_guessed_ten_times_an_hour(world: ApiWorld) -> None:
    guard = world.service.door.guesses
    staff.save(world.engine, "wang", PASSWORD, ["support"])
    for who in ("wang", "nobody-we-know"):
        for _ in range(staff.GUESSES_PER_HOUR):
            with pytest.raises(UnauthenticatedError) as caught:
                staff.sign_in(world.engine, guard, who, "wrong password")
            assert caught.value.code == "unauthenticated.sign_in"
        with pytest.raises(TooManyError):
            staff.sign_in(world.engine, guard, who, PASSWORD)
    world.now += HOUR
    assert staff.sign_in(world.engine, guard, "wang", PASSWORD).roles == ("support",)


def test_a_right_password_is_no_guess_and_pardons_none(world: ApiWorld) -> None:
    guard = world.service.door.guesses
    staff.save(world.engine, "he", PASSWORD, ["approver"])
    for _ in range(staff.GUESSES_PER_HOUR + 2):  # one for each deed at the command line
        assert staff.identify(world.engine, guard, "he", PASSWORD).id == "he"
    for _ in range(staff.GUESSES_PER_HOUR):
        with pytest.raises(UnauthenticatedError):
            staff.identify(world.engine, guard, "he", "wrong password")
    with pytest.raises(TooManyError):
        staff.identify(world.engine, guard, "he", PASSWORD)


def test_sessions_end_with_the_day_the_password_and_the_job(world: ApiWorld) -> None:
    guard = world.service.door.guesses

    def opened() -> str:
        return staff.sign_in(world.engine, guard, "zhao", PASSWORD).token

    staff.save(world.engine, "zhao", PASSWORD, ["support"])
    token = opened()
    world.now += staff.SESSION - 1
    assert lets_in(world, token)
    world.now += 1
    assert not lets_in(world, token)
    token = opened()
    staff.save(world.engine, "zhao", PASSWORD + "!", ["support"])
    assert not lets_in(world, token)
    staff.save(world.engine, "zhao", PASSWORD, ["support"])
    token = opened()
    staff.disable(world.engine, "zhao")
    assert not lets_in(world, token)
    with pytest.raises(UnauthenticatedError):
        opened()
    for password, roles in (("short", ["support"]), (PASSWORD, ["service"]), (PASSWORD, [])):
        with pytest.raises(InputError):
            staff.save(world.engine, "li", password, roles)


def test_the_lenders_keys_may_change_and_be_away(world: ApiWorld) -> None:
    assert lets_in(world, world.token("b"))
    fresh = signing_key()
    world.jwks.write_text(jwks((KID, world.signing), ("k2", fresh)), encoding="utf-8")
    world.signing, old = fresh, world.signing
    by_new = world.token("b", kid="k2")
    assert not lets_in(world, by_new)  # asked again at most each half minute
    world.now += MINUTE
    assert lets_in(world, world.token("b", kid="k2"))
    world.jwks.write_text("{", encoding="utf-8")
    world.now += 10 * MINUTE
    world.signing = old
    assert lets_in(world, world.token("b"))  # those that are known go on
    away = Tokens(Issuer(str(world.jwks), "i", "a"), world.engine.clock)
    with pytest.raises(UnavailableError):
        away.read(world.token("b"))
    with pytest.raises(InputError):
        Tokens(Issuer("http://lender.example/jwks", "i", "a"), world.engine.clock)


def test_a_lender_whose_keys_hang_keeps_nobody_waiting(
    world: ApiWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One request waits for the keys; whoever's key is known goes on meanwhile."""
    assert lets_in(world, world.token("b"))
    tokens, asked, let = Tokens(world.service.door.tokens._issuer, world.engine.clock), [0], Event()
    tokens.read(world.token("b"))

    def hanging(place: str) -> str:
        asked[0] += 1
        let.wait(10)
        raise TimeoutError

    monkeypatch.setattr("xindeng.access.tokens._read", hanging)
    world.now += 10 * MINUTE
    token = world.token("b")
    with ThreadPoolExecutor(20) as pool:
        waiting = pool.submit(tokens.read, token)
        while not asked[0]:
            time.sleep(0.01)
        began = time.monotonic()
        assert all(one is not None for one in pool.map(tokens.read, [token] * 18))
        assert time.monotonic() - began < 1
        let.set()
        assert waiting.result() is not None
    # Where none is known yet they fail together, not one after another.
    fresh, asked[0] = Tokens(tokens._issuer, world.engine.clock), 0
    let.clear()
    with ThreadPoolExecutor(20) as pool:
        told_ = [pool.submit(fresh.read, token) for _ in range(20)]
        time.sleep(0.1)
        let.set()
        assert all(isinstance(one.exception(), UnavailableError) for one in told_)
    assert asked[0] == 1
    world.now += 10 * MINUTE


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_a_token_of_another_algorithm_opens_nothing(world: ApiWorld, algorithm: str) -> None:
    """The public key must never pass as a secret, nor a token without a signature."""
    assert not lets_in(world, world.token("b", algorithm=algorithm))
    assert not lets_in(world, world.token("platform"))


def test_what_staff_do_is_in_their_own_chain_before_it_is_answered(
    store: Store, tmp_path: Any
) -> None:
    world = ApiWorld(store, tmp_path, read_bundle("consumer_line"))
    with world.client() as client:
        name = client.settle("watched")
        path = f"/v1/borrowers/{name}"
        told(client.get(f"{path}/line", role="support"), 200)
        told(client.post(f"{path}/hardship-requests", {"cause": "illness"}, role="support",
                         key="h"), 201)  # fmt: skip
        told(client.get(f"{path}/line", role="admin"), 403)
        told(client.get(f"{path}/line", role="service"), 200)
    with world.store.snapshot() as conn:
        done = [(one.kind, one.subject) for one in actions.of_actor(conn, "staff:support")
                if one.subject == name]  # fmt: skip
        body = actions.of_actor(conn, "staff:support")[-1].body
        assert not [one for one in actions.of_actor(conn, "staff:admin") if one.subject == name]
    assert done == [("line.read", name), ("hardship.ask", name)]
    assert b"illness" not in body


WEAK = ("short", "aaaaaaaaaaaa", "support12345", "xindengxindeng", "Password123456", "qwertyuiopas",
        "leaked before all")  # fmt: skip
FINE = (PASSWORD, "只用汉字也可以的一句长话呀", "x" * 50 + "ymzqvp" * 30, "   blanks count, too   ")


def test_a_password_that_anybody_would_try_is_refused(
    world: ApiWorld, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = tmp_path / "breached.txt"
    known.write_text("Leaked before ALL\nno\n", encoding="utf-8")
    monkeypatch.setenv("XINDENG_BAD_PASSWORDS", str(known))
    for weak in (*WEAK, "x" * 257, "zhangwei-zhangwei"):
        with pytest.raises(InputError) as caught:
            staff.save(world.engine, "zhangwei", weak, ["support"])
        assert weak not in str(caught.value)
    guard = world.service.door.guesses
    guard.per_hour = 1_000
    for fine in FINE:
        staff.save(world.engine, "li", fine, ["support"])
        assert staff.sign_in(world.engine, guard, "li", fine)
        for other in (fine.upper(), fine[:-1], fine + " "):
            if other != fine:
                with pytest.raises(UnauthenticatedError):
                    staff.sign_in(world.engine, guard, "li", other)


def test_a_password_is_changed_by_who_knows_it(world: ApiWorld) -> None:
    new = "a quite different sentence"
    path = "/v1/sessions/password"
    with world.client() as client:
        wrong = {"current": "not it at all, sorry", "new": new}
        told(client.post(path, wrong, role="support"), 401)
        told(client.post(path, {"current": PASSWORD, "new": "short"}, role="support"), 422)
        told(client.post(path, {"current": PASSWORD, "new": new}, role="support"), 200)
        told(client.get("/v1/matters", role="support"), 401)  # every session has ended
        told(client.post("/v1/sessions", {"name": "support", "password": PASSWORD}, role=""), 401)
        again = client.post("/v1/sessions", {"name": "support", "password": new}, role="")
        assert told(again, 201)["roles"] == ["support"]
