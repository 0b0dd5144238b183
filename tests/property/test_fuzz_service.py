"""What comes from outside the service, made up by hypothesis: expressions, bundles, events.

The same targets are searched longer by coverage (`fuzz/`, atheris). A damaged good input finds more
than noise, so every example is a good one with pieces cut out, doubled or replaced.
"""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fuzz import bundle, event, expression

EXPRESSIONS = [
    b"count > 0 AND ratio < $max",
    b"CASE WHEN amount IS NULL THEN 0 ELSE LEAST(amount, 100) END",
    b"COALESCE(purpose = 'travel', FALSE) OR NOT held",
    b"ROUND(amount / NULLIF(count, 0)) BETWEEN 1 AND 5",
]
EVENTS = [
    json.dumps(one).encode()
    for one in (
        {"type": "payment", "id": "p", "occurred_at": "2026-06-01",
         "payload": {"direction": "in", "amount": 1}},
        {"type": "limit_change", "occurred_at": 1_780_000_000_000_000,
         "payload": {"limit": 2_000_000, "change": "granted"}},
    )
]  # fmt: skip
BUNDLES = [bytes([number]) + bundle.FILES[place] for number, place in enumerate(bundle.PLACES)]
ODD = [b"", b"\x00", b"\xff", b"(" * 40, b"[" * 400, b"\n- a: &x [*x]", b"'", b'"', b": ",
       b"9" * 400, b"-", b"NULL", b"null", b"1e999", b"{}", b"\xf0\x9f\x92\xb0"]  # fmt: skip

# Where a piece is changed (a share of the whole), how long it is, and what stands there instead.
changes = st.lists(
    st.tuples(st.floats(0, 1), st.integers(0, 60), st.sampled_from(ODD) | st.binary(max_size=20)),
    min_size=1, max_size=4,
)  # fmt: skip
often = settings(
    max_examples=60, deadline=None, derandomize=True, database=None,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip


def damaged(whole: bytes, how: list[tuple[float, int, bytes]]) -> bytes:
    for place, length, instead in how:
        at = int(place * len(whole))
        whole = whole[:at] + instead + whole[at + length :]
    return whole


@given(st.sampled_from(EXPRESSIONS), changes)
@often
def test_any_expression_is_understood_or_refused_in_words(good: bytes, how: list) -> None:  # type: ignore[type-arg]
    expression.one_input(damaged(good, how))


@given(st.sampled_from(EVENTS), changes)
@often
def test_any_event_is_read_or_refused_in_words(good: bytes, how: list) -> None:  # type: ignore[type-arg]
    event.one_input(damaged(good, how))


@given(st.sampled_from(BUNDLES), changes)
@settings(often, max_examples=25)
def test_any_bundle_loads_or_all_its_problems_are_told(good: bytes, how: list) -> None:  # type: ignore[type-arg]
    bundle.one_input(good[:1] + damaged(good[1:], how))


def test_good_inputs_are_understood() -> None:
    assert all(map(expression.one_input, EXPRESSIONS))
    assert all(map(event.one_input, EVENTS))
    assert bundle.one_input(BUNDLES[0])


def test_a_crash_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: object, **__: object) -> None:
        raise RecursionError("planted")

    for target, name, data in (
        (expression, "parse", EXPRESSIONS[0]), (event, "read_event", EVENTS[0]),
        (bundle, "load", BUNDLES[0]),
    ):  # fmt: skip
        monkeypatch.setattr(target, name, crash)
        with pytest.raises(RecursionError):
            target.one_input(data)
