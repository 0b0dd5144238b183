"""What a payment pays: {past due, due today} × {penalty, fee, interest, principal}, then ahead."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from xindeng.lending.terms import Order, Part
from xindeng.servicing.standing import Due

_FIELD: Final = {Part.fee: 1, Part.interest: 2, Part.principal: 3}


class Split(Struct):
    """How a payment was laid on what is due; `rest` is left over for what is not due yet."""

    penalty: int = 0
    fee: int = 0
    interest: int = 0
    principal: int = 0
    rest: int = 0


def allocate(
    dues: Sequence[Due], today: int, penalty: int, amount: int, order: Order
) -> tuple[tuple[Due, ...], Split]:
    """Lay `amount` on penalty and dues in order; return the dues left, and the split.

    What is past due comes before what is due today, whichever part it is; penalty, which belongs
    to no single instalment, is laid with the past due.
    """
    split = Split(rest=amount)
    left = [list(due) for due in dues]
    late = [row for row in left if row[0] < today]
    group = late or left
    penalty = _lay(group, split, penalty, order)
    if late and len(late) < len(left):
        penalty = _lay(left[len(late) :], split, penalty, order)
    if penalty:  # nothing is due and penalty remains
        split.penalty += _take(split, penalty)
    return tuple(Due(*row) for row in left if row[1] or row[2] or row[3]), split


def _lay(rows: list[list[int]], split: Split, penalty: int, order: Order) -> int:
    """Lay the rest of a payment on a group of dues; return the penalty still owed."""
    if order.by == "instalment":
        cells = [(row, part) for row in rows for part in order.parts]
    else:
        cells = [(row, part) for part in order.parts for row in rows]
    for row, part in cells:
        if not split.rest:
            break
        if part is Part.penalty:
            taken = _take(split, penalty)
            split.penalty += taken
            penalty -= taken
            continue
        field = _FIELD[part]
        taken = _take(split, row[field])
        row[field] -= taken
        setattr(split, part, getattr(split, part) + taken)
    return penalty


def _take(split: Split, owed: int) -> int:
    taken = min(split.rest, owed)
    split.rest -= taken
    return taken
