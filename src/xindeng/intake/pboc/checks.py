"""A report's own summary against its details: a difference is said, never settled in silence.

Whole yuan: each amount was rounded by itself, so sums may differ by a yuan a part.
"""

from __future__ import annotations

from typing import Final

from xindeng.events.credit import CreditReport, ReportAccount
from xindeng.events.dues import ENDED
from xindeng.intake.pboc.draft import Draft
from xindeng.intake.pboc.values import YUAN

_KINDS: Final = ("D1", "R4", "R1", "R2", "R3", "C1")


def compare(draft: Draft, report: CreditReport) -> None:
    """Note every count or sum of the summary that the details do not bear out."""
    stated = draft.stated
    if report.format == "simple":
        own = [one for one in report.accounts if one.kind != "C1"]
        _count(draft, "账户数", stated.get("accounts"), len(own))
        _count(draft, "未结清/未销户账户数", stated.get("open"), len(_live(own)))
        if all(one.late_months_5y is not None for one in own):
            late = sum(bool(one.late_months_5y or one.overdue_amount) for one in own)
            _count(draft, "发生过逾期的账户数", stated.get("late"), late)
        return
    for kind in _KINDS:
        mine = [one for one in report.accounts if one.kind == kind]
        live = mine if kind == "C1" else _live(mine)
        _count(draft, f"{kind} 账户数", stated.get(f"{kind} accounts"), len(live))
        said, summed = stated.get(f"{kind} balance"), sum(one.balance for one in live)
        if said is not None and abs(said - summed) > YUAN * max(1, len(live)):
            draft.report.notes.append(
                f"{kind} 余额: the summary says {said // YUAN:,} yuan, "
                f"the accounts add up to {summed // YUAN:,}"
            )
    _count(draft, "相关还款责任", stated.get("guarantee accounts"), report.guarantees)
    _count(draft, "公共信息", stated.get("public records"), report.public_records)


def _live(accounts: list[ReportAccount]) -> list[ReportAccount]:
    return [one for one in accounts if one.status not in ENDED]


def _count(draft: Draft, name: str, said: int | None, found: int) -> None:
    if said is not None and said != found:
        draft.report.notes.append(f"{name}: the summary says {said}, the details show {found}")
