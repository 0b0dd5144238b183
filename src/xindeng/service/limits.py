"""Limits: granted, changed by hand, re-evaluated by policy. A cut touches only what is not lent."""

from __future__ import annotations

from typing import Final

from xindeng.service.engine import Engine
from xindeng.service.held import held
from xindeng.service.held_line import Held
from xindeng.servicing import limits as rules
from xindeng.servicing.limit_book import LimitBook, limit_book
from xindeng.servicing.orders import Orders

TYPES: Final = ("limit_change", "limit_warning", "limit_warning_withdrawn")
"""The events that the limit of a line is told by."""


def grant(
    engine: Engine, borrower: str, *, reason: str, by: str, limit: int | None = None
) -> Orders:
    """Open a line with the segment's first limit, or with `limit` minor units; returns what was
    done. Raises ConflictError, InputError."""
    with held(engine, borrower) as line:
        orders = rules.grant(line.view(), book_of(line), reason=reason, limit=limit, by=by)
        line.carry_out(orders)
    return orders


def change(
    engine: Engine, borrower: str, limit: int, *, reason: str, by: str,
    asked_by_borrower: bool = False, close: bool = False,
) -> Orders:  # fmt: skip
    """Change a limit by hand; returns what was done: the change, or first its warning.

    A cut that the borrower did not ask for is warned of, and made by the same call on or after
    the day told. Raises InputError without a reason, ConflictError for a closed line.
    """
    with held(engine, borrower) as line:
        orders = rules.change_by_hand(
            line.view(), book_of(line), limit=limit, by=by, reason=reason,
            asked_by_borrower=asked_by_borrower, close=close,
        )  # fmt: skip
        line.carry_out(orders)
    return orders


def book_of(line: Held) -> LimitBook:
    """Return the limit of a held line as its events tell it."""
    return limit_book(line.history(TYPES))
