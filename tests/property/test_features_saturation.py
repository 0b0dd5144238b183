"""Beyond the hot cap: distinct counts are min(true, cap), tables never say too little."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.property.features_reference import Case, arrive, expected
from xindeng.events.envelope import Event
from xindeng.events.line import DecisionMade
from xindeng.features import Kernel, load_book
from xindeng.kernel.time import HOUR, zone

PLACE = zone("Asia/Shanghai")
NOW = PLACE.parse("2026-07-01T12:00")
SPECS = {
    "distinct_24h": {"op": "distinct(sitting)", "window": "24h"},
    "distinct_7d": {"op": "distinct(sitting)", "window": "7d"},
    "count_24h": {"op": "count", "window": "24h"},
    "count_7d": {"op": "count", "window": "7d"},
    "sum_7d": {"op": "sum(amount)", "window": "7d"},
    "max_36h": {"op": "max(amount)", "window": "36h"},
    "sum_36h": {"where": "counted", "op": "sum(amount)", "window": "36h"},
    "sum_48h": {"where": "NOT counted", "op": "sum(amount)", "window": "48h"},
    "distinct_amount": {"op": "distinct(amount)", "window": "24h"},
    "refused": {"where": "outcome = 'decline'", "op": "count", "window": "72h"},
}
CASES = {name: Case({"event": "decision", **spec}) for name, spec in SPECS.items()}
KEEPS = {"sum_36h": lambda p, local: p.counted, "sum_48h": lambda p, local: not p.counted,
         "refused": lambda p, local: p.outcome == "decline"}  # fmt: skip
CASES = {name: Case(case.spec, KEEPS.get(name, case.keep)) for name, case in CASES.items()}
KERNEL = Kernel(load_book({name: case.spec for name, case in CASES.items()}), PLACE)
CAP = KERNEL.book.layout.cap


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.integers(0, 100 * HOUR), min_size=CAP, max_size=4 * CAP, unique=True),
    st.randoms(use_true_random=False),
    st.integers(0, 48 * HOUR),
)
def test_saturation_errs_to_one_side_in_any_order(ages, chance, later):
    events = []
    for number, age in enumerate(ages):
        payload = DecisionMade("d", chance.choice(["decline", "approve"]), chance.randrange(50),
                               f"s{chance.randrange(3 * CAP)}", counted=chance.random() < 0.5)  # fmt: skip
        events.append(Event(f"e{number}", "b", "decision", 1, NOW - age, NOW, payload))
    arrived = arrive(events)
    state = KERNEL.rebuild(arrived)
    for now in (NOW, NOW + later):
        found = dict(zip(CASES, KERNEL.vector(state, now), strict=True))
        for name, case in CASES.items():
            exact = expected(case, arrived, now, PLACE.name)
            if case.spec["op"].startswith("distinct"):
                assert found[name] == min(exact, KERNEL.book.layout.sources[name].cap)
            elif exact is not None:
                assert found[name] >= exact
    assert len(KERNEL.dump_hot(state)) <= 2048


def test_the_cap_is_reached_here():
    assert 8 <= CAP < 30
