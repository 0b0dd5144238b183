"""All event types in one place: name → payload type, schema version and where its state lives.

A new event is one Struct in the file of its kind and one line here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from xindeng.events import contact, credit, life, line, matters, security
from xindeng.events.fields import Payload

Payloads = (
    life.Payment | life.Purchase | life.InstalmentPurchase | life.BrowsingRisk
    | life.AccountOpened | life.Occupation | life.IncomeEvidence | life.ProfileChange
    | life.FlowExplained | life.Consent | life.HardshipRequest | life.UseOfFunds | life.Location
    | life.Relation | life.Dispute
    | credit.CreditReport | credit.BureauSummary | credit.CreditInquiry | credit.ExternalDebt
    | credit.LoanApplication
    | security.Login | security.CredentialChange | security.DeviceChange
    | security.SecurityIncident | security.SecurityClearance | security.IdentityStep
    | security.PayoutCard | security.RemoteControl | security.CallForwarding
    | security.AccountFlag | security.NetworkSnapshot
    | line.LimitChange | line.LimitWarning | line.LimitWarningWithdrawn
    | line.DrawAttempt | line.DecisionMade | line.CostSheetShown | line.DrawReserved
    | line.DrawReleased | line.FunderRequest | line.FunderResponse | line.Disbursement
    | line.InstalmentDue | line.Repayment | line.RepaymentReversed | line.Delinquency
    | line.LoanFinding | line.DuesMoved | line.Restructuring
    | line.HoldPlaced | line.HoldReleased | line.HoldExtended | line.HoldReviewed
    | line.UnlockAsked | line.HardshipOverdue | line.HardshipResolved
    | line.StanceChange | line.PlatformStatus
    | matters.MatterOpened | matters.MatterLate | matters.MatterAnswered
    | contact.ContactMade
)  # fmt: skip

PLATFORM: Final = "platform"
"""The reserved borrower id whose chain holds stance changes and platform status."""

OWN: Final = frozenset({"draw_attempt", "decision", "cost_sheet_shown", "draw_reserved",
                        "draw_released", "matter_opened", "matter_late",
                        "matter_answered", "contact_made"})  # fmt: skip
"""What only this program writes: told from outside, they would forge tries, decisions, what was
shown, room, or what a person answered."""


@dataclass(frozen=True, slots=True)
class EventType:
    """What the engine knows of an event type.

    `hot` types are written by a draw itself, so their feature state lives in the small part that
    a draw rewrites; all other state lives in buckets that only ingest writes.
    """

    name: str
    payload: type[Payload]
    version: int = 1
    hot: bool = False


# Not disbursement: the money moves after the decision, and sums of what is owed must never be
# squeezed into a bounded part.
_HOT: Final = frozenset({"draw_attempt", "decision", "funder_request", "funder_response",
                         "hold_placed", "hold_released", "hold_extended"})  # fmt: skip

CATALOGUE: Final[dict[str, EventType]] = {
    str(payload.__struct_config__.tag): EventType(
        str(payload.__struct_config__.tag),
        payload,
        hot=payload.__struct_config__.tag in _HOT,
    )
    for payload in Payloads.__args__
}
