"""The words of a cost sheet, in Chinese and English."""

from __future__ import annotations

from typing import Final

from msgspec import Struct


class Words(Struct, frozen=True):
    """One thing said in both languages."""

    zh: str
    en: str

    def by(self, lang: str) -> str:
        """Return the words in that language, zh or en."""
        return self.zh if lang == "zh" else self.en


CONVENTIONS: Final = {
    "simple": Words("单利", "simple"),
    "compound": Words("复利，按月", "compounded monthly"),
}
CAP_SCOPES: Final = {
    "performing": Words("按约还款的成本不超过", "paid as agreed, at most"),
    "default_total": Words("逾期时合计不超过", "overdue, in all at most"),
}
METHODS: Final = {
    "annuity_monthly": Words("等额本息（按月计息）", "equal instalments, interest by months"),
    "annuity_daily": Words("等额本息（按日计息）", "equal instalments, interest by actual days"),
    "equal_principal": Words("等额本金（按日计息）", "equal principal, interest by actual days"),
    "equal_principal_monthly": Words("等额本金（按月计息）", "equal principal, interest by months"),
    "interest_only": Words("先息后本", "interest each month, principal at the end"),
    "bullet": Words("到期一次还本付息", "one repayment at the end"),
    "revolving": Words("随借随还，按月付息", "repay at any time, interest each month"),
    "monthly": Words(
        "未还本金 × 年利率 ÷ 12，不足一月按天折算",
        "principal outstanding × yearly rate ÷ 12, part months by the day",
    ),
    "daily": Words(
        "未还本金 × 日利率 × 实际天数", "principal outstanding × daily rate × actual days"
    ),
}
FEE_METHODS: Final = {
    "month": Words("按借款金额每月收取，随每期还款支付", "each month on the amount lent"),
    "once": Words("一次性收取，随首期还款支付，不从放款中扣除", "once, with the first instalment"),
}
INTEREST: Final = Words("利息", "interest")
PENALTY: Final = Words("逾期罚息（仅在逾期时发生）", "penalty interest (only if overdue)")
PENALTY_METHOD: Final = Words(
    "逾期本金按此利率计息（已含正常利息），宽限期后起算",
    "what overdue principal costs in all, after the days of grace",
)
NO_OTHER: Final = Words("除以上所列外，不收取任何其他费用。", "There are no other charges.")
_ANY_TIME: Final = Words(
    "可随时提前还款，不收手续费", "Repay early at any time, in part or in full, without a fee"
)
EARLY: Final = {
    "recompute": Words(
        f"{_ANY_TIME.zh}；之后每期金额相应减少。", f"{_ANY_TIME.en}; later instalments shrink."
    ),
    "shorten": Words(
        f"{_ANY_TIME.zh}；之后期数相应减少。", f"{_ANY_TIME.en}; the loan ends sooner."
    ),
    "next": Words(
        f"{_ANY_TIME.zh}；先抵扣后续应还本金。",
        f"{_ANY_TIME.en}; it counts against the next instalments.",
    ),
}
