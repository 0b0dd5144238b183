"""A loan that a lender really offers, as the borrower was told; none is ever assumed."""

from __future__ import annotations

from msgspec import Struct

from xindeng.events.credit import LenderKind
from xindeng.lending.terms import FeeRule, Terms
from xindeng.repair.debts.consolidate import NewLoan


class LoanOffer(Struct, frozen=True, kw_only=True):
    """A loan to merge debts into: simple yearly rate in 1/100 %, months of level instalments, and a
    single fee in 1/100 % of the amount, paid with the first instalment."""

    lender: str
    lender_kind: LenderKind
    annual_rate_bp: int
    months: int
    fee_bp: int = 0

    @property
    def id(self) -> str:
        """Return what names the offer wherever it stands in a list: its lender and its terms."""
        return f"{self.lender}:{self.lender_kind}:{self.annual_rate_bp}:{self.months}:{self.fee_bp}"

    @property
    def loan(self) -> NewLoan:
        """Return the loan as debts are judged by; raises InputError for terms no loan can have."""
        fees = (FeeRule("fee", self.lender, "once", ppm=self.fee_bp * 100),) if self.fee_bp else ()
        terms = Terms(rate_ppm=self.annual_rate_bp * 100, months=self.months, fees=fees)
        return NewLoan(lender=self.lender, lender_kind=self.lender_kind, terms=terms)


def offer_of(name: str) -> LoanOffer:
    """Return the offer of that `id`: a plan keeps the name, and is proven again by it."""
    lender, kind, rate, months, fee = name.rsplit(":", 4)
    return LoanOffer(
        lender=lender, lender_kind=kind, annual_rate_bp=int(rate), months=int(months),  # type: ignore[arg-type]
        fee_bp=int(fee),
    )  # fmt: skip
