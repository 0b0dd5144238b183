"""What becomes of answers in the simulated economy: the hidden truth turned into events.

The same borrower, instant and seed give the same luck under every policy, so that two policies can
be compared on what they would really have cost.
"""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass
from math import pi, sin
from typing import Any, Final

from msgspec.structs import replace

from xindeng.decision.answer import Decision, Outcome
from xindeng.events.credit import CreditInquiry, ExternalDebt, LoanApplication
from xindeng.events.fields import Payload
from xindeng.events.line import (
    Delinquency,
    Disbursement,
    DrawReleased,
    DrawReserved,
    InstalmentDue,
    LoanFinding,
    Repayment,
)
from xindeng.events.security import IdentityStep
from xindeng.history.rehearsal import FEEDBACK, Ask, lent
from xindeng.kernel.time import DAY, HOUR, MINUTE, Zone

MONTH_DAYS: Final = 30
REACTIONS: Final = FEEDBACK | {
    "credit_inquiry", "loan_application", "external_debt", "identity_step",
}  # fmt: skip
"""Types of events that people here let follow from an answer; in a lake of the world outside only
`FEEDBACK` is known to."""
_AGES: Final = (1, 31, 61, 91, 181)
_TIERS: Final = {1: "special_mention", 31: "special_mention", 61: "special_mention",
                 91: "substandard", 181: "doubtful"}  # fmt: skip
_KINDS: Final = {"ring": "first_party", "mule": "mule"}


@dataclass(frozen=True, slots=True)
class Habits:
    """How people take up, repay and react; all are choices of this economy, no published facts."""

    takes_approved: float = 0.92
    takes_less: float = 0.65
    stress_default: float = 0.35
    """Chance that an instalment above what a person has left each month ends in default."""
    careless: float = 0.06
    """Chance of each instalment of being paid some days late by those who do pay."""
    goes_elsewhere: float = 0.30
    """Chance that who is refused on a day applies to another lender within the week."""
    lent_elsewhere: float = 0.35
    verifies: float = 0.5
    """Chance that who is stopped by an identity step completes it within days."""
    found_out: float = 0.85
    """Chance that a fraudulent loan is found to be one; the others stay in the record as credit."""
    swing: float = 0.30
    """How far defaults rise and fall with the macro cycle, as a share of their mean."""
    cycle_days: int = 1_400
    line_rate_bp: int = 1460


class World:
    """One borrower's loans and what really happens to them; a `Life` for a rehearsal.

    `truth` is the borrower's row of the hidden truth. `stops` is the local day from which nothing
    is paid any more, known only here; `by_thief` are requests that the borrower never made.
    """

    def __init__(self, truth: dict[str, Any], zone: Zone, seed: int, habits: Habits) -> None:
        self.truth, self.zone, self.seed, self.habits = truth, zone, seed, habits
        self.stops: int | None = None
        self.by_thief: set[str] = set()
        self._coming: list[tuple[int, int, str, tuple[Any, ...]]] = []
        self._order = itertools.count()
        self._late_since: int | None = None
        self._stolen: set[str] = set()
        self._applied: int | None = None
        self._verifying = False
        self._due_elsewhere = 0

    def answered(self, ask: Ask, decision: Decision) -> None:
        """Take up an offer or leave it, or go elsewhere; a loan's instalments then fall due."""
        amount = lent(decision)
        if not amount:
            self._turned_away(ask, decision)
            return
        whole = decision.outcome is Outcome.APPROVE
        stolen = ask.ident in self.by_thief
        if not stolen and self._luck(ask.now, "take").random() >= self._takes(whole):
            return
        today, months = self.zone.day(ask.now), ask.request.term_months
        self._put(ask.now + MINUTE, "reserve", ask.ident, amount)
        self._put(ask.now + 5 * MINUTE, "pay out", ask.ident, amount, months)
        part = amount // months
        for number in range(1, months + 1):
            due_day = today + MONTH_DAYS * number
            principal = amount - part * (months - 1) if number == months else part
            interest = (amount - part * (number - 1)) * self.habits.line_rate_bp // 120_000
            body = (ask.ident, number, months, due_day, principal, principal + interest)
            self._put(self.zone.midnight(due_day) + MINUTE, "due", *body)
        first = amount // months + amount * self.habits.line_rate_bp // 120_000
        kind = "account_takeover" if stolen else self._fraud(today)
        if stolen:
            self._stolen.add(ask.ident)
        elif kind:
            self._stop(today + 1)
        else:
            self._fate(ask.now, today, months, first)
        if kind:
            self._to_be_found(ask, kind, stolen)

    def _takes(self, whole: bool) -> float:
        return self.habits.takes_approved if whole else self.habits.takes_less

    def _fraud(self, today: int) -> str:
        """Return the kind of fraud that this borrower's own loans are from a day on, or ""."""
        truth = self.truth
        if truth["fraud"] in _KINDS:
            return _KINDS[truth["fraud"]]
        planned = truth.get("scheme", "none")
        if planned in ("bust_out", "first_party") and today >= truth["scheme_day"]:
            return str(planned)
        return ""

    def _to_be_found(self, ask: Ask, kind: str, stolen: bool) -> None:
        luck = self._luck(ask.now, "finding")
        # A victim tells within days; nobody misses whoever meant to vanish for some months.
        after = luck.randint(3, 20) if stolen else MONTH_DAYS + luck.randint(60, 150)
        if stolen or luck.random() < self.habits.found_out:
            at = self.zone.midnight(self.zone.day(ask.now) + after) + 10 * HOUR
            self._put(at, "tell", LoanFinding(loan=ask.ident, found=kind))  # type: ignore[arg-type]

    def _fate(self, now: int, today: int, months: int, instalment: int) -> None:
        """Settle, unless an earlier loan did, whether and when this borrower stops paying."""
        truth, luck = self.truth, self._luck(now, "fate")
        strain = self.strain(today)
        falls = truth["default_month"] > 0
        if strain > 1:
            falls = falls or luck.random() < truth["default_propensity"] * (strain - 1)
        else:
            falls = falls and luck.random() < strain
        if falls:
            # Ninety days late by that month: the first unpaid instalment is three months older.
            number = max(1, min(max(truth["default_month"], 4) - 3, months))
            self._stop(today + MONTH_DAYS * number)
        left = truth["ability_to_pay"] - self._due_elsewhere
        if instalment > left and luck.random() < self.habits.stress_default * strain:
            self._stop(today + MONTH_DAYS * luck.randint(1, max(1, months // 2)))

    def strain(self, day: int) -> float:
        """Return how hard times are on a local day, for everybody alike; 1 on average."""
        return 1 + self.habits.swing * sin(2 * pi * day / self.habits.cycle_days)

    def _stop(self, day: int) -> None:
        self.stops = day if self.stops is None else min(self.stops, day)

    def _turned_away(self, ask: Ask, decision: Decision) -> None:
        """Let a refused person apply elsewhere, once a day, or finish an identity check."""
        if ask.ident in self.by_thief:
            return
        today, luck = self.zone.day(ask.now), self._luck(ask.now, "turned away")
        gates = {reason.area for reason in decision.reasons if reason.gate}
        if "identity" in gates and not self._verifying and luck.random() < self.habits.verifies:
            self._verifying = True
            at = ask.now + luck.randint(1, 4) * DAY
            for step in ("document", "face"):
                self._put(at, "tell", IdentityStep(step=step, result="passed"))
        if decision.outcome is Outcome.DECLINE and self._applied != today:
            self._applied = today
            if luck.random() < self.habits.goes_elsewhere:
                self._put(ask.now + luck.randint(4, 150) * HOUR, "apply", ask.request.amount)

    def _applies(self, when: int, amount: int) -> list[Payload]:
        """Apply to another lender; a loan made there is owed there, and leaves less for ours."""
        luck = self._luck(when, "elsewhere")
        lender = f"elsewhere {luck.randint(1, 60)}"
        made = luck.random() < self.habits.lent_elsewhere
        if made:
            self._due_elsewhere += amount // 10
        kind = luck.choice(("bank", "consumer_finance", "microlender", "platform"))
        result = "approved" if made else "refused"
        return [
            CreditInquiry(lender=lender, reason="loan_approval"),
            LoanApplication(lender=lender, lender_kind=kind, result=result),  # type: ignore[arg-type]
        ]

    def remember(self, at: int, payload: Payload) -> None:
        """Let something happen at `at` that rests on no decision here, such as an older loan."""
        self._put(at, "tell", payload)

    def until(self, at: int) -> Iterator[tuple[int, Payload]]:
        """Yield what happens up to `at`, in order of time."""
        while self._coming and self._coming[0][0] <= at:
            when, _, what, body = heapq.heappop(self._coming)
            for payload in self._happens(when, what, body):
                yield when, payload

    def _happens(self, when: int, what: str, body: tuple[Any, ...]) -> list[Payload]:
        match what:
            case "tell":
                return [self._with_elsewhere(body[0])]
            case "apply":
                return self._applies(when, body[0])
            case "reserve":
                return [DrawReserved(draw=body[0], amount=body[1], decision_id=body[0])]
            case "pay out":
                loan, amount, months = body
                due = amount // months + amount * self.habits.line_rate_bp // 120_000
                return [
                    DrawReleased(draw=loan, amount=amount, cause="settled"),
                    Disbursement(draw=loan, amount=amount, term_months=months, monthly_due=due),
                ]
            case "due":
                self._pays(when, body)
                return [InstalmentDue(loan=body[0], due_day=body[3], amount=body[5])]
            case "pay":
                return self._paid(body)
        return self._ages(body)

    def _with_elsewhere(self, payload: Payload) -> Payload:
        """Return what is told of debts, with the loans that were taken elsewhere meanwhile."""
        if isinstance(payload, ExternalDebt) and self._due_elsewhere:
            return replace(
                payload, monthly_due=payload.monthly_due + self._due_elsewhere,
                balance=payload.balance + 9 * self._due_elsewhere, lenders=payload.lenders + 1,
            )  # fmt: skip
        return payload

    def _pays(self, when: int, body: tuple[Any, ...]) -> None:
        due_day = body[3]
        if body[0] in self._stolen:
            return  # contested: nobody pays, and nobody is blamed
        if self.stops is not None and due_day >= self.stops:
            if self._late_since is None:
                self._late_since = due_day
                for days in _AGES:
                    self._put(self.zone.midnight(due_day + days) + 2 * MINUTE, "age", days, body[5])
            return
        luck = self._luck(when, body[0])
        late = luck.randint(1, 9) if luck.random() < self.habits.careless else 0
        if late:
            self._put(self.zone.midnight(due_day + 1) + 2 * MINUTE, "age", 1, body[5])
        self._put(self.zone.midnight(due_day + late) + 12 * HOUR, "pay", *body, late)

    def _paid(self, body: tuple[Any, ...]) -> list[Payload]:
        loan, number, months, _, principal, amount, late = body
        told: list[Payload] = [
            Repayment(loan=loan, amount=amount, principal=principal, days_late=late,
                      settled=number == months)
        ]  # fmt: skip
        if late and self._late_since is None:
            told.append(Delinquency(dpd=0, overdue_amount=0))
        return told

    def _ages(self, body: tuple[Any, ...]) -> list[Payload]:
        days, amount = body
        return [Delinquency(dpd=days, overdue_amount=amount, tier=_TIERS[days])]  # type: ignore[arg-type]

    def _put(self, at: int, what: str, *body: Any) -> None:
        heapq.heappush(self._coming, (at, next(self._order), what, body))

    def _luck(self, at: int, purpose: str) -> random.Random:
        return random.Random(f"{self.seed} {self.truth['borrower']} {at} {purpose}")
