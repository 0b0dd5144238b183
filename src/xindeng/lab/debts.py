"""The single debts behind the figures: each person's card and loans, to the fen.

What a person owes each month is given (`People.monthly_due`); here it is shared out among a card
and loans whose counted dues, by the platform's own rule, add up to exactly that sum. The figures of
every report are sums over these accounts, so a plan that closes one of them moves what is decided.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from xindeng.events.dues import DEFAULT_DUES
from xindeng.lab.blocks import Bools, Hashes, Ints, Reals, mix
from xindeng.lab.population import People

_LENDER = 0xE0
LENDER_KINDS: Final = ("bank", "consumer_finance", "microlender", "platform")
CARD, LOAN, INTEREST_ONLY, SETTLED = range(4)
GRID: Final = 60
"""Months of a report's longest grid."""
JUDGED: Final = 24
"""Months within which arrears are counted."""


@dataclass(frozen=True, slots=True)
class Accounts:
    """The accounts of a chunk as columns of shape (m,), person by person; money in fen.

    `part` is what each adds to the month by the platform's rule, on the last day of the window;
    `pays` what the contract asks. `age` counts the months since it was opened. `late`: months
    overdue in the grid, of which the newest are now if `overdue` (fen) is not 0.
    """

    who: Ints
    kind: Ints
    lender: Hashes
    lender_kind: Ints
    part: Ints
    pays: Ints
    rate_bp: Ints
    months_left: Ints
    balance: Ints
    limit: Ints
    age: Ints
    late: Ints
    overdue: Ints

    def __len__(self) -> int:
        """Return the number of accounts."""
        return len(self.who)

    def total(self, amounts: Ints, n: int) -> Ints:
        """Return the sums of `amounts` (m,) by person, shape (n,)."""
        sums = np.zeros(n, dtype=np.int64)
        np.add.at(sums, self.who, amounts)
        return sums


def lender(folk: People, number: Ints) -> Hashes:
    """Return the names of the town's lenders by number; the first third of them are banks."""
    return mix(folk.seed, _LENDER, number % folk.economy.lenders_in_town)


def card_part(balance: Ints) -> Ints:
    """Return what card balances add to the month by the platform's rule."""
    return -(-balance * DEFAULT_DUES.card_percent // 100)


def accounts(folk: People, late: Ints, overdue: Ints) -> Accounts:
    """Return everybody's accounts on the last day.

    `late` (n,) are months overdue within two years and `overdue` (n,) the fen overdue now; both go
    to the largest loan.
    """
    dice = folk.dice("debts")
    has_card = folk.card_limit > 0
    used = folk.card_used > 0
    loans = np.where(folk.monthly_due > 0, np.maximum(folk.lenders - used, 1), 0)
    old = np.where(folk.has("thin_file", "student"), 0, dice.integers(0, 5, len(folk)))
    who = np.concatenate([np.repeat(np.arange(len(folk)), n) for n in (has_card, loans, old)])
    kind = np.repeat([CARD, LOAN, SETTLED], [has_card.sum(), loans.sum(), old.sum()])
    order = np.lexsort((kind, who))
    who, kind = who[order], kind[order]
    first = np.searchsorted(who, np.arange(len(folk)))
    place = np.arange(len(who)) - first[who]
    slot = np.minimum(np.where(used[who], place, place - has_card[who]), folk.lenders[who] - 1)
    slot = np.maximum(slot, 0)
    nonbank = (slot >= (folk.lenders - folk.nonbank)[who]) & (kind == LOAN)
    name, lender_kind = _names(folk, dice, who, slot, nonbank)
    live = kind == LOAN
    kind = np.where(
        live & (dice.random(len(who)) < folk.economy.interest_only), INTEREST_ONLY, kind
    )
    rate = _rates(folk, dice, kind, lender_kind)
    left = np.rint(folk.months_left[who] * dice.uniform(0.2, 1.8, len(who))).astype(np.int64)
    left = np.where(live, np.maximum(left, 2), 0)
    card = kind == CARD
    part = np.where(card, card_part(folk.card_used[who]), 0)
    part += _shares(dice, who, live, folk.monthly_due - card_part(folk.card_used))
    balance = np.where(card, folk.card_used[who], owed(kind, part, rate, left))
    worst = _largest(who, np.where(live, balance, -1))
    age = np.where(live, dice.integers(3, 37, len(who)), dice.integers(20, 161, len(who)))
    return Accounts(
        who=who, kind=kind, lender=name, lender_kind=lender_kind, part=part,
        pays=np.where(kind == INTEREST_ONLY, balance * rate // 120_000, part),
        rate_bp=rate, months_left=left, balance=balance,
        limit=np.where(card, folk.card_limit[who], 0),
        age=np.where(worst & (late[who] > 0), np.maximum(age, JUDGED), age),
        late=np.where(worst, late[who], 0),
        overdue=np.where(worst, np.minimum(overdue[who], balance), 0),
    )  # fmt: skip


def owed(kind: Ints, part: Ints, rate_bp: Ints, months_left: Ints) -> Ints:
    """Return what loans with `part` a month still owe: level payments, or all of it at the end."""
    months = np.maximum(months_left, 1)
    monthly = rate_bp / 120_000
    level = np.where(
        rate_bp > 0, (1 - (1 + monthly) ** -months) / np.maximum(monthly, 1e-9), months
    )
    balance = np.where(kind == INTEREST_ONLY, part * months, (part * level).astype(np.int64))
    there: Ints = np.where(months_left > 0, balance, 0)
    return there


def earlier(accounts: Accounts, months: int, drift: Reals) -> tuple[Ints, Ints, Ints]:
    """Return (balance, part, months left) of each account `months` before the last day.

    Card balances are multiplied by `drift` (m,); loans owed what their later payments repaid.
    """
    card, loan = accounts.kind == CARD, accounts.kind == LOAN
    left = np.where(accounts.months_left > 0, accounts.months_left + months, 0)
    balance = np.where(card, (accounts.balance * drift).astype(np.int64), accounts.balance)
    then = owed(accounts.kind, accounts.part, accounts.rate_bp, left)
    balance = np.where(loan, then, balance)
    spread = np.maximum(accounts.pays, -(-balance // np.maximum(left, 1)))
    part = np.where(card, card_part(balance), np.where(loan, accounts.part, spread))
    return balance, np.where(accounts.kind == SETTLED, 0, part), left


def grid(age: int, late: int, now: bool, ended: bool = False) -> str:
    """Return the last `age` months of an account, oldest first: N, or how deep in arrears it was.

    Arrears come in runs of at most four months, the first of them running `now` or a while ago;
    eight months are one run of seven that was written off and one month before.
    """
    if late > 7:
        tail = "1NNNNN1234567B"
    elif late:
        run, rest = min(late, 4), max(late - 4, 0)
        tail = "1234"[:rest] + "NNNNN" + "1234"[:run] + ("" if now else "NNNN")
    else:
        tail = "C" if ended else ""
    return "N" * (age - len(tail)) + tail


def _names(
    folk: People, dice: np.random.Generator, who: Ints, slot: Ints, nonbank: Bools
) -> tuple[Hashes, Ints]:
    banks = folk.economy.lenders_in_town // 3
    others = folk.economy.lenders_in_town - banks
    start = dice.integers(0, folk.economy.lenders_in_town, len(folk))[who]
    number = np.where(nonbank, banks + (start + slot) % others, (start + slot) % banks)
    return lender(folk, number), np.where(nonbank, 1 + number % 3, 0)


def _rates(folk: People, dice: np.random.Generator, kind: Ints, lender_kind: Ints) -> Ints:
    bounds = np.array([folk.economy.lender_rates_bp[name] for name in LENDER_KINDS])
    low, high = bounds[lender_kind].T
    rate = dice.integers(low, high + 1) // 10 * 10
    return np.where(kind == CARD, folk.economy.card_rate_bp, rate).astype(np.int64)


def _shares(dice: np.random.Generator, who: Ints, live: Bools, rest: Ints) -> Ints:
    """Return `rest` (n,) fen a month shared out among each person's live loans, to the fen."""
    weight = np.where(live, 0.15 + dice.exponential(1.0, len(who)), 0.0)
    sums = np.zeros(len(rest))
    np.add.at(sums, who, weight)
    part = (rest[who] * weight / np.maximum(sums[who], 1e-9)).astype(np.int64) * live
    given = np.zeros(len(rest), dtype=np.int64)
    np.add.at(given, who, part)
    # What rounding left over goes to the loan with the greatest share.
    most = _largest(who, np.where(live, part, -1))
    return part + np.where(most, (rest - given)[who], 0).astype(np.int64)


def _largest(who: Ints, value: Ints) -> Bools:
    """Return, of each person's accounts (`who` ascending), the one with the greatest value ≥ 0."""
    order = np.lexsort((-value, who))
    leads = np.ones(len(who), dtype=np.bool_)
    leads[1:] = who[order][1:] != who[order][:-1]
    found = np.zeros(len(who), dtype=np.bool_)
    found[order[leads]] = True
    return found & (value >= 0)
