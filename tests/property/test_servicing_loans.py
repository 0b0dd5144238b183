"""Loans and a line lived at random, against the day-by-day reference in fractions."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.property.servicing_reference import Reference
from xindeng.kernel.errors import InputError
from xindeng.lending.terms import Early, FeeRule, Method, Part, Terms
from xindeng.servicing import ageing, effects
from xindeng.servicing import standing as standing_module
from xindeng.servicing.ageing import advance
from xindeng.servicing.ledger import Posting, postings_for, sums, verify
from xindeng.servicing.loan import Loan, book, open_loan, standing
from xindeng.servicing.standing import read_standing, write_standing
from xindeng.servicing.transactions import (
    Defer,
    Fee,
    PauseAccrual,
    Recover,
    Refund,
    Repay,
    Restructure,
    ResumeAccrual,
    Reverse,
    Transaction,
    Waive,
    WriteOff,
)

START = 20_484  # 2026-01-31: month ends are where dates go wrong
HEALS = (Repay, Reverse, Defer, Restructure, Waive, Recover)


def terms_from(random: Random) -> Terms:
    method = random.choice(list(Method))
    fees = random.choice(
        [(), (FeeRule("f", "p", ppm=6001),), (FeeRule("f", "p", "once", ppm=333, amount=7),)]
    )
    return Terms(
        rate_ppm=random.choice([0, 54_750, 146_000, 182_501, 219_000]),
        months=random.choice([1, 3, 6, 12] if method == Method.bullet else [1, 3, 6, 12, 24]),
        method=method,
        day_count=random.choice([365, 360]),
        due_dom=random.choice([None, None, 10, 31]),
        shift=random.choice(["none", "following"]),
        holidays=tuple(range(START + 55, START + 63)),
        grace_days=random.choice([0, 0, 3]),
        penalty_percent=random.choice([100, 150]),
        fees=fees,
        early=random.choice(list(Early)),
        impaired_after_dpd=random.choice([40, 90]),
    )


def differences(loan: Loan, day: int) -> dict[str, tuple[Any, Any]]:
    """What the engine and the reference say differently of a loan on a day."""
    found, told = standing(loan, day), Reference(loan.terms, loan.transactions).run(day)
    status = (
        "void"
        if told.void
        else "written_off"
        if told.written
        else "settled"
        if told.settled
        else "open"
    )
    paid = found.repaid.paid, found.interest.paid, found.penalty.paid, found.fee.paid
    pairs = {
        "status": (found.status, status),
        "principal": (found.principal, told.principal),
        "interest": (found.interest_owed, told.owed(Part.interest)),
        "penalty": (found.penalty_owed, told.owed(Part.penalty)),
        "fee": (found.fee_owed, told.owed(Part.fee)),
        "credit": (found.credit, told.credit),
        "dpd": (found.dpd, told.dpd),
        "paid": (paid, tuple(told.paid[p] for p in (Part.principal, Part.interest, Part.penalty, Part.fee))),
        "plan": ([tuple(p) for p in found.plan], [tuple(p) for p in told.plan]),
        "dues": ([tuple(d) for d in found.dues], [(d["day"], d["fee"], d["interest"], d["principal"]) for d in told.dues]),
    }  # fmt: skip
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def act_from(random: Random, loan: Loan, today: int) -> Transaction:
    """A transaction that may or may not be allowed, often dated back."""
    day = max(START, today - random.choice([0, 0, 0, 1, 9, 40]))
    now = standing(loan, max(day, loan.disbursement.value_day))
    amount = random.choice(
        [1, random.randint(1, 400_000), max(1, now.due_now), max(1, now.payoff), now.payoff + 333]
    )
    kind = random.choice(
        ["repay"] * 8
        + ["reverse"] * 3
        + [
            "fee",
            "waive",
            "defer",
            "restructure",
            "pause",
            "resume",
            "write_off",
            "recover",
            "recover",
            "refund",
        ]
    )
    match kind:
        case "repay":
            return Repay(day, amount, early=random.choice([None, *Early]))
        case "reverse":
            return Reverse(today, random.randint(1, len(loan.transactions)))
        case "fee":
            return Fee(day, random.randint(1, 5000))
        case "waive":
            return Waive(
                day,
                interest=now.interest_owed // 2,
                penalty=now.penalty_owed,
                fee=now.fee_owed // 3,
            )
        case "defer":
            return Defer(day, day + random.randint(1, 95))
        case "restructure":
            return Restructure(
                day,
                day + random.randint(1, 95),
                random.randint(1, 12),
                100_000,
                random.choice([None, Method.interest_only, Method.annuity_daily]),
            )
        case "pause":
            return PauseAccrual(day)
        case "resume":
            return ResumeAccrual(day)
        case "write_off":
            return WriteOff(day)
        case "recover":
            return Recover(day, amount)
        case _:
            return Refund(day, max(1, min(amount, now.credit)))


class Life(RuleBasedStateMachine):
    """A line with a limit, holds and loans: what is lent follows the reference, to the fen."""

    @initialize(seed=st.integers(0, 2**32))
    def begin(self, seed: int) -> None:
        self.random = Random(seed)
        self.today, self.limit, self.held = START, 2_000_000, False
        self.loans: list[Loan] = []
        self.books: list[list[Posting]] = []
        self.touched: set[int] = set()
        self.draw()

    def post(self, n: int) -> None:
        after = standing(self.loans[n], self.today)
        rows = postings_for(
            sums(self.books[n]), after, entry=f"{n}-{len(self.books[n])}", cause="test"
        )
        assert sum(row.amount for row in rows) == 0
        self.books[n] += rows
        assert not postings_for(sums(self.books[n]), after, entry="again", cause="test")

    def exposure(self) -> int:
        return sum(standing(loan, self.today).principal for loan in self.loans)

    @rule()
    def draw(self) -> None:
        room = self.limit - self.exposure()
        if self.held or room < 1 or len(self.loans) >= 3:
            return
        amount = self.random.choice([room, self.random.randint(1, room), min(room, 7)])
        self.loans.append(open_loan(terms_from(self.random), amount, self.today))
        self.books.append([])
        self.post(len(self.loans) - 1)
        assert self.exposure() <= self.limit
        self.touched.add(len(self.loans) - 1)

    @precondition(lambda self: self.loans)
    @rule()
    def act(self) -> None:
        n = self.random.randrange(len(self.loans))
        loan = self.loans[n]
        act = act_from(self.random, loan, self.today)
        before = standing(loan, self.today)
        try:
            longer = book(loan, act, self.today)
        except InputError as refused:
            assert refused.next_step and refused.code
            assert standing(loan, self.today) == before
            return
        self.loans[n] = longer
        after = standing(longer, self.today)
        corrects = (
            isinstance(act, PauseAccrual) and act.value_day < self.today
        )  # interest never ran
        if not isinstance(act, HEALS) and not corrects:
            assert after.dpd >= before.dpd, f"days past due fell by {act}"
        self.touched.add(n)
        self.post(n)

    @rule(days=st.sampled_from([1, 1, 2, 7, 28, 31]))
    def accrue(self, days: int) -> None:
        stood = [standing(loan, self.today) for loan in self.loans]
        for n, before in enumerate(stood):
            half = advance(before, self.today + days // 2)
            kept = read_standing(write_standing(half))
            aged = advance(kept, self.today + days)
            assert (
                aged
                == advance(before, self.today + days)
                == standing(self.loans[n], self.today + days)
            )
            assert aged.dpd >= before.dpd or before.closed
            assert before == standing(self.loans[n], self.today), (
                "a standing handed out was changed"
            )
        self.today += days
        for n in range(len(self.loans)):
            self.post(n)

    @rule(held=st.booleans())
    def hold(self, held: bool) -> None:
        self.held = held

    @rule(limit=st.integers(0, 3_000_000))
    def cut(self, limit: int) -> None:
        self.limit = limit

    @invariant()
    def nothing_diverges(self) -> None:
        for n in getattr(self, "touched", set()):
            assert not differences(self.loans[n], self.today)
            assert not verify(self.books[n], standing(self.loans[n], self.today))
        self.touched = set()

    def teardown(self) -> None:
        for loan in getattr(self, "loans", []):
            assert not differences(loan, self.today)


TestLife = Life.TestCase
TestLife.settings = settings(
    max_examples=200, stateful_step_count=50, deadline=None, suppress_health_check=list(HealthCheck)
)


def lives(count: int) -> int:
    """Run loans through random lives; return how many diverged from the reference."""
    wrong = 0
    for seed in range(count):
        random = Random(seed)
        loan, today = open_loan(terms_from(random), random.randint(1, 2_000_000), START), START
        try:
            for _ in range(12):
                today += random.choice([1, 5, 20, 31])
                act = act_from(random, loan, today)
                try:
                    loan = book(loan, act, today)
                except InputError:
                    continue
            wrong += bool(differences(loan, today))
        except AssertionError:
            wrong += 1
    return wrong


def test_random_lives_agree() -> None:
    assert lives(60) == 0


def rounded_daily(found: Any, stop: int) -> None:
    """A planted bug: interest rounded each time it is looked at."""
    real_accrue(found, stop)
    found.interest_run, found.interest_grains = found.interest_charged, 0


def penalty_in_grace(found: Any, stop: int) -> None:
    late = found.terms
    found.terms = type(late)(
        rate_ppm=late.rate_ppm,
        months=late.months,
        method=late.method,
        day_count=late.day_count,
        penalty_percent=late.penalty_percent,
    )
    real_accrue(found, stop)
    found.terms = late


def accrual_when_paused(found: Any, stop: int) -> None:
    paused, found.paused = found.paused, False
    real_accrue(found, stop)
    found.paused = paused


def principal_before_fees(dues: Any, today: int, penalty: int, amount: int, order: Any) -> Any:
    wrong = type(order)((Part.principal, Part.fee, Part.interest, Part.penalty), by="instalment")
    return real_allocate(dues, today, penalty, amount, wrong)


real_accrue, real_allocate = ageing._accrue, effects.allocate


@pytest.mark.parametrize(
    ("module", "name", "bug"),
    [
        (ageing, "_accrue", rounded_daily),
        (ageing, "_accrue", penalty_in_grace),
        (ageing, "_accrue", accrual_when_paused),
        (effects, "allocate", principal_before_fees),
        (effects, "_bill_the_rest", lambda found: None),
        (effects, "absorb_early", lambda found, paid, early: None),
        (standing_module, "HALF", standing_module.HALF * 2),
    ],
    ids=["rounded daily", "penalty in grace", "accrual when paused", "order", "after the end", "plan kept", "floor"],
)  # fmt: skip
def test_planted_bugs_are_caught(
    monkeypatch: pytest.MonkeyPatch, module: Any, name: str, bug: Any
) -> None:
    monkeypatch.setattr(module, name, bug)
    assert lives(60) > 0
