"""The sentences of a plan, in Chinese and English side by side.

Nothing here promises: a date is what this version of the policy computes, and until when. Whether
paying, waiting or asking, repayments go on as usual.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

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
