"""Context columns: what a decision knows besides the borrower's features.

`resting` is the value that a rule's case assumes when it gives none; None where NULL is possible.
The order here is the order of the columns after the features in `Policy.inputs`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from xindeng.kernel.money import MAX_AMOUNT
from xindeng.kernel.time import MAX_DAY, MAX_INSTANT, MIN_DAY, MIN_INSTANT
from xindeng.language import Column, Kind, Value
from xindeng.policy.parameters import SEGMENTS, STANCES

PURPOSES: Final = (
    "consumption", "education", "medical", "travel", "renovation", "property", "securities",
    "equity", "repay_loans", "other",
)  # fmt: skip
AMOUNT_COLUMNS: Final = frozenset({"request_amount", "request_instalment"})
"""Columns that grow with the amount asked; the frontier search varies nothing else."""
UNKNOWN_TO_SEGMENTS: Final = frozenset({"stance", "segment", "stance_review_day"})
"""Columns that are only known once the segment is."""


@dataclass(frozen=True, slots=True)
class ContextColumn:
    """One context column: type and bounds, the resting value of cases, and what it is."""

    column: Column
    resting: Value
    meaning: str


def _whole(low: int, high: int, resting: int | None, meaning: str) -> ContextColumn:
    column = Column(Kind.BIGINT, low=low, high=high, nullable=resting is None)
    return ContextColumn(column, resting, meaning)


def _flag(resting: bool, meaning: str) -> ContextColumn:
    return ContextColumn(Column(Kind.BOOL, nullable=False), resting, meaning)


def _text(values: Iterable[str], resting: str, meaning: str) -> ContextColumn:
    return ContextColumn(Column(Kind.TEXT, values=tuple(values), nullable=False), resting, meaning)


CONTEXT: Final[Mapping[str, ContextColumn]] = {
    "now": _whole(MIN_INSTANT, MAX_INSTANT, 0, "instant of the decision, µs"),
    "today": _whole(MIN_DAY, MAX_DAY, 0, "local day of the decision"),
    "hour_of_day": _whole(0, 23, 12, "local hour of the decision"),
    "request_amount": _whole(1, MAX_AMOUNT, 100_000, "amount asked, minor units"),
    "request_term_months": _whole(1, 600, 12, "term asked"),
    "request_purpose": _text(PURPOSES, "consumption", "use of the money"),
    "request_instalment": _whole(1, MAX_AMOUNT, 9_009, "what the draw takes out of a month"),
    "request_rate_bp": _whole(0, 1_000_000, 1_460, "yearly rate, basis points"),
    "request_after_hold": _flag(False, "the one small attempt expected after a hold"),
    "block_hold": _flag(False, "a blocking hold other than for security is in force"),
    "security_hold": _flag(False, "a security hold is in force"),
    "own_lock": _flag(False, "the borrower's own lock is on"),
    "overdue_hold": _flag(False, "a hold is past its review date and not released"),
    "hold_review_at": _whole(MIN_INSTANT, MAX_INSTANT, None, "review of the holds in force, µs"),
    "hold_cap": _whole(0, MAX_AMOUNT, None, "lowest cap of the holds in force, minor units"),
    "maintenance": _flag(False, "the platform is under maintenance"),
    "model_available": _flag(True, "the score can be computed"),
    "bureau_available": _flag(True, "the credit bureau answers"),
    "funder_available": _flag(True, "a funder takes draws"),
    "platform_until": _whole(MIN_INSTANT, MAX_INSTANT, None, "expected end of an outage, µs"),
    "stance": _text(STANCES, "neutral", "the platform's stance for the segment"),
    "segment": _text(SEGMENTS, "seasoned", "the borrower's segment"),
    "stance_review_day": _whole(MIN_DAY, MAX_DAY, None, "local day of the stance's review"),
}

HOLD_EXPRESSIONS: Final = (
    "days", "max_days", "max_extensions", "release_when", "extend_when", "ask_when",
)  # fmt: skip
"""What holds.yaml writes as expressions; lengths may use parameters only."""
BY_HAND: Final = "by_hand"


def hold_columns(rules: Iterable[str]) -> dict[str, Column]:
    """Return the columns that the conditions of a hold may use besides all others.

    `hold_placed_at` and `hold_judged_at` (placed, or last extended) are µs, `hold_placed_day` a
    local day; `hold_rule` is the rule that placed it, or by_hand.
    """
    instant = Column(Kind.BIGINT, low=MIN_INSTANT, high=MAX_INSTANT, nullable=False)
    return {
        "hold_placed_at": instant,
        "hold_judged_at": instant,
        "hold_placed_day": Column(Kind.BIGINT, low=MIN_DAY, high=MAX_DAY, nullable=False),
        "hold_rule": Column(Kind.TEXT, values=(*rules, BY_HAND), nullable=False),
    }
