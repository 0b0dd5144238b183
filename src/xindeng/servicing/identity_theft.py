"""A claim that somebody used the borrower's identity: draws stop, and on the contested loan alone
interest and collection."""

from __future__ import annotations

from xindeng.events.security import SecurityIncident
from xindeng.servicing.holds import place
from xindeng.servicing.orders import Orders
from xindeng.servicing.view import View

KIND = "identity_theft"


def claim(view: View, *, hold: str, loan: str | None = None) -> Orders:
    """Return the orders of a claim; both contacts are told. Other loans go on as agreed.

    A claim that names no loan stops no interest; name it with another claim once it is found.
    """
    # Named after the policy's own rule, so that no draw places the same hold twice.
    rule = next((r for r in view.policy.rules if r.hold is not None and r.hold.kind == KIND), None)
    incident = SecurityIncident(kind="identity_theft_claim", severity="high", loan=loan)
    return Orders(payloads=(incident,)) + place(
        view,
        KIND,
        hold=hold,
        reason=rule.id if rule is not None else KIND,
        by="borrower",
        loan=loan,
    )
