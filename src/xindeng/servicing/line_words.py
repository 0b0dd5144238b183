"""What staff read of a line, in both languages: states of draws and loans, classes, tasks."""

from __future__ import annotations

from typing import Final

from xindeng.decision.words import Language
from xindeng.servicing.cost_words import Words

DRAW_STATES: Final = {
    "reserved": Words("已占用额度", "reserved"),
    "sent": Words("已发往支付通道", "sent"),
    "unknown": Words("结果未知，正在查询", "result not known, being asked about"),
    "settled": Words("已放款", "paid out"),
    "void": Words("未放款，额度已释放", "not paid out, room given back"),
}
LOAN_STATES: Final = {
    "open": Words("还款中", "open"),
    "settled": Words("已结清", "settled"),
    "written_off": Words("已核销", "written off"),
    "void": Words("未生效", "void"),
}
TIERS: Final = {
    "normal": Words("正常", "normal"),
    "special_mention": Words("关注", "special mention"),
    "substandard": Words("次级", "substandard"),
    "doubtful": Words("可疑", "doubtful"),
    "loss": Words("损失", "loss"),
}
MODES: Final = {
    "block": Words("暂停借款", "draws paused"),
    "cap": Words("单笔设上限", "draws capped"),
    "monitor": Words("观察", "watched"),
}
TASKS: Final = {
    "hardship": Words("答复困难求助", "answer a request for help"),
    "hold_past_review": Words("复核已到期的限制", "judge a hold past its review"),
    "hardship_past_answer": Words("答复已超期的困难求助", "answer a request for help, overdue"),
    "collection": Words(
        "联系逾期客户，先问是否需要困难帮助", "talk to a late borrower, help first"
    ),
    "kept_plan": Words("跟进因新政策而不再成立的计划", "follow up a plan a new policy has broken"),
}
_CAUSES: Final = {
    "confirmed": "已确认",
    "sent to the payment rail": "已发往支付通道",
    "the payment rail did not answer": "支付通道未应答",
    "the payment rail says pending": "支付通道回复：处理中",
    "the payment rail says unseen": "支付通道回复：查无此单",
    "the payment rail says failed": "支付通道回复：失败，再次查询中",
    "the payment rail could not pay out": "支付通道未能放款",
    "the payment rail never heard of it": "支付通道始终查无此单",
    "funder: refused": "资金方未接受",
    "funder: quota": "资金方额度已满",
    "funder: no answer": "资金方未应答",
    "paid out": "已到账",
    "paid out after all, although the rail had said no": "支付通道先回复失败，后确认已到账",
}


def word(words: dict[str, Words], name: str, language: Language) -> str:
    """Return the words of a name, or the name where a policy or lender brings its own."""
    found = words.get(name)
    return name if found is None else found.by(language)


def draw_cause(cause: str, language: Language) -> str:
    """Return why a draw stands where it does; it is stored in English."""
    return _CAUSES.get(cause, cause) if language == "zh" else cause
