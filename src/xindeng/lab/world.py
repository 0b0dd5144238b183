"""What becomes of a loan in the simulated economy: the hidden truth turned into events.

The same borrower, instant and seed give the same luck under every policy, so that two policies can
be compared on what they would really have cost.
"""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from xindeng.decision.answer import Decision, Outcome
from xindeng.events.fields import Payload
from xindeng.events.line import (
    Delinquency,
    Disbursement,
    DrawReleased,
    DrawReserved,
    InstalmentDue,
    Repayment,
)
from xindeng.history.rehearsal import Ask, lent
from xindeng.kernel.time import HOUR, MINUTE, Zone

MONTH_DAYS: Final = 30
_AGES: Final = (1, 31, 61, 91, 181)
_TIERS: Final = {1: "special_mention", 31: "special_mention", 61: "special_mention",
                 91: "substandard", 181: "doubtful"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Habits:
    """How people take up and repay loans; all are choices of this economy, not published facts."""

    takes_approved: float = 0.92
    takes_less: float = 0.65
    stress_default: float = 0.35
    """Chance that an instalment above what a person has left each month ends in default."""
    careless: float = 0.06
    """Chance of each instalment of being paid some days late by those who do pay."""
    line_rate_bp: int = 1460


class World:
    """One borrower's loans and what really happens to them; a `Life` for a rehearsal.

    `truth` is the borrower's row of the hidden truth. `stops` is the local day from which nothing
    is paid any more, known only here.
    """

    def __init__(self, truth: dict[str, Any], zone: Zone, seed: int, habits: Habits) -> None:
        self.truth, self.zone, self.seed, self.habits = truth, zone, seed, habits
        self.stops: int | None = None
        self._coming: list[tuple[int, int, str, tuple[Any, ...]]] = []
        self._order = itertools.count()
        self._late_since: int | None = None

    def answered(self, ask: Ask, decision: Decision) -> None:
        """Take up an offer or leave it; a loan's instalments then fall due."""
        amount = lent(decision)
        if not amount:
            return
        luck = self._luck(ask.now, "take")
        whole = decision.outcome is Outcome.APPROVE
        if luck.random() >= (self.habits.takes_approved if whole else self.habits.takes_less):
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
        self._fate(ask.now, today, months, first)

    def _fate(self, now: int, today: int, months: int, instalment: int) -> None:
        """Settle, unless an earlier loan did, whether and when this borrower stops paying."""
        truth, luck = self.truth, self._luck(now, "fate")
        stops = []
        if truth["fraud"] in ("ring", "mule"):
            stops.append(today + 1)
        if truth["default_month"] > 0:
            # Ninety days late by that month: the first unpaid instalment is three months older.
            number = max(1, min(truth["default_month"] - 3, months))
            stops.append(today + MONTH_DAYS * number)
        if instalment > truth["ability_to_pay"] and luck.random() < self.habits.stress_default:
            stops.append(today + MONTH_DAYS * luck.randint(1, max(1, months // 2)))
        for day in stops:
            self.stops = day if self.stops is None else min(self.stops, day)

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
                return [body[0]]
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

    def _pays(self, when: int, body: tuple[Any, ...]) -> None:
        due_day = body[3]
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
