"""What the bank policy would have said to real Czech loans, against what became of them.

For each loan with history: fold the account's events that are visible before the loan's date,
decide at local midnight of that date, and count outcomes by the loan's status. The policy's
parameters are those of one later day; the facts are those of the time.
"""

from __future__ import annotations

import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import msgspec

from xindeng.decision.decide import decide
from xindeng.decision.facts import Facts
from xindeng.decision.request import Request
from xindeng.events.envelope import Event
from xindeng.intake.berka import CURRENCY, Loan, read_berka, read_loans
from xindeng.intake.report import ImportReport
from xindeng.kernel.errors import InputError
from xindeng.kernel.time import Zone
from xindeng.policy.policy import Policy

OUTCOMES: Final = ("approve", "approve_less", "retry_later", "review", "decline")
STATUSES: Final = ("A", "B", "C", "D")

Progress = Callable[[int, int], None]
"""Called with (loans done, loans in all)."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One loan and what the policy says of it; `frontier` in haléř."""

    loan: Loan
    outcome: str
    frontier: int
    gate: str | None
    reasons: tuple[str, ...]
    score: int | None


@dataclass(slots=True)
class BerkaStudy:
    """The result: every judged loan, the import's account, and how long deciding took.

    `seconds` is the time of folding and deciding, `decide_seconds` that of `decide` alone.
    """

    judged: list[Judged] = field(default_factory=list)
    report: ImportReport | None = None
    events: int = 0
    seconds: float = 0.0
    decide_seconds: float = 0.0

    @property
    def table(self) -> dict[str, dict[str, int]]:
        """Return outcome → status → loans, for outcomes that occurred, best first."""
        counts = Counter((entry.outcome, entry.loan.status) for entry in self.judged)
        return {
            outcome: {status: counts[outcome, status] for status in STATUSES}
            for outcome in OUTCOMES
            if any(counts[outcome, status] for status in STATUSES)
        }

    @property
    def bad_share(self) -> dict[str, float]:
        """Return outcome → share of bad loans among those with it."""
        return {
            outcome: (row["B"] + row["D"]) / sum(row.values())
            for outcome, row in self.table.items()
        }

    @property
    def decisions_per_second(self) -> float:
        """Return decisions a second, `decide` alone; 0 when nothing was decided."""
        return len(self.judged) / self.decide_seconds if self.decide_seconds else 0.0

    @property
    def failure(self) -> str:
        """Return why the study says nothing, or "" when it does: a single outcome is no table."""
        if not self.judged:
            return "no loan has transactions before its date"
        if len(self.table) < 2:
            return f"every loan got the same outcome ({self.judged[0].outcome})"
        return ""


def visible(events: Sequence[Event], day: int, zone: Zone) -> Sequence[Event]:
    """Return the events of one account that were known before local `day` began.

    The one place of the study that decides what may be seen. `events` are in order of `known_at`;
    nothing that happened or became known on the day itself, or later, is returned.
    """
    cut = zone.midnight(day)
    known = events[: bisect_left(events, cut, key=lambda event: event.known_at)]
    return [event for event in known if event.occurred_at < cut]


def berka_study(
    folder: Path,
    policy: Policy,
    *,
    policy_on: int,
    progress: Progress = lambda done, total: None,
) -> BerkaStudy:
    """Judge every loan of the folder whose history is there.

    `policy_on` is the local day whose parameters are used. Raises ImportFileError for a folder
    that is not Berka's, InputError for a policy in another currency or zone.
    """
    if policy.currency != CURRENCY:
        raise InputError(
            f"policy {policy.name} is in {policy.currency}, the data in {CURRENCY}",
            where="policy", next_step="use bank_cashflow",
        )  # fmt: skip
    histories, report = read_berka(folder, zone=policy.zone)
    loans = [loan for loan in read_loans(folder) if loan.covered]
    study = BerkaStudy(report=report)
    for done, loan in enumerate(loans, start=1):
        started = time.perf_counter()
        history = visible(histories.get(loan.borrower, ()), loan.day, policy.zone)
        if any(event.type == "payment" for event in history):
            study.judged.append(_judge(study, policy, loan, history, policy_on))
        study.seconds += time.perf_counter() - started
        progress(done, len(loans))
    return study


def _judge(
    study: BerkaStudy, policy: Policy, loan: Loan, history: Sequence[Event], policy_on: int
) -> Judged:
    kernel, now = policy.kernel, policy.zone.midnight(loan.day)
    state = kernel.empty()
    for number, event in enumerate(history, start=1):
        kernel.fold(state, msgspec.structs.replace(event, seq=number))
    study.events += len(history)
    facts = Facts(kernel.vector(state, now), kernel.holds(state))
    # Berka's instalments are the amount divided by the months: no interest is on record.
    request = Request(loan.amount, loan.months, purpose="other", rate_bp=0, currency=CURRENCY)
    started = time.perf_counter()
    decision = decide(policy, facts, request, now, policy_on=policy_on)
    study.decide_seconds += time.perf_counter() - started
    return Judged(
        loan, str(decision.outcome), decision.frontier, decision.gate,
        tuple(reason.rule for reason in decision.reasons), decision.score,
    )  # fmt: skip
