"""What a plan rests on, what it brings with it, and what to do and avoid meanwhile, by code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from xindeng.decision.words import WORDS

NOTE_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "zh": {
        "stillness": "前提：这段时间里没有任何变化。",
        "life": "前提：收入和日常收支与近30天相当，期间没有新的申请和借款。",
        "life_without_income": (
            "前提：日常收支与近30天相当，没有算入新的工资入账，期间没有新的申请和借款。"
        ),
        "platform_as_now": "前提：平台政策和放款安排与今天一样。",
        "our_side_lifted": "前提：平台原因已解除；在那之前，无论您做什么都不会通过。",
        "debts_as_known": "前提：欠款余额以报告或您提供的数字为准；动手前请向对方确认结清金额。",
        "part_lowers_card_due": (
            "前提：信用卡月还款按余额计算，还一部分就少一部分；别的借款还一部分，"
            "月供按合同不变计算。"
        ),
        "record_is_wrong": "前提：这条记录确实有误。记录属实的话，异议不会成立，请不要走这条路。",
        "income_as_shown": (
            "前提：证明上的月收入达到上面的数。达不到的话，请照实提交，可借的金额会少一些；"
            "不要修改材料，也不要借用别人的。"
        ),
        "shows_after_report": "对方报送征信之后才看得到。",
        "interest_to_date": "上次还款以来的利息另计，以还款页面为准。",
        "late_repayment": "这次还款晚于到期日，会留下一次迟还记录。",
        "late_months_stay": "过去逾期的月份仍会留在报告里。",
        "marked_meanwhile": "处理期间报告里会加注“异议”标注，最长20天书面答复。",
        "card_cooldown": "换卡之后有一段等候时间。",
        "unlock_wait": "核验之后要等候一段时间才解锁。",
        "password_cooldown": "新密码会开始一段等候时间，已经算在内。",
        "no_extra_spending": "本来就要买的东西才算；不要为此多花钱，自己转给自己不算。",
        "new_enquiry": "会新增一次征信查询。",
        "new_account": "会新增一个账户。",
        "observe_do": "观察期间：照常还款、照常生活，按要求提交一次材料就够了。",
        "observe_avoid": "观察期间不要反复点击、不要更换设备或密码，也不要向别处申请借款。",
        "no_hammering": "到日期前不必反复申请；试算不留任何记录。",
        "no_new_debt": "请不要借新还旧，也不要为了凑还款去借钱。",
        "no_other_debt": (
            "除了上面核算过总额确实更少的那一笔，请不要借新还旧，也不要为了凑还款去借钱。"
        ),
        "repay": "还款照常，任何时候都可以还。",
        "scam": WORDS["zh"]["scam"],
    },
    "en": {
        "stillness": "This assumes that nothing changes meanwhile.",
        "life": (
            "This assumes that income and everyday spending go on as in the last 30 days, with "
            "no new application or loan."
        ),
        "life_without_income": (
            "This assumes that everyday spending goes on as in the last 30 days; no pay coming in "
            "is counted, and no new application or loan is made."
        ),
        "platform_as_now": "This assumes that our policy and lending stay as they are today.",
        "our_side_lifted": (
            "This assumes that our own pause has ended; until then nothing you do would pass."
        ),
        "debts_as_known": (
            "This assumes the balances of the report or of what you gave; ask each lender for "
            "the payoff amount first."
        ),
        "part_lowers_card_due": (
            "This assumes that a card's monthly due follows its balance; for other loans a part "
            "payment is taken to leave the instalment as agreed."
        ),
        "record_is_wrong": (
            "This assumes that the record really is wrong. If it is true, a dispute will not "
            "succeed, and this is not your way."
        ),
        "income_as_shown": (
            "This assumes that the paper shows at least that income. If yours is lower, send it "
            "as it is: a smaller amount may pass. Never alter a paper or use somebody else's."
        ),
        "shows_after_report": "It shows only once the lender has reported it.",
        "interest_to_date": (
            "Interest since your last payment comes on top, as the repayment page says."
        ),
        "late_repayment": "This payment is past its due day and leaves one late repayment.",
        "late_months_stay": "Months overdue in the past stay in the report.",
        "marked_meanwhile": (
            "The record is marked as disputed meanwhile; the answer in writing takes at most 20 "
            "days."
        ),
        "card_cooldown": "A changed card starts a wait.",
        "unlock_wait": "After the check there is a wait before the lock comes off.",
        "password_cooldown": "A new password starts a wait, which is counted in.",
        "no_extra_spending": (
            "Only what you would buy anyway counts; spend nothing extra, and transfers to "
            "yourself do not count."
        ),
        "new_enquiry": "It leaves one more enquiry in the credit report.",
        "new_account": "It adds one account.",
        "observe_do": (
            "Under observation: repay and live as usual, and send what is asked for once; that "
            "is enough."
        ),
        "observe_avoid": (
            "Under observation do not press again and again, change device or password, or apply "
            "elsewhere."
        ),
        "no_hammering": (
            "There is no need to ask again before the date; a trial calculation leaves no record."
        ),
        "no_new_debt": "Do not borrow to repay, nor to find the money for this plan.",
        "no_other_debt": (
            "Beside the one loan above, which costs less in all, do not borrow to repay, nor to "
            "find the money for this plan."
        ),
        "repay": "Repayments go on as usual and are possible at any time.",
        "scam": WORDS["en"]["scam"],
    },
}  # fmt: skip
