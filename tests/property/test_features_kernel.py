"""The kernel against the reference: every operation, window, zone and order of arrival."""

from __future__ import annotations

import random
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.property.features_reference import Case, agrees, arrive, expected
from xindeng.events.envelope import Event
from xindeng.events.life import Payment
from xindeng.events.line import DecisionMade
from xindeng.features import Kernel, load_book
from xindeng.features import vector as vector_module
from xindeng.kernel.time import DAY, HOUR, instant, zone

INCOMING = "direction = 'in'"


def payment(op: str, window: str = "all", where: str = "", keep=None, **more) -> Case:
    spec = {"event": "payment", "op": op, "window": window, "where": where, **more}
    return Case(spec, keep) if keep else Case(spec)


def is_in(payload, local):
    return payload.direction == "in"


def by_night(payload, local):
    return local.hour < 6 or payload.amount > 500


CASES = {
    "count_all": payment("count"),
    "count_1d": payment("count", "1d"),
    "count_7d": payment("count", "7d"),
    "count_in_7d": payment("count", "7d", INCOMING, is_in),
    "count_24h": payment("count", "24h"),
    "count_night_30d": payment("count", "30d", "hour_of_day < 6 OR amount > 500", by_night),
    "sum_7d": payment("sum(amount)", "7d"),
    "sum_in_30d": payment("sum(amount)", "30d", INCOMING, is_in),
    "sum_36h": payment("sum(amount)", "36h", INCOMING, is_in),
    "sum_all": payment("sum(amount)"),
    "sum_nullable_7d": payment("sum(balance_after)", "7d"),
    "sum_nullable_all": payment("sum(balance_after)"),
    "min_7d": payment("min(amount)", "7d"),
    "max_7d": payment("max(amount)", "7d"),
    "max_12h": payment("max(amount)", "12h"),
    "min_nullable_30d": payment("min(balance_after)", "30d"),
    "max_nullable_all": payment("max(balance_after)"),
    "min_all": payment("min(amount)", "all", INCOMING, is_in),
    "first_7d": payment("first(category)", "7d"),
    "first_24h": payment("first(amount)", "24h", INCOMING, is_in),
    "first_nullable_7d": payment("first(balance_after)", "7d"),
    "first_day_30d": payment("first(occurred_day)", "30d"),
    "first_all_days": payment("first(occurred_at)", **{"as": "days_since"}),
    "first_30d_hours": payment("first(occurred_at)", "30d", **{"as": "hours_since"}),
    "first_all": payment("first(counterparty)"),
    "last_all": payment("last(category)"),
    "last_7d": payment("last(amount)", "7d", INCOMING, is_in),
    "last_24h": payment("last(counterparty)", "24h"),
    "last_hours": payment("last(occurred_at)", **{"as": "hours_since"}),
    "last_days": payment("last(occurred_at)", "7d", INCOMING, is_in, **{"as": "days_since"}),
    "last_at": payment("last(occurred_at)"),
    "last_day": payment("last(occurred_day)"),
    "distinct_7d": payment("distinct(counterparty)", "7d"),
    "distinct_24h": payment("distinct(counterparty)", "24h"),
    "distinct_all": payment("distinct(counterparty)"),
    "distinct_category_30d": payment("distinct(category)", "30d", INCOMING, is_in),
    "distinct_amount_48h": payment("distinct(amount)", "48h"),
    "share_30d": payment("histogram(category)", "30d", bin="salary"),
    "share_nullable_7d": payment("histogram(counterparty)", "7d", bin="a"),
    "share_all": payment("histogram(category)", "all", INCOMING, is_in, bin="rent"),
    "top_30d": payment("histogram(category)", "30d", **{"as": "top_share"}),
    "top_72h": payment("histogram(counterparty)", "72h", **{"as": "top_share"}),
    "top_all": payment("histogram(category)", **{"as": "top_share"}),
    "z": payment("robust_z(amount)", over=10),
    "z_7d": payment("robust_z(amount)", "7d", INCOMING, is_in, over=12),
    "z_24h_nullable": payment("robust_z(balance_after)", "24h", over=10),
    "cv_90d": payment("cv(amount)", "90d", by="month"),
    "cv_180d": payment("cv(amount)", "180d", INCOMING, is_in),
    "needs_decision": payment("count", "7d", requires="decision"),
    "with_default": payment("max(amount)", "12h", default=0),
    "off": payment("count", "7d", enabled=False),
    "refused_7d": Case({"event": "decision", "where": "counted", "op": "distinct(sitting)", "window": "7d"},
                       lambda payload, local: payload.counted),
    "refused_24h": Case({"event": "decision", "where": "counted", "op": "distinct(sitting)", "window": "24h"},
                        lambda payload, local: payload.counted),
    "decided_2d": Case({"event": "decision", "op": "sum(amount)", "window": "2d"}),
    "decided_all": Case({"event": "decision", "op": "count"}),
    "largest_36h": Case({"event": "decision", "op": "max(amount)", "window": "36h"}),
}  # fmt: skip
BOOK = load_book({name: case.spec for name, case in CASES.items()})
ZONES = ("Asia/Shanghai", "Europe/Prague", "America/Sao_Paulo")
KERNELS = {name: Kernel(BOOK, zone(name)) for name in ZONES}

# Days on which clocks change in Prague or changed in São Paulo (at midnight), and a plain one.
DAYS = ["2026-03-29", "2026-10-25", "2018-11-04", "2018-02-18", "2026-07-01"]

payments = st.builds(
    Payment,
    direction=st.sampled_from(["in", "out"]),
    amount=st.one_of(st.integers(1, 20), st.integers(1, 10**11), st.sampled_from([500, 501, 10**11])),
    category=st.sampled_from(["salary", "rent", "dining"]),
    counterparty=st.sampled_from(["a", "b", "c", None]),
    balance_after=st.sampled_from([None, 0, -7, 12, 10**11]),
)  # fmt: skip
decisions = st.builds(
    DecisionMade,
    decision_id=st.just("d"),
    outcome=st.just("decline"),
    amount=st.integers(0, 50),
    sitting=st.sampled_from(["s1", "s2", "s3", "s4"]),
    counted=st.booleans(),
)


@st.composite
def histories(draw):
    """A zone, a `now` and unordered events, many of them right at the edge of a window."""
    name = draw(st.sampled_from(ZONES))
    place = zone(name)
    noon = datetime.fromisoformat(draw(st.sampled_from(DAYS))).replace(tzinfo=ZoneInfo(name))
    now = instant(noon) + draw(st.sampled_from([0, 1, HOUR, 5 * HOUR, 23 * HOUR + 59]))
    today = place.day(now)
    back = st.sampled_from(
        [0, 1, 2, 6, 7, 8, 29, 30, 31, 59, 60, 61, 89, 90, 91, 119, 120, 179, 180]
    )
    edges = st.one_of(
        st.builds(lambda n, off: place.midnight(today - n) + off, back, st.sampled_from([-1, 0, 1])),
        st.builds(lambda n, off: now - n * HOUR + off,
                  st.sampled_from([0, 1, 12, 24, 25, 36, 48, 72]), st.sampled_from([-1, 0, 1])),
        st.integers(now - 200 * DAY, now),
    )  # fmt: skip
    instants = draw(st.lists(edges.filter(lambda at: at <= now), max_size=24, unique=True))
    kinds = draw(st.lists(st.booleans(), min_size=len(instants), max_size=len(instants)))
    # Decisions stay under the hot cap, beyond which only a bound holds (tested apart).
    events = []
    for number, (at, decision) in enumerate(zip(instants, kinds, strict=True)):
        payload = draw(decisions if decision else payments)
        events.append(
            Event(f"e{number}", "b", "decision" if decision else "payment", 1, at, at, payload)
        )
    return name, now, events


def differences(kernel: Kernel, events: list[Event], now: int) -> list[str]:
    """Fold the events in the given order and name each feature that the reference denies."""
    arrived = arrive(events)
    state = kernel.load(*stored(kernel, kernel.rebuild(arrived)))
    found = kernel.vector(state, now)
    return [
        f"{name}: {value!r}, expected {wanted!r}"
        for (name, case), value in zip(CASES.items(), found, strict=True)
        if not agrees(value, wanted := expected(case, arrived, now, kernel.zone.name))
    ]


def stored(kernel: Kernel, state) -> tuple[bytes, bytes]:
    return kernel.dump_hot(state), kernel.dump_buckets(state)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(histories())
def test_kernel_equals_reference(history):
    name, now, events = history
    ordered = sorted(events, key=lambda event: event.occurred_at)
    assert differences(KERNELS[name], ordered, now) == []


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(histories(), st.randoms(use_true_random=False), st.integers(0, 40 * DAY))
def test_late_events_change_nothing_and_time_alone_is_followed(history, chance, later):
    name, now, events = history
    chance.shuffle(events)
    assert differences(KERNELS[name], events, now) == []
    assert differences(KERNELS[name], events, now + later) == []


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(histories(), st.integers(1, 40 * DAY))
def test_nothing_changes_between_boundaries(history, ahead):
    """Between two boundaries and midnights only whole hours since something may move."""
    name, now, events = history
    kernel = KERNELS[name]
    state = kernel.rebuild(arrive(sorted(events, key=lambda event: event.occurred_at)))
    place = kernel.zone
    turns = {place.midnight(day) for day in range(place.day(now), place.day(now + ahead) + 2)}
    turns |= set(kernel.boundaries(state, now, ahead))
    past = max([now, *(turn for turn in turns if turn <= now + ahead)])
    counts_hours = ("last_hours", "first_30d_hours")
    pick = [i for i, case in enumerate(CASES) if case not in counts_hours]
    before, after = kernel.vector(state, past), kernel.vector(state, now + ahead)
    assert [before[i] for i in pick] == [after[i] for i in pick]


def scripted(seed: int, count: int = 60) -> tuple[list[Event], int]:
    """Payments of a fixed half year, many at edges of windows; no hypothesis, so it is fast."""
    chance, place = random.Random(seed), zone("Europe/Prague")
    now = place.parse("2026-03-30T13:00")
    today = place.day(now)
    events = []
    for number in range(count):
        day = today - chance.choice([0, 1, 2, 6, 7, 8, 29, 30, 31, 90, 91, 150])
        at = place.midnight(day) + chance.choice([0, -1, HOUR, 9 * HOUR]) + number
        payload = Payment(chance.choice(["in", "out"]), chance.randrange(1, 1000),
                          counterparty=chance.choice("abc"))  # fmt: skip
        events.append(Event(f"e{number}", "b", "payment", 1, min(at, now), at, payload))
    return events, now


def test_scripted_history_agrees():
    events, now = scripted(1)
    assert differences(KERNELS["Europe/Prague"], events, now) == []


@pytest.mark.parametrize(
    "fault", ["window a day long", "utc days", "closed hours", "arrival order"]
)
def test_planted_faults_are_caught(monkeypatch, fault):
    """Each fault is one that feature stores are known for; the comparison must name it."""
    place = zone("Europe/Prague")
    events, now = scripted(1)
    events.append(Event("edge", "b", "payment", 1, now - 24 * HOUR, now, Payment("in", 77)))
    assert differences(KERNELS[place.name], events, now) == []
    edge = vector_module._Writer.edge

    def wrong_edge(self, window):
        if fault == "window a day long" and window.axis == "d":
            return self.let(f"d{window.size}", f"today - {window.size + 1}")
        if fault == "closed hours" and window.axis == "h":
            return self.let(f"h{window.size}", f"now - {window.size * HOUR}")
        return edge(self, window)

    monkeypatch.setattr(vector_module._Writer, "edge", wrong_edge)
    if fault == "utc days":
        place = type(place)("Europe/Prague")
        monkeypatch.setattr(type(place), "day", lambda self, at: at // DAY)
    if fault == "arrival order":
        from xindeng.features import fold

        update = fold._update
        monkeypatch.setattr(
            fold,
            "_update",
            lambda one: [line.replace("at >= n[0]", "True") for line in update(one)],
        )
    assert differences(Kernel(BOOK, place), events, now), f"{fault} went unnoticed"
