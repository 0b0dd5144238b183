"""What affordability counts a month: at least what falls due, no method hides debt, never falling."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from xindeng.kernel.time import from_date
from xindeng.lending.burden import level, monthly_due
from xindeng.lending.schedule import table
from xindeng.lending.terms import FeeRule, Method, Terms

FEES = st.lists(
    st.builds(
        lambda every, ppm, amount: FeeRule("费", "x", every, ppm, amount),
        st.sampled_from(["month", "once"]), st.integers(0, 20_000), st.integers(0, 5_000),
    ),
    max_size=2,
)  # fmt: skip
TERMS = st.builds(
    lambda rate, months, method, day_count, fees: Terms(
        rate, min(months, 12) if method == Method.bullet else months, method,
        day_count=day_count, fees=tuple(fees),
    ),
    st.sampled_from([0, 1, 54_750, 146_000, 240_000, 360_000]), st.sampled_from([1, 3, 6, 12, 24]),
    st.sampled_from(list(Method)), st.sampled_from([365, 360]), FEES,
)  # fmt: skip
AMOUNTS = st.integers(100, 5_000_000)
STARTS = st.dates(date(2026, 1, 1), date(2027, 12, 28)).map(from_date)


@given(TERMS, AMOUNTS, AMOUNTS)
def test_it_never_falls_as_the_amount_grows(terms: Terms, one: int, other: int) -> None:
    low, high = sorted((one, other))
    assert monthly_due(terms, low) <= monthly_due(terms, high)


@given(TERMS, AMOUNTS, STARTS)
def test_it_covers_what_falls_due_and_an_even_share_of_the_principal(
    terms: Terms, amount: int, start: int
) -> None:
    counted = monthly_due(terms, amount)
    assert counted * terms.months >= amount, "principal ÷ months"
    rows = table(
        replace(terms, fees=tuple(f for f in terms.fees if f.every == "month")), amount, start
    )
    # The last instalment takes the rounding of all others, and for some methods the principal.
    assert all(counted >= row.total for row in rows[:-1])
    rest = sum(row.total for row in table(terms, amount, start))
    assert counted * terms.months >= rest - terms.months * (1 + len(terms.fees)), (
        "all that is repaid"
    )


@given(AMOUNTS, st.sampled_from([54_750, 146_000, 240_000]), st.sampled_from([3, 6, 12]))
def test_paying_the_principal_late_is_never_counted_lower_than_an_annuity(
    amount: int, rate: int, months: int
) -> None:
    annuity = monthly_due(Terms(rate, months), amount)
    for method in (Method.interest_only, Method.bullet, Method.revolving, Method.equal_principal):
        assert monthly_due(Terms(rate, months, method), amount) >= annuity, method


def test_the_figures_of_one_draw_by_hand() -> None:
    """¥10,000 over 12 months at 14.6 %: 833.33 principal and 124.00 for 31 days."""
    terms = Terms(146_000, 12, Method.interest_only)
    assert monthly_due(terms, 1_000_000) == 83_334 + 12_400
    assert monthly_due(replace(terms, method=Method.equal_principal_monthly), 1_000_000) == 95_500
    fees = (FeeRule("a", "x", "month", 6_000, 0), FeeRule("b", "x", "once", 0, 12_000))
    assert monthly_due(replace(terms, fees=fees), 1_000_000) == 95_734 + 6_000 + 1_000
    assert level(1_000_000, 146_000, 12) == monthly_due(Terms(146_000, 12), 1_000_000) == 90_070


@pytest.mark.parametrize("method", [Method.interest_only, Method.revolving, Method.bullet])
def test_planted_interest_alone_would_hide_the_principal(method: Method) -> None:
    terms = Terms(146_000, 12, method)
    only_interest = table(terms, 1_000_000, from_date(date(2026, 7, 1)))[0].interest
    assert monthly_due(terms, 1_000_000) > 83_333 > only_interest or method == Method.bullet
    assert monthly_due(terms, 1_000_000) * 12 >= 1_000_000 + only_interest
