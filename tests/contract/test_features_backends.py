"""One suite for every engine that computes features: the online kernel and DuckDB.

Each situation is a history and instants to look from; each backend must give what the plain
reference gives. What a backend cannot do it says with a typed gap, which must really raise.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.property.features_reference import agrees, arrive, expected
from tests.property.test_features_kernel import BOOK, CASES, histories
from xindeng.events.envelope import Event
from xindeng.events.life import Payment
from xindeng.events.line import DecisionMade, DrawAttempt
from xindeng.features import FeatureBook, Kernel, load_book
from xindeng.features.offline import BackendGap, book_sql, event_fields, gaps_of
from xindeng.features.offline import density as density_module
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


def test_the_sorted_way_is_really_taken(sorted_way, monkeypatch):
    asked = []
    monkeypatch.setattr(
        facts,
        "book_sql",
        lambda features, dense=(): asked.append(dense) or book_sql(features, dense),
    )
    events, looks = SITUATIONS["said twice"]
    by_duckdb(
        BOOK, SHANGHAI, events[::-1] and story(*[(NOON + n, pay(n + 1)) for n in range(9)]), looks
    )
    assert ["payment"] in asked


def long_life(count: int, late: bool) -> list[Event]:
    """One borrower with so many payments, half an hour apart; a few of them late if asked."""
    chance, events = random.Random(5), []
    for n in range(count):
        at = NOON - (count - n) * HOUR // 2
        if late and n % 5_000 == 4_999:
            at -= 20 * DAY
        payload = pay(chance.randrange(1, 10**6), f"p{chance.randrange(400)}", chance.choice(["in", "out"]),
                      category=chance.choice(["salary", "rent", "dining"]))  # fmt: skip
        events.append(Event(f"b{n}", "b", "payment", 1, at, at, payload))
    return arrive(events)


@pytest.mark.parametrize("late", [False, True], ids=["in order", "some late"])
def test_a_borrower_of_fifty_thousand_events(late):
    """Dense enough for the sorted way where events came in order; exact either way."""
    events = long_life(50_000, late)
    kernel, state, looks, wanted = Kernel(BOOK, SHANGHAI), None, [], []
    state = kernel.empty()
    for event in events:
        if event.seq % 500 == 1:
            looks.append(("b", event.seq, state.last_known_at))
            wanted.append(kernel.vector(state, state.last_known_at))
        kernel.fold(state, event)
    assert len(looks) == 100
    found = by_duckdb(BOOK, SHANGHAI, events, looks)
    for row, values in zip(found, wanted, strict=True):
        assert [(type(v), v) for v in row] == [(type(v), v) for v in values]


HOT = load_book({
    "asked_24h": {"event": "draw_attempt", "op": "sum(amount)", "window": "24h"},
    "sittings_24h": {"event": "draw_attempt", "op": "distinct(sitting)", "window": "24h"},
})  # fmt: skip
TOPS = load_book({"top": {"event": "payment", "op": "histogram(counterparty)", "as": "top_share"}})


def attempts(count: int) -> list[Event]:
    return story(*[(NOON + n, DrawAttempt(100, 12, f"s{n}")) for n in range(count)])


def test_a_gap_is_declared_and_really_raises():
    """Up to the bound both are equal; one more, and the marker raises instead of a wrong number."""
    (gap,) = gaps_of(HOT)
    assert gap.features == ("asked_24h",) and gap.bound == HOT.layout.cap
    for count in (gap.bound - 1, gap.bound):
        events, looks = attempts(count), [("b", count + 1, NOON + count)]
        assert by_duckdb(HOT, SHANGHAI, events, looks) == by_kernel(HOT, SHANGHAI, events, looks)
    with pytest.raises(BackendGap, match="oldest rows are merged") as caught:
        by_duckdb(HOT, SHANGHAI, attempts(gap.bound + 1), [("b", gap.bound + 2, NOON + gap.bound)])
    assert caught.value.where == "asked_24h" and caught.value.code == "features.gap"


def test_the_gap_of_a_share_over_all_time_raises():
    (gap,) = gaps_of(TOPS)
    few, many = (
        story(*[(NOON + n, pay(1, f"p{n}")) for n in range(count)])
        for count in (gap.bound, gap.bound + 1)
    )
    look = [("b", gap.bound + 2, NOON + HOUR)]
    assert by_duckdb(TOPS, SHANGHAI, few, look) == by_kernel(TOPS, SHANGHAI, few, look)
    with pytest.raises(BackendGap, match="not counted"):
        by_duckdb(TOPS, SHANGHAI, many, look)


FAULTS = {
    "sees its own event": lambda sql: sql.replace("e.seq < r.seq", "e.seq <= r.seq"),
    "window a day long": lambda sql: sql.replace("r.today - 7)", "r.today - 8)"),
    "closed hours": lambda sql: sql.replace("e.occurred_at > r.now", "e.occurred_at >= r.now"),
    "last by arrival": lambda sql: sql.replace("THEN pos END", "THEN n END"),
    "NULL is a value": lambda sql: re.sub(r'WHERE e\."\w+" IS NOT NULL AND', "WHERE", sql),
    "a block too far": lambda sql: sql.replace("r.today - 29)", "r.today - 30)"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_planted_faults_are_caught(monkeypatch, fault):
    """Each is one that feature stores are known for; some situation must notice it."""
    honest, changed = book_sql, []

    def faulty(features, dense=()):
        sql = honest(features, dense)
        changed.append(FAULTS[fault](sql) != sql)
        return FAULTS[fault](sql)

    monkeypatch.setattr(facts, "book_sql", faulty)
    edge = (story(*[(NOON - 24 * HOUR, pay(5)), *[(SHANGHAI.midnight(SHANGHAI.day(NOON) - d), pay(d * 10_000, None))
                    for d in (8, 30, 60, 90)]]), [("b", n, NOON) for n in (2, 4, 5, 6)])  # fmt: skip
    noticed = any(wrong(by_duckdb, SHANGHAI, *one) for one in [*SITUATIONS.values(), edge])
    assert any(changed) and noticed, f"{fault} went unnoticed"
