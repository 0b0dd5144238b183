"""A loan offer as a borrower writes it down: `LENDER:RATE:MONTHS` or `LENDER:RATE:MONTHS:FEE`.

The rate is a year's, the fee a share of the amount, charged once: `甲银行:7.2%:24:1%`.
"""

from __future__ import annotations

from typing import Final

from xindeng.intake.figures import Unclear, annual_rate_bp, count, fee_bp, plain
from xindeng.intake.pboc.words import lender_kind
from xindeng.kernel.errors import InputError
from xindeng.repair.plans.offer import LoanOffer

_HOW: Final = "write LENDER:RATE:MONTHS, e.g. 甲银行:7.2%:24, and a fee after it if there is one"


def read_offer(text: str) -> LoanOffer:
    """Return the offer; raises InputError for what is not one."""
    parts = plain(text).split(":")
    if not 3 <= len(parts) <= 4 or not parts[0]:
        raise _refused(f"{text[:60]!r} is no offer of a loan", _HOW)
    try:
        months = count(parts[2])
        offer = LoanOffer(
            lender=parts[0],
            lender_kind=lender_kind(parts[0]),
            annual_rate_bp=annual_rate_bp(parts[1], "year"),
            months=months,
            fee_bp=fee_bp(parts[3]) if len(parts) > 3 else 0,
        )
    except Unclear as error:
        raise _refused(error.what, error.expected) from error
    if not months:
        raise _refused(f"{text[:60]!r} is over no time", _HOW)
    return offer


def _refused(what: str, next_step: str) -> InputError:
    return InputError(what, where="offer", next_step=next_step, code="offer.text")
