"""Holds: place, extend, release; the borrower's own lock. None of them ever stops a repayment."""

from __future__ import annotations

from typing import Final

from xindeng.kernel.errors import NotFoundError
from xindeng.service.engine import Engine
from xindeng.service.held import Held, held
from xindeng.servicing import holds as rules
from xindeng.servicing import own_lock
from xindeng.servicing.hold_book import StandingHold, standing_holds

TYPES: Final = ("hold_placed", "hold_extended", "hold_reviewed", "hold_released")
"""The events that the life of a hold is told by."""


def place(
    engine: Engine, borrower: str, kind: str, *, reason: str, by: str, mode: str = "block",
    days: int | None = None, cap: int | None = None, loan: str | None = None, note: str = "",
) -> str:  # fmt: skip
    """Place a hold as the policy allows for its kind and tell the borrower; returns its id.

    Raises InputError or NotFoundError as the policy says no.
    """
    with held(engine, borrower) as line:
        hold = line.new_id()
        line.carry_out(
            rules.place(
                line.view(), kind, hold=hold, reason=reason, by=by, note=note, mode=mode,
                days=days, cap=cap, loan=loan,
            )
        )  # fmt: skip
    return hold


def extend(engine: Engine, borrower: str, hold: str, *, days: int, evidence: str, by: str) -> None:
    """Extend a hold on evidence that is new, within the policy's caps, with a notice."""
    with held(engine, borrower) as line:
        found = standing_hold(line, hold)
        line.carry_out(rules.extend(line.view(), found, days=days, evidence=evidence, by=by))


def release(engine: Engine, borrower: str, hold: str, *, by: str, why: str) -> None:
    """End a hold by hand and tell the borrower; raises NotFoundError if it does not stand."""
    with held(engine, borrower) as line:
        line.carry_out(rules.release(line.view(), standing_hold(line, hold), by=by, why=why))


def lock(engine: Engine, borrower: str) -> None:
    """Lock the line at the borrower's wish, at once; a line locked already stays as it is."""
    with held(engine, borrower) as line:
        line.carry_out(own_lock.lock(line.view(), standing(line), hold=line.new_id()))


def ask_unlock(engine: Engine, borrower: str) -> None:
    """Start the wait after which the own lock goes off; raises ForbiddenError without a step-up."""
    with held(engine, borrower) as line:
        line.carry_out(own_lock.ask_unlock(line.view(), standing(line)))


def standing(line: Held) -> tuple[StandingHold, ...]:
    """Return the holds that stand on a held line, with all that is known of each."""
    if not line.engine.policy.kernel.holds(line.state):
        return ()
    return standing_holds(line.history(TYPES))


def standing_hold(line: Held, hold: str) -> StandingHold:
    """Return one hold; raises NotFoundError if it does not stand."""
    for found in standing(line):
        if found.id == hold:
            return found
    raise NotFoundError(
        f"no hold {hold[:60]!r} stands",
        where=f"borrower {line.borrower}",
        next_step=f"see: xindeng line show {line.borrower}",
        code="not_found.hold",
    )
