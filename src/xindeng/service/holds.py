"""Holds: place, extend, release; the borrower's own lock. None of them ever stops a repayment."""

from __future__ import annotations

from collections.abc import Collection

from xindeng.features.state import State
from xindeng.kernel.errors import NotFoundError
from xindeng.service import books, pauses
from xindeng.service.engine import Engine
from xindeng.service.held import held, held_with, save
from xindeng.service.held_line import Held
from xindeng.servicing import holds as rules
from xindeng.servicing import identity_theft, own_lock
from xindeng.servicing.hold_again import check_again
from xindeng.servicing.hold_book import StandingHold
from xindeng.store.borrowers import Chain
from xindeng.store.connect import Conn


def place(
    engine: Engine, borrower: str, kind: str, *, reason: str, by: str, mode: str = "block",
    days: int | None = None, cap: int | None = None, loan: str | None = None, note: str = "",
) -> str:  # fmt: skip
    """Place a hold as the policy allows for its kind and tell the borrower; returns its id.

    Raises InputError or NotFoundError as the policy says no, and ConflictError for what one hold
    rested on already, unless `note` names what came up since (see servicing.hold_again).
    """
    with held(engine, borrower) as line:
        hold = line.new_id()
        past = line.history(pauses.TYPES)
        check_again(line.view(), past, kind, reason=reason, note=note, days=days)
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


def claim_theft(engine: Engine, borrower: str, *, loan: str | None = None) -> str:
    """Take in that somebody else used the borrower's identity, for `loan` if it is known.

    Draws stop, and interest and collection on the contested loan alone; returns the hold's id.
    Raises NotFoundError for a loan that is not this borrower's.
    """
    with held(engine, borrower) as line:
        if loan is not None:
            books.loan_row(line, loan)
        hold = line.new_id()
        line.carry_out(identity_theft.claim(line.view(), hold=hold, loan=loan))
    return hold


def look_again(
    engine: Engine, conn: Conn, chain: Chain, state: State, stood: Collection[str]
) -> None:
    """Review the holds that stood before news came, or before a draw: what one waited for may have
    happened.

    The borrower's row is locked and the news is stored. What was placed just now is left alone,
    but for its effect on interest and collection.
    """
    line = held_with(engine, conn, chain, state)
    kinds = engine.policy.line.kinds
    old = [hold for hold in standing(line) if hold.id in stood and hold.kind in kinds]
    line.carry_out(rules.review(line.view(), old))
    pauses.follow(line)
    save(line)


def foresee(engine: Engine, conn: Conn, chain: Chain, state: State) -> None:
    """Take into `state` what `look_again` would do to the holds now; nothing of it is stored."""
    if engine.policy.kernel.holds(state):
        line = held_with(engine, conn, chain, state)
        kinds = engine.policy.line.kinds
        old = [hold for hold in standing(line) if hold.kind in kinds]
        line.tell(*rules.review(line.view(), old).payloads)


def standing(line: Held) -> tuple[StandingHold, ...]:
    """Return the holds that stand on a held line, with all that is known of each."""
    return pauses.standing(line)


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
