"""What the borrower is told when a hold is placed, extended, released or passed to a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from xindeng.kernel.time import Zone
from xindeng.policy.model import HoldKindSpec
from xindeng.policy.texts import show

LANGUAGES: Final = ("zh", "en")

# 冻结 means a judicial or card status; what we do is 暂停借款, and repaying is never touched.
_SENTENCES: Final[Mapping[str, Mapping[str, str]]] = {
    "zh": {
        "paused": "暂停借款（还款不受影响）：{title}。",
        "capped": "观察期内单笔最多可借 {cap}（还款不受影响）：{title}。",
        "watched": "{title}：借款和还款都不受影响。",
        "review": "最迟 {at} 复核，复核后解除、延长或转专人，都会通知您。",
        "extended": "暂停借款（还款不受影响）延长：{title}，新的复核时间最迟为 {at}。",
        "because": "延长是因为出现了新的情况，不是因为您做错了什么；不同意可以申诉。",
        "released": "已恢复借款：{title}结束。",
        "customer": "您的自助锁定已按您的申请解除。",
        "expired": "复核日已到、没有需要继续核实的情况，暂停结束。",
        "escalated": "复核日已到，我们还没有给出结果，这是我们的延误。已转专人处理，"
                     "您不需要做什么：{title}。",
        "locked": "借款功能已锁定，立即生效（还款不受影响）。",
        "unlock": "已收到解锁申请，最早 {at} 解除。其间如更换设备、密码或收款卡，申请作废。"
                  "如不是您本人操作，请立即联系官方客服。",
        "repay": "还款照常。",
        "scam": "任何人以“解冻费、提额、洗白征信”收费都是诈骗。",
    },
    "en": {
        "paused": "Draws are paused (repayments go on as usual): {title}.",
        "capped": "Under observation one draw is at most {cap} (repayments go on as usual): "
                  "{title}.",
        "watched": "{title}: neither draws nor repayments are affected.",
        "review": "It is reviewed by {at} at the latest, and you are told whether it ends, is "
                  "extended or goes to a person.",
        "extended": "The pause of draws is extended (repayments go on as usual): {title}, now "
                    "reviewed by {at} at the latest.",
        "because": "It is extended because something new came up, not because you did anything "
                   "wrong; if you disagree you can appeal.",
        "released": "Draws are possible again: {title} is over.",
        "customer": "Your own lock was taken off as you asked.",
        "expired": "The review date has come and nothing is left to check, so the pause ends.",
        "escalated": "The review date has come and we have no result; the delay is ours. A "
                     "person now deals with it and you need not do anything: {title}.",
        "locked": "Draws are locked, at once (repayments go on as usual).",
        "unlock": "You asked to unlock; the lock goes off at {at} at the earliest. A change of "
                  "device, password or payout card until then makes the request void. If this "
                  "was not you, contact official support at once.",
        "repay": "Repayments go on as usual.",
        "scam": "Anyone who charges a fee to “unfreeze”, raise a limit or clean a credit record "
                "is a swindler.",
    },
}  # fmt: skip


def moment(at: int, zone: Zone, language: str) -> str:
    """Return an instant in local time as the policy's own texts show it."""
    return show(at, "datetime", language, "CNY", zone)


def reviewed_by(at: int, zone: Zone, language: str) -> str:
    """Return until when a hold is looked at again, in the words of its notice."""
    return _SENTENCES[language]["review"].format(at=moment(at, zone, language))


def told(spec: HoldKindSpec, parts: tuple[str, ...], **slots: Mapping[str, str]) -> dict[str, str]:
    """Return, by language, the sentences named in `parts`.

    "why" and "ends" are the policy's own words for the kind; each slot is given by language.
    """
    texts = {}
    for language in LANGUAGES:
        filled = {name: by[language] for name, by in slots.items()}
        filled["title"] = spec.title[language]
        own = {"why": spec.why[language], "ends": spec.ends[language]}
        said = [own.get(p) or _SENTENCES[language][p].format(**filled) for p in parts]
        texts[language] = ("" if language == "zh" else " ").join(said)
    return texts
