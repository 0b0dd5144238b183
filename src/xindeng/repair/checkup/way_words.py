"""The words on what can be changed and what time alone does, for a check-up without a lender."""

from __future__ import annotations

from typing import Final

from xindeng.decision.words import Language

WAY: Final[dict[Language, dict[str, str]]] = {
    "zh": {
        "h_red": "按示例政策，目前未通过的是：{areas}。",
        "h_watch": "按示例政策没有未通过的项目，要注意的是：{areas}。",
        "h_blind": "还看不清的：{areas}；补上资料再看，没有数据不等于正常。",
        "h_bills": "账单只到 {day}；之后的 {days} 天按账单最后 30 天的样子推算，"
                   "补上新的账单会更准。",
        "h_bills_old": "账单只到 {day}，已过去 {days} 天，看不出现在的收入和支出："
                       "请补上之后的账单，或写明现在的月收入。",
        "h_ratio": "（月还款占收入 {ratio}，超过 {most}）",
        "h_ratio_after": "（借后月还款占收入 {ratio}，超过 {most}）",
        "h_count": "（近 {window} 天审批类查询 {count} 次，超过 {most} 次）",
        "h_close": "最管用的是先结清{names}（共需现金 {cash}）："
                   "月还款占收入从 {before} 降到 {after}。",
        "h_helps": "最管用的是：{steps}。",
        "h_overdue": "先把当前逾期的还清：{lenders}，共 {amount}；没还清之前，别的都排在后面。",
        "h_over_income": "每月要还 {due}，比收入还多：先找各家放款机构商量困难帮助，不要借新还旧。",
        "h_heavy": "靠提前还款要一次拿出 {cash}，多半做不到：先找各家放款机构商量延期或重新安排，"
                   "不要再借新的。",
        "h_leave": "先不要再申请：到 {day}，近 {window} 天的审批类查询会降到 {most} 次以内。",
        "h_enough": "想借的 {amount} 要让示例政策不拦，得先拿出约 {cash}；"
                    "这笔钱若用于自己的开支，可能不必借款。",
        "w_estimate": "以下按示例政策推算，只说明哪些改变有用；不是任何机构的放款日期或金额。",
        "w_approved": "按示例政策，资料里没有会拦下这笔借款的事项；这不代表任何机构会放款。",
        "w_only_time": "不需要做别的：等时间过去，期间不要再申请。相关记录退出统计的日期见下面两"
                       "节。",
        "w_fixed": "示例政策对这种情况固定不放款，等待或努力都不会改变。",
        "w_our_side": "示例政策下这是平台一侧的原因，不需要您做任何事。",
        "w_verify_first": "先完成账户核实，其他都不急。",
        "w_review": "示例政策下这种情况要由人工判断；准备好能说明情况的材料。",
        "w_hardship": "现在先申请困难帮助，而不是再借。",
        "w_no_plan": "在已知的资料里，没有找到能让示例政策改变结论的做法；先别再申请，把还款稳住。",
        "w_unknown": "还没有足够的资料推算；补上 ○ 的几项再看。",
        "w_enough": "这笔钱若用于自己的开支，可能不必借款。",
        "w_rungs": "结清哪几笔最管用",
        "w_rungs_head": "结清|需要现金|每月少还|月还款占收入|这一关约能容纳",
        "w_rungs_note": "按现金从少到多。月还款占收入不含新的借款；“约能容纳”是示例政策下的区间，"
                        "只看这一关，取整到 {grid}。",
        "w_range": "{low}–{high}",
        "w_plan_cheapest": "最省钱的做法：共需现金 {cash}",
        "w_plan_fastest": "最快的做法：共需现金 {cash}",
        "w_plan_gentlest": "最轻松的做法：分几个月，共需现金 {cash}",
        "w_plan_smaller": "少借一些的做法：共需现金 {cash}",
        "w_plan_free": "不花钱的做法",
        "w_saves": "大约少付利息 {amount}。", "w_costs": "大约多付利息 {amount}。",
        "w_fees": "另有费用 {amount}。",
        "w_ratio": "月还款占收入由 {before} 降到 {after}（不含新的借款）。",
        "w_close": "结清{lender}的 {amount}", "w_part": "把{lender}的欠款先还掉 {amount}",
        "w_borrow_less": "把想借的金额改小",
        "w_show_income": "备好近三个月的收入证明；每月税后不低于 {income} 时，示例政策的这一关不拦",
        "w_when_now": "现在：{step}", "w_when_months": "{months} 个月后：{step}",
        "w_third": "（由对方决定，成或不成都可能）",
        "w_need": "每月要还的钱需要从 {due} 降到 {most} 以下，即每月少还 {cut}；"
                  "补一张负债表，就能算出先还哪一笔。",
        "t_lead": "假设从今天起什么都不做：不申请、不新借，不逾期，收支照旧，欠款按今天的数字算。"
                  "下面是示例政策下各项灯的变化；灯变了不等于任何机构会放款。",
        "t_head": "日期|项目|由|变为", "t_caption": "等待中的变化（{days} 天内）",
        "t_none": "{days} 天内，只靠等待，资料里能看到的各项都不会变。",
        "t_stays": "只靠等待不会变：{areas}。",
        "t_paid_on": "欠款会越还越少：每笔都只按约定还，第 {months} 个月起，"
                     "月还款会降到示例政策的线以内（只看这一项）。",
        "t_boundary": "日期按当地零点计算：记录到那天零点移出统计。",
    },
    "en": {
        "h_red": "Under the reference policy these do not pass at present: {areas}.",
        "h_watch": "Under the reference policy nothing stands in the way; take care with: {areas}.",
        "h_blind": "Not known yet: {areas}. Add the papers and look again; no data is not fine.",
        "h_bills": "The bills end on {day}; the {days} days since are taken to be as their last "
                   "30 days were. Newer bills tell better.",
        "h_bills_old": "The bills end on {day}, {days} days ago, and do not tell what comes in and "
                       "goes out today: add newer ones, or state the monthly income.",
        "h_ratio": " (payments take {ratio} of income, above {most})",
        "h_ratio_after": " (payments after the draw take {ratio} of income, above {most})",
        "h_count": " ({count} approval enquiries in {window} days, above {most})",
        "h_close": "What helps most is to pay off {names} first ({cash} in cash): payments fall "
                   "from {before} of income to {after}.",
        "h_helps": "What helps most: {steps}.",
        "h_overdue": "Pay what is overdue first: {lenders}, {amount} in all; until then all else "
                     "comes after it.",
        "h_over_income": "{due} fall due each month, more than comes in: ask each lender for "
                         "hardship help first, and do not borrow to repay.",
        "h_heavy": "Paying off would take {cash} at once, which few people have: ask each lender "
                   "for a deferral or a new schedule first, and borrow nothing new.",
        "h_leave": "Do not apply for now: no more than {most} approval enquiries of {window} days "
                   "count from {day} on.",
        "h_enough": "For the reference policy not to stop the {amount} asked for, about {cash} "
                    "must be paid first; used for your own needs, this money may make borrowing "
                    "unnecessary.",
        "w_estimate": "Worked out under the reference policy, to show which changes help; not a "
                      "day or an amount of anybody's lending.",
        "w_approved": "Under the reference policy nothing in these papers stands in the way; that "
                      "does not mean that anybody lends.",
        "w_only_time": "Nothing else is needed: let time pass and do not apply. The next two "
                       "parts tell the days on which records leave the count.",
        "w_fixed": "The reference policy never lends in this situation; neither waiting nor "
                   "effort changes it.",
        "w_our_side": "Under the reference policy this is the platform's side; nothing to do.",
        "w_verify_first": "Verify the account first; nothing else is urgent.",
        "w_review": "The reference policy leaves this to a person; have papers that explain it.",
        "w_hardship": "Ask for hardship help first, instead of borrowing more.",
        "w_no_plan": "Nothing in these papers was found to change what the reference policy says; "
                     "do not apply for now, and keep repayments steady.",
        "w_unknown": "Too little is known yet; fill in what shows ○ and look again.",
        "w_enough": "Used for your own needs, this money may make borrowing unnecessary.",
        "w_rungs": "Which debts to close first",
        "w_rungs_head": "Close|cash needed|less each month|payments to income|"
                        "this gate would hold",
        "w_rungs_note": "Least cash first. Payments to income leave out the new loan; what the "
                        "gate would hold is a range under the reference policy, this gate alone, "
                        "rounded to {grid}.",
        "w_range": "{low}–{high}",
        "w_plan_cheapest": "The cheapest way: {cash} in cash",
        "w_plan_fastest": "The fastest way: {cash} in cash",
        "w_plan_gentlest": "The gentlest way: over some months, {cash} in cash",
        "w_plan_smaller": "Asking for less: {cash} in cash",
        "w_plan_free": "The way that costs nothing",
        "w_saves": "About {amount} less interest.", "w_costs": "About {amount} more interest.",
        "w_fees": "Fees of {amount} on top.",
        "w_ratio": "Payments to income fall from {before} to {after} (without a new loan).",
        "w_close": "pay off {lender}, {amount}", "w_part": "pay {amount} off what {lender} lent",
        "w_borrow_less": "ask for a smaller amount",
        "w_show_income": "have proof of the last three months' income ready; from {income} a month "
                         "after tax this gate of the reference policy does not stop it",
        "w_when_now": "Now: {step}", "w_when_months": "After {months} month(s): {step}",
        "w_third": " (the other side decides; it may go either way)",
        "w_need": "Monthly dues must fall from {due} to at most {most}, by {cut}; a table of debts "
                  "would tell which to pay first.",
        "t_lead": "As if nothing were done from today: nothing applied for, nothing new borrowed, "
                  "nothing overdue, life as it was, debts as they stand today. These are the "
                  "lights under the reference policy; a light that turns does not mean that "
                  "anybody lends.",
        "t_head": "Day|Area|from|to", "t_caption": "What time changes (within {days} days)",
        "t_none": "Within {days} days waiting alone changes nothing that these papers tell of.",
        "t_stays": "Waiting alone does not change: {areas}.",
        "t_paid_on": "Debts shrink as they are paid: with every one paid as agreed and no more, "
                     "dues come within the reference policy's line from month {months} (this area "
                     "alone).",
        "t_boundary": "Days turn at local midnight: a record leaves the count as that day begins.",
    },
}  # fmt: skip
