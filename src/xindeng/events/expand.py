"""A credit report says many things; each becomes an event of its own.

credit_report → itself, one bureau_summary, one credit_inquiry a lender, day and reason (of those
for new credit one a lender and day), and one external_debt. Ids follow from the content, so an
enquiry repeated by a later report is a duplicate of the first.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from xindeng.events.catalogue import CATALOGUE
from xindeng.events.credit import (
    HARD,
    BureauSummary,
    CreditInquiry,
    CreditReport,
    ExternalDebt,
    InquiryReason,
    ReportAccount,
)
from xindeng.events.dues import CARDS, DEFAULT_DUES, ENDED, DueRule, lenders_of, owed, units
from xindeng.events.envelope import Event, content_id
from xindeng.events.fields import Payload
from xindeng.kernel.money import MAX_AMOUNT
from xindeng.kernel.time import HOUR, Zone, to_date

_STOPPED: Final = frozenset({"frozen", "stopped", "judicial"})
# Codes 1–7 are days past due; M, paid late within the month, is not overdue.
_OVERDUE_RUN: Final = re.compile(r"[1-7]+")
_GRID_MONTHS: Final = 24


class LateMonths(NamedTuple):
    """What the grids of a report tell of the 24 months before a day: how many months were overdue
    in all accounts together, the longest run in one, and the worst code (0–7)."""

    in_all: int
    in_a_row: int
    worst: int


def late_months(report: CreditReport, day: int) -> LateMonths | None:
    """Return what a report says of the 24 months before local `day`, as if every bill since it was
    made had been paid on time; None where the report does not tell the months."""
    accounts = report.accounts
    # What could not be read may hide more, and a simple report does not tell the months.
    if report.unread or not all(_tells_months(one, report.format) for one in accounts):
        return None
    grids = {id(one): _recent(one, report.report_day, day) for one in accounts}
    late = {one: sum(map(len, _OVERDUE_RUN.findall(grid))) for one, grid in grids.items()}
    return LateMonths(
        in_all=sum(max(late[id(one)] for one in unit) for unit in units(accounts)),
        in_a_row=max(map(_longest, grids.values()), default=0),
        worst=max(map(_worst, grids.values()), default=0),
    )


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
    for lender, day, reason in _asked(report):
        # The report tells the day, not the hour: noon, but never later than it was known.
        at = min(zone.midnight(day) + 12 * HOUR, event.known_at)
        # For new credit a lender's day is one, whichever of its reasons a later report tells first.
        said = "new credit" if reason in HARD else reason
        identity = content_id("credit_inquiry", lender, day, said)
        found.append(_derived(event, CreditInquiry(lender=lender, reason=reason), identity, at))
    return found


def _asked(report: CreditReport) -> list[tuple[str, int, InquiryReason]]:
    """Return the enquiries, the oldest first: of one lender on one day only one for new credit."""
    seen = {(line.lender, line.day, line.reason) for line in report.inquiries}
    for lender, day, _ in list(seen):
        hard = [reason for reason in HARD if (lender, day, reason) in seen]
        seen -= {(lender, day, reason) for reason in hard[1:]}
    return sorted(seen, key=lambda line: (line[1], line[0], line[2]))


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
    overdue = sum(_once(unit, [account.overdue_amount for account in unit]) for unit in apart)
    whole = report.unread == 0  # what could not be read may hide more
    told = late_months(report, report.report_day)
    return BureauSummary(
        report_day=report.report_day,
        has_record=report.has_record,
        accounts=len(apart),
        open_accounts=len(units(live)),
        overdue_accounts=len(late) if whole else None,
        overdue_amount=min(overdue, MAX_AMOUNT) if whole else None,
        overdue_months_24m=None if told is None else told.in_all,
        max_consecutive_overdue=None if told is None else told.in_a_row,
        worst_code_24m=None if told is None else told.worst,
        bad_debt_accounts=sum(any(map(_is_bad, unit)) for unit in apart) if whole else None,
        special_status_accounts=(
            sum(account.status in _STOPPED for account in accounts) if whole else None
        ),
        disputed_accounts=sum(account.disputed for account in accounts),
        guarantees=report.guarantees,
        public_records=report.public_records,
        fraud_alert=report.fraud_alert,
        identity_mismatch=report.identity_mismatch,
        card_limit=min(sum(account.limit or 0 for account in cards), MAX_AMOUNT),
        card_used=min(sum(account.balance for account in cards), MAX_AMOUNT),
        oldest_account_months=_oldest(report),
    )


def _is_late(account: ReportAccount) -> bool:
    return account.status == "overdue" or account.overdue_amount > 0


def _is_bad(account: ReportAccount) -> bool:
    return account.status == "bad_debt" or account.grid.endswith("B")


def _tells_months(account: ReportAccount, form: str) -> bool:
    """Tell whether the months overdue are known: by a grid, or because there never were any."""
    if account.grid or account.late_months_5y == 0 or account.kind == "C1":
        return True
    return account.late_months_5y is None and form != "simple"


def _recent(account: ReportAccount, reported: int, day: int) -> str:
    """Return the part of a grid in the 24 months before `day`; it ends with the report where it
    does not say when."""
    end = reported if account.grid_end is None else account.grid_end
    window = _GRID_MONTHS - max(0, _months_between(end, day) - 1)
    return account.grid[-window:] if window > 0 else ""


def _months_between(first: int, last: int) -> int:
    start, end = to_date(first), to_date(last)
    return (end.year - start.year) * 12 + end.month - start.month


def _oldest(report: CreditReport) -> int | None:
    """Return the age of the oldest account in months: by its grid, else by its first day."""
    ages = [len(account.grid) for account in report.accounts if account.grid] + [
        max(0, _months_between(account.opened_day, report.report_day))
        for account in report.accounts
        if not account.grid and account.opened_day is not None
    ]
    if not ages and report.accounts and report.format == "simple":
        return None
    return min(max(ages, default=0), 600)


def _worst(grid: str) -> int:
    return max((int(code) for code in grid if code.isdigit()), default=0)


def _longest(grid: str) -> int:
    return max(map(len, _OVERDUE_RUN.findall(grid)), default=0)
