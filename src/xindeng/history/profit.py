"""Profit of a decision, by one formula, before and after the outcome is known.

    profit = interest + fees - funding - loss - data - funder's share - servicing - VAT - capital
    loss   = PD x LGD x EAD, EAD = outstanding + conversion x undrawn

All shares are of one year unless said otherwise; the figures are choices of this example and no
lender's. Amounts are fen; what comes out is an expectation and no accounting entry.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

AVERAGE_LIFE = 0.54
"""Mean share of principal outstanding over the life of equal instalments, for 3 to 12 months."""


@dataclass(frozen=True, slots=True)
class Economics:
    """What lending costs as of a date; each share is a choice unless a source is named."""

    as_of: date = date(2026, 11, 1)
    funding: float = 0.032
    """A year, of what is outstanding: the one-year LPR of 3.0 % (2026-01-20) and a margin."""
    loss_given_default: float = 0.75
    """Of what is owed at default, after recoveries: unsecured."""
    undrawn_conversion: float = 0.10
    """Of the line's undrawn rest, drawn by those who default before they do."""
    data_cost: int = 300
    """Fen a decision: reports and queries, whether it is approved or not."""
    funder_share: float = 0.20
    """Of interest, to the lenders that fund a draw with us."""
    servicing: float = 0.008
    """A year, of what is outstanding."""
    vat: float = 0.06
    """Of interest and fees: the rate of value-added tax on financial services."""
    capital: float = 0.105
    """Of what is outstanding, held as capital: Basel III's total ratio with its buffer."""
    capital_return: float = 0.10
    """A year, asked of that capital above its funding."""


@dataclass(frozen=True, slots=True)
class Account:
    """The lines of the sum, in fen; `profit` is what is left."""

    interest: float
    funding: float
    loss: float
    data: float
    funder: float
    servicing: float
    vat: float
    capital: float

    @property
    def profit(self) -> float:
        """Return what is left of the interest."""
        return self.interest - self.funding - self.loss - self.data - self.funder - (
            self.servicing + self.vat + self.capital
        )  # fmt: skip

    def __add__(self, other: Account) -> Account:
        """Return both together, line by line."""
        lines = (getattr(self, n) + getattr(other, n) for n in Account.__slots__)
        return Account(*lines)


NOTHING = Account(0, 0, 0, 0, 0, 0, 0, 0)


def account(
    economics: Economics, *, decisions: int, lent: float, months: float, rate_bp: float, pd: float,
    undrawn: float = 0.0, realised_loss: float | None = None,
) -> Account:  # fmt: skip
    """Return the account of decisions that lent `lent` fen over `months` at `rate_bp`.

    `pd` is the expected share that defaults; with `realised_loss` (fen) that loss is taken instead.
    """
    years = months / 12
    outstanding = lent * AVERAGE_LIFE * years
    exposed = lent * AVERAGE_LIFE + economics.undrawn_conversion * undrawn
    loss = pd * economics.loss_given_default * exposed
    # Who defaults pays interest for about half of the time.
    interest = outstanding * rate_bp / 10_000 * (1 - pd / 2)
    return Account(
        interest=interest,
        funding=outstanding * economics.funding,
        loss=loss if realised_loss is None else realised_loss,
        data=decisions * economics.data_cost,
        funder=interest * economics.funder_share,
        servicing=outstanding * economics.servicing,
        vat=interest * economics.vat,
        capital=outstanding * economics.capital * economics.capital_return,
    )
