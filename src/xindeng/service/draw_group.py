"""Decide the draws of many borrowers in one transaction: they share its round trips and its fsync.

One after another a draw pays for two round trips and a flush to disk alone. Together they pay once,
and nobody's answer depends on a neighbour's: whoever is locked elsewhere is left out, whoever errs
is told so alone, and if the database refuses the whole, each is tried by itself.
"""

from __future__ import annotations

from collections.abc import Sequence

from xindeng.kernel.errors import XindengError
from xindeng.service import draw as alone
from xindeng.service.draw import Asked, Made
from xindeng.service.engine import Engine
from xindeng.store import openings
from xindeng.store.decisions import StoredDecision

Answer = StoredDecision | XindengError | None
"""A stored decision, the error of this draw alone, or None: the borrower is locked, ask again."""


def draw_group(engine: Engine, asked: Sequence[Asked]) -> list[Answer]:
    """Return the answers to the draws of different borrowers, in order, once all are durable.

    Raises ValueError for two draws of one borrower: the second must see what the first did.
    """
    if len({one.borrower for one in asked}) != len(asked):
        raise ValueError("a group holds one draw a borrower")
    answers: dict[str, Answer] = {}
    fit = []
    for one in asked:
        try:
            alone.check(one)
            fit.append(one)
        except XindengError as error:
            answers[one.borrower] = error
    if fit:
        try:
            answers.update(_together(engine, fit))
        except XindengError as error:
            answers.update(_each_alone(engine, fit, error))
    return [answers[one.borrower] for one in asked]


def _together(engine: Engine, asked: Sequence[Asked]) -> dict[str, Answer]:
    answers: dict[str, Answer] = {}
    made: list[Made] = []
    keys = [(one.borrower, one.key) for one in asked]
    with engine.store.transaction() as conn:
        found = openings.lock_and_read(conn, engine.store.keys, keys, wait=False)
        for one in asked:
            if one.borrower in found.busy:
                answers[one.borrower] = None
                continue
            try:
                opening = found.of(one.borrower)
                if opening.earlier is not None:
                    answers[one.borrower] = alone.earlier(conn, opening, one)
                else:
                    made.append(alone.decided(engine, conn, opening, one))
            except XindengError as error:
                answers[one.borrower] = error
        if made:
            alone.write(engine, conn, made)
    answers.update((one.asked.borrower, one.stored) for one in made)
    return answers


def _each_alone(engine: Engine, asked: Sequence[Asked], error: XindengError) -> dict[str, Answer]:
    """Try each draw by itself: one that the database refuses takes no other with it."""
    if len(asked) == 1:
        return {asked[0].borrower: error}
    answers: dict[str, Answer] = {}
    for one in asked:
        try:
            answers.update(_together(engine, [one]))
        except XindengError as own:
            answers[one.borrower] = own
    return answers
