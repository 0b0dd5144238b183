"""Loan offers as people write them down."""

from __future__ import annotations

import pytest

from xindeng.intake.loan_offer import read_offer
from xindeng.kernel.errors import InputError
from xindeng.repair.plans.offer import LoanOffer, offer_of


def test_an_offer_is_read_and_named_by_its_terms():
    found = read_offer("甲银行：7.2%：24期：1％")
    assert found == LoanOffer(
        lender="甲银行", lender_kind="bank", annual_rate_bp=720, months=24, fee_bp=100
    )
    assert offer_of(found.id) == found
    assert read_offer("乙小贷:18%:12").lender_kind == "microlender"
    assert found.loan.terms.rate_ppm == 72_000 and found.loan.terms.fees[0].ppm == 10_000


@pytest.mark.parametrize(
    "text",
    ["", "甲银行", "甲银行:7.2%", ":7.2%:24", "甲银行:0.072:24", "甲银行:7.2%:x", "甲银行:7.2%:0",
     "甲银行:7.2%:601", "甲银行:7.2%:24:50%", "a:b:c:d:e", "甲银行:-3%:24"],
)  # fmt: skip
def test_what_is_no_offer_says_what_to_write(text):
    with pytest.raises(InputError) as caught:
        read_offer(text)
    assert caught.value.where == "offer" and caught.value.next_step
