"""All that a plan knows of a person: the events in sequence, the state, the debts one by one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from xindeng.decision.facts import PlatformState
from xindeng.events.credit import CreditReport
from xindeng.events.envelope import Event
from xindeng.features.state import State
from xindeng.policy.policy import Policy
from xindeng.repair.debt import Debt, debts_of_report

_AS_USUAL: Final = PlatformState()


@dataclass(frozen=True, slots=True)
class Dossier:
    """One borrower. `state` is what `events` fold to and is only ever copied, never changed.

    `debts` are those elsewhere, each once; own loans are in the events. `report` is the last
    credit report and `report_day` its local day, None where there is none.
    """

    borrower: str
    events: tuple[Event, ...]
    state: State
    platform: PlatformState = _AS_USUAL
    debts: tuple[Debt, ...] = ()
    report: CreditReport | None = None
    report_day: int | None = None


def dossier_of(
    policy: Policy,
    events: Iterable[Event],
    *,
    platform: PlatformState | None = None,
    debts: Iterable[Debt] = (),
    state: State | None = None,
) -> Dossier:
    """Return the dossier of a borrower's events, given in sequence.

    Debts come from the last credit report where none are given. `state` saves folding the events
    once more where they were folded already. Raises ConflictError for a gap in the sequence.
    """
    past = tuple(events)
    given = tuple(debts)
    report = last_report(past)
    return Dossier(
        borrower=past[0].borrower if past else "",
        events=past,
        state=policy.kernel.rebuild(past) if state is None else state,
        platform=platform or _AS_USUAL,
        debts=given or (debts_of_report(report) if report is not None else ()),
        report=report,
        report_day=report.report_day if report is not None else None,
    )


def last_report(events: Sequence[Event]) -> CreditReport | None:
    """Return the credit report that came last, None where none came."""
    payloads = (event.payload for event in reversed(events))
    return next((one for one in payloads if isinstance(one, CreditReport)), None)
