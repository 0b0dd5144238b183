"""Events in: all of a call or nothing, each once, in sequence, late and early ones as they must."""

from __future__ import annotations

from threading import Thread

import msgspec
import pytest

from tests.decision_policy import files
from tests.service_world import World, event, ordinary
from xindeng.events.expand import expand
from xindeng.events.life import Payment
from xindeng.events.read import read_event
from xindeng.kernel.errors import ConflictError, EventError, XindengError
from xindeng.service import ingest as module
from xindeng.service.engine import Engine
from xindeng.service.ingest import ingest, ingest_raw
from xindeng.service.show import show
from xindeng.store import Store, borrowers, events, states
from xindeng.store.chain import verify


@pytest.fixture
def world(store: Store) -> World:
    return World(store)


def chain_of(world: World, borrower: str) -> list[tuple[int, str]]:
    with world.store.snapshot() as conn:
        chain = borrowers.read(conn, world.store.keys, borrower)
        links = events.read_links(conn, borrower)
        assert verify(borrower, links) == (chain.seq, chain.head)
        return [(link.seq, link.type) for link in links]


def test_events_are_stored_folded_and_chained(world: World) -> None:
    world.settle("i1")
    assert chain_of(world, "i1") == [
        (1, "limit_change"),
        (2, "income_evidence"),
        (3, "external_debt"),
    ]
    view = show(world.engine, "i1")
    assert (view.seq, view.features["income"], view.features["limit_shown"]) == (
        3,
        900_000,
        2_000_000,
    )
    assert view.as_of["income_evidence"] == world.at("2025-06-01")
    assert view.last_decision is None


def test_the_same_events_again_are_duplicates(world: World) -> None:
    world.settle("i2")
    before = world.counts()
    report = world.tell("i2", *ordinary(), *ordinary())
    assert (report.accepted, report.duplicates) == (0, 6)
    assert world.counts() == before


def test_one_bad_event_and_nothing_of_the_call_is_stored(world: World) -> None:
    before = world.counts()
    bad = event("payment", "2026-06-01", direction="in", amount=-5)
    for call in ([*ordinary(), bad], [bad, *ordinary()]):
        with pytest.raises(EventError) as caught:
            world.tell("i3", *call)
        assert "amount" in str(caught.value)
    with pytest.raises(EventError):
        ingest_raw(world.engine, [{**ordinary()[0], "borrower": "i4"}, b"{nonsense"])
    assert world.counts() == before


@pytest.mark.parametrize("value", [b"NaN", b"Infinity", b"-Infinity", b"1e999"])
def test_not_a_number_never_enters(world: World, value: bytes) -> None:
    raw = b'{"borrower": "i5", "type": "payment", "occurred_at": "2026-06-01", "payload": {"direction": "in", "amount": %s}}'
    before = world.counts()
    with pytest.raises(EventError):
        ingest_raw(world.engine, [raw % value])
    assert world.counts() == before


def test_events_from_the_future_are_set_aside_and_near_ones_clamped(world: World) -> None:
    world.settle("i6")
    far = event("income_evidence", "2026-07-01T10:06", monthly_income=1, source="payroll")
    near = event("income_evidence", "2026-07-01T10:04", monthly_income=950_000, source="payroll")
    report = world.tell("i6", far, near)
    assert (report.accepted, len(report.quarantined)) == (1, 1)
    view = show(world.engine, "i6")
    assert view.features["income"] == 950_000
    assert view.as_of["income_evidence"] == world.now
    again = world.tell("i6", far)
    assert (again.duplicates, again.quarantined) == (1, [])


def test_a_late_event_takes_the_next_sequence_and_its_own_place_in_time(world: World) -> None:
    world.settle("i7")
    world.tell(
        "i7", event("income_evidence", "2026-06-20", monthly_income=800_000, source="payroll")
    )
    world.tell(
        "i7", event("income_evidence", "2026-05-20", monthly_income=100_000, source="payroll")
    )
    assert [seq for seq, _ in chain_of(world, "i7")] == [1, 2, 3, 4, 5]
    assert show(world.engine, "i7").features["income"] == 800_000


def test_a_credit_report_is_expanded_once(world: World) -> None:
    report = {
        "report_day": 20_620,
        "inquiries": [{"lender": "bank a", "day": 20_600, "reason": "loan_approval"}],
    }
    first = world.tell("i8", *ordinary(), event("credit_report", "2026-06-16T10:00", **report))
    kinds = [kind for _, kind in chain_of(world, "i8")]
    assert kinds[3:] == ["credit_report", "bureau_summary", "external_debt", "credit_inquiry"]
    assert first.accepted == 7
    second = world.tell("i8", event("credit_report", "2026-06-17T10:00", **report))
    assert second.duplicates == 1, "the same enquiry in a later report"
    assert show(world.engine, "i8").features["inquiries_180d"] == 1


@pytest.mark.parametrize(
    ("borrower", "kind", "payload"),
    [
        ("i9", "stance_change", {"segment": "all", "stance": "brake", "review_day": 20_650}),
        ("platform", "income_evidence", {"monthly_income": 1, "source": "payroll"}),
    ],
)
def test_the_platform_s_chain_is_its_own(
    world: World, borrower: str, kind: str, payload: dict
) -> None:
    before = world.counts()
    with pytest.raises(EventError, match=kind):
        world.tell(borrower, event(kind, "2026-06-01", **payload))
    assert world.counts() == before


def test_a_crash_between_steps_leaves_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.settle("i10")
    before = world.counts()
    for step in ("insert", "known_ids"):
        with monkeypatch.context() as patch:
            patch.setattr(module.events, step, _explode)
            with pytest.raises(KeyboardInterrupt):
                world.tell("i10", event("payment", "2026-06-01", direction="in", amount=5))
    for step in ("save_heads",):
        with monkeypatch.context() as patch:
            patch.setattr(module.borrowers, step, _explode)
            with pytest.raises(KeyboardInterrupt):
                world.tell("new one", event("payment", "2026-06-01", direction="in", amount=5))
    assert world.counts() == before
    assert world.tell("i10", event("payment", "2026-06-01", direction="in", amount=5)).accepted == 1


def _explode(*arguments: object) -> None:
    raise KeyboardInterrupt


def test_many_borrowers_share_transactions(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "GROUP", 4)
    raws = [
        {
            **event("payment", "2026-06-01", direction="in", amount=n + 1),
            "borrower": f"m{n % 5}",
            "id": f"p{n}",
        }
        for n in range(30)
    ]
    assert ingest_raw(world.engine, raws).accepted == 30
    for n in range(5):
        assert len(chain_of(world, f"m{n}")) == 6


def test_two_writers_of_one_borrower_leave_one_gapless_chain(world: World) -> None:
    world.settle("i11")
    failures: list[Exception] = []

    def write(name: str) -> None:
        try:
            for n in range(20):
                raw = {
                    **event("payment", "2026-06-01", direction="in", amount=n + 1),
                    "id": f"{name}{n}",
                }
                world.tell("i11", raw)
        except Exception as error:
            failures.append(error)

    writers = [Thread(target=write, args=(name,)) for name in "ab"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert not failures
    assert [seq for seq, _ in chain_of(world, "i11")] == list(range(1, 44))
    with world.store.snapshot() as conn:
        chain = borrowers.read(conn, world.store.keys, "i11")
        stored = world.engine.state(conn, chain, states.read(conn, ["i11"])["i11"])
        folded = world.engine.rebuild(conn, chain, world.engine.policy)
    kernel = world.engine.policy.kernel
    assert kernel.dump_hot(stored) == kernel.dump_hot(folded)
    assert kernel.dump_buckets(stored) == kernel.dump_buckets(folded)


def test_another_feature_book_rebuilds_the_state(world: World, store: Store) -> None:
    world.settle("i12")
    changed = files()
    changed["features.yaml"] += b"pays: {event: payment, op: count, window: 30d}\n"
    other = World(store, changed)
    assert other.engine.policy.kernel.version != world.engine.policy.kernel.version
    assert show(other.engine, "i12").features["pays"] == 0
    other.tell("i12", event("payment", "2026-06-20", direction="in", amount=5))
    with store.snapshot() as conn:
        assert states.read(conn, ["i12"])["i12"].kernel == other.engine.policy.kernel.version
    assert show(other.engine, "i12").features["pays"] == 1
    assert show(world.engine, "i12").features["income"] == 900_000


def test_a_tampered_state_or_chain_does_not_get_in_unseen(world: World) -> None:
    world.settle("i13")
    world.tamper(
        "UPDATE state SET hot = set_byte(hot, 20, get_byte(hot, 20) # 1) WHERE borrower = %s", "i13"
    )
    with pytest.raises(XindengError) as caught:
        show(world.engine, "i13")
    assert caught.value.code == "store.integrity"
    world.tamper("DELETE FROM state WHERE borrower = %s", "i13")
    assert show(world.engine, "i13").features["income"] == 900_000, "rebuilt"
    world.tamper("UPDATE event SET known_at = known_at + 1 WHERE borrower = %s AND seq = 2", "i13")
    with pytest.raises(XindengError) as caught:
        show(world.engine, "i13")
    assert caught.value.code == "store.integrity"


def test_events_read_elsewhere_are_taken_in_as_they_are(world: World) -> None:
    raw = {"borrower": "i14", **event("payment", "2026-06-01", direction="in", amount=700)}
    read = read_event(raw, received_at=world.now, zone=world.engine.policy.zone)
    late = msgspec.structs.replace(read, id="other", payload=Payment(direction="in", amount=900))
    assert ingest(world.engine, [read, late]).accepted == 2
    assert isinstance(world.engine, Engine)


def test_another_event_under_a_known_id_is_a_conflict(world: World) -> None:
    world.settle("i15")
    first = {**event("payment", "2026-06-01", direction="in", amount=500), "id": "p1"}
    future = {**event("payment", "2026-07-02", direction="in", amount=500), "id": "p2"}
    near = {**event("payment", "2026-07-01T10:04", direction="in", amount=500), "id": "p3"}
    world.tell("i15", first, future, near)
    before = world.counts()
    assert world.tell("i15", first, future, near).duplicates == 3
    world.now += 60_000_000
    assert world.tell("i15", {**first, "known_at": "2026-06-02"}, future, near).duplicates == 3
    other = {"direction": "in", "amount": 501}
    for changed in (
        {**first, "payload": other},
        {**first, "occurred_at": "2026-06-02"},
        {**event("login", "2026-06-01", success=True), "id": "p1"},
        {**future, "payload": other},
    ):
        with pytest.raises(ConflictError, match="differs from the payment") as caught:
            world.tell("i15", event("payment", "2026-06-03", direction="in", amount=1), changed)
        assert caught.value.code == "event.changed"
    twice = {**first, "id": "p9"}
    with pytest.raises(ConflictError, match="'p9' differs"):
        world.tell("i15", twice, {**twice, "payload": other})
    assert world.counts() == before


def test_a_file_may_hold_the_figures_beside_their_report(world: World) -> None:
    account = {"account": "a1", "kind": "D1", "lender": "bank-1", "balance": 120_000,
               "monthly_due": 12_000, "months_left": 10}  # fmt: skip
    report = event("credit_report", "2025-06-01", report_day=20_240, accounts=[account])
    told = [read_event(report, borrower="i-beside", received_at=world.now,
                       zone=world.engine.policy.zone)]  # fmt: skip
    told = expand(told[0], world.engine.policy.zone)
    assert [one.type for one in told] == ["credit_report", "bureau_summary", "external_debt"]
    found = ingest(world.engine, told)
    assert (found.accepted, found.duplicates) == (3, 0)
    assert [kind for _, kind in chain_of(world, "i-beside")] == [one.type for one in told]
    again = ingest(world.engine, told)
    assert (again.accepted, again.duplicates) == (0, 3)
