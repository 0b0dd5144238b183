"""Everything that can be done, and by whom: one line an action, read by `permit` alone.

An action of a borrower's own things is allowed to a borrower for themselves only. Programs need
the action in their key's scopes besides.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from xindeng.access.caller import Role

BORROWER, SUPPORT, ANALYST, APPROVER, ADMIN, SERVICE = (
    Role.borrower, Role.support, Role.analyst, Role.approver, Role.admin, Role.service,
)  # fmt: skip
_EVERY_STAFF: Final = (SUPPORT, ANALYST, APPROVER, ADMIN)


@dataclass(frozen=True, slots=True)
class Rule:
    """Which roles may; `public` is for everybody, signed in or not."""

    roles: frozenset[Role]
    public: bool = False


def _to(*roles: Role) -> Rule:
    return Rule(frozenset(roles))


PUBLIC: Final = Rule(frozenset(), public=True)

ACTIONS: Final[dict[str, Rule]] = {
    "health.read": PUBLIC,
    "document.read": PUBLIC,
    "page.look": PUBLIC,
    "session.open": PUBLIC,
    "session.close": _to(*_EVERY_STAFF),
    "password.change": _to(*_EVERY_STAFF),
    "borrower.create": _to(SERVICE),
    "borrower.read": _to(SUPPORT, ANALYST, APPROVER, SERVICE),
    "event.write": _to(SERVICE),
    # Nobody but the borrower sees a trial: it leaves no mark, on a staff page either.
    "precheck.try": _to(BORROWER, SERVICE),
    "draw.decide": _to(BORROWER, SERVICE),
    "draw.quote": _to(BORROWER, SUPPORT, SERVICE),
    "draw.confirm": _to(BORROWER, SERVICE),
    "draw.read": _to(BORROWER, SUPPORT, APPROVER, SERVICE),
    "repayment.book": _to(SERVICE),
    "refund.book": _to(SERVICE),
    "line.read": _to(BORROWER, SUPPORT, ANALYST, APPROVER, SERVICE),
    "line.lock": _to(BORROWER, SUPPORT, SERVICE),
    "hold.read": _to(SUPPORT, APPROVER, SERVICE),
    "hold.place": _to(SUPPORT, APPROVER, SERVICE),
    "hold.extend": _to(APPROVER),
    "decision.read": _to(BORROWER, SUPPORT, ANALYST, APPROVER, SERVICE),
    "explanation.borrower": _to(BORROWER, SUPPORT, ANALYST, APPROVER, SERVICE),
    "explanation.support": _to(SUPPORT, ANALYST, APPROVER),
    "explanation.auditor": _to(ANALYST, APPROVER),
    "plan.make": _to(BORROWER, SUPPORT, SERVICE),
    "plan.read": _to(BORROWER, SUPPORT, SERVICE),
    "plan.tick": _to(BORROWER, SERVICE),
    "hardship.ask": _to(BORROWER, SUPPORT, SERVICE),
    "hardship.answer": _to(APPROVER),
    "checkup.run": _to(BORROWER, SERVICE),
    # Who is tied to whom is sensitive, and no support agent may tell it.
    "network.read": _to(ANALYST, APPROVER),
    "agent.read": _to(APPROVER, ADMIN),
    "agent.close": _to(APPROVER, ADMIN),
    "monitoring.read": _to(ANALYST, APPROVER, ADMIN, SERVICE),
    "bureau.pull": _to(SUPPORT, SERVICE),
    "contact.record": _to(SUPPORT, SERVICE),
    # Who looked at whom is itself about people: those who answer for it, and administrators.
    "audit.read": _to(APPROVER, ADMIN),
    "matter.open": _to(BORROWER, SUPPORT, SERVICE),
    "matter.read": _to(BORROWER, SUPPORT, APPROVER, SERVICE),
    "matter.withdraw": _to(BORROWER, SUPPORT, SERVICE),
    "matter.queue": _to(SUPPORT, APPROVER),
    "matter.take": _to(SUPPORT, APPROVER),
    "matter.answer": _to(SUPPORT, APPROVER),
    # What a program decided is judged by whoever may approve.
    "matter.judge": _to(APPROVER),
    # No one person does these alone: one proposes, another judges (service/proposals.py).
    "proposal.make": _to(SUPPORT, ANALYST, APPROVER),
    "proposal.publish": _to(ANALYST, APPROVER),
    "proposal.run_challenger": _to(ANALYST, APPROVER),
    "proposal.set_stance": _to(ANALYST, APPROVER),
    "proposal.raise_limit": _to(SUPPORT, APPROVER),
    "proposal.release_hold": _to(SUPPORT, APPROVER),
    "proposal.post_by_hand": _to(SUPPORT, APPROVER),
    "proposal.erase": _to(SUPPORT, APPROVER),
    "proposal.read": _to(SUPPORT, ANALYST, APPROVER),
    "proposal.judge": _to(APPROVER),
    "consent.read": _to(BORROWER, SUPPORT, SERVICE),
    "consent.tell": _to(BORROWER, SERVICE),
    "export.read": _to(BORROWER, SERVICE),
    # The lender's own system, which has made sure who is asking; staff propose it.
    "borrower.erase": _to(SERVICE),
    "policy.read": _to(ANALYST, APPROVER, ADMIN, SERVICE),
    "policy.check": _to(ANALYST, APPROVER),
    "policy.backtest": _to(ANALYST, APPROVER),
    "challenger.read": _to(ANALYST, APPROVER, ADMIN, SERVICE),
    # Starting one takes two people; whoever may start one may stop it alone, and at once.
    "challenger.stop": _to(ANALYST, APPROVER),
    "platform.read": _to(*_EVERY_STAFF, SERVICE),
    "platform.change": _to(APPROVER),
}
"""Action → who may. A route names one of these, or the service does not start."""
