"""Matters put before a person: opened and withdrawn by the borrower, read, and queued for staff."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from xindeng.events.envelope import Event
from xindeng.events.matters import MatterAnswered, MatterCause, MatterOpened, MatterResult, Way
from xindeng.kernel.errors import ConflictError, InputError
from xindeng.service.engine import Engine
from xindeng.service.held import held
from xindeng.service.held_line import Held
from xindeng.service.matter_queue import ABOUT
from xindeng.servicing import matters as rules
from xindeng.store import borrowers, decisions, events, matters
from xindeng.store.matters import MatterRow


@dataclass(frozen=True, slots=True)
class Matter:
    """A matter as it stands, with what was said: by the borrower, and in the answer."""

    row: MatterRow
    opened: MatterOpened | None = None
    answer: MatterAnswered | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """What a borrower puts before a person. A review or an appeal is of a decision, the last one
    unless named; a dispute is of a record in the credit report."""

    way: Way
    cause: MatterCause = "other"
    decision: str | None = None
    record: str | None = None
    text: str = ""


def open_matter(engine: Engine, borrower: str, ask: Ask) -> Matter:
    """Put a matter before a person and tell the borrower by which day it is answered.

    Asking again about the same thing returns the matter that is open. Raises InputError for a
    dispute without its record or a review of nothing, ConflictError where a review of another
    decision waits, NotFoundError for somebody else's decision, ErasedError.
    """
    with held(engine, borrower) as line:
        decision = _decision(line, ask)
        about = _about(line, ask, decision)
        known = matters.waiting_about(line.conn, borrower, ask.way, about)
        if known is not None and known.asked:
            if known.decision != decision:
                raise _other(known)
            return found(known, line.history(rules.TYPES))
        policy, today = engine.policy, line.today
        due = rules.answer_by(policy, ask.way, today, _ahead(line, ask.way))
        row = MatterRow(
            id=line.new_id(), borrower=borrower, way=ask.way, about=about, decision=decision,
            asked=True, priority=1, opened_at=line.now, due_day=due,
        )  # fmt: skip
        if known is None:
            matters.insert(line.conn, row)
        else:  # the policy had put it before a person; now the borrower asks, and it cannot lapse
            row = replace(known, decision=decision, asked=True, priority=1, expires_at=None)
            matters.update(line.conn, row)
        told = MatterOpened(
            matter=row.id, way=ask.way, answer_by=row.due_day, cause=ask.cause,
            decision_id=decision, record=ask.record, text=ask.text,
        )  # fmt: skip
        line.carry_out(rules.opened(policy, told, today))
    return Matter(row, told)


def withdraw(engine: Engine, borrower: str, ident: str) -> Matter:
    """End a matter at the borrower's wish; raises NotFoundError, ConflictError if answered
    or if the policy put it before a person: that one is not theirs to end."""
    with held(engine, borrower) as line:
        row = open_row(line, ident)
        if not row.asked:
            raise ConflictError(
                "this review was asked for by the lender's rules",
                where=f"matter {row.id}",
                next_step="wait for its answer",
                code="matter.not_theirs",
            )
        return close(line, row, MatterAnswered(
            matter=row.id, way=row.way, result="withdrawn", owner=f"borrower:{borrower}"[:128]
        ))  # fmt: skip


def read(engine: Engine, borrower: str, ident: str) -> Matter:
    """Return a matter of the borrower; raises NotFoundError, also for somebody else's."""
    with engine.store.snapshot() as conn:
        chain = borrowers.read(conn, engine.store.keys, borrower)
        row = matters.read(conn, borrower, ident)
        links = events.read_of_types(conn, borrower, rules.TYPES)
        return found(row, events.unseal(links, chain.key))


def of_borrower(engine: Engine, borrower: str) -> list[Matter]:
    """Return a borrower's matters, oldest first; raises NotFoundError, ErasedError."""
    with engine.store.snapshot() as conn:
        chain = borrowers.read(conn, engine.store.keys, borrower)
        rows = matters.of_borrower(conn, borrower)
        links = events.read_of_types(conn, borrower, rules.TYPES)
        told = list(events.unseal(links, chain.key))
    return [found(row, told) for row in rows]


def owner(engine: Engine, ident: str) -> str:
    """Return whose matter it is; raises NotFoundError."""
    with engine.store.snapshot() as conn:
        return matters.owner(conn, ident)


def queue(
    engine: Engine, way: Way | None, after: tuple[int, int, str] | None, count: int
) -> Sequence[MatterRow]:
    """Return up to `count` open matters: what is late first, then by the day of the answer."""
    with engine.store.snapshot() as conn:
        return matters.queue(conn, way, after, count)


def open_row(line: Held, ident: str) -> MatterRow:
    """Return an open matter of the held line; raises NotFoundError, ConflictError if answered."""
    row = matters.read(line.conn, line.borrower, ident)
    if not row.open:
        raise ConflictError(
            "this matter is answered already",
            where=f"matter {row.id}",
            next_step="open a new one if something new came up",
            code="matter.closed",
        )
    return row


def close(line: Held, row: MatterRow, told: MatterAnswered) -> Matter:
    """End a matter with an answer in writing, in the transaction of the held line."""
    over = end(line, row, told.result, told.owner)
    tell(line, over, told)
    return found(over, line.history(rules.TYPES))


def end(line: Held, row: MatterRow, result: MatterResult, by: str) -> MatterRow:
    """Take a matter off the queue; its answer must be told in the same transaction."""
    over = replace(row, result=result, closed_at=line.now, closed_by=by)
    matters.update(line.conn, over)
    return over


def tell(line: Held, row: MatterRow, told: MatterAnswered) -> None:
    """Tell the answer of a matter that was taken off the queue."""
    opened = found(row, line.history(rules.TYPES)).opened
    record = None if opened is None else opened.record
    line.carry_out(rules.answered(line.engine.policy, told, record, line.today))


def _about(line: Held, ask: Ask, decision: str | None) -> str:
    """Return what tells a matter from others of its way; a record's name is the borrower's word
    and stands in the queue only as a keyed hash."""
    if ask.way == "review":
        return ABOUT
    if ask.record is not None:
        return line.engine.store.keys.look_up("record", ask.record).hex()
    return decision or "account"


def _decision(line: Held, ask: Ask) -> str | None:
    """Return the decision a matter is about; raises InputError, NotFoundError."""
    if ask.way == "dispute" and ask.record is None:
        raise _needs("record", "name the record of the credit report that is wrong")
    if ask.way in ("dispute", "complaint"):
        return None
    found = ask.decision or decisions.latest(line.conn, line.borrower)
    if found is None:
        if ask.way == "appeal":
            return None
        raise _needs("decision", "there is no decision yet that a person could look at")
    sealed = decisions.read(line.conn, found)
    if sealed.column("borrower") != line.borrower:
        raise decisions.unknown(found)
    return str(sealed.column("id"))


def _ahead(line: Held, way: Way) -> int:
    return matters.waiting(line.conn, way) if rules.CLOCKS[way].working else 0


def found(row: MatterRow, told: Iterable[Event]) -> Matter:
    """Return a matter with what the borrower's events say in it."""
    opened, answer = None, None
    for event in told:
        payload = event.payload
        if isinstance(payload, MatterOpened) and payload.matter == row.id:
            opened = payload
        elif isinstance(payload, MatterAnswered) and payload.matter == row.id:
            answer = payload
    return Matter(row, opened, answer)


def _needs(field: str, step: str) -> InputError:
    return InputError(
        f"this needs a {field}", where=f"body.{field}", next_step=step, code="matter.about"
    )


def _other(known: MatterRow) -> ConflictError:
    return ConflictError(
        "a review of another decision is waiting for its answer",
        where=f"matter {known.id}",
        next_step="wait for that answer, or withdraw it first",
        code="matter.open",
    )
