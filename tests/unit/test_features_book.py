"""The feature book: what it accepts, and that each refusal names line, fault and remedy."""

from __future__ import annotations

import pytest

from xindeng.features import load_book
from xindeng.features.algebra import log_bucket, lower_median, robust_z, variation
from xindeng.kernel.errors import PolicyError
from xindeng.language import Kind

GOOD = {"event": "payment", "op": "sum(amount)", "window": "90d"}


def test_vector_order_is_file_order_and_derived_are_apart():
    book = load_book(
        {
            "b": GOOD,
            "ratio": {"derive": "b / NULLIF(a, 0)"},
            "a": {"event": "payment", "op": "count", "label": {"zh": "笔数", "en": "payments"}},
        }
    )
    assert [feature.name for feature in book.base] == ["b", "a"]
    assert [(one.name, one.text) for one in book.derived] == [("ratio", "b / NULLIF(a, 0)")]
    assert list(book.columns) == ["b", "a"]
    assert book.labels == {"a": {"zh": "笔数", "en": "payments"}}


@pytest.mark.parametrize(
    ("spec", "kind", "low", "nullable"),
    [
        ({"op": "count"}, Kind.BIGINT, 0, False),
        ({"op": "count", "requires": "bureau_summary"}, Kind.BIGINT, 0, True),
        ({"op": "sum(amount)"}, Kind.BIGINT, 0, False),
        ({"op": "sum(balance_after)"}, Kind.BIGINT, -(10**14), False),
        ({"op": "max(amount)"}, Kind.BIGINT, 1, True),
        ({"op": "max(amount)", "default": 0}, Kind.BIGINT, 0, False),
        ({"op": "last(category)"}, Kind.TEXT, None, True),
        ({"op": "last(category)", "default": "none"}, Kind.TEXT, None, False),
        ({"op": "last(occurred_at)", "as": "hours_since"}, Kind.BIGINT, 0, True),
        ({"op": "histogram(category)", "bin": "rent"}, Kind.DOUBLE, 0.0, True),
        ({"op": "robust_z(amount)"}, Kind.DOUBLE, None, True),
        ({"op": "cv(amount)", "window": "90d", "by": "month"}, Kind.DOUBLE, 0.0, True),
        ({"op": "count", "enabled": False, "default": 0}, Kind.BIGINT, 0, True),
    ],
)
def test_columns_declare_type_and_bounds(spec, kind, low, nullable):
    column = load_book({"f": {"event": "payment", **spec}}).columns["f"]
    assert (column.kind, column.low, column.nullable) == (kind, low, nullable)
    assert kind is not Kind.BIGINT or column.high <= 2**53


@pytest.mark.parametrize(
    ("spec", "says", "advises"),
    [
        ({"event": "paymnt"}, "unknown event type 'paymnt'", "did you mean payment"),
        ({"op": "total(amount)"}, "op: 'total(amount)'", "use count, sum"),
        ({"op": "count(amount)"}, "op: 'count(amount)'", "write count alone"),
        ({"op": "sum"}, "op: 'sum'", "with a field"),
        ({"op": "sum(amuont)"}, "payment has no field amuont", "did you mean amount?"),
        ({"op": "sum(category)"}, "sum needs numbers", "distinct"),
        ({"op": "sum(occurred_at)"}, "no field occurred_at", "use amount"),
        ({"window": "90"}, "window: '90'", "1d to 3660d"),
        ({"window": "0d"}, "window: '0d'", "1d"),
        ({"window": "9999d"}, "window: '9999d'", "3660d"),
        ({"windows": "90d"}, "unknown key windows", "window"),
        ({"where": "amount ="}, "", ""),
        ({"where": "colour = 'red'"}, "colour", ""),
        ({"where": 5}, "where: 5", "a condition"),
        ({"op": "last(amount)", "as": "hours_since"}, "as: 'hours_since'", "use value"),
        ({"op": "histogram(category)"}, "bin goes with", "bin: 'value'"),
        ({"op": "histogram(category)", "bin": "rents"}, "bin: 'rents'", "rent"),
        ({"op": "histogram(amount)", "bin": "1"}, "histogram needs TEXT", ""),
        ({"op": "robust_z(amount)", "over": 5}, "over: 5", "10 to 240"),
        ({"over": 60}, "over goes with robust_z", ""),
        ({"op": "cv(amount)", "window": "100d"}, "cv counts whole 30-day blocks", "by 30"),
        ({"op": "cv(amount)", "window": "90d", "by": "week"}, "by: 'week'", "30-day"),
        ({"default": "none"}, "default 'none' is not a BIGINT", "its kind"),
        ({"default": True}, "default True is not a BIGINT", ""),
        ({"enabled": "no"}, "enabled: 'no'", "true or false"),
        ({"requires": "bureau"}, "requires: unknown event type 'bureau'", ""),
        ({"event": "decision", "op": "distinct(sitting)", "window": "all"}, "draws write", "2 kB"),
        ({"event": "decision", "op": "robust_z(amount)"}, "draws write", "2 kB"),
        ({"derive": "a + b"}, "beside derive", "only its expression"),
    ],
)
def test_each_fault_is_named_with_its_line_and_a_remedy(spec, says, advises):
    with pytest.raises(PolicyError) as caught:
        load_book({"good": GOOD, "bad": {**GOOD, **spec}}, path="features.yaml", lines={"bad": 12})
    (problem,) = caught.value.problems
    assert (problem.path, problem.line) == ("features.yaml", 12)
    assert problem.what.startswith("feature bad: ")
    assert says in problem.what
    assert advises in problem.next_step


def test_all_problems_come_together():
    with pytest.raises(PolicyError) as caught:
        load_book({"A": GOOD, "b": 5, "c": {**GOOD, "op": "x"}, "d": {"derive": " "}, "e": GOOD})
    assert len(caught.value.problems) == 4


def test_code_in_a_condition_never_runs():
    with pytest.raises(PolicyError):
        load_book({"f": {**GOOD, "where": "__import__('os').system('true') = 0"}})


def test_log_buckets_are_monotone_odd_and_nine_percent_wide():
    buckets = [log_bucket(value) for value in range(5_000)]
    assert buckets == sorted(buckets)
    assert log_bucket(0) == 0 and log_bucket(-300) == -log_bucket(300)
    for value in (1, 8, 1000, 10**6, 10**11):
        assert log_bucket(2 * value) == log_bucket(value) + 8
        assert log_bucket(value * 113 // 100 + 1) > log_bucket(value)


def test_robust_z_by_hand():
    assert lower_median([4, 1, 3, 2]) == 2
    assert robust_z(50, [10, 12, 14, 16, 18]) == 6745 * 36 / 20_000
    assert robust_z(50, [10] * 10) is None  # no spread, no surprise
    assert robust_z(50, [10, 12, 14, 16]) is None  # too few to be surprised by


def test_variation_by_hand():
    assert variation([100, 100, 100]) == 0.0
    assert variation([200, 100, 0, 100, 0, 0]) == pytest.approx(0.7071067811865476)
    assert variation([100, 100, 0, 0, 0, 0]) is None  # a short past is not an unstable one
    assert variation([]) is None
    assert variation([10**18] * 30) == 0.0  # clamped, so n·Σx² stays below 2^63
    assert 30 * 30 * (10**8) ** 2 < 2**63
