"""Holds: place, extend, release; the borrower's own lock. None of them ever stops a repayment."""

from __future__ import annotations

from typing import Final, Literal

from xindeng.decision.facts import OWN_LOCK
from xindeng.events.line import HoldKind, HoldMode, HoldPlaced, HoldReleased
from xindeng.features.state import Hold
from xindeng.kernel.errors import ForbiddenError, InputError, NotFoundError
from xindeng.kernel.time import DAY, HOUR
from xindeng.service.engine import Engine
from xindeng.service.held import Held, held

How = Literal["expired", "condition", "review", "customer", "replaced"]

LOCK_LASTS: Final = 3650 * DAY
"""The borrower's own lock has no review of ours: it stands until the borrower undoes it."""
UNLOCK_WAIT: Final = 12 * HOUR
"""Where a policy names no parameter `unlock_wait_hours`."""

_PAUSED: Final = {
    "zh": "暂停借款（还款不受影响）。我们不会让您转账、付费或提供验证码来解除；如有人这样说，是诈骗。",
    "en": "Draws are paused; repaying goes on as ever. We never ask for a transfer, a fee or a "
    "code to lift it: whoever does is a fraudster.",
}
_LIFTED: Final = {"zh": "借款已恢复。", "en": "Draws are possible again."}


def place(
    engine: Engine, borrower: str, kind: HoldKind, *, reason: str, review_at: int,
    mode: HoldMode = "block", cap: int | None = None, owner: str = "manual",
) -> str:  # fmt: skip
    """Place a hold until `review_at` (µs) and tell the borrower; returns its id.

    Raises InputError for a review in the past, a cap without an amount or no reason.
    """
    if not reason.strip():
        raise _wrong("a hold needs a reason", "name it in a few words")
    if (mode == "cap") != (cap is not None):
        raise _wrong("a cap and only a cap has an amount", "give the amount with mode cap")
    with held(engine, borrower) as line:
        if review_at <= line.now:
            raise _wrong("the review is in the past", "give a later review date")
        hold_id = line.new_id()
        line.tell(
            HoldPlaced(
                hold=hold_id, kind=kind, mode=mode, reason=reason.strip(), review_at=review_at,
                cap=cap, owner=owner,
            )
        )  # fmt: skip
        if mode != "monitor":
            line.notify("hold_placed", _PAUSED, old_contact=True)
    return hold_id


def release(engine: Engine, borrower: str, hold_id: str, *, how: How = "review") -> None:
    """End a hold and tell the borrower; raises NotFoundError if it does not stand."""
    with held(engine, borrower) as line:
        found = standing(line, hold_id)
        line.tell(HoldReleased(hold=hold_id, how=how))
        if found.mode != "monitor":
            line.notify("hold_released", _LIFTED)


def lock(engine: Engine, borrower: str) -> str:
    """Lock the line at the borrower's wish, at once; a line locked already stays as it is."""
    with held(engine, borrower) as line:
        for found in _holds(line):
            if found.kind == OWN_LOCK:
                return found.id
        hold_id = line.new_id()
        line.tell(
            HoldPlaced(
                hold=hold_id, kind="own_lock", mode="block", reason="own_lock",
                review_at=line.now + LOCK_LASTS, owner="borrower",
            )
        )  # fmt: skip
        line.notify("locked", _PAUSED, old_contact=True)
    return hold_id


def unlock(engine: Engine, borrower: str, *, stepped_up: bool, device_days: int) -> int:
    """Undo the own lock after a wait; returns the instant (µs) from which draws are possible.

    `stepped_up`: the borrower has just proven who they are; `device_days`: for how many days the
    device in use has been known. Raises ForbiddenError without the one or on a newly changed
    device, NotFoundError where nothing is locked.
    """
    if not stepped_up:
        raise ForbiddenError(
            "unlocking needs a proof of who you are",
            next_step="finish the face or document check, then unlock again",
            code="unlock.step_up",
        )
    if device_days < 1:
        raise ForbiddenError(
            "a device that was changed today cannot unlock",
            next_step="unlock from a device known for a day, or call the official service line",
            code="unlock.new_device",
        )
    with held(engine, borrower) as line:
        own = [found for found in _holds(line) if found.kind == OWN_LOCK]
        if not own:
            raise _unknown("own lock", borrower)
        opens_at = line.now + UNLOCK_WAIT
        line.tell(HoldReleased(hold=own[0].id, how="replaced"))
        line.tell(
            HoldPlaced(
                hold=line.new_id(), kind="security", mode="block", reason="unlock_wait",
                review_at=opens_at, owner="borrower",
            )
        )  # fmt: skip
        line.notify("unlocking", _PAUSED, old_contact=True)
    return opens_at


def standing(line: Held, hold_id: str) -> Hold:
    """Return the hold if it stands; raises NotFoundError."""
    for found in _holds(line):
        if found.id == hold_id:
            return found
    raise _unknown(hold_id, line.borrower)


def _holds(line: Held) -> tuple[Hold, ...]:
    return line.engine.policy.kernel.holds(line.state)


def _unknown(what: str, borrower: str) -> NotFoundError:
    return NotFoundError(
        f"no hold {what[:60]!r} stands",
        where=f"borrower {borrower}",
        next_step=f"see: xindeng line show {borrower}",
        code="not_found.hold",
    )


def _wrong(what: str, next_step: str) -> InputError:
    return InputError(what, next_step=next_step, code="hold.value")
