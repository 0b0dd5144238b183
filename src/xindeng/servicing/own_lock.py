"""The borrower's own lock: on at once by any channel, off only after a step-up and a wait.

Whoever holds a stolen phone can lock but not unlock: asking needs a fresh face check away from a
newly changed device, both contacts are told, and a change of device, credential or payout card
during the wait makes the request void.
"""

from __future__ import annotations

from collections.abc import Iterable

from xindeng.events.line import HoldPlaced, UnlockAsked
from xindeng.kernel.errors import ConflictError, ForbiddenError
from xindeng.kernel.time import DAY, HOUR
from xindeng.servicing.hold_book import StandingHold
from xindeng.servicing.hold_words import LANGUAGES, moment, told
from xindeng.servicing.holds import OWN_LOCK, is_true
from xindeng.servicing.orders import NOTHING, Notice, Orders
from xindeng.servicing.view import View


def lock(view: View, holds: Iterable[StandingHold], *, hold: str) -> Orders:
    """Return the orders that lock draws now; nothing where they are locked already."""
    if _locked(holds) is not None:
        return NOTHING
    spec = view.policy.line.kind(OWN_LOCK)
    days = view.policy.line.length(OWN_LOCK, "days", view.parameters)
    payload = HoldPlaced(
        hold=hold, kind="own_lock", mode="block", reason=OWN_LOCK,
        review_at=view.now + days * DAY, owner=spec.owner,
    )  # fmt: skip
    texts = told(spec, ("locked", "ends", "repay", "scam"))
    return Orders(
        payloads=(payload,), notices=(Notice(kind="locked", texts=texts, old_contact=True),)
    )


def ask_unlock(view: View, holds: Iterable[StandingHold]) -> Orders:
    """Return the orders that start the wait; the lock then goes off by review.

    Raises ConflictError where nothing is locked, ForbiddenError without the policy's `ask_when`:
    no fresh face check, or a device or credential changed lately.
    """
    found = _locked(holds)
    if found is None:
        raise ConflictError(
            "draws are not locked", next_step="nothing needs unlocking", code="unlock.not_locked"
        )
    if not is_true(view, found, "ask_when"):
        raise ForbiddenError(
            "unlocking needs a face check just now, on a device and with credentials that were "
            "not changed lately",
            where="own lock",
            next_step="finish the face check on a device used for a while, then ask again; "
            "repayments go on as usual",
            code="unlock.step_up",
        )
    opens_at = view.now + view.parameter("unlock_wait_hours") * HOUR
    at = {language: moment(opens_at, view.policy.zone, language) for language in LANGUAGES}
    texts = told(view.policy.line.kind(OWN_LOCK), ("unlock", "repay", "scam"), at=at)
    return Orders(
        payloads=(UnlockAsked(hold=found.id, opens_at=opens_at),),
        notices=(Notice(kind="unlock_asked", texts=texts, old_contact=True),),
    )


def _locked(holds: Iterable[StandingHold]) -> StandingHold | None:
    return next((hold for hold in holds if hold.kind == OWN_LOCK), None)
