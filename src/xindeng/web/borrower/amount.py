"""Amounts as borrowers write them, and what is wrong with one that cannot be taken."""

from __future__ import annotations

from xindeng.kernel.errors import InputError
from xindeng.kernel.money import BEYOND, MAX_AMOUNT, Money
from xindeng.service.product import legal_cap
from xindeng.web.route import Visit


def minor_of(visit: Visit, text: str) -> int:
    """Return an amount in minor units; raises InputError for what is none."""
    return Money.parse(text, visit.engine.policy.currency).minor


def wrong_amount(visit: Visit, text: str, *, least: int = 1) -> str:
    """Return what is wrong with a wish for `text`, less than `least` minor units being too little.

    An amount that could be lent is not at fault: then it is the months that are not offered.
    """
    try:
        minor = minor_of(visit, text)
    except InputError as error:
        if error.code != BEYOND:
            return visit.say("Please write an amount such as 8000.")
        minor = MAX_AMOUNT + 1
    money = visit.look.money
    if minor <= 0:
        return visit.say("Please write an amount above {nothing}.", nothing=money(0))
    if minor < least:
        return visit.say("The smallest amount to try is {amount}.", amount=money(least))
    if minor > MAX_AMOUNT:
        most = legal_cap(visit.engine) or MAX_AMOUNT
        return visit.say("That is more than any line here may hold: at most {most}.",
                         most=money(most))  # fmt: skip
    return visit.say("This is not offered over so many months.")
