"""What is still to come of a loan is the table that was signed, and paying off saves its interest."""

from __future__ import annotations

from datetime import date

import pytest

from xindeng.kernel.errors import InputError
from xindeng.kernel.time import from_date
from xindeng.lending.schedule import table
from xindeng.lending.terms import Early, Method, Terms
from xindeng.servicing.coming import coming, early, saved
from xindeng.servicing.loan import Loan, open_loan, standing
from xindeng.servicing.transactions import Repay

START = from_date(date(2026, 1, 15))
AMOUNT = 1_200_000
KEPT = [method for method in Method if method is not Method.revolving]


@pytest.mark.parametrize("method", KEPT, ids=str)
def test_on_the_first_day_it_is_the_table_that_was_signed(method):
    terms = Terms(146_000, 12, method)
    rows = table(terms, AMOUNT, START)
    found = coming(open_loan(terms, AMOUNT, START), START)
    assert [(one.day, one.total, one.principal) for one in found] == [
        (row.due_day, row.total, row.principal) for row in rows
    ]


def saving(loan, day):
    return saved(standing(loan, day), coming(loan, day))


@pytest.mark.parametrize("method", KEPT, ids=str)
def test_paying_off_at_once_saves_all_interest_and_later_less(method):
    terms = Terms(146_000, 12, method)
    loan = open_loan(terms, AMOUNT, START)
    rows = table(terms, AMOUNT, START)
    assert saving(loan, START) == sum(row.interest for row in rows)
    day = rows[0].due_day - 1
    owed = standing(loan, day)
    assert saving(loan, day) == sum(row.total for row in rows) - owed.payoff
    over = Loan(terms, (*loan.transactions, Repay(day, owed.payoff, "CNY")))
    assert standing(over, day).status == "settled"
    assert coming(over, day) == () and saving(over, day) == 0


def test_what_is_due_today_is_not_to_come():
    terms = Terms(146_000, 12, Method.equal_principal)
    loan = open_loan(terms, AMOUNT, START)
    first = table(terms, AMOUNT, START)[0].due_day
    found = coming(loan, first)
    assert len(found) == 11 and found[0].day > first
    assert sum(one.principal for one in found) == AMOUNT * 11 // 12


@pytest.mark.parametrize("how", Early, ids=str)
@pytest.mark.parametrize("method", KEPT, ids=str)
def test_a_part_paid_early_saves_what_it_says(method, how):
    """Whatever it does to the instalments: all that is paid in the end is less by what was told."""
    terms = Terms(146_000, 12, method, early=how)
    loan = open_loan(terms, AMOUNT, START)
    day = table(terms, AMOUNT, START)[0].due_day - 10
    most = standing(loan, day).payoff
    before = sum(one.total for one in coming(loan, day))
    savings = []
    for amount in (1, most // 3, most - 1, most):
        found = early(loan, day, amount)
        assert amount + sum(one.total for one in found.coming) == before - found.saved
        assert found.principal == sum(one.principal for one in found.coming)
        savings.append(found.saved)
    assert savings == sorted(savings) and savings[-1] == saving(loan, day) > 0
    assert early(loan, day, most).coming == ()
    for wrong in (0, -5, most + 1):
        with pytest.raises(InputError, match="early"):
            early(loan, day, wrong)


def test_what_is_due_is_no_early_repayment():
    terms = Terms(146_000, 12, Method.annuity_monthly)
    loan = open_loan(terms, AMOUNT, START)
    first = table(terms, AMOUNT, START)[0].due_day
    due = standing(loan, first).due_now
    with pytest.raises(InputError, match="early"):
        early(loan, first, due)
    assert early(loan, first, due + 100_000).saved > 0
