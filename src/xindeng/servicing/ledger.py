"""Double entry: what a standing means in accounts, and the postings that bring the books there.

What is posted is always the target balance minus what is posted already, so that back-dated and
reversed transactions, and a job that runs twice, end in the same books. Debit is positive.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from xindeng.servicing.standing import Standing, Tally

ACCOUNTS: Final = (
    "cash", "principal", "interest_receivable", "interest_income", "penalty_receivable",
    "penalty_income", "fee_receivable", "fee_income", "write_off", "recovery", "customer_credit",
)  # fmt: skip


class Posting(NamedTuple):
    """One row of an entry: `amount` minor units on `account`, debit positive."""

    entry: str
    account: str
    amount: int
    currency: str
    value_day: int
    cause: str


class Finding(NamedTuple):
    """What the books say and the transactions do not: an entry or account, and both amounts."""

    place: str
    booked: int
    expected: int


def balances(standing: Standing) -> dict[str, int]:
    """Return the balance of each account that is not zero; together they sum to zero."""
    s = standing
    tallies = (s.repaid, s.interest, s.penalty, s.fee)
    incoming = sum(tally.paid for tally in tallies) + s.credit + s.recovered
    found = {
        "cash": incoming - s.amount,
        "principal": s.principal,
        "interest_receivable": s.interest_owed,
        "interest_income": _income(s.interest, s.interest_charged),
        "penalty_receivable": s.penalty_owed,
        "penalty_income": _income(s.penalty, s.penalty_charged),
        "fee_receivable": s.fee_owed,
        "fee_income": _income(s.fee, s.fee_charged),
        "write_off": sum(tally.lost for tally in tallies),
        "recovery": -s.recovered,
        "customer_credit": -s.credit,
    }
    return {account: amount for account, amount in found.items() if amount}


def _income(tally: Tally, charged: int) -> int:
    return tally.waived - charged


def postings_for(
    posted: Mapping[str, int], after: Standing, *, entry: str, cause: str
) -> tuple[Posting, ...]:
    """Return the rows of one entry that bring the books from `posted` to `after`, on its day.

    They sum to zero; none is returned when nothing moved.
    """
    target = balances(after)
    return tuple(
        Posting(entry, account, move, after.terms.currency, after.day, cause)
        for account in ACCOUNTS
        if (move := target.get(account, 0) - posted.get(account, 0))
    )


def sums(postings: Iterable[Posting]) -> dict[str, int]:
    """Return the balance of each account that is not zero, summed from its postings."""
    found: dict[str, int] = {}
    for one in postings:
        found[one.account] = found.get(one.account, 0) + one.amount
    return {account: amount for account, amount in found.items() if amount}


def verify(postings: Iterable[Posting], standing: Standing) -> tuple[Finding, ...]:
    """Return every entry that does not sum to zero and every account that the loan's own
    transactions do not explain; empty when the books are right."""
    rows = list(postings)
    entries: dict[tuple[str, str], int] = {}
    for one in rows:
        key = one.entry, one.currency
        entries[key] = entries.get(key, 0) + one.amount
    found = [Finding(f"entry {entry}", total, 0) for (entry, _), total in entries.items() if total]
    booked, expected = sums(rows), balances(standing)
    for account in sorted({*booked, *expected}):
        pair = booked.get(account, 0), expected.get(account, 0)
        if pair[0] != pair[1]:
            found.append(Finding(account, *pair))
    return tuple(found)
