"""One debt of a credit report: what its status, its class and its grid of months say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from xindeng.decision.answer import Light
from xindeng.events.credit import ReportAccount
from xindeng.events.dues import ENDED
from xindeng.language import Value
from xindeng.repair.review.findings import Finding, Kind
from xindeng.repair.review.terms import ReviewTerms, add_months, month_end

_LATE: Final = re.compile(r"[1-7]+")
_SPECIAL: Final[dict[str, Kind]] = {
    "frozen": "card_frozen", "stopped": "stopped", "judicial": "judicial"
}  # fmt: skip
_BAD_TIERS: Final = frozenset({"substandard", "doubtful", "loss", "default"})
_POLICY_MONTHS: Final = 24


def account_findings(
    unit: Sequence[ReportAccount], report_day: int, terms: ReviewTerms, today: int, source: str
) -> Iterator[Finding]:
    """Yield what one debt shows; `unit` are the accounts that make it up, counted once.

    A debt that is in order yields one finding of kind good.
    """
    lead = max(unit, key=_weight)
    record = _Record(lead, len(unit) > 1, report_day, terms, today, source)
    found = list(record.findings())
    yield from found or [record.finding("good", Light.GREEN, disputable=False)]


def _weight(account: ReportAccount) -> tuple[int, int, int, int]:
    """Return how much a record weighs among those that are one debt: the worst speaks."""
    return (
        account.overdue_amount,
        account.status in _SPECIAL or account.status == "bad_debt",
        len("".join(_LATE.findall(account.grid))),
        account.kind != "R4",
    )


class _Record:
    def __init__(
        self,
        account: ReportAccount,
        joined: bool,
        report_day: int,
        terms: ReviewTerms,
        today: int,
        source: str,
    ) -> None:
        self.account, self.joined, self.report_day = account, joined, report_day
        self.terms, self.today, self.source = terms, today, source
        self.overdue = account.status == "overdue" or account.overdue_amount > 0

    def findings(self) -> Iterator[Finding]:
        """Yield what is wrong now, then what was, then what is marked."""
        account = self.account
        if self.overdue:
            heavy = account.overdue_amount > self.terms.tolerance or account.status == "overdue"
            yield self.finding(
                "overdue_now" if heavy else "overdue_small",
                Light.RED if heavy else Light.YELLOW,
                amount=account.overdue_amount,
                months=account.overdue_months,
            )
        if account.status == "bad_debt" or account.grid.endswith("B"):
            yield self.finding("bad_debt", Light.RED, since=account.bad_since_day)
        if account.kind == "C1" or account.grid.endswith("D"):
            yield self.finding("repaid_for", Light.RED)
        if account.status in _SPECIAL:
            yield self.finding(_SPECIAL[account.status], Light.RED)
        if account.status not in ENDED and account.tier in _BAD_TIERS:
            yield self.finding("tier_bad", Light.RED, tier=account.tier)
        elif account.status not in ENDED and account.tier == "special_mention":
            yield self.finding("tier_watch", Light.YELLOW, tier=account.tier)
        yield from self._history()
        if account.disputed:
            yield self.finding("disputed", Light.YELLOW)

    def _history(self) -> Iterator[Finding]:
        account, terms = self.account, self.terms
        recent = account.grid[-_POLICY_MONTHS:]
        runs = _LATE.findall(account.grid)
        if runs:
            late = len("".join(_LATE.findall(recent)))
            row = max(map(len, _LATE.findall(recent)), default=0)
            worst = max((int(code) for code in recent if code.isdigit()), default=0)
            heavy = late >= terms.in_all or row >= terms.in_a_row or worst >= terms.worst_code
            yield self.finding(
                "late_heavy" if heavy else "late_some",
                Light.RED if heavy else Light.YELLOW,
                gone_on=self._gone_on(),
                late=late,
                row=row,
                all=len("".join(runs)),
            )
            if self._in_one_off():
                yield self.finding("one_off", Light.YELLOW, repaid_by=terms.one_off_repaid_by)
        elif account.late_months_5y:
            bad = bool(account.late_90_months_5y)
            yield self.finding(
                "late_simple_90" if bad else "late_simple",
                Light.RED if bad else Light.YELLOW,
                late=account.late_months_5y,
                ninety=account.late_90_months_5y or 0,
            )
        elif "M" in recent:
            yield self.finding("late_within_month", Light.GREEN, count=recent.count("M"))

    def _late_months(self) -> list[int]:
        """Return the last local day of each month with a code of days past due, oldest first."""
        grid = self.account.grid
        end = self.account.grid_end or self.account.closed_day or self.report_day
        last = len(grid) - 1
        return [month_end(end, last - at) for at, code in enumerate(grid) if code in "1234567"]

    def _gone_on(self) -> int | None:
        """Return when the history is gone: some time after its last bad month, if that is over."""
        if self.overdue or self.account.grid.rstrip("#*/")[-1:] in tuple("1234567B"):
            return None
        return add_months(self._late_months()[-1], self.terms.negative_months) + 1

    def _in_one_off(self) -> bool:
        """Return whether some late month lies where the one-off relief should have hidden it."""
        terms = self.terms
        if self._gone_on() is None or self.today <= terms.one_off_repaid_by:
            return False
        if self.account.status == "bad_debt" or self.report_day <= terms.one_off_repaid_by:
            return False
        return any(terms.one_off_from <= day <= terms.one_off_to for day in self._late_months())

    def finding(
        self,
        kind: Kind,
        light: Light,
        *,
        gone_on: int | None = None,
        disputable: bool = True,
        **facts: Value,
    ) -> Finding:
        """Return a finding on this account, with what the report says of it in any case."""
        account = self.account
        return Finding(
            kind=kind,
            light=light,
            record=account.account,
            source=self.source,
            facts={
                "lender": account.lender,
                "balance": account.balance,
                "joined": self.joined,
                "opened": account.opened_day,
                **facts,
            },
            gone_on=gone_on,
            disputable=disputable,
        )
