"""A loan that a lender really offers, as the borrower was told; none is ever assumed."""

from __future__ import annotations

from msgspec import Struct

from xindeng.events.credit import LenderKind


class LoanOffer(Struct, frozen=True, kw_only=True):
    """A loan to merge debts into: simple yearly rate in 1/100 %, months of level instalments, and a
    fee in 1/100 % of the amount. `source` says where the figures are from."""

    lender: str
    lender_kind: LenderKind
    annual_rate_bp: int
    months: int
    fee_bp: int = 0
    source: str

    @property
    def id(self) -> str:
        """Return what names the offer wherever it stands in a list: its lender and its terms."""
        return f"{self.lender}:{self.lender_kind}:{self.annual_rate_bp}:{self.months}:{self.fee_bp}"
