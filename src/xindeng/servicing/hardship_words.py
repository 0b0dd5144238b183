"""What a borrower in difficulty is told: the menu, what follows from each choice, the answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

OPTION_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "zh": {
        "deferral": "延期还款：近期的还款日最多后移 {deferral_months} 个月。期间利息按原利率照计，"
                    "不收手续费，不计罚息。",
        "restructuring": "重新安排：把剩余欠款改为每月还得起的金额，最长 {term_months} 个月。"
                         "期限变长，总利息会增加；该笔借款进入重组观察期，"
                         "至少 {watch_months} 个月，期间分类至少为关注，"
                         "并可能如实报送征信，报送前会告知您。",
        "collection_pause": "暂停催收：{pause_days} 天内不催收，让您有时间安排。利息按约定照计。",
        "advice": "先聊一聊：由专人一起看收支，再决定用哪一种。不需要马上选。",
    },
    "en": {
        "deferral": "Deferral: the next due dates move by up to {deferral_months} months. Interest "
                    "goes on at the agreed rate; no fee and no penalty interest.",
        "restructuring": "New schedule: what is left is spread into payments you can manage, over "
                         "at most {term_months} months. A longer term costs more interest in all; "
                         "the loan is watched for at least {watch_months} months (重组观察期), is "
                         "classed special mention at least meanwhile, and may be reported to the "
                         "bureau as it is; you are told before.",
        "collection_pause": "Collection pause: no collection for {pause_days} days, to give you "
                            "time. Interest goes on as agreed.",
        "advice": "Talk first: a person looks at income and spending with you before anything is "
                  "chosen. You need not choose now.",
    },
}  # fmt: skip

HARDSHIP_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "zh": {
        "asked": "已收到您的困难求助。",
        "person": "最迟 {day} 由专人答复您。",
        "late": "您的困难求助应在 {day} 前答复，我们没有做到，这是我们的延误。已转专人最优先处理，"
                "您不需要再次申请，也不需要做什么。还款照常；还不上的部分，答复时一起商量。",
        "free": "申请不扣分、不收费。",
        "no_new_debt": "答复之前，请不要为了还款再去借款。",
        "scam": "任何人以“解冻费、提额、洗白征信”收费都是诈骗。",
        "result_deferral": "您的求助已答复：同意延期还款，新的还款日见还款计划。",
        "result_restructuring": "您的求助已答复：同意重新安排还款，新的还款计划见账户页。",
        "result_collection_pause": "您的求助已答复：暂停催收。",
        "result_advice": "您的求助已答复：专人已与您沟通，还款安排不变；需要时可以再次求助。",
        "result_declined": "您的求助已答复：这次不能调整还款安排。",
        "result_withdrawn": "您的求助已按您的要求撤回；需要时可以再次求助。",
        "watch": "重组观察期到 {day}；它与用信观察期是两回事。",
        "because": "原因：{note}。",
        "appeal": "不同意可以提出申诉，由另一位专人复核。",
        "no_points": "求助本身不影响您的评价。",
        "period_draws": "用信观察期：暂停或限制借款（还款不受影响），最迟 {day} 复核，"
                        "满足条件可提前结束。",
        "period_restructuring": "重组观察期：到 {day} 为止，说的是已重组借款的分类，"
                                "与用信观察期是两回事。",
    },
    "en": {
        "asked": "We have your request for help.",
        "person": "A person answers you by {day} at the latest.",
        "late": "Your request for help was to be answered by {day} and was not; the delay is ours. "
                "A person now deals with it before all others. You need not ask again or do "
                "anything. Repayments go on as usual; what you cannot pay is talked over with you.",
        "free": "Asking costs no points and no fee.",
        "no_new_debt": "Until then, please do not borrow in order to repay.",
        "scam": "Anyone who charges a fee to “unfreeze”, raise a limit or clean a credit record "
                "is a swindler.",
        "result_deferral": "Your request is answered: payments are deferred; the new due dates "
                           "are in your schedule.",
        "result_restructuring": "Your request is answered: there is a new schedule, on the "
                                "account page.",
        "result_collection_pause": "Your request is answered: collection is paused.",
        "result_advice": "Your request is answered: we spoke, and the schedule stays as it is; "
                         "you can ask again whenever you need to.",
        "result_declined": "Your request is answered: the schedule cannot be changed this time.",
        "result_withdrawn": "Your request was withdrawn as you asked; you can ask again whenever "
                            "you need to.",
        "watch": "The watch after restructuring (重组观察期) lasts until {day}; it is not the "
                 "observation of draws (用信观察期).",
        "because": "Cause: {note}.",
        "appeal": "If you disagree you can appeal, and another person looks at it.",
        "no_points": "Asking does not count against you.",
        "period_draws": "Observation of draws (用信观察期): draws are paused or capped "
                        "(repayments go on as usual), reviewed by {day} at the latest; it can end "
                        "early.",
        "period_restructuring": "Watch after restructuring (重组观察期): until {day}. It is about "
                                "the class of the restructured loan, not about draws.",
    },
}  # fmt: skip
