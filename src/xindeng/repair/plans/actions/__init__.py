"""What a borrower can do, one file an action; a new one is its file and one line in `ACTIONS`.

Asking for hardship help and contacting support lead away from borrowing: they are named in a
plan's `leads`, and no search tries them.
"""

from __future__ import annotations

from typing import Final

from xindeng.repair.plans.actions import (
    consolidate,
    dispute,
    explain_flow,
    keep_active,
    pay_down,
    secure_account,
    settle_overdue,
    show_income,
    spend_less,
    stop_applying,
    verify_identity,
)
from xindeng.repair.plans.option import Action

ACTIONS: Final[dict[str, Action]] = {
    action.name: action
    for action in (
        pay_down.ACTION,
        consolidate.ACTION,
        settle_overdue.ACTION,
        dispute.ACTION,
        verify_identity.ACTION,
        secure_account.ACTION,
        explain_flow.ACTION,
        show_income.ACTION,
        keep_active.ACTION,
        spend_less.ACTION,
        stop_applying.ACTION,
    )
}
WITHOUT_ACTS: Final = frozenset({"wait", "borrow_less"})
"""Steps that change nothing but when, or how much, is asked."""
EVIDENCE: Final = frozenset({verify_identity.NAME, show_income.NAME, explain_flow.NAME})
"""Actions that show what is not known yet, instead of changing what is."""
LEADS: Final = frozenset({"seek_hardship_help", "contact_support"})
