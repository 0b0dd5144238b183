"""A credit report says many things; each becomes an event of its own.

credit_report → itself, one bureau_summary, one credit_inquiry a lender, day and reason, and one
external_debt. Ids follow from the content, so an enquiry repeated by a later report is a
duplicate of the first.
"""

from __future__ import annotations

import re
from typing import Final

from xindeng.events.catalogue import CATALOGUE
from xindeng.events.credit import (
    BureauSummary,
    CreditInquiry,
    CreditReport,
    ExternalDebt,
    ReportAccount,
)
from xindeng.events.dues import CARDS, DEFAULT_DUES, ENDED, DueRule, lenders_of, owed, units
from xindeng.events.envelope import Event, content_id
from xindeng.events.fields import Payload
from xindeng.kernel.money import MAX_AMOUNT
from xindeng.kernel.time import HOUR, Zone

_STOPPED: Final = frozenset({"frozen", "stopped", "judicial"})
# Codes 1–7 are days past due; M, paid late within the month, is not overdue.
_OVERDUE_RUN: Final = re.compile(r"[1-7]+")
_GRID_MONTHS: Final = 24


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


def _once(unit: list[ReportAccount], amounts: list[int]) -> int:
    """Return what a unit counts for: the line, or its parts together, whichever is more."""
    pairs = list(zip(unit, amounts, strict=True))
    parts = sum(amount for account, amount in pairs if account.kind == "R4")
    whole = max((amount for account, amount in pairs if account.kind != "R4"), default=0)
    return max(parts, whole)


def _debt(report: CreditReport, dues: DueRule) -> ExternalDebt:
    debts = owed(report.accounts, dues)
    lenders, nonbank = lenders_of(
        (debt.lead.lender, debt.lead.lender_kind) for debt in debts if debt.balance
    )
    due = sum(dues.monthly(account) for debt in debts for account in debt.counted)
    return ExternalDebt(
        monthly_due=min(due, MAX_AMOUNT),
        balance=min(sum(debt.balance for debt in debts), MAX_AMOUNT),
        lenders=lenders,
        nonbank_lenders=nonbank,
    )


def _summary(report: CreditReport) -> BureauSummary:
    accounts = report.accounts
    apart = units(accounts)
    live = [account for account in accounts if account.status not in ENDED]
    cards = [account for account in live if account.kind in CARDS]
    late = [unit for unit in apart if any(_is_late(account) for account in unit)]
    grids = [account.grid[-_GRID_MONTHS:] for account in accounts]
    overdue = sum(_once(unit, [account.overdue_amount for account in unit]) for unit in apart)
    return BureauSummary(
        report_day=report.report_day,
        has_record=report.has_record,
        accounts=len(apart),
        open_accounts=len(units(live)),
        overdue_accounts=len(late),
        overdue_amount=min(overdue, MAX_AMOUNT),
        overdue_months_24m=sum(max(map(_months_late, unit)) for unit in apart),
        max_consecutive_overdue=max((_longest(grid) for grid in grids), default=0),
        worst_code_24m=max((int(c) for grid in grids for c in grid if c.isdigit()), default=0),
        bad_debt_accounts=sum(any(_is_bad(account) for account in unit) for unit in apart),
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
