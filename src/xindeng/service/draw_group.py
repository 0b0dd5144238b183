"""Decide the draws of many borrowers in one transaction: they share its round trips and its fsync.

One after another a draw pays for two round trips and a flush to disk alone. Together they pay once,
and nobody's answer depends on a neighbour's: whoever is locked elsewhere is left out, whoever errs
is told so alone, and if the whole cannot be stored, each is tried by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from xindeng.kernel.errors import XindengError
from xindeng.kernel.time import MILLISECOND
from xindeng.service import draw as alone
from xindeng.service import once
from xindeng.service.draw import Asked, Made
from xindeng.service.engine import Engine
from xindeng.service.groups import Rule
from xindeng.store import answers, openings
from xindeng.store.answers import Answer, Kept
from xindeng.store.connect import Conn
from xindeng.store.decisions import StoredDecision
from xindeng.store.openings import Opening

Drawn = StoredDecision | Answer
"""A stored decision, or the answer it was given where that is kept."""

Result = Drawn | Exception | None
"""What was drawn, the error of this draw alone, or None: the borrower is locked, ask again."""


MOST_WAITING: Final = 200
"""Draws of a process that may wait at once: about what it decides in a fifth of a second."""


@dataclass(slots=True)
class _Group:
    """What is to be written for all of a group at once."""

    made: list[Made] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)


def draw_group(engine: Engine, asked: Sequence[Asked]) -> list[Result]:
    """Return the answers to the draws of different borrowers, in order, once all are durable.

    Raises ValueError for two draws of one borrower: the second must see what the first did.
    """
    if len({one.borrower for one in asked}) != len(asked):
        raise ValueError("a group holds one draw a borrower")
    found: dict[str, Result] = {}
    fit = []
    for one in asked:
        try:
            alone.check(one)
            fit.append(one)
        except XindengError as error:
            found[one.borrower] = error
    if fit:
        try:
            found.update(_together(engine, fit))
        except Exception as error:  # whatever one of them brought about, the others are to be well
            found.update(_each_alone(engine, fit, error))
    return [found[one.borrower] for one in asked]


DRAWS: Final[Rule[Asked, Drawn]] = Rule(
    what="draws",
    do=draw_group,
    whose=lambda one: (one.borrower,),
    name=lambda one: (one.borrower, one.key, one.keep.asked if one.keep else one.request),
    most_waiting=MOST_WAITING,
    # One a process: groups are twice as large and a draw costs a fifth less; while one process
    # waits for the disk another decides.
    committers=1,
    # At 750 draws/s on two cores: a third less to do, and the slowest are answered sooner.
    apart=8 * MILLISECOND,
)


def _together(engine: Engine, asked: Sequence[Asked]) -> dict[str, Result]:
    outcomes: dict[str, Result] = {}
    group = _Group()
    keys = [(one.borrower, one.key) for one in asked]
    with engine.store.transaction() as conn:
        found = openings.lock_and_read(conn, engine.store.keys, keys, wait=False)
        for one in asked:
            if one.borrower in found.busy:
                outcomes[one.borrower] = None
                continue
            try:
                outcomes[one.borrower] = _one(engine, conn, found.of(one.borrower), one, group)
            except XindengError as error:
                outcomes[one.borrower] = error
        if group.made:
            alone.write(engine, conn, group.made)
        if group.kept:
            answers.insert(conn, group.kept)
    return outcomes


def _one(engine: Engine, conn: Conn, opening: Opening, one: Asked, group: _Group) -> Drawn:
    """Return the first answer, or decide and have it written with the group."""
    keep, made = one.keep, None
    if keep is not None and opening.answer is not None:
        return once.first(opening.answer, keep.asked)
    if opening.earlier is not None:
        stored = alone.earlier(conn, opening, one)
    else:
        made = alone.decided(engine, conn, opening, one)
        stored = made.stored
    told = None if keep is None else Answer(keep.asked, *keep.tell(stored))
    if made is not None:
        group.made.append(made)
    if told is None:
        return stored
    group.kept.append(Kept(opening.chain, one.key, told, engine.clock()))
    return told


def _each_alone(engine: Engine, asked: Sequence[Asked], error: Exception) -> dict[str, Result]:
    """Try each draw by itself: one that cannot be stored takes no other with it."""
    if len(asked) == 1:
        return {asked[0].borrower: error}
    outcomes: dict[str, Result] = {}
    for one in asked:
        try:
            outcomes.update(_together(engine, [one]))
        except Exception as own:  # its own
            outcomes[one.borrower] = own
    return outcomes
