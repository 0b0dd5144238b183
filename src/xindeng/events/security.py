"""Who is at the keyboard: sign-ins, credentials, devices, incidents, identity, network flags."""

from __future__ import annotations

from typing import Literal

from xindeng.events.fields import Count, Name, Payload, Ppm


class Login(Payload, tag="login", frozen=True):
    """A sign-in attempt (P4, P7)."""

    success: bool
    device: Name | None = None
    network: Literal["usual", "new", "public", "anonymised"] = "usual"


class CredentialChange(Payload, tag="credential_change", frozen=True):
    """A password, payment password, mobile or two-factor method was changed (P7, R5)."""

    kind: Literal["password", "payment_password", "mobile", "email", "two_factor"]
    after_incident: bool = False


class DeviceChange(Payload, tag="device_change", frozen=True):
    """The account was used from a device not seen before."""

    device: Name
    verified: bool = False


class SecurityIncident(Payload, tag="security_incident", frozen=True):
    """Something is wrong with the account's security (P7)."""

    kind: Literal["account_takeover", "password_leak", "unusual_login", "sim_swap", "malware",
                  "identity_theft_claim"]  # fmt: skip
    severity: Literal["low", "medium", "high"] = "medium"
    loan: Name | None = None  # the contested one, where theft of identity is claimed


class SecurityClearance(Payload, tag="security_clearance", frozen=True):
    """The incident was cleared after checks."""

    method: Literal["face_and_document", "branch", "phone_callback", "staff_review"]


class IdentityStep(Payload, tag="identity_step", frozen=True):
    """One step of real-name verification and how it ended (P6)."""

    step: Literal["name_and_id", "document", "face", "bank_card", "mobile"]
    result: Literal["passed", "failed", "expired"]


class PayoutCard(Payload, tag="payout_card", frozen=True):
    """The card that receives disbursements was bound, changed or removed."""

    action: Literal["bound", "changed", "removed"]
    card: Name
    own_name: bool = True


class RemoteControl(Payload, tag="remote_control", frozen=True):
    """Remote control or screen sharing was seen during use of the app."""

    kind: Literal["remote_control", "screen_sharing"]
    state: Literal["started", "ended"]


class CallForwarding(Payload, tag="call_forwarding", frozen=True):
    """Call forwarding on the registered mobile was switched."""

    state: Literal["on", "off"]


class AccountFlag(Payload, tag="account_flag", frozen=True):
    """A risk flag was raised on or cleared from this account."""

    flag: Literal["fraud_suspect", "mule_suspect", "ring_member", "court_order", "deceased"]
    raised: bool


class NetworkSnapshot(Payload, tag="network_snapshot", frozen=True):
    """Exposure to flagged accounts as computed for the whole graph on one day; off by default."""

    exposure_ppm: Ppm
    flagged_contacts: Count
    contacts: Count
