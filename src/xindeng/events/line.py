"""What happens on the line itself, and on the platform behind it."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from xindeng.events.fields import (
    Amount,
    Count,
    Currency,
    Day,
    Key,
    Months,
    Name,
    Note,
    Payload,
    PositiveAmount,
    SignedAmount,
)
from xindeng.kernel.time import MAX_INSTANT, MIN_INSTANT

Instant = Annotated[int, Meta(ge=MIN_INSTANT, le=MAX_INSTANT, description="µs since 1970 UTC")]
HoldKind = Literal[
    "security", "cash_flow", "bureau", "delinquency", "platform", "manual", "identity_theft",
    "own_lock",
]  # fmt: skip
HoldMode = Literal["monitor", "cap", "block"]
StanceName = Literal["open", "neutral", "tight", "brake"]
Segment = Literal["new", "thin_file", "seasoned", "dormant", "restructured"]
OutcomeName = Literal["decline", "review", "retry_later", "approve_less", "approve"]


class LimitChange(Payload, tag="limit_change", frozen=True):
    """The limit shown was granted, raised, cut, zeroed or closed; never touches what is lent."""

    limit: Amount
    change: Literal["granted", "increased", "decreased", "zeroed", "closed"]
    currency: Currency = "CNY"
    reason: Name = "policy"


class LimitWarning(Payload, tag="limit_warning", frozen=True):
    """An early warning that the limit will be cut or zeroed on a day.

    `evidence` is what it rests on and `remedy` what would avert or soften it, as the borrower was
    told, in English and in Chinese.
    """

    change: Literal["decrease", "zero"]
    effective_day: Day
    reason: Name
    limit: Amount | None = None
    evidence: Note = ""
    evidence_zh: Note = ""
    remedy: Note = ""
    remedy_zh: Note = ""


class LimitWarningWithdrawn(Payload, tag="limit_warning_withdrawn", frozen=True):
    """A warned cut will not happen: what it rested on no longer holds."""

    reason: Name


class DrawAttempt(Payload, tag="draw_attempt", frozen=True):
    """The borrower pressed the button; attempts within half an hour are one sitting."""

    amount: PositiveAmount
    term_months: Months
    sitting: Key
    currency: Currency = "CNY"
    purpose: Name = "consumption"


class DecisionMade(Payload, tag="decision", frozen=True):
    """The outcome of a draw decision. `counted` is false when our side, a hold or an identity
    step refused, so that it never weighs against the borrower (P12)."""

    decision_id: Key
    outcome: OutcomeName
    amount: Amount
    sitting: Key
    counted: bool


class FunderRequest(Payload, tag="funder_request", frozen=True):
    """A partner lender (资金方) was asked to fund a draw."""

    funder: Name
    amount: PositiveAmount
    draw: Name


class FunderResponse(Payload, tag="funder_response", frozen=True):
    """The partner's answer; a no is our side, never a mark on the borrower."""

    funder: Name
    draw: Name
    result: Literal["accepted", "refused", "quota", "timeout"]


class CostSheetShown(Payload, tag="cost_sheet_shown", frozen=True):
    """What a draw costs was shown before it is confirmed; `sheet` is the digest of all it said."""

    decision_id: Key
    sheet: Key


class DrawReserved(Payload, tag="draw_reserved", frozen=True):
    """A confirmed draw took its room on the line; it holds it until released, however long."""

    draw: Name
    amount: PositiveAmount
    decision_id: Key | None = None


class DrawReleased(Payload, tag="draw_released", frozen=True):
    """A reservation ended: paid out (and is a loan from here on), or void."""

    draw: Name
    amount: PositiveAmount
    cause: Literal["settled", "void"]


class Disbursement(Payload, tag="disbursement", frozen=True):
    """Principal was paid out."""

    draw: Name
    amount: PositiveAmount
    term_months: Months
    currency: Currency = "CNY"
    monthly_due: Amount = 0


class InstalmentDue(Payload, tag="instalment_due", frozen=True):
    """An instalment fell due."""

    loan: Name
    due_day: Day
    amount: PositiveAmount


class Repayment(Payload, tag="repayment", frozen=True):
    """Money paid back; `principal` is the part that lowers exposure."""

    loan: Name
    amount: PositiveAmount
    principal: Amount
    currency: Currency = "CNY"
    days_late: Count = 0
    settled: bool = False


class RepaymentReversed(Payload, tag="repayment_reversed", frozen=True):
    """A payment was taken back (a bounced debit); `principal` is owed again, and a loan that the
    payment had settled is open again."""

    loan: Name
    amount: PositiveAmount
    principal: Amount
    reopened: bool = False


class Delinquency(Payload, tag="delinquency", frozen=True):
    """Days past due and five-tier class of the worst loan on this line, as aged at end of day."""

    dpd: Count
    overdue_amount: Amount
    tier: Literal["normal", "special_mention", "substandard", "doubtful", "loss"] = "normal"


class LoanFinding(Payload, tag="loan_finding", frozen=True):
    """What an investigation found a loan to be; the newest counts, `credit` takes others back.

    What is fraud is no credit default: it is counted apart and never trains or judges a score.
    """

    loan: Name
    found: Literal["account_takeover", "identity_theft", "first_party", "bust_out", "mule",
                   "credit"]  # fmt: skip


class DuesMoved(Payload, tag="dues_moved", frozen=True):
    """What had fallen due and was not paid stopped being due: moved by help, or waived.

    Below zero where a payment dated back, or taken back, shows that less of it was unpaid.
    """

    loan: Name
    amount: SignedAmount
    cause: Literal["deferral", "restructuring", "waiver", "correction"]


class Restructuring(Payload, tag="restructuring", frozen=True):
    """A loan was restructured; its watch period (重组观察期) ends on `watch_until`."""

    loan: Name
    first_due_day: Day
    watch_until: Day


class HoldPlaced(Payload, tag="hold_placed", frozen=True):
    """Draws are paused or capped until a review date; repayments never are.

    `mode` speaks of draws alone. `accrual` and `collection` stop interest and collection, on
    `loan` alone where one is named.
    """

    hold: Key
    kind: HoldKind
    mode: HoldMode
    reason: Name
    review_at: Instant
    cap: Amount | None = None
    owner: Name = "policy"
    note: Note = ""
    loan: Name | None = None
    accrual: bool = False
    collection: bool = False


class HoldExtended(Payload, tag="hold_extended", frozen=True):
    """A hold lasts longer, on evidence that was not there before; the borrower was told."""

    hold: Key
    review_at: Instant
    evidence: Note
    owner: Name = "policy"


class HoldReviewed(Payload, tag="hold_reviewed", frozen=True):
    """Somebody, or the policy, looked at a hold and what came of it."""

    hold: Key
    result: Literal["kept", "extended", "released", "escalated"]
    owner: Name = "policy"
    note: Note = ""


class HoldReleased(Payload, tag="hold_released", frozen=True):
    """A hold ended, and how."""

    hold: Key
    how: Literal["expired", "condition", "review", "customer", "replaced"]


class UnlockAsked(Payload, tag="unlock_asked", frozen=True):
    """The borrower asked, after a step-up, for their own lock to be taken off after the wait."""

    hold: Key
    opens_at: Instant


class HardshipOverdue(Payload, tag="hardship_overdue", frozen=True):
    """A request for help was not answered by its day; the delay is ours and was told."""

    answer_by: Day


class HardshipResolved(Payload, tag="hardship_resolved", frozen=True):
    """A person answered a request for help, and with what."""

    result: Literal["deferral", "restructuring", "collection_pause", "advice", "declined",
                    "withdrawn"]  # fmt: skip
    owner: Name
    note: Note = ""


class StanceChange(Payload, tag="stance_change", frozen=True):
    """The platform's stance for a segment; lives on the platform's own chain (P13).

    Set `by` a person or by published series. What a person sets until `until_day` stands in place
    of what was there before, and ends on that day.
    """

    segment: Segment | Literal["all"]
    stance: StanceName
    review_day: Day
    reason: Note = ""
    by: Literal["person", "series"] = "person"
    until_day: Day | None = None


class PlatformStatus(Payload, tag="platform_status", frozen=True):
    """A part of the platform went away or came back; lives on the platform's own chain (P16)."""

    part: Literal["maintenance", "model", "bureau", "funder"]
    available: bool
    until: Instant | None = None
