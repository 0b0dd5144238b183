"""Staff take a matter and answer it; where that changes a decision, it is made anew at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from xindeng.decision.cleared import clearable
from xindeng.events.life import Dispute
from xindeng.events.matters import MatterAnswered, Way
from xindeng.kernel.errors import ConflictError, ForbiddenError, InputError
from xindeng.kernel.time import HOUR
from xindeng.service.draw import draw
from xindeng.service.engine import Engine
from xindeng.service.held import held
from xindeng.service.held_line import Held
from xindeng.service.matters import Matter, end, found, open_row, read, tell
from xindeng.servicing import matters as rules
from xindeng.store import borrowers, decisions, matters
from xindeng.store.decisions import StoredDecision
from xindeng.store.matters import MatterRow

DECIDING: frozenset[Way] = frozenset({"review", "appeal"})
"""The ways in which a person judges what a program decided."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A person's answer in writing; `cleared` are rules of the decision they let pass."""

    result: Literal["upheld", "changed"]
    note: str
    cleared: tuple[str, ...] = ()


def take(engine: Engine, borrower: str, ident: str, *, by: str) -> Matter:
    """Take a matter in hand; raises NotFoundError, ConflictError where somebody else has it.

    A dispute is marked with that, so that whoever reads the record meanwhile sees it is contested.
    """
    with held(engine, borrower) as line:
        row = open_row(line, ident)
        _check_free(engine, row, by, line.now)
        opened = found(row, line.history(rules.TYPES)).opened
        if opened is not None and opened.record is not None and row.taken_by is None:
            line.tell(Dispute(record=opened.record, stage="marked"))
        matters.update(line.conn, replace(row, taken_by=by, taken_at=line.now))
    return read(engine, borrower, ident)


def answer(engine: Engine, borrower: str, ident: str, said: Answer, *, by: str) -> Matter:
    """Answer a matter in writing. A review or appeal that changes something decides the same
    request anew, on the facts of now and without the rules that the person cleared; it is no try
    of the borrower's, and an approval is confirmed like any other.

    Raises ConflictError for a matter that somebody else has in hand or that is answered,
    ForbiddenError for an appeal of one's own answer, InputError for a rule nobody may clear.
    """
    with engine.store.joined():
        with held(engine, borrower) as line:
            row = open_row(line, ident)
            if row.taken_by != by:
                raise ConflictError(
                    "only who has the matter in hand answers it",
                    where=f"matter {row.id}",
                    next_step="take it first",
                    code="matter.not_taken",
                )
            _check_another(line, row, by)
            # Before the decision: one that again needs a person finds the queue free.
            row = end(line, row, said.result, by)
        again = None
        if row.way in DECIDING and row.decision is not None and said.result == "changed":
            again = _decide_again(engine, row, said.cleared)
        elif said.cleared:
            raise _unclear(said.cleared)
        with held(engine, borrower) as line:
            tell(line, row, MatterAnswered(
                matter=row.id, way=row.way, result=said.result, owner=by, note=said.note,
                decision_id=None if again is None else again.id, cleared=said.cleared,
            ))  # fmt: skip
        return read(engine, borrower, ident)


def may_clear(engine: Engine, row: MatterRow) -> tuple[str, ...]:
    """Return the rules of the decision that a person may let pass; none where it has none."""
    if row.decision is None or row.way not in DECIDING:
        return ()
    stored = _stored(engine, row)
    with engine.store.snapshot() as conn:
        policy = engine.policy_of(conn, stored.decision.policy_hash)
    return clearable(policy, stored.decision.fired, stored.decision.missing)


def _decide_again(engine: Engine, row: MatterRow, cleared: Sequence[str]) -> StoredDecision:
    if unfit := [one for one in cleared if one not in may_clear(engine, row)]:
        raise _unclear(unfit)
    request = replace(_stored(engine, row).request, cleared=tuple(cleared))
    return draw(engine, row.borrower, request, f"matter:{row.id}")


def _stored(engine: Engine, row: MatterRow) -> StoredDecision:
    assert row.decision is not None
    with engine.store.snapshot() as conn:
        chain = borrowers.read(conn, engine.store.keys, row.borrower)
        return decisions.read(conn, row.decision).unseal(chain.key)


def _check_free(engine: Engine, row: MatterRow, by: str, now: int) -> None:
    if row.taken_by in (None, by) or row.taken_at is None:
        return
    stays = rules.figure(engine.policy, rules.STAYS, engine.policy.zone.day(now)) * HOUR
    if now - row.taken_at < stays:
        raise ConflictError(
            "somebody else has this matter in hand",
            where=f"matter {row.id}",
            next_step="take another one from the queue",
            code="matter.taken",
        )


def _check_another(line: Held, row: MatterRow, by: str) -> None:
    """An appeal goes to another person than the one whose answer it is about."""
    if row.way != "appeal":
        return
    for event in line.history(("matter_answered",)):
        told = event.payload
        if isinstance(told, MatterAnswered) and told.owner == by and row.decision is not None:
            earlier = matters.read(line.conn, line.borrower, told.matter)
            if row.decision in (earlier.decision, told.decision_id):
                raise ForbiddenError(
                    "who answered before does not judge the appeal",
                    where=f"matter {row.id}",
                    next_step="leave it to another person",
                    code="matter.same_person",
                )


def _unclear(rules_named: Sequence[str]) -> InputError:
    return InputError(
        f"nobody may clear: {', '.join(one[:60] for one in rules_named[:5])}",
        where="body.cleared",
        next_step="clear only rules that ask for a person or lack data; add facts as events",
        code="matter.cleared",
    )
