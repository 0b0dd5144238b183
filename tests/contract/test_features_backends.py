"""One suite for every engine that computes features: the online kernel and DuckDB.

Each situation is a history and instants to look from; each backend must give what the plain
reference gives. What a backend cannot do it says with a typed gap, which must really raise.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.property.features_reference import agrees, arrive, expected
from tests.property.test_features_kernel import BOOK, CASES, histories
from xindeng.events.envelope import Event
from xindeng.events.life import Payment
from xindeng.events.line import DecisionMade
from xindeng.features import FeatureBook, Kernel
from xindeng.features.offline import density as density_module
from xindeng.features.offline import event_fields
from xindeng.history import facts
from xindeng.history.tables import tables_of
from xindeng.kernel.time import DAY, HOUR, Zone, zone

Look = tuple[str, int, int]
"""Borrower, the `seq` of the decision, and its instant (µs)."""
Backend = Callable[[FeatureBook, Zone, Sequence[Event], Sequence[Look]], list[list[object]]]


def by_kernel(book, place, events, looks):
    kernel, found = Kernel(book, place), []
    for borrower, seq, now in looks:
        mine = [e for e in events if e.borrower == borrower and e.seq < seq]
        found.append(kernel.vector(kernel.rebuild(mine), now))
    return found


def by_duckdb(book, place, events, looks):
    con = facts.connect()
    sources = {}
    for name, table in tables_of(events, place).items():
        con.register(f"raw_{name}", table)
        sources[name] = f"raw_{name}"
    facts.load_events(con, sources, event_fields(book.base))
    rows = [{"id": n, "borrower": b, "seq": s, "now": t} for n, (b, s, t) in enumerate(looks)]
    facts.load_requests(con, pa.Table.from_pylist(rows, schema=facts.REQUESTS), place)
    facts.make_features(con, book, "found")
    rows = con.execute("FROM found ORDER BY id").fetchall()
    con.close()
    return [list(row[1:]) for row in rows]


BACKENDS = {"kernel": by_kernel, "duckdb": by_duckdb}
backends = pytest.mark.parametrize("backend", BACKENDS.values(), ids=BACKENDS)


@pytest.fixture
def sorted_way(monkeypatch):
    """Make every borrower whose events came in order dense."""
    monkeypatch.setattr(density_module, "PAIRS_A_ROW", 0)


def wrong(backend, place, events, looks):
    """Name each feature that the reference denies."""
    found = backend(BOOK, place, events, looks)
    assert len(found) == len(looks)
    return [
        f"{look} {name}: {value!r}, expected {wanted!r}"
        for look, row in zip(looks, found, strict=True)
        for (name, case), value in zip(CASES.items(), row, strict=True)
        if not agrees(value, wanted := wanted_of(case, place, events, look))
    ]


def wanted_of(case, place, events, look):
    borrower, seq, now = look
    mine = [e for e in events if e.borrower == borrower and e.seq < seq]
    return expected(case, mine, max([now, *(e.known_at for e in mine)]), place.name)


def story(*events: tuple[int, object], borrower: str = "b") -> list[Event]:
    """Events in order of arrival from (instant, payload)."""
    made = [
        Event(f"{borrower}{n}", borrower, str(p.__struct_config__.tag), 1, at, at, p)
        for n, (at, p) in enumerate(events)
    ]
    return arrive(made)


SHANGHAI = zone("Asia/Shanghai")
NOON = SHANGHAI.parse("2026-07-01T12:00")


def pay(amount=100, who="a", way="in", **more) -> Payment:
    return Payment(way, amount, counterparty=who, **more)


def decided(sitting="s1", amount=5) -> DecisionMade:
    return DecisionMade("d", "decline", amount, sitting, counted=True)


LEAP = SHANGHAI.parse("2028-02-29T00:00")
SITUATIONS = {
    "nothing at all": ([], [("b", 1, NOON)]),
    "nothing yet": (story((NOON, pay())), [("b", 1, NOON), ("other", 5, NOON)]),
    "equal instants": (
        story((NOON, pay(1, "a")), (NOON, pay(2, "b")), (NOON, decided()), (NOON, pay(3, None))),
        [("b", n, NOON) for n in range(1, 6)],
    ),
    "late events": (
        story((NOON, pay(1)), (NOON - 40 * DAY, pay(2, "b")), (NOON - 6 * DAY, pay(3, "c")),
              (NOON + HOUR, pay(4)), (NOON - DAY, pay(5, None))),
        [("b", n, NOON + n * 9 * DAY) for n in range(1, 7)],
    ),
    "an instant before what is known": (story((NOON, pay())), [("b", 2, NOON - 5 * DAY)]),
    "said twice": (
        story(*[(NOON - n // 2 * HOUR, pay(7)) for n in range(12)]),
        [("b", n, NOON) for n in range(1, 14)],
    ),
    "fields without a value": (
        story(*[(NOON - n * DAY, pay(n + 1, None, balance_after=None)) for n in range(9)]),
        [("b", 10, NOON)],
    ),
    "either side of midnight": (
        story(*[(SHANGHAI.midnight(SHANGHAI.day(NOON) - back) + off, pay(back + 1))
                for back in (180, 90, 30, 7, 1, 0) for off in (-1, 0, 1)]),
        [("b", 19, NOON), ("b", 19, SHANGHAI.midnight(SHANGHAI.day(NOON) + 1) - 1),
         ("b", 19, SHANGHAI.midnight(SHANGHAI.day(NOON) + 1))],
    ),
    "leap day": (
        story((LEAP - 1, pay(1)), (LEAP, pay(2)), (LEAP + DAY - 1, pay(3)), (LEAP + DAY, pay(4))),
        [("b", 5, LEAP + DAY + n * DAY) for n in (0, 1, 6, 7, 8, 29, 30, 31, 90)],
    ),
    "two borrowers": (
        story((NOON, pay(1)), (NOON, pay(2, "b")))
        + story((NOON, pay(30)), (NOON, decided()), borrower="c"),
        [("b", 3, NOON), ("c", 3, NOON), ("c", 2, NOON), ("b", 2, NOON)],
    ),
    "money out and in again, below zero": (
        story(*[(NOON - n * 3 * DAY, pay(n, "ab"[n % 2], balance_after=-n * 7)) for n in range(40, 0, -1)]),
        [("b", n, NOON) for n in (5, 20, 41)],
    ),
}  # fmt: skip


@backends
@pytest.mark.parametrize("name", SITUATIONS)
def test_situations(backend, name):
    events, looks = SITUATIONS[name]
    assert wrong(backend, SHANGHAI, events, looks) == []


@pytest.mark.parametrize("name", SITUATIONS)
def test_situations_in_the_sorted_way(sorted_way, name):
    events, looks = SITUATIONS[name]
    assert wrong(by_duckdb, SHANGHAI, events, looks) == []


def looks_at(events: list[Event], now: int) -> list[Look]:
    last = len(events) + 1
    return [("b", seq, now) for seq in sorted({1, last // 2, last})]


slow = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


@slow
@given(histories(), st.randoms(use_true_random=False), st.booleans())
def test_any_history_in_any_order(history, chance, ordered):
    name, now, events = history
    events.sort(key=lambda event: event.occurred_at)
    if not ordered:
        chance.shuffle(events)
    arrived = arrive(events)
    assert wrong(by_duckdb, zone(name), arrived, looks_at(arrived, now)) == []


@slow
@given(histories(), st.randoms(use_true_random=False))
def test_any_history_in_the_sorted_way(history, chance):
    """Two borrowers, of whom one may have late events and stays with the range join."""
    name, now, events = history
    events.sort(key=lambda event: event.occurred_at)
    before, density_module.PAIRS_A_ROW = density_module.PAIRS_A_ROW, 0
    try:
        arrived = arrive(events)
        assert wrong(by_duckdb, zone(name), arrived, looks_at(arrived, now)) == []
    finally:
        density_module.PAIRS_A_ROW = before
