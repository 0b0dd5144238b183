"""What the record says would follow from an answer, and what is supposed where it says nothing.

Loans that both the record and the answer made go on as recorded, whatever became of them. A loan
that the answer does not make is taken out with all its dues and payments. One that only the answer
makes is supposed to be taken up and repaid on the day, in equal parts: the record cannot know.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from xindeng.decision.answer import Decision
from xindeng.events.envelope import Event
from xindeng.events.fields import Payload
from xindeng.events.line import (
    DecisionMade,
    Delinquency,
    Disbursement,
    DrawAttempt,
    DrawReleased,
    DrawReserved,
    HoldPlaced,
    InstalmentDue,
    Repayment,
)
from xindeng.history.rehearsal import Ask, lent
from xindeng.kernel.time import DAY, HOUR, MINUTE, Zone

MONTH_DAYS: Final = 30


class Recorded:
    """The recorded consequences of one borrower's decisions; a `Life` for a rehearsal.

    `events` are the borrower's recorded events of types that decisions feed, in sequence;
    `granted` tells which decisions offered something at the time. `kept`, `dropped` and `supposed`
    count loans.
    """

    def __init__(self, events: Iterable[Event], granted: Mapping[str, bool], zone: Zone) -> None:
        self._granted, self._zone = granted, zone
        self._coming: list[tuple[int, int, Payload]] = []
        self._order = itertools.count()
        self._of_loan: dict[str, list[tuple[int, Payload]]] = {}
        self._loan_of: dict[str, tuple[str, int]] = {}
        self._lent_at: dict[str, int] = {}
        self._gone: set[str] = set()
        self.kept = self.dropped = self.supposed = 0
        self._sort(list(events))

    def _sort(self, events: list[Event]) -> None:
        instants = {e.occurred_at for e in events if isinstance(e.payload, DecisionMade)}
        loans = {}
        for event in events:
            if isinstance(event.payload, DrawReserved) and event.payload.decision_id:
                loans[event.payload.draw] = event.payload.decision_id
                self._loan_of[event.payload.decision_id] = event.payload.draw, event.payload.amount
        placed = set()
        for event in events:
            payload, at = event.payload, max(event.known_at, event.occurred_at)
            if isinstance(payload, DrawAttempt | DecisionMade):
                continue
            if isinstance(payload, HoldPlaced) and event.occurred_at in instants:
                placed.add(payload.hold)
            if getattr(payload, "hold", None) in placed:
                continue  # placed by a decision, so the answers given now place and end their own
            loan = getattr(payload, "draw", None) or getattr(payload, "loan", None)
            if loan in loans:
                self._of_loan.setdefault(loan, []).append((at, payload))
                if isinstance(payload, Disbursement):
                    self._lent_at[loan] = at
            else:
                self._put(at, payload)

    def answered(self, ask: Ask, decision: Decision) -> None:
        """Let follow what the record knows to follow, or what is supposed."""
        amount = lent(decision)
        loan, recorded = self._loan_of.get(ask.ident, ("", 0))
        if loan and amount >= recorded:
            self.kept += 1
            for at, payload in self._of_loan.pop(loan, ()):
                self._put(at, payload)
            return
        if loan:
            self.dropped += 1
            self._gone.add(loan)
        if amount and not (self._granted.get(ask.ident) and not loan):
            self.supposed += 1
            self._suppose(ask, amount)

    def _suppose(self, ask: Ask, amount: int) -> None:
        months, rate = ask.request.term_months, ask.request.rate_bp
        loan, part = f"{ask.ident}.loan", amount // months
        first = part + amount * rate // 120_000
        self._put(ask.now + MINUTE, DrawReserved(loan, amount, ask.ident))
        self._put(ask.now + 2 * MINUTE, DrawReleased(loan, amount, "settled"))
        self._put(ask.now + 2 * MINUTE, Disbursement(loan, amount, months, monthly_due=first))
        today = self._zone.day(ask.now)
        for number in range(1, months + 1):
            day = today + MONTH_DAYS * number
            left = amount - part * (number - 1)
            principal = left if number == months else part
            due = principal + left * rate // 120_000
            at = self._zone.midnight(day)
            if due:
                self._put(at, InstalmentDue(loan, day, due))
                paid = Repayment(loan, due, principal, settled=number == months)
                self._put(at + 12 * HOUR, paid)

    def until(self, at: int) -> Iterator[tuple[int, Payload]]:
        """Yield what happened up to `at`; lateness of a loan that is gone is left out."""
        while self._coming and self._coming[0][0] <= at:
            when, _, payload = heapq.heappop(self._coming)
            if isinstance(payload, Delinquency) and payload.dpd and self._blames_gone(when):
                continue
            yield when, payload

    def _blames_gone(self, when: int) -> bool:
        # A line's lateness is that of its worst loan, which the record does not name.
        return any(self._lent_at.get(loan, when + DAY) < when for loan in self._gone)

    def _put(self, at: int, payload: Payload) -> None:
        heapq.heappush(self._coming, (at, next(self._order), payload))

    def counts(self) -> dict[str, Any]:
        """Return how many loans were kept, dropped and supposed."""
        return {"kept": self.kept, "dropped": self.dropped, "supposed": self.supposed}
