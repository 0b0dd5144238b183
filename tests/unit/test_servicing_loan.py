"""Payments, reversals, back-dating, deferral, write-off: what each does to the fen, and what is refused."""

from __future__ import annotations

import time
from datetime import date

import pytest

from xindeng.kernel.errors import InputError
from xindeng.kernel.time import from_date
from xindeng.lending.schedule import table
from xindeng.lending.terms import IMPAIRED_ORDER, STANDARD_ORDER, Early, Method, Terms
from xindeng.servicing.ageing import advance
from xindeng.servicing.allocation import allocate
from xindeng.servicing.ledger import Finding, Posting, balances, postings_for, sums, verify
from xindeng.servicing.loan import Loan, book, open_loan, standing
from xindeng.servicing.standing import Due
from xindeng.servicing.transactions import (
    Defer,
    Disburse,
    Fee,
    PauseAccrual,
    Recover,
    Refund,
    Repay,
    Restructure,
    ResumeAccrual,
    Reverse,
    Waive,
    WriteOff,
    read_transaction,
    write_transaction,
)

START = from_date(date(2026, 1, 15))
FIRST, SECOND = from_date(date(2026, 2, 15)), from_date(date(2026, 3, 15))
TERMS = Terms(146_000, 12, Method.interest_only)  # 0.04 % a day: ¥4 a day on ¥10,000
LATER = START + 2000


def lend(terms: Terms = TERMS) -> Loan:
    return open_loan(terms, 1_000_000, START)


def test_interest_runs_by_the_day_and_is_never_rounded_twice() -> None:
    loan = lend()
    assert [standing(loan, START + n).interest_owed for n in (0, 1, 30)] == [0, 400, 12_000]
    tiny = open_loan(Terms(146_000, 12, Method.bullet), 700, START)  # 0.28 fen a day
    assert standing(tiny, START + 365).interest_owed == 102


def test_a_late_instalment_costs_penalty_after_grace_and_counts_days_from_its_due_day() -> None:
    terms = Terms(146_000, 12, Method.equal_principal, grace_days=3)
    loan = open_loan(terms, 1_200_000, START)
    assert [standing(loan, FIRST + n).dpd for n in (0, 1, 3, 4, 30)] == [0, 0, 0, 4, 30]
    owed = [standing(loan, FIRST + n).penalty_owed for n in (3, 4, 5)]
    assert owed == [0, 20, 40]  # half of 0.04 % a day on ¥1,000 overdue
    assert standing(loan, FIRST + 3).past_due == 0 < standing(loan, FIRST + 4).past_due


def test_money_goes_to_the_oldest_first_and_to_principal_once_impaired() -> None:
    dues = (Due(10, 5, 20, 100), Due(40, 5, 10, 100))
    left, split = allocate(dues, 40, 7, 60, STANDARD_ORDER)
    assert (split.penalty, split.fee, split.interest, split.principal, split.rest) == (
        7,
        5,
        20,
        28,
        0,
    )
    assert left == (Due(10, 0, 0, 72), Due(40, 5, 10, 100))
    left, split = allocate(dues, 140, 7, 210, IMPAIRED_ORDER)
    assert (split.principal, split.interest, split.penalty) == (200, 10, 0)
    left, split = allocate(dues, 40, 7, 1000, IMPAIRED_ORDER)
    assert not left
    assert split.rest == 753
    assert allocate((), 40, 7, 10, STANDARD_ORDER)[1].penalty == 7


@pytest.mark.parametrize("early", list(Early))
def test_early_money(early: Early) -> None:
    terms = Terms(146_000, 12, Method.annuity_monthly, early=early)
    loan = lend(terms)
    level = table(terms, 1_000_000, START)[0].total
    loan = book(loan, Repay(FIRST, level), FIRST)
    loan = book(loan, Repay(FIRST, 300_000), FIRST)
    after = standing(loan, FIRST)
    assert after.principal == sum(planned.principal for planned in after.plan)
    due = after.next_due
    assert due is not None
    if early == Early.recompute:
        assert len(after.plan) == 11 and due[1] < level * 0.7
    elif early == Early.shorten:
        assert len(after.plan) == 8 and due[1] == level
    else:
        assert len(after.plan) == 11 and after.plan[0].principal == 0
    end = LATER
    payoff = standing(loan, FIRST + 10).payoff
    loan = book(loan, Repay(FIRST + 10, payoff), end)
    assert standing(loan, end).status == "settled"
    assert standing(loan, end).credit == 0


def test_too_much_is_kept_as_credit_and_can_be_refunded() -> None:
    loan = book(lend(), Repay(START + 10, 1_004_999), LATER)
    done = standing(loan, START + 10)
    assert (done.status, done.credit) == ("settled", 999)
    with pytest.raises(InputError, match="credit is 999"):
        book(loan, Refund(START + 11, 1000), LATER)
    loan = book(loan, Refund(START + 11, 999), LATER)
    assert standing(loan, LATER).credit == 0
    with pytest.raises(InputError, match="exceeds the credit"):
        book(loan, Reverse(START + 12, of=2), LATER)  # the refund would have no money behind it


def test_a_bounced_payment_never_happened_and_a_back_dated_one_happened_then() -> None:
    bounced = book(lend(), Repay(FIRST, 12_400), FIRST)
    bounced = book(bounced, Reverse(FIRST + 5, of=2, reason="bounced"), FIRST + 5)
    assert standing(bounced, FIRST + 5) == standing(lend(), FIRST + 5)
    assert standing(bounced, FIRST + 5).dpd == 5
    late = book(lend(), Repay(FIRST, 12_400), FIRST + 40)
    prompt = book(lend(), Repay(FIRST, 12_400), FIRST)
    assert standing(late, FIRST + 40) == standing(prompt, FIRST + 40)
    assert standing(late, FIRST + 40).spells == ()


def test_paused_days_stay_free() -> None:
    loan = book(lend(), PauseAccrual(START + 5, reason="identity theft claimed"), LATER)
    assert standing(loan, START + 25).interest_owed == 2000
    loan = book(loan, ResumeAccrual(START + 25), LATER)
    assert standing(loan, START + 30).interest_owed == 4000


def test_deferral_and_restructuring_clear_the_days_and_keep_the_debt() -> None:
    terms = Terms(146_000, 12, Method.equal_principal)
    loan = open_loan(terms, 1_200_000, START)
    day, later = FIRST + 20, from_date(date(2026, 6, 10))
    before = standing(loan, day)
    deferred = standing(book(loan, Defer(day, later), day), day)
    assert (before.dpd, deferred.dpd) == (20, 0)
    assert deferred.payoff == before.payoff
    assert len(deferred.plan) == 12 and deferred.plan[0].day == later
    anew = standing(book(loan, Restructure(day, later, 24, 73_000, Method.annuity_daily), day), day)
    assert anew.payoff == before.payoff
    assert len(anew.plan) == 24 and anew.terms.rate_ppm == 73_000
    assert standing(book(loan, Defer(day, later), day), later + 2).dpd == 2


def test_write_off_and_recovery() -> None:
    loan = book(lend(), WriteOff(FIRST + 400), LATER)
    gone = standing(loan, FIRST + 400)
    assert (gone.status, gone.principal, gone.payoff) == ("written_off", 0, 0)
    assert gone.written_off == standing(lend(), FIRST + 400).payoff == gone.due_now
    assert standing(loan, FIRST + 500).written_off == gone.written_off
    assert standing(loan, FIRST + 500).dpd == 500
    loan = book(loan, Recover(FIRST + 450, gone.written_off + 5), LATER)
    back = standing(loan, FIRST + 450)
    assert (back.written_off, back.credit, back.dpd) == (0, 5, 0)
    with pytest.raises(InputError, match="written off"):
        book(loan, Repay(FIRST + 460, 1), LATER)


def test_waive_and_fee() -> None:
    loan = book(lend(), Fee(FIRST, 5000, name="statement"), LATER)
    assert standing(loan, FIRST).due_now == 17_400
    loan = book(loan, Waive(FIRST + 1, interest=12_400, fee=5000), LATER)
    assert standing(loan, FIRST + 1).dues == ()
    with pytest.raises(InputError, match="owed are"):
        book(loan, Waive(FIRST + 1, interest=10**6), LATER)
    with pytest.raises(InputError):
        book(loan, Waive(FIRST + 1), LATER)


BAD = [
    (Repay(FIRST, 0), "loan.amount"),
    (Repay(FIRST, -5), "loan.amount"),
    (Repay(FIRST, 10.5), "loan.amount"),  # type: ignore[arg-type]
    (Repay(FIRST, True), "loan.amount"),
    (Repay(FIRST, 10**11 + 1), "loan.amount"),
    (Repay(FIRST, 5, "USD"), "loan.currency"),
    (Repay(START - 1, 5), "loan.day"),
    (Repay(LATER + 1, 5), "loan.day"),
    (Repay(1.5, 5), "loan.day"),  # type: ignore[arg-type]
    (Disburse(FIRST, 5), "loan.payout"),
    (Reverse(FIRST, of=9), "loan.reverse"),
    (Reverse(FIRST, of=1), "loan.reverse_payout"),
    (Reverse(FIRST, of=3), "loan.reverse_reversal"),
    (Reverse(FIRST, of=2), "loan.reversed"),
    (Reverse(START, of=4), "loan.day"),
    (Recover(FIRST, 5), "loan.recover"),
    (ResumeAccrual(FIRST), "loan.not_paused"),
    (Defer(FIRST, FIRST), "terms.value"),
    (Restructure(FIRST, FIRST + 30, 0, 1), "terms.value"),
    (Restructure(FIRST, FIRST + 30, 12, -1), "terms.value"),
]  # fmt: skip


@pytest.mark.parametrize(("wrong", "code"), BAD, ids=lambda one: str(one)[:60])
def test_what_is_wrong_is_refused_with_a_next_step(wrong: object, code: str) -> None:
    loan = book(lend(), Repay(START + 1, 700), LATER)
    loan = book(loan, Reverse(START + 2, of=2), LATER)
    loan = book(loan, Repay(START + 3, 800), LATER)
    with pytest.raises(InputError) as refused:
        book(loan, wrong, LATER)  # type: ignore[arg-type]
    assert refused.value.code == code
    assert refused.value.next_step
    assert len(loan.transactions) == 4


def test_a_closed_loan_takes_nothing_and_an_undone_payout_leaves_nothing() -> None:
    loan = book(lend(), Repay(START, 1_000_000), START)
    for act in (Repay(START, 1), Fee(START, 1), WriteOff(START), PauseAccrual(START)):
        with pytest.raises(InputError) as refused:
            book(loan, act, START)
        assert refused.value.code == "loan.closed"
    void = book(lend(), Reverse(START, of=1, reason="the rail returned the money"), START)
    assert standing(void, LATER).status == "void"
    assert balances(standing(void, LATER)) == {}
    with pytest.raises(InputError):
        standing(loan, START - 1)
    with pytest.raises(InputError):
        open_loan(TERMS, 0, START)
    with pytest.raises(InputError):
        advance(standing(loan, START + 1), START)


def test_transactions_survive_being_written() -> None:
    for act in (
        Repay(1, 5, early=Early.next),
        Reverse(2, of=1),
        Restructure(1, 2, 3, 4, Method.bullet),
        Disburse(1, 2),
    ):
        assert read_transaction(write_transaction(act)) == act
    with pytest.raises(InputError):
        read_transaction(b'{"kind": "repay", "value_day": 1, "amount": "5"}')


def test_what_is_posted_is_the_target_minus_what_is_posted() -> None:
    loan, rows = lend(), []
    for n, day in enumerate(range(START, START + 60)):
        rows += postings_for(sums(rows), standing(loan, day), entry=f"e{n}", cause="accrual")
    assert sums(rows) == balances(standing(loan, START + 59))
    assert rows[0] == Posting("e0", "cash", -1_000_000, "CNY", START, "accrual")
    late = book(loan, Repay(START + 10, 500_000), START + 59)
    moved = postings_for(sums(rows), standing(late, START + 59), entry="late", cause="repay")
    assert {row.account for row in moved} == {
        "cash",
        "principal",
        "interest_receivable",
        "interest_income",
    }
    assert sum(row.amount for row in moved) == 0
    assert verify([*rows, *moved], standing(late, START + 59)) == ()


def test_planted_postings_are_found() -> None:
    loan = lend()
    rows = list(postings_for({}, standing(loan, START + 9), entry="a", cause="accrual"))
    twice = [*rows, *postings_for({}, standing(loan, START + 9), entry="b", cause="accrual")]
    assert Finding("principal", 2_000_000, 1_000_000) in verify(twice, standing(loan, START + 9))
    bent = [rows[0]._replace(amount=rows[0].amount + 1), *rows[1:]]
    assert Finding("entry a", 1, 0) in verify(bent, standing(loan, START + 9))


def best(run: object, times: int = 200) -> float:
    found = []
    for _ in range(5):
        began = time.perf_counter()
        for _ in range(times):
            run()  # type: ignore[operator]
        found.append((time.perf_counter() - began) / times)
    return min(found)


def test_it_is_quick_enough_to_age_a_hundred_thousand_loans() -> None:
    loan = lend(Terms(146_000, 12))
    stood = standing(loan, FIRST + 3)
    # measured 20 µs and 2 µs; room for a slower machine under load
    assert best(lambda: standing(loan, FIRST + 3)) < 200e-6
    assert best(lambda: advance(stood, FIRST + 4)) < 40e-6
