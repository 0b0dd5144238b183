"""A credit report says many things; each becomes an event of its own.

credit_report → itself, one bureau_summary, one credit_inquiry a lender, day and reason, and one
external_debt. Ids follow from the content, so an enquiry repeated by a later report is a
duplicate of the first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from xindeng.events.catalogue import CATALOGUE
from xindeng.events.credit import (
    BureauSummary,
    CreditInquiry,
    CreditReport,
    ExternalDebt,
    ReportAccount,
)
from xindeng.events.envelope import Event, content_id
from xindeng.events.fields import Payload
from xindeng.kernel.money import MAX_AMOUNT
from xindeng.kernel.time import HOUR, Zone

_CARDS: Final = frozenset({"R2", "R3"})
_ENDED: Final = frozenset({"settled", "closed", "transferred"})
_STOPPED: Final = frozenset({"frozen", "stopped", "judicial"})
# Codes 1–7 are days past due; M, paid late within the month, is not overdue.
_OVERDUE_RUN: Final = re.compile(r"[1-7]+")
_GRID_MONTHS: Final = 24


@dataclass(frozen=True, slots=True)
class DueRule:
    """How a balance without a usable contractual due becomes a monthly one.

    Cards owe `card_percent` of their balance; open-ended loans are spread over
    `open_ended_months`. Both are conventions of affordability checks, not of the contracts.
    """

    card_percent: int = 10
    open_ended_months: int = 12

    def monthly(self, account: ReportAccount) -> int:
        """Return the greater of the contractual due and principal ÷ remaining months, in fen."""
        if account.kind in _CARDS:
            spread = -(-account.balance * self.card_percent // 100)
        else:
            spread = -(-account.balance // (account.months_left or self.open_ended_months))
        return max(account.monthly_due, spread)


DEFAULT_DUES: Final = DueRule()


def expand(event: Event, zone: Zone, dues: DueRule = DEFAULT_DUES) -> list[Event]:
    """Return the event and what follows from it; all but credit reports come back alone."""
    report = event.payload
    if not isinstance(report, CreditReport):
        return [event]
    summary, debt = _summary(report), _debt(report, dues)
    found = [
        event,
        _derived(event, summary, content_id("bureau_summary", event.id)),
        _derived(event, debt, content_id("external_debt", event.id)),
    ]
    seen = {(line.lender, line.day, line.reason) for line in report.inquiries}
    for lender, day, reason in sorted(seen, key=lambda line: (line[1], line[0], line[2])):
        # The report tells the day, not the hour: noon, but never later than it was known.
        at = min(zone.midnight(day) + 12 * HOUR, event.known_at)
        identity = content_id("credit_inquiry", lender, day, reason)
        found.append(_derived(event, CreditInquiry(lender=lender, reason=reason), identity, at))
    return found


def _derived(event: Event, payload: Payload, identity: str, at: int | None = None) -> Event:
    name = str(payload.__struct_config__.tag)
    return Event(
        id=identity,
        borrower=event.borrower,
        type=name,
        version=CATALOGUE[name].version,
        occurred_at=event.occurred_at if at is None else at,
        known_at=event.known_at,
        payload=payload,
    )


def _units(accounts: Iterable[ReportAccount]) -> list[list[ReportAccount]]:
    """Gather accounts that are one debt: an R1 line with its R4 parts, a jointly funded loan."""
    units: dict[str, list[ReportAccount]] = {}
    for account in accounts:
        units.setdefault(account.group or account.account, []).append(account)
    return list(units.values())


def _once(unit: list[ReportAccount], amounts: list[int]) -> int:
    """Return what a unit counts for: the line, or its parts together, whichever is more."""
    pairs = list(zip(unit, amounts, strict=True))
    parts = sum(amount for account, amount in pairs if account.kind == "R4")
    whole = max((amount for account, amount in pairs if account.kind != "R4"), default=0)
    return max(parts, whole)


def _lead(unit: list[ReportAccount]) -> ReportAccount:
    return next((account for account in unit if account.kind != "R4"), unit[0])


def _debt(report: CreditReport, dues: DueRule) -> ExternalDebt:
    live = [account for account in report.accounts if account.status not in _ENDED]
    units = _units(live)
    leads = [_lead(unit) for unit in units if any(account.balance for account in unit)]
    due = sum(_once(unit, [dues.monthly(account) for account in unit]) for unit in units)
    balance = sum(_once(unit, [account.balance for account in unit]) for unit in units)
    return ExternalDebt(
        monthly_due=min(due, MAX_AMOUNT),
        balance=min(balance, MAX_AMOUNT),
        lenders=len({account.lender for account in leads}),
        nonbank_lenders=len({account.lender for account in leads if account.lender_kind != "bank"}),
    )


def _summary(report: CreditReport) -> BureauSummary:
    accounts = report.accounts
    units = _units(accounts)
    live = [account for account in accounts if account.status not in _ENDED]
    cards = [account for account in live if account.kind in _CARDS]
    late = [unit for unit in units if any(_is_late(account) for account in unit)]
    grids = [account.grid[-_GRID_MONTHS:] for account in accounts]
    overdue = sum(_once(unit, [account.overdue_amount for account in unit]) for unit in units)
    return BureauSummary(
        report_day=report.report_day,
        has_record=report.has_record,
        accounts=len(units),
        open_accounts=len(_units(live)),
        overdue_accounts=len(late),
        overdue_amount=min(overdue, MAX_AMOUNT),
        overdue_months_24m=sum(max(map(_months_late, unit)) for unit in units),
        max_consecutive_overdue=max((_longest(grid) for grid in grids), default=0),
        worst_code_24m=max((int(c) for grid in grids for c in grid if c.isdigit()), default=0),
        bad_debt_accounts=sum(any(_is_bad(account) for account in unit) for unit in units),
        special_status_accounts=sum(account.status in _STOPPED for account in accounts),
        disputed_accounts=sum(account.disputed for account in accounts),
        guarantees=report.guarantees,
        public_records=report.public_records,
        fraud_alert=report.fraud_alert,
        identity_mismatch=report.identity_mismatch,
        card_limit=min(sum(account.limit or 0 for account in cards), MAX_AMOUNT),
        card_used=min(sum(account.balance for account in cards), MAX_AMOUNT),
        oldest_account_months=max((len(account.grid) for account in accounts), default=0),
    )


def _is_late(account: ReportAccount) -> bool:
    return account.status == "overdue" or account.overdue_amount > 0


def _is_bad(account: ReportAccount) -> bool:
    return account.status == "bad_debt" or account.grid.endswith("B")


def _months_late(account: ReportAccount) -> int:
    return sum(map(len, _OVERDUE_RUN.findall(account.grid[-_GRID_MONTHS:])))


def _longest(grid: str) -> int:
    return max(map(len, _OVERDUE_RUN.findall(grid)), default=0)
