"""The state: its size, storage, copies, sequence, holds, sittings and what saturates."""

from __future__ import annotations

import random

import pytest

from xindeng.events.envelope import Event
from xindeng.events.life import Payment
from xindeng.events.line import DecisionMade, DrawAttempt, FunderResponse, HoldPlaced, HoldReleased
from xindeng.features import HOT_LIMIT, SITTING_GAP, Hold, Kernel, State, load_book
from xindeng.features import layout as layout_module
from xindeng.kernel.errors import ConflictError, PolicyError, XindengError
from xindeng.kernel.time import DAY, HOUR, MINUTE, zone

SHANGHAI = zone("Asia/Shanghai")
NOON = SHANGHAI.parse("2026-07-01T12:00")
SPECS = {
    "attempts_24h": {"event": "draw_attempt", "op": "count", "window": "24h"},
    "attempts_30d": {"event": "draw_attempt", "op": "count", "window": "30d"},
    "asked_24h": {"event": "draw_attempt", "op": "sum(amount)", "window": "24h"},
    "sittings_7d": {"event": "draw_attempt", "op": "distinct(sitting)", "window": "7d"},
    "attempts": {"event": "draw_attempt", "op": "count"},
    "refused": {"event": "decision", "where": "counted", "op": "last(occurred_at)"},
    "refused_24h": {"event": "decision", "op": "distinct(sitting)", "window": "24h"},
    "funder": {"event": "funder_response", "op": "last(result)"},
    "inflow_30d": {"event": "payment", "op": "sum(amount)", "window": "30d"},
    "payers_30d": {"event": "payment", "op": "distinct(counterparty)", "window": "30d"},
}


@pytest.fixture(scope="module")
def kernel():
    return Kernel(load_book(SPECS), SHANGHAI)


def put(kernel: Kernel, state: State, payload, at: int, known: int | None = None) -> None:
    name = str(payload.__struct_config__.tag)
    seq = state.seq + 1
    kernel.fold(state, Event(f"e{seq}", "b", name, 1, at, known or at, payload, seq))


def values(kernel: Kernel, state: State, now: int) -> dict:
    return dict(zip((f.name for f in kernel.book.base), kernel.vector(state, now), strict=True))


def attempt(n: int, sitting: str = "") -> DrawAttempt:
    return DrawAttempt(amount=100, term_months=12, sitting=sitting or f"{n:064d}")


def test_ten_thousand_attempts_stay_under_two_kilobytes(kernel):
    """The hot part never outgrows its limit, and what saturates is never too small."""
    state, chance, largest, at, times = kernel.empty(), random.Random(7), 0, NOON, []
    for n in range(10_000):
        at += chance.choice([SITTING_GAP, 1, MINUTE, DAY // 20])
        times.append(at)
        put(kernel, state, attempt(n), at)
        put(kernel, state, DecisionMade(f"{n:064d}", "decline", 100, f"{n:064d}", counted=True), at)
        put(kernel, state, FunderResponse("资" * 128, "放" * 128, "accepted"), at)
        hold = HoldPlaced(f"{n:064d}", "identity_theft", "monitor", "因" * 20, at + DAY, 10**11)
        put(kernel, state, hold, at)
        if n % 1000 < 10:
            largest = max(largest, len(kernel.dump_hot(state)))
            found = values(kernel, state, at)
            exact = sum(t > at - 24 * HOUR for t in times)
            assert found["attempts_24h"] >= exact
            assert found["asked_24h"] >= 100 * exact
            assert found["refused_24h"] == min(exact, kernel.book.layout.cap)
            assert found["attempts"] == n + 1
    assert 1_000 < largest <= HOT_LIMIT
    assert len(kernel.holds(state)) == 10_000  # no hold is ever forgotten


def test_attempts_are_exact_below_the_cap_and_forgotten_with_their_window(kernel):
    state = kernel.empty()
    for n in range(kernel.book.layout.cap):
        put(kernel, state, attempt(n), NOON + n * MINUTE)
    end = NOON + kernel.book.layout.cap * MINUTE
    assert values(kernel, state, end)["attempts_24h"] == kernel.book.layout.cap
    assert values(kernel, state, NOON + 24 * HOUR)["attempts_24h"] == kernel.book.layout.cap - 1
    assert values(kernel, state, end + 24 * HOUR)["attempts_24h"] == 0


def test_a_kernel_without_caps_is_caught(monkeypatch):
    """Planted: the caps forgotten, the state outgrows its part and says so."""
    monkeypatch.setattr(layout_module, "_share_out", lambda hot: (0, None))
    kernel = Kernel(load_book(SPECS), SHANGHAI)
    state = kernel.empty()
    for n in range(500):
        put(kernel, state, attempt(n), NOON + n)
    with pytest.raises(XindengError, match="hot state of"):
        kernel.dump_hot(state)


def test_a_book_too_large_for_the_hot_part_is_refused():
    many = {
        f"f{n}": {
            "event": "decision",
            "where": f"amount > {n}",
            "op": "sum(amount)",
            "window": "24h",
        }
        for n in range(12)
    }
    with pytest.raises(PolicyError, match=r"feature\.hot_size"):
        load_book(many)


def test_hot_distinct_declares_its_ceiling(kernel):
    assert kernel.book.columns["refused_24h"].high == kernel.book.layout.cap
    assert kernel.book.columns["payers_30d"].high > 10**6


def test_round_trip_is_exact_and_an_early_hour_is_lifted(kernel):
    state = kernel.empty()
    for n in range(200):
        put(kernel, state, Payment("in", 10**11 - n, counterparty=str(n % 37)), NOON + n * HOUR)
        put(kernel, state, attempt(n), NOON + n * HOUR)
    hot, buckets = kernel.dump_hot(state), kernel.dump_buckets(state)
    again = kernel.load(hot, buckets)
    assert (kernel.dump_hot(again), kernel.dump_buckets(again)) == (hot, buckets)
    assert (again.seq, again.last_known_at) == (400, NOON + 199 * HOUR)
    assert not again.buckets_dirty
    assert kernel.vector(again, NOON) == kernel.vector(state, NOON + 199 * HOUR)


def test_a_state_of_another_book_or_zone_is_not_read_but_rebuilt(kernel):
    state, events = kernel.empty(), []
    for n in range(20):
        at = NOON + n * DAY
        events.append(Event(f"e{n}", "b", "payment", 1, at, at, Payment("in", 5), n + 1))
        kernel.fold(state, events[-1])
    changed = {**SPECS, "inflow_30d": {**SPECS["inflow_30d"], "window": "7d"}}
    for other in (
        Kernel(load_book(changed), SHANGHAI),
        Kernel(load_book(SPECS), zone("Europe/Prague")),
    ):
        assert other.version != kernel.version
        with pytest.raises(ConflictError) as caught:
            other.load(kernel.dump_hot(state), kernel.dump_buckets(state))
        assert caught.value.code == "state.version"
    narrow = Kernel(load_book(changed), SHANGHAI)
    assert values(narrow, narrow.rebuild(events), NOON + 19 * DAY)["inflow_30d"] == 8 * 5
    with pytest.raises(ConflictError, match="cannot be read"):
        kernel.load(b"\xc1", kernel.dump_buckets(state))


def test_old_buckets_are_dropped(kernel):
    state = kernel.empty()
    sizes = []
    for n in range(400):
        put(kernel, state, Payment("in", 100, counterparty=str(n)), NOON + n * DAY)
        sizes.append(len(kernel.dump_buckets(state)))
    assert sizes[-1] <= sizes[60] * 1.2
    assert values(kernel, state, NOON + 399 * DAY)["inflow_30d"] == 3100


def test_sequence_gaps_and_repeats_are_refused_without_a_trace(kernel):
    state = kernel.empty()
    put(kernel, state, Payment("in", 5), NOON)
    before = kernel.dump_hot(state), kernel.dump_buckets(state)
    for seq in (1, 3, 0):
        with pytest.raises(ConflictError, match="2 comes next"):
            kernel.fold(state, Event("x", "b", "payment", 1, NOON, NOON, Payment("in", 5), seq))
    assert (kernel.dump_hot(state), kernel.dump_buckets(state)) == before


def test_copies_are_independent_both_ways(kernel):
    state = kernel.empty()
    put(kernel, state, Payment("in", 5), NOON)
    state.buckets_dirty = False
    copy = kernel.copy(state)
    put(kernel, copy, attempt(1), NOON)
    put(kernel, copy, Payment("in", 7), NOON)
    assert values(kernel, state, NOON)["inflow_30d"] == 5
    assert values(kernel, state, NOON)["attempts"] == 0
    assert copy.buckets_dirty and not state.buckets_dirty
    put(kernel, state, Payment("in", 100), NOON)
    assert values(kernel, copy, NOON)["inflow_30d"] == 12
    assert values(kernel, state, NOON)["inflow_30d"] == 105


def test_a_draw_writes_the_hot_part_only(kernel):
    state = kernel.empty()
    before = kernel.dump_buckets(state)
    put(kernel, state, attempt(1), NOON)
    put(kernel, state, DecisionMade("d", "decline", 100, "s", counted=True), NOON)
    put(kernel, state, HoldPlaced("h", "cash_flow", "block", "INFLOW", NOON + DAY), NOON)
    assert not state.buckets_dirty
    assert kernel.dump_buckets(state) == before


def test_holds_stand_until_released(kernel):
    state = kernel.empty()
    put(kernel, state, HoldPlaced("h1", "cash_flow", "block", "INFLOW", NOON + 9 * DAY), NOON)
    put(kernel, state, HoldPlaced("h2", "security", "cap", "DEVICE", NOON + DAY, 50_000), NOON)
    put(kernel, state, HoldPlaced("h1", "cash_flow", "block", "INFLOW", NOON + 12 * DAY), NOON)
    h1 = Hold("h1", "cash_flow", "block", "INFLOW", NOON + 12 * DAY)
    assert kernel.holds(state) == (Hold("h2", "security", "cap", "DEVICE", NOON + DAY, 50_000), h1)
    for n in range(4):  # beyond the third they wait in the buckets, and are released from there
        put(kernel, state, HoldPlaced(f"m{n}", "manual", "monitor", "NOTE", NOON + 20 * DAY), NOON)
    again = kernel.load(kernel.dump_hot(state), kernel.dump_buckets(state))
    assert kernel.holds(again) == kernel.holds(state)
    for name in ("m3", "m0", "h2", "m1", "m2", "h1"):
        assert name in {hold.id for hold in kernel.holds(again)}
        put(kernel, again, HoldReleased(name, "review"), NOON)
    assert kernel.holds(again) == ()


def test_attempts_of_half_an_hour_are_one_sitting(kernel):
    state = kernel.empty()
    assert kernel.sitting(state, NOON) is None
    put(kernel, state, attempt(1, "s1"), NOON)
    assert kernel.sitting(state, NOON + 29 * MINUTE) == "s1"
    put(kernel, state, attempt(2, "s1"), NOON + 29 * MINUTE)
    assert kernel.sitting(state, NOON + 58 * MINUTE) == "s1"
    assert kernel.sitting(state, NOON + 59 * MINUTE) is None


def test_as_of_is_the_last_occurrence_however_it_arrives(kernel):
    state = kernel.empty()
    assert kernel.as_of(state, "payment") is None
    put(kernel, state, Payment("in", 5), NOON)
    put(kernel, state, Payment("in", 5), NOON - DAY, known=NOON + HOUR)
    put(kernel, state, attempt(1), NOON + HOUR)
    assert kernel.as_of(state, "payment") == NOON
    assert kernel.as_of(state, "draw_attempt") == NOON + HOUR
    assert state.last_known_at == NOON + HOUR


@pytest.mark.parametrize("name", ["Asia/Shanghai", "Europe/Prague"])
def test_day_windows_begin_at_local_midnight(name):
    """Seven days back on the day after the clocks change: the first µs of the day, not one before."""
    place = zone(name)
    kernel = Kernel(load_book({"n": {"event": "payment", "op": "count", "window": "7d"}}), place)
    now = place.parse("2026-04-01T10:00")
    left = place.parse("2026-03-25")
    for at, counted in ((left, 1), (left - 1, 0)):
        state = kernel.empty()
        put(kernel, state, Payment("in", 5), at)
        assert kernel.vector(state, now) == [counted]
        if counted:
            assert kernel.boundaries(state, now, 30 * DAY) == [place.parse("2026-04-02")]
            assert kernel.vector(state, place.parse("2026-04-02") - 1) == [1]
            assert kernel.vector(state, place.parse("2026-04-02")) == [0]


def test_hour_boundaries_are_exact(kernel):
    state = kernel.empty()
    put(kernel, state, attempt(1), NOON)
    turns = kernel.boundaries(state, NOON, 2 * DAY)
    assert turns == [NOON + 24 * HOUR]
    assert values(kernel, state, turns[0] - 1)["attempts_24h"] == 1
    assert values(kernel, state, turns[0])["attempts_24h"] == 0
