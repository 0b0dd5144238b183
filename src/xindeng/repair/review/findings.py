"""What a review finds: one record, what it says, how much it weighs, and when it is gone."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from xindeng.decision.answer import Light
from xindeng.language import Value

Kind = Literal[
    "overdue_now", "overdue_small", "bad_debt", "repaid_for", "card_frozen", "stopped", "judicial",
    "tier_watch", "tier_bad", "late_heavy", "late_some", "late_simple", "late_simple_90",
    "late_within_month", "one_off", "guarantee", "guarantee_bad", "guarantees_counted",
    "public_record", "public_counted", "fraud_alert", "identity_mismatch", "disputed",
    "statement", "enquiries", "enquiries_other", "no_record", "good",
]  # fmt: skip
"""What can be found; each has its words in `xindeng.repair.review.words`."""


class Finding(Struct, frozen=True, kw_only=True):
    """One finding. `facts` fill the places of its words: amounts in fen, local day numbers.

    `record` is the label of the record (see `labels`) and `source` the paper it was read from.
    `gone_on` is the local day from which the record may no longer be shown, None where that clock
    has not started or the report does not tell. `disputable`: a record that can be wrong at all.
    """

    kind: Kind
    light: Light
    record: str
    source: str
    facts: dict[str, Value] = {}
    gone_on: int | None = None
    disputable: bool = False


class Enquiry(Struct, frozen=True, kw_only=True):
    """One lender's look on one day. `leaves` maps a counting window in days to the local day from
    which it no longer counts there; `gone_on` is when it leaves the report. `record` is its label,
    empty where it is no approval enquiry."""

    day: int
    lender: str
    reason: str
    hard: bool
    leaves: dict[int, int]
    gone_on: int
    record: str = ""


class Review(Struct, frozen=True, kw_only=True):
    """A whole report reviewed, weightiest finding first; `counts` are hard enquiries by window."""

    report_day: int
    age_days: int
    findings: tuple[Finding, ...]
    enquiries: tuple[Enquiry, ...] = ()
    counts: dict[int, int] = {}
    not_hard: int = 0
    format: str = "institutional"
