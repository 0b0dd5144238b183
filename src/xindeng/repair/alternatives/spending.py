"""A kind look at spending: how much of it runs on instalments, and what could be spared.

Nothing is judged that the person has not called spare themselves or that is not of a kind that is
spared first; necessary outgoings are never touched.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from xindeng.kernel.errors import InputError
from xindeng.kernel.money import MAX_AMOUNT

Need = Literal["necessary", "useful", "spare"]


class Spending(Struct, frozen=True, kw_only=True):
    """What went on one category in a month on average, in fen.

    `instalments` is the part of `amount` that was bought on instalments.
    """

    category: str
    amount: int
    need: Need
    instalments: int = 0


class Sparing(Struct, frozen=True):
    """What one category could spare a month, in fen: all of what is spare, of useful things the
    share asked for."""

    category: str
    amount: int
    spared: int


class SpendingReview(Struct, frozen=True):
    """The review; amounts in fen a month.

    `instalment_bp` is the share of spending that ran on instalments, in 1/100 %, None without
    spending. `left` is income less everything, negative where more goes out than comes in.
    `spared` is the sum of `sparings`, largest first.
    """

    total: int
    necessary: int
    instalments: int
    instalment_bp: int | None
    left: int | None
    spared: int
    sparings: tuple[Sparing, ...]

    def months_for(self, amount: int) -> int | None:
        """Return in how many months what is spared comes to `amount` fen, None if never."""
        return -(-amount // self.spared) if self.spared else None


def review_spending(
    spendings: Sequence[Spending], *, income: int | None = None, useful_share_bp: int = 0
) -> SpendingReview:
    """Return the review of average monthly spending, dues of debts not among it.

    `income` in fen a month, None if unknown; of useful spending `useful_share_bp` in 1/100 % is
    taken to be sparable. Raises InputError for amounts that cannot be.
    """
    for one in spendings:
        if not 0 <= one.instalments <= one.amount <= MAX_AMOUNT:
            raise InputError(
                f"{one.category}: {one.instalments} of {one.amount} fen on instalments",
                next_step="give fen, the part on instalments not above the whole",
                code="spending.amount",
            )
    total = sum(one.amount for one in spendings)
    instalments = sum(one.instalments for one in spendings)
    sparings = sorted(
        (found for one in spendings if (found := _sparing(one, useful_share_bp)).spared),
        key=lambda found: (-found.spared, found.category),
    )
    return SpendingReview(
        total=total,
        necessary=sum(one.amount for one in spendings if one.need == "necessary"),
        instalments=instalments,
        instalment_bp=instalments * 10_000 // total if total else None,
        left=None if income is None else income - total,
        spared=sum(found.spared for found in sparings),
        sparings=tuple(sparings),
    )


def _sparing(one: Spending, useful_share_bp: int) -> Sparing:
    share = {"necessary": 0, "useful": useful_share_bp, "spare": 10_000}[one.need]
    return Sparing(one.category, one.amount, one.amount * share // 10_000)
