"""The words and codes of a report, and what they mean in our events.

Words as printed; codes as in the institutional structure. A word that is not here is not guessed:
the part it stands in is left out and the report is said to be read in part.
"""

from __future__ import annotations

import re
from typing import Final, Literal

from xindeng.events.credit import AccountKind, InquiryReason, LenderKind, Tier

AccountStatus = Literal[
    "normal", "overdue", "settled", "bad_debt", "transferred", "frozen", "stopped", "closed",
    "inactive", "judicial",
]  # fmt: skip

STATUS: Final[dict[str, AccountStatus]] = {
    "正常": "normal", "逾期": "overdue", "结清": "settled", "呆账": "bad_debt",
    "转出": "transferred", "冻结": "frozen", "止付": "stopped", "银行止付": "stopped",
    "销户": "closed", "未激活": "inactive", "司法追偿": "judicial", "催收": "bad_debt",
    "结束": "settled",
}  # fmt: skip

_LOAN: Final[dict[str, AccountStatus]] = {
    "1": "normal", "2": "overdue", "3": "settled", "4": "bad_debt", "5": "transferred",
    "8": "judicial",
}  # fmt: skip
_CARD: Final[dict[str, AccountStatus]] = {
    "1": "normal", "2": "frozen", "3": "stopped", "31": "stopped", "4": "closed",
    "5": "bad_debt", "6": "inactive", "8": "judicial",
}  # fmt: skip
STATUS_CODES: Final[dict[AccountKind, dict[str, AccountStatus]]] = {
    "D1": _LOAN, "R4": _LOAN, "R2": _CARD, "R3": _CARD,
    # Of a revolving loan, 5 is 银行止付: the line stands, so the debt does.
    "R1": {**_LOAN, "5": "stopped"},
    "C1": {"1": "bad_debt", "2": "settled"},
}  # fmt: skip

TIERS: Final[dict[str, Tier]] = {
    "正常": "normal", "关注": "special_mention", "次级": "substandard", "可疑": "doubtful",
    "损失": "loss", "违约": "default", "未分类": "unclassified",
    "1": "normal", "2": "special_mention", "3": "substandard", "4": "doubtful", "5": "loss",
    "6": "default", "9": "unclassified",
}  # fmt: skip

REASONS: Final[dict[str, InquiryReason]] = {
    "贷后管理": "post_loan", "贷款审批": "loan_approval", "信用卡审批": "card_approval",
    "担保资格审查": "guarantee_check", "保前审查": "guarantee_check", "保后管理": "guarantee_post",
    "融资审批": "loan_approval", "额度审批": "loan_approval",
    "本人查询": "own", "特约商户实名审查": "special_merchant",
    "法人代表、负责人、高管等资信审查": "other", "资信审查": "other", "客户准入资格审查": "other",
    "司法调查": "other", "公积金提取复核查询": "other", "股指期货开户": "other",
    "异议核查": "other", "异议查询": "other", "其他": "other",
    "01": "post_loan", "02": "loan_approval", "03": "card_approval", "08": "guarantee_check",
}  # fmt: skip
"""Only what asks for new credit is hard; 融资审批 and 额度审批 do."""

LENDER_CODES: Final[dict[str, LenderKind]] = {
    "11": "bank", "24": "consumer_finance", "51": "microlender", "53": "guarantor",
}  # fmt: skip
_LENDERS: Final[tuple[tuple[re.Pattern[str], LenderKind], ...]] = (
    (re.compile("消费金融"), "consumer_finance"),
    (re.compile("小额贷款|小贷"), "microlender"),
    (re.compile("担保"), "guarantor"),
    (re.compile("银行|信用社|信用合作|信用卡中心|农商行"), "bank"),
)


def lender_kind(name: str) -> LenderKind:
    """Return the kind of a lender by its name; what names no bank is none."""
    return next((kind for pattern, kind in _LENDERS if pattern.search(name)), "platform")


GRID: Final = frozenset("N*1234567MACGDZB#/")
"""What may stand for a month; anything else refuses the account."""
