"""What debts count for in a month, and which accounts of a report are one debt.

One place, because the features, the plan and the check-up must count alike.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

from xindeng.events.credit import LenderKind, ReportAccount

CARDS: Final = frozenset({"R2", "R3"})
ENDED: Final = frozenset({"settled", "closed", "transferred"})


@dataclass(frozen=True, slots=True)
class DueRule:
    """How a balance without a usable contractual due becomes a monthly one.

    Cards owe `card_percent` of their balance; open-ended loans are spread over
    `open_ended_months`. Both are conventions of affordability checks, not of the contracts.
    """

    card_percent: int = 10
    open_ended_months: int = 12

    def monthly(self, account: ReportAccount) -> int:
        """Return the greater of the contractual due and principal ÷ remaining months, in fen."""
        card = account.kind in CARDS
        return self.counted(account.monthly_due, account.balance, account.months_left, card=card)

    def counted(self, due: int, balance: int, months_left: int | None, *, card: bool) -> int:
        """Return what a contractual `due` on `balance` counts for a month; all in fen."""
        if card:
            return max(due, -(-balance * self.card_percent // 100))
        return max(due, -(-balance // (months_left or self.open_ended_months)))


DEFAULT_DUES: Final = DueRule()


class Owed(NamedTuple):
    """One debt of a report: the account that names it and those that are added up for it.

    They differ for a line whose parts are listed beside it: the line names, the parts count.
    """

    lead: ReportAccount
    counted: tuple[ReportAccount, ...]

    @property
    def balance(self) -> int:
        """Return the principal still owed, in fen."""
        return sum(account.balance for account in self.counted)


def units(accounts: Iterable[ReportAccount]) -> list[list[ReportAccount]]:
    """Gather accounts that are one debt: an R1 line with its R4 parts, a jointly funded loan."""
    found: dict[str, list[ReportAccount]] = {}
    for account in accounts:
        found.setdefault(account.group or account.account, []).append(account)
    return list(found.values())


def owed(accounts: Iterable[ReportAccount], dues: DueRule = DEFAULT_DUES) -> list[Owed]:
    """Return the debts that are still open, each once.

    A line counts as itself or as its parts together, whichever asks more a month; a loan that
    several lenders fund counts as the account that asks most.
    """
    live = [account for account in accounts if account.status not in ENDED]
    return [_owed(unit, dues) for unit in units(live)]


def _owed(unit: list[ReportAccount], dues: DueRule) -> Owed:
    parts = tuple(account for account in unit if account.kind == "R4")
    wholes = [account for account in unit if account.kind != "R4"]
    lead = wholes[0] if wholes else parts[0]

    def asks(accounts: tuple[ReportAccount, ...]) -> tuple[int, int]:
        return sum(map(dues.monthly, accounts)), sum(one.balance for one in accounts)

    return Owed(lead, max([*((one,) for one in wholes), *([parts] if parts else [])], key=asks))


def lenders_of(holders: Iterable[tuple[str, LenderKind]]) -> tuple[int, int]:
    """Return how many lenders there are and how many of them are no banks.

    Family and friends are owed money like others, but they are no lenders a policy counts.
    """
    lenders = {(name, kind) for name, kind in holders if kind != "person"}
    others = {name for name, kind in lenders if kind != "bank"}
    return len({name for name, _ in lenders}), len(others)
