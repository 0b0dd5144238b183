"""A request for help: the menu at once, a person within three working days, nothing held back."""

from __future__ import annotations

from typing import Any

from xindeng.service.engine import Engine
from xindeng.service.held import held
from xindeng.servicing import hardship as rules
from xindeng.servicing.hardship import HardshipMenu
from xindeng.servicing.orders import Orders


def ask(engine: Engine, borrower: str, **wish: Any) -> HardshipMenu:
    """Store a request for help and return the menu; keywords as of `servicing.hardship.ask`.

    Raises NotFoundError, ErasedError.
    """
    with held(engine, borrower) as line:
        menu = rules.ask(line.view(), **wish)
        line.carry_out(menu.orders)
    return menu


def answer(engine: Engine, borrower: str, **result: Any) -> Orders:
    """Store a person's answer; keywords as of `servicing.hardship.answer`.

    The loan itself changes by a transaction of its own. Raises InputError for what is missing.
    """
    with held(engine, borrower) as line:
        orders = rules.answer(line.view(), **result)
        line.carry_out(orders)
    return orders
