"""Short names for the records of a report, in its order: A1, G1, P1, E1, and ID for the person.

An account's own identity is long and may be a hash; these can be read out and typed.
"""

from __future__ import annotations

from typing import Final

from xindeng.events.credit import CreditReport
from xindeng.repair.review.terms import HARD

IDENTITY: Final = "ID"


def account_labels(report: CreditReport) -> dict[str, str]:
    """Return the label of each account by its identity."""
    return {account.account: f"A{place}" for place, account in enumerate(report.accounts, 1)}


def enquiry_labels(report: CreditReport) -> dict[tuple[str, int], str]:
    """Return the label of each approval enquiry, one a lender and day, by these two."""
    hard = dict.fromkeys((one.lender, one.day) for one in report.inquiries if one.reason in HARD)
    return {key: f"E{place}" for place, key in enumerate(hard, 1)}
