"""Replay: the same answer from the same events, and no changed byte goes unnoticed."""

from __future__ import annotations

import msgspec
import pytest
from msgspec.structs import replace

from tests.decision_policy import files
from tests.service_world import World, asks, event
from xindeng.decision.answer import Outcome
from xindeng.kernel.errors import ErasedError, NotFoundError, XindengError
from xindeng.kernel.time import DAY
from xindeng.service import replay as module
from xindeng.service.draw import draw
from xindeng.service.explain import explain
from xindeng.service.replay import ReplayMismatch, replay
from xindeng.store import Store, borrowers, decisions
from xindeng.store.crypto import DataKey
from xindeng.store.decisions import SealedDecision, StoredDecision


@pytest.fixture
def world(store: Store) -> World:
    return World(store)


def eventful(world: World, borrower: str) -> list[str]:
    """Three draws with news, a stance and other draws between them; returns the decisions' ids."""
    world.settle(borrower, due=402_000)
    ids = [draw(world.engine, borrower, asks(8_000), "k1").id]
    world.now += DAY
    world.tell("platform", event("stance_change", "2026-07-02T09:00", segment="all", stance="tight",
                                 review_day=20_655))  # fmt: skip
    world.tell(
        borrower, event("credit_inquiry", "2026-06-30", lender="bank", reason="loan_approval")
    )
    ids.append(draw(world.engine, borrower, asks(20_000), "k2").id)
    world.now += DAY
    world.ease(20_655)
    world.tell(borrower, event("security_incident", "2026-07-03T09:00", kind="password_leak"))
    ids.append(draw(world.engine, borrower, asks(1_000), "k3").id)
    return ids


def test_every_decision_comes_out_the_same_years_later(world: World, store: Store) -> None:
    ids = eventful(world, "r1")
    changed = files(max_burden=0.01)
    changed["features.yaml"] += b"pays: {event: payment, op: count, window: 30d}\n"
    later = World(store, changed)
    later.now = world.now + 900 * DAY
    later.tell("r1", event("income_evidence", "2026-06-01", monthly_income=1, source="payroll"))
    outcomes = [replay(later.engine, ident).decision.outcome for ident in ids]
    assert outcomes[0] is Outcome.APPROVE_LESS and len(set(outcomes)) > 1
    before = world.counts()
    replay(world.engine, ids[1])
    assert world.counts() == before, "a replay only reads"


BYTE = "set_byte({0}, length({0}) / 2, get_byte({0}, length({0}) / 2) # 1)"
EVENT, DECISION = "borrower = %s AND seq = 2", "id = %s::uuid"
TAMPERINGS = [
    *[("event", column, BYTE.format(column), EVENT) for column in ("payload", "hash", "prev_hash")],
    *[("event", column, f"{column} + 1", EVENT) for column in ("occurred_at", "known_at", "version")],
    ("event", "id", "'other'", EVENT),
    ("event", "type", "'payment'", EVENT),
    ("event", "evidence", BYTE.format("evidence"), "borrower = %s AND seq = 5"),
    *[("decision", column, BYTE.format(column), DECISION) for column in ("record", "fired")],
    *[("decision", column, f"{column} + 1", DECISION) for column in ("at", "semantics", "platform_seq")],
    *[("decision", column, "'other'", DECISION) for column in ("stance", "segment", "outcome")],
    ("decision", "missing", "'\\x01'::bytea", DECISION),
    ("borrower", "head", BYTE.format("head"), "borrower = %s"),
    ("borrower", "seq", "seq - 1", "borrower = %s"),
    ("policy_version", "files", BYTE.format("files"), "hash = %s"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "column", "change", "where"), TAMPERINGS,
                         ids=[f"{t}.{c}" for t, c, _, _ in TAMPERINGS])  # fmt: skip
def test_a_tampered_byte_anywhere_is_told(
    world: World, table: str, column: str, change: str, where: str
) -> None:
    borrower = f"t-{table}-{column}"
    if table == "policy_version":  # a bundle of its own, which no cache holds
        world = World(world.store, files(low_score=499))
    world.settle(borrower, due=500_000)
    ident = draw(world.engine, borrower, asks(), "k").id
    replay(world.engine, ident)
    key = {"decision": ident, "policy_version": world.engine.policy.hash}.get(table, borrower)
    world.tamper(f"UPDATE {table} SET {column} = {change} WHERE {where}", key)
    fresh = World(world.store)
    with pytest.raises(XindengError) as caught:
        replay(fresh.engine, ident)
    assert caught.value.code in ("store.integrity", "policy", "input") or caught.value.status == 422
    assert str(caught.value)


def test_removed_and_swapped_rows_are_told(world: World) -> None:
    world.settle("s1")
    ident = draw(world.engine, "s1", asks(), "k").id
    other = draw(world.engine, "s1", asks(1_000), "k2").id
    world.tamper(
        "UPDATE decision SET record = (SELECT record FROM decision WHERE id = %s::uuid) WHERE id = %s::uuid",
        other,
        ident,
    )
    with pytest.raises(XindengError) as caught:
        replay(world.engine, ident)
    assert caught.value.code == "store.integrity"


def test_a_program_that_decides_otherwise_is_told(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.settle("m1")
    ident = draw(world.engine, "m1", asks(), "k").id
    original = module.judge

    def drifted(*arguments, **more):
        return replace(original(*arguments, **more), frontier=1, counted=True)

    monkeypatch.setattr(module, "judge", drifted)
    with pytest.raises(ReplayMismatch, match="frontier, counted"):
        replay(world.engine, ident)


def test_a_decision_stored_before_there_were_products_comes_out_the_same(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.settle("r0")

    seal = decisions.seal

    def old_seal(stored: StoredDecision, key: DataKey) -> SealedDecision:
        *columns, record = seal(stored, key).values
        where = msgspec.msgpack.encode(("decision", "r0", stored.id))
        request, *rest = msgspec.msgpack.decode(key.unseal(record, where, where="r0"))
        del request["product"]
        return SealedDecision((*columns, key.seal(msgspec.msgpack.encode((request, *rest)), where)))

    with monkeypatch.context() as patch:
        patch.setattr(decisions, "seal", old_seal)
        made = draw(world.engine, "r0", asks(8_000), "k1")
    with world.store.snapshot() as conn:
        sealed = decisions.read(conn, made.id)
        key = borrowers.read(conn, world.store.keys, "r0").key
    where = msgspec.msgpack.encode(("decision", "r0", made.id))
    request, *_ = msgspec.msgpack.decode(key.unseal(sealed.column("record"), where, where="r0"))
    assert "product" not in request and request["amount"] == 800_000
    world.now += 900 * DAY
    again = replay(world.engine, made.id)
    assert again == made and again.request.product is None
    assert draw(world.engine, "r0", asks(8_000), "k1") == made, "its key gives it too"


def test_unknown_and_erased_decisions(world: World) -> None:
    for ident in ("nonsense", "00000000-0000-7000-8000-000000000000"):
        with pytest.raises(NotFoundError):
            replay(world.engine, ident)
    world.settle("e1")
    ident = draw(world.engine, "e1", asks(), "k").id
    with world.store.pool.connection() as conn:
        conn.execute(
            "UPDATE borrower_key SET wrapped = NULL, destroyed_at = 1 WHERE borrower = 'e1'"
        )
    for call in (lambda: replay(world.engine, ident), lambda: explain(world.engine, ident)):
        with pytest.raises(ErasedError):
            call()


def test_an_explanation_speaks_of_its_own_day_and_policy(world: World, store: Store) -> None:
    ids = eventful(world, "x1")
    before = [explain(world.engine, ident, audience=who, lang=lang).lines()
              for ident in ids for who in ("borrower", "support", "auditor") for lang in ("zh", "en")]  # fmt: skip
    assert all(before)
    later = World(store, files(max_burden=0.01))
    later.now = world.now + 30 * DAY
    later.tell("x1", event("external_debt", "2026-07-20", monthly_due=0, balance=0, lenders=0,
                           nonbank_lenders=0))  # fmt: skip
    after = [explain(later.engine, ident, audience=who, lang=lang).lines()
             for ident in ids for who in ("borrower", "support", "auditor") for lang in ("zh", "en")]  # fmt: skip
    assert after == before
