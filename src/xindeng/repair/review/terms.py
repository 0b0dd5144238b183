"""The dated parameters by which a credit report is read."""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from typing import Final

from msgspec import Struct

from xindeng.features.algebra import Axis
from xindeng.kernel.errors import NotFoundError
from xindeng.kernel.time import from_date, to_date
from xindeng.policy.policy import Policy

HARD: Final = frozenset({"loan_approval", "card_approval", "guarantee_check"})
"""Reasons that count as enquiries: 贷后管理 and 本人查询 never do."""


class ReviewTerms(Struct, frozen=True, kw_only=True):
    """Deadlines and lines as of one day; amounts in fen, days local day numbers.

    `windows` are the spans in days over which the policy counts enquiries, shortest first.
    """

    negative_months: int
    enquiry_months: int
    dispute_days: int
    in_a_row: int
    in_all: int
    worst_code: int
    tolerance: int
    one_off_from: int
    one_off_to: int
    one_off_repaid_by: int
    one_off_amount: int
    windows: tuple[int, ...]


def review_terms(policy: Policy, day: int) -> ReviewTerms:
    """Return the terms in force on local `day`.

    Raises NotFoundError when the policy says nothing about credit reports.
    """

    def whole(name: str) -> int:
        value = policy.parameter(name, day)
        if type(value) is not int:
            raise NotFoundError(
                f"${name} of policy {policy.name} is no whole number",
                next_step="see parameters/report.yaml of the policy consumer_line",
                code="review.parameter",
            )
        return value

    return ReviewTerms(
        negative_months=whole("negative_record_months"),
        enquiry_months=whole("enquiry_shown_months"),
        dispute_days=whole("dispute_answer_days"),
        in_a_row=whole("consecutive_overdue_max"),
        in_all=whole("overdue_months_max"),
        worst_code=whole("worst_code_max"),
        tolerance=whole("overdue_tolerance"),
        one_off_from=_day(whole("one_off_from")),
        one_off_to=_day(whole("one_off_to")),
        one_off_repaid_by=_day(whole("one_off_repaid_by")),
        one_off_amount=whole("one_off_amount"),
        windows=enquiry_windows(policy),
    )


def enquiry_windows(policy: Policy) -> tuple[int, ...]:
    """Return the spans in days over which the policy's features count credit enquiries."""
    days = {
        feature.window.size
        for feature in policy.book.base
        if feature.event == "credit_inquiry"
        and feature.window is not None
        and feature.window.axis is Axis.DAY
    }
    return tuple(sorted(days))


def add_months(day: int, months: int) -> int:
    """Return the local day that many calendar months later; the 31st becomes a month's last."""
    start = to_date(day)
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    last = monthrange(year, month + 1)[1]
    return from_date(date(year, month + 1, min(start.day, last)))


def month_end(day: int, months_back: int = 0) -> int:
    """Return the last local day of the month of `day`, that many months earlier."""
    first = to_date(add_months(day, -months_back)).replace(day=1)
    return from_date(first.replace(day=monthrange(first.year, first.month)[1]))


def _day(digits: int) -> int:
    return from_date(date(digits // 10_000, digits // 100 % 100, digits % 100))
