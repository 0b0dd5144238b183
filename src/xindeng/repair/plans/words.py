"""The sentences of a plan, in Chinese and English side by side.

Nothing here promises: a date is what this version of the policy computes, and until when. Whether
paying, waiting or asking, repayments go on as usual.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from xindeng.decision.words import WORDS

_Words = Mapping[str, str]

STATUS_WORDS: Final[Mapping[str, _Words]] = {
    "zh": {
        "approved": "这笔申请按本版政策核算可通过，不需要改善计划。",
        "plan": "下面的改善计划，每一份都用拒绝这笔申请的同一版政策核算过。",
        "only_time": "不需要花钱，等到下面的日期再申请。",
        "fixed": (
            "这笔借款我们不能提供：只要相关情况不变，做什么、等多久都一样。请不要为此花钱找人。"
        ),
        "our_side": "这是平台的原因，不是您的问题，您不需要做任何事。",
        "verify_first": (
            "账户需要先核实：请备好本人有效身份证件，在贷款 App「安全中心—账户核实」"
            "或向官方客服办理。核实之前不给出其他结果。"
        ),
        "review": "这件事要由工作人员判断，不会自动给出结果。",
        "hardship": (
            "先申请困难帮助，再谈借款。可以商量延期、重新安排或暂停催收；申请不扣分、不收费。"
        ),
        "no_plan": "目前没有找到您自己就能做到、并能让这笔申请通过的办法。",
    },
    "en": {
        "approved": "Under this version of the policy this request passes; no plan is needed.",
        "plan": "Each plan below was put to the very policy that refused this request.",
        "only_time": "There is nothing to pay for: wait for the date below and ask then.",
        "fixed": (
            "We cannot lend for this request: while what stands in the way is as it is, nothing "
            "you do and no wait changes that. Please pay nobody for it."
        ),
        "our_side": "This is our side and not a fault of yours. You need not do anything.",
        "verify_first": (
            "The account has to be verified first: have your valid ID document ready and complete "
            "the check in your lender's app under Security – Verify account, or ask our official "
            "support. Until then nothing else is said."
        ),
        "review": "A person decides this; there is no automatic answer.",
        "hardship": (
            "Ask for hardship help before you borrow. Deferral, a new schedule or a pause of "
            "collection can be agreed; asking costs no points and no fee."
        ),
        "no_plan": (
            "We know of nothing in your own hands that would make this request pass for now."
        ),
    },
}  # fmt: skip

GOAL_WORDS: Final[Mapping[str, _Words]] = {
    "zh": {"fastest": "最快", "cheapest": "花钱最少", "gentlest": "每月压力最小",
           "smaller": "少借一些"},
    "en": {"fastest": "fastest", "cheapest": "least money", "gentlest": "lightest month by month",
           "smaller": "borrow less"},
}  # fmt: skip

PLAN_WORDS: Final[Mapping[str, _Words]] = {
    "zh": {
        "title": "{goals}的做法",
        "title_conditional": "{goals}的做法（要由{who}同意）",
        "title_only": "可行的做法",
        "title_only_conditional": "可行的做法（要由{who}同意）",
        "and": "、",
        "enough": (
            "这份计划要用到{cash}，已接近您想借的{amount}。这笔钱若用于自己的开支，可能不必借款。"
        ),
        "enough_more": (
            "这份计划要用到{cash}，比借到的{amount}还多。这笔钱若用于自己的开支，可能不必借款。"
        ),
        "yes": (
            "按本版政策核算，{date}起可通过{amount}，截至{expires}。这是核算结果，不是放款承诺。"
        ),
        "yes_conditional": (
            "若{who}同意，按本版政策核算，{date}起可通过{amount}，截至{expires}。这是核算结果，"
            "不是放款承诺。"
        ),
        "yes_ours": (
            "平台恢复放款之后，按本版政策核算，{date}起可通过{amount}，截至{expires}。这是核算结果，"
            "不是放款承诺。"
        ),
        "yes_conditional_ours": (
            "平台恢复放款、且{who}同意之后，按本版政策核算，{date}起可通过{amount}，截至{expires}。"
            "这是核算结果，不是放款承诺。"
        ),
        "cash": "一共要用{cash}。",
        "no_cash": "不需要花钱。",
        "fees": "另有手续费{fees}。",
        "saved": "预计少付利息{interest}。",
        "dearer": "预计多付利息{interest}。",
        "interest_unknown": "有的利率不清楚，省多少利息无法计算。",
        "by": "{date}前完成",
        "this_day": "今天",
        "way_back": "额度目前为 0，怎样恢复、什么时候再评，见下面。",
        "today": "今天就可以做",
        "from": "{date}起",
        "shows": "{date}起能在数据里看到",
        "card_of": "{lender}信用卡",
        "close": "还清{lender}：{cash}",
        "part": "向{lender}还{cash}，余{left}",
        "close_here": "还清本平台的一笔借款：本金{cash}",
        "part_here": "提前归还本平台借款本金{cash}",
        "settle_here": "还清本平台的到期账单：{cash}",
        "settle_elsewhere": "还清征信上显示的逾期：{cash}",
        "consolidate": (
            "把几笔借款合并到{lender}：{amount}，{months}期，每期约{due}，含费用年化{rate}%（单利）"
        ),
        "stop_applying": "到{date}为止，不再向任何机构申请借款或信用卡",
        "wait": "等到{date}再申请",
        "borrow_less": "改借{amount}",
        "show_income": "提交收入证明：每月税后收入不低于{income}",
        "verify_steps": "完成身份核验：{steps}",
        "own_card": "换绑本人名下的收款卡",
        "unlock": "在常用设备上核验身份，申请解除自助锁定",
        "password": "密码已外泄：换一个新密码",
        "forwarding": "关闭呼叫转移",
        "spare": "购物、餐饮、娱乐少花{percent}%",
        "high_risk": "停止高风险消费",
        "before": "{date}申请：不通过。",
        "idle": "什么都不做，到{date}仍不通过。",
        "without": "少了“{step}”，到{date}仍不通过。",
        "branch_yes": "{who}同意：{date}起按本版政策核算可通过。",
        "branch_no": "{who}不同意：{date}仍不通过；什么时候可以，目前算不出来。",
        "branch_no_time": "{who}不同意：{date}仍不通过；过去的逾期月份要算到{later}，见上面。",
        "branch_no_later": "{who}不同意：要等到{date}。",
        "branch_no_same": "{who}不同意：{date}起也可以。",
        "ours_yes": "平台恢复放款之后：{date}起按本版政策核算可通过。",
        "ours_no": "平台没有恢复之前：做了这些，到{date}也不会通过。",
        "idle_yes": "什么都不做，{date}起按本版政策核算可通过。",
        "idle_no": "什么都不做，到{date}为止不会通过。",
        "idle_back": (
            "额度为 0 期间不会通过；{date}复评时，按今天的资料额度可为{limit}（不保证），"
            "那之后可再申请{amount}。"
        ),
        "idle_back_less": (
            "额度为 0 期间不会通过；{date}复评时，按今天的资料额度可为{limit}（不保证），"
            "比您想借的{amount}少，届时可以申请不超过它的金额。"
        ),
        "only_time": (
            "“{areas}”里过去的逾期月份只有时间能消除：从现在起都按时还款的话，算到{date}为止。"
            "记录属实的话，在那之前这笔申请没有办法通过，请不要为此花钱找人。"
        ),
        "helps": "{date}起，它不再是“{areas}”里的障碍",
        "verify_place": "贷款 App「安全中心—账户核实」，或官方客服",
        "helps_left": "只做这一步，这笔申请还不能通过：“{areas}”还有别的限制，见上面。",
        "falls": "到{date}只能借{amount}：那时又受“{area}”限制。",
        "falls_none": "到{date}又不能借了：那时再受“{area}”限制。",
        "falls_step": "那时还想借的话，需要再做一次：{step}。",
        "turns": "{date}：{area}从{before}变为{after}",
        "standing": "到那时仍在限制借款的是：{areas}。",
        "month": "{date}：不做改变可借{idle}",
        "month_planned": "{date}：不做改变可借{idle}，按计划可借{planned}",
        "rung": "还清{closes}（{cash}），{date}起可通过{frontier}",
        "need": (
            "政策按每月{due_now}计算您在别处的还款，要降到{due_most}，也就是每月少{cut}。"
            "要算出先还哪几笔，请提供征信报告或一张债务表。"
        ),
        "review": "最迟{date}再看一次。",
        "stage_first": (
            "先借{amount}（暂停结束后的这一次小额尝试是正常的，不算反复尝试），{date}起"
        ),
        "stage_then": "这一笔通过后，{date}起可再借{amount}",
        "gates": "现在限制借款的是：{areas}。",
        "lit": "{area}（{light}）",
        "bring": "“{area}”还没有资料，看到了才能判断。您可以：{what}。",
        "warned": "提前提醒：{day}起额度可能变为{limit}。",
        "unless": (
            "前提：额度没有因提前提醒而下调。{day}起它可能变为{limit}；真的下调的话，"
            "那之后的日期和金额不再成立。"
        ),
        "warned_late": (
            "{date}才有结果，不早于提醒里的{day}：额度如果那时已变为{limit}，这个结果不再成立。"
        ),
    },
    "en": {
        "title": "The plan: {goals}",
        "title_conditional": "The plan: {goals} (if {who} agrees)",
        "title_only": "The plan there is",
        "title_only_conditional": "The plan there is (if {who} agrees)",
        "and": ", ",
        "enough": (
            "This plan takes {cash}, which is close to the {amount} you want to borrow. Used for "
            "your own spending, that money may make the loan unnecessary."
        ),
        "enough_more": (
            "This plan takes {cash}, which is more than the {amount} it lets you borrow. Used for "
            "your own spending, that money may make the loan unnecessary."
        ),
        "yes": (
            "Under this version of the policy {amount} passes from {date} on; valid until "
            "{expires}. This is a calculation and no promise to lend."
        ),
        "yes_conditional": (
            "If {who} agrees, {amount} passes from {date} on under this version of the policy; "
            "valid until {expires}. This is a calculation and no promise to lend."
        ),
        "yes_ours": (
            "Once we lend again, {amount} passes from {date} on under this version of the policy; "
            "valid until {expires}. This is a calculation and no promise to lend."
        ),
        "yes_conditional_ours": (
            "Once we lend again and if {who} agrees, {amount} passes from {date} on under this "
            "version of the policy; valid until {expires}. This is a calculation and no promise to "
            "lend."
        ),
        "cash": "It takes {cash} in all.",
        "no_cash": "It costs nothing.",
        "fees": "Fees of {fees} come on top.",
        "saved": "It saves about {interest} in interest.",
        "dearer": "It adds about {interest} in interest.",
        "interest_unknown": (
            "Some rates are not known, so what it saves in interest cannot be told."
        ),
        "by": "by {date}",
        "this_day": "today",
        "way_back": "The limit is 0 for now; see below how and when it may come back.",
        "today": "can be done today",
        "from": "from {date}",
        "shows": "shows in the data from {date}",
        "card_of": "your card of {lender}",
        "close": "Pay off {lender}: {cash}",
        "part": "Pay {cash} to {lender}, which leaves {left}",
        "close_here": "Pay off one of your loans here: principal {cash}",
        "part_here": "Repay {cash} of principal here ahead of time",
        "settle_here": "Pay what is due here: {cash}",
        "settle_elsewhere": "Settle what the credit report shows as overdue: {cash}",
        "consolidate": (
            "Move several loans to {lender}: {amount}, {months} instalments of about {due}, "
            "{rate}% a year all in (simple)"
        ),
        "stop_applying": "Make no application for loans or cards anywhere until {date}",
        "wait": "Wait until {date} and ask then",
        "borrow_less": "Ask for {amount} instead",
        "show_income": "Show your income: at least {income} a month after tax",
        "verify_steps": "Complete the identity check: {steps}",
        "own_card": "Bind a payout card in your own name",
        "unlock": (
            "Verify yourself on a device you have used for a while and ask to take off your own "
            "lock"
        ),
        "password": "Your password leaked: set a new one",
        "forwarding": "Switch call forwarding off",
        "spare": "Spend {percent}% less on shopping, dining and entertainment",
        "high_risk": "Stop high-risk spending",
        "before": "Asked on {date}: no.",
        "idle": "With nothing done it is still no on {date}.",
        "without": "Without “{step}” it is still no on {date}.",
        "branch_yes": "If {who} agrees: passes under this version of the policy from {date}.",
        "branch_no": "If {who} does not agree: still no on {date}, and no day can be worked out.",
        "branch_no_time": (
            "If {who} does not agree: still no on {date}; the months overdue in the past count "
            "until {later}, see above."
        ),
        "branch_no_later": "If {who} does not agree: not before {date}.",
        "branch_no_same": "If {who} does not agree: passes from {date} all the same.",
        "ours_yes": "Once we lend again: passes under this version of the policy from {date}.",
        "ours_no": "Until we lend again: with all this done it is still no on {date}.",
        "idle_yes": "With nothing done it passes under this version of the policy from {date}.",
        "idle_no": "With nothing done it does not pass up to {date}.",
        "idle_back": (
            "Nothing passes while the limit is 0. At the review on {date} it can be {limit} on "
            "today's data (not a promise); {amount} can be asked for after that."
        ),
        "idle_back_less": (
            "Nothing passes while the limit is 0. At the review on {date} it can be {limit} on "
            "today's data (not a promise), less than the {amount} you have in mind; up to that can "
            "be asked for then."
        ),
        "only_time": (
            "In “{areas}” only time clears the months overdue in the past: if everything is paid "
            "on time from now on, they count until {date}. If the record is true, nothing makes "
            "this request pass until then; please pay nobody for it."
        ),
        "helps": "from {date} on it no longer stands in the way under “{areas}”",
        "verify_place": (
            "In your lender's app under Security – Verify account, or our official support"
        ),
        "helps_left": (
            "This alone does not make the request pass: “{areas}” holds more in the way, see above."
        ),
        "falls": "By {date} only {amount} passes: “{area}” stands in the way again.",
        "falls_none": "By {date} nothing passes any more: “{area}” stands in the way again.",
        "falls_step": "To borrow then, this has to be done once more: {step}.",
        "turns": "{date}: {area} turns from {before} to {after}",
        "standing": "Still in the way then: {areas}.",
        "month": "{date}: {idle} if nothing changes",
        "month_planned": "{date}: {idle} if nothing changes, {planned} by the plan",
        "rung": "Paying off {closes} ({cash}) lets {frontier} pass from {date}",
        "need": (
            "The policy counts {due_now} a month for your debts elsewhere; that has to fall to "
            "{due_most}, by {cut} a month. To work out which to pay first, add your credit "
            "report or a table of debts."
        ),
        "review": "Looked at again by {date}.",
        "stage_first": (
            "Draw {amount} first (one small try after a pause is expected and does not count as "
            "repeated trying), from {date}"
        ),
        "stage_then": "Once that has passed, another {amount} from {date}",
        "gates": "In the way now: {areas}.",
        "lit": "{area} ({light})",
        "bring": "“{area}” has no data yet and cannot be judged without. You can: {what}.",
        "warned": "Early warning: from {day} on the limit may be {limit}.",
        "unless": (
            "This assumes that the limit is not cut as the early warning says; from {day} on it "
            "may be {limit}, and if it is, no later date or amount holds."
        ),
        "warned_late": (
            "The result comes on {date} and not before {day}, the day of the warning: if the limit "
            "has become {limit} by then, it no longer holds."
        ),
    },
}  # fmt: skip

NOTE_WORDS: Final[Mapping[str, _Words]] = {
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

WHO_WORDS: Final[Mapping[str, _Words]] = {
    "zh": {"lender": "对方机构", "bureau": "征信机构", "platform": "平台"},
    "en": {"lender": "the other lender", "bureau": "the credit bureau", "platform": "the platform"},
}

ID_STEP_WORDS: Final[Mapping[str, _Words]] = {
    "zh": {"name_and_id": "姓名和身份证号", "document": "身份证件",
           "face": "人脸（也可走证件加人工）"},
    "en": {"name_and_id": "name and ID number", "document": "ID document",
           "face": "face, or document and staff"},
}  # fmt: skip
