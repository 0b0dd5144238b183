"""What the borrower is told of the limit: changes, early warnings, and the way back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

LIMIT_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "zh": {
        "granted": "额度已开通：{to}。用不用由您决定。",
        "increased": "额度由 {of} 调整为 {to}。不需要因此多借。",
        "decreased": "额度由 {of} 调整为 {to}。",
        "zeroed": "额度由 {of} 调整为 0。",
        "closed": "额度已关闭。",
        "kept": "已借的款项不提前收回，利率和还款日都不变。",
        "repay": "还款照常。",
        "cause": "原因：{cause}。",
        "warn_decrease": "预警：按现有资料，您的额度可能在 {day} 由 {of} 下调到 {to}。",
        "warn_zero": "预警：按现有资料，您的额度可能在 {day} 由 {of} 下调到 0。",
        "evidence": "依据（截至 {today}）：{evidence}。",
        "behaviour": "使用情况：{title}",
        "points": "评分中失分较多的是{labels}",
        "segment": "客群：{title}",
        "safety": "账户需要核实",
        "by_hand": "工作人员的判断：{reason}",
        "averts": "可以避免的办法：{text}（按本版政策核算，额度可保持 {limit}）。",
        "eases": "可以减轻的办法：{text}（按本版政策核算，额度可为 {limit}）。",
        "together": "同时做到",
        "nothing_averts": "在此之前没有您能做的事可以改变这一结果；不需要为保住额度而借款。",
        "appeal": "如认为依据有误，可以提出申诉，由专人复核。",
        "withdrawn": "预警已撤销：按最新资料，额度不再需要下调，保持 {of}。",
        "scam": "任何人以“解冻费、提额、洗白征信”收费都是诈骗。",
        "back_since": "额度自 {day} 起为 0，原因：{cause}。",
        "back_review": "下次复评：{day}。",
        "back_yes": "按今天的资料和本版政策核算，复评时额度可恢复到 {limit}（不保证）。",
        "back_no": "按今天的资料和本版政策核算，复评时额度仍为 0；主要原因：{evidence}。",
        "back_step": "有帮助的办法：{text}（按本版政策核算，复评时额度可为 {limit}，不保证）。",
        "policy": "按政策复评",
        "asked": "您的申请",
        "comma": "、",
    },
    "en": {
        "granted": "A limit was granted: {to}. Whether to use it is up to you.",
        "increased": "The limit goes from {of} to {to}. There is no need to draw more for it.",
        "decreased": "The limit goes from {of} to {to}.",
        "zeroed": "The limit goes from {of} to 0.",
        "closed": "The line is closed.",
        "kept": "What you have drawn is not called in; its rate and due dates stay as they are.",
        "repay": "Repayments go on as usual.",
        "cause": "Cause: {cause}.",
        "warn_decrease": "Warning: on what we know, your limit may be cut from {of} to {to} on "
                         "{day}.",
        "warn_zero": "Warning: on what we know, your limit may be cut from {of} to 0 on {day}.",
        "evidence": "Evidence (as of {today}): {evidence}.",
        "behaviour": "use of the line: {title}",
        "points": "the score loses most on {labels}",
        "segment": "group: {title}",
        "safety": "the account needs to be verified",
        "by_hand": "judged by a person: {reason}",
        "averts": "What would avert it: {text} (under this policy the limit can stay at {limit}).",
        "eases": "What would soften it: {text} (under this policy the limit can be {limit}).",
        "together": "all of these",
        "nothing_averts": "Nothing you could do before that day changes it; there is no need to "
                          "draw in order to keep a limit.",
        "appeal": "If you think the evidence is wrong you can appeal, and a person looks at it.",
        "withdrawn": "The warning is withdrawn: on the newest data the limit need not be cut and "
                     "stays at {of}.",
        "scam": "Anyone who charges a fee to “unfreeze”, raise a limit or clean a credit record "
                "is a swindler.",
        "back_since": "The limit has been 0 since {day}; cause: {cause}.",
        "back_review": "Next looked at on {day}.",
        "back_yes": "On today's data and under this policy the limit can then be {limit} (not a "
                    "promise).",
        "back_no": "On today's data and under this policy it would still be 0 then; mainly: "
                   "{evidence}.",
        "back_step": "What helps: {text} (under this policy the limit can then be {limit}; not a "
                     "promise).",
        "policy": "review under the policy",
        "asked": "your own request",
        "comma": ", ",
    },
}  # fmt: skip
