"""The words on paying debts, merging them, and on other ways, in Chinese and plain English."""

from __future__ import annotations

from typing import Final

from xindeng.decision.words import Language

DEBT: Final[dict[Language, dict[str, str]]] = {
    "zh": {
        "d_none": "没有提供负债表或信用报告，这一部分暂无数据。",
        "d_list": "您的负债",
        "d_list_head": "机构|种类|余额|年化（单利）|每月应还|政策计入|来源",
        "d_list_note": "年化按单利；没有写明利率的显示“暂无数据”，不猜。",
        "d_added": "信用报告里有、负债表没有列出的 {count} 笔，已一并计入：{names}。"
                    "如果与表中是同一笔，请在负债表里使用报告上的机构名称。",
        "d_unsure": "下面几对可能是同一笔，现在按两笔计入，请您核对：",
        "d_unsure_pair": "· 负债表的“{row}”（{at}）与信用报告的“{reported}”（{record}）",
        "d_unsure_how": "是同一笔：在负债表里把机构名称改成报告上的写法，再运行一次；"
                        "确实是两笔：不用改。",
        "d_old": "信用报告是 {day} 的，已 {days} 天：取自它的余额和月供可能早已变了，"
                 "取一份新的再算。",
        "d_unlisted": "流水里看得到还款、但没有负债资料的：{names}。只计入实际还款额，余额未知。",
        "d_kind_card": "信用卡",
        "d_kind_instalment": "分期",
        "d_kind_interest_only": "先息后本",
        "d_kind_revolving": "随借随还",
        "d_kind_bullet": "到期还本",
        "d_kind_person": "亲友",
        "d_ways": "几种还法的差别",
        "d_ways_head": "还法|几个月还清|利息与费用|比最省的多|政策线",
        "d_ways_note": "都按每月共还 {monthly} 计算（等于现在政策计入的每月应还，"
                       "还清一笔就转给下一笔）；"
                        "不含新借款。",
        "d_ways_more": "都按每月共还 {monthly} 计算（现在政策计入的每月应还是 {counted}，"
                       "另加 {more}，因为有的月份要还的比平时略多；还清一笔就转给下一笔）；"
                       "不含新借款。",
        "d_months": "{months} 个月",
        "d_never": "还不清",
        "d_at_least": "至少 {amount}",
        "d_exact": "{amount}",
        "d_cheapest": "最省",
        "c_title": "把几笔合成一笔，划算吗",
        "c_what": "把{names}（共 {amount}）合成一笔“{offer}”：",
        "c_head": "办法|总共要付|比按约定还|最高月供|综合年化（单利）",
        "c_now": "现在这几笔，只按约定还",
        "c_faster": "现在这几笔，每月照今天的数还",
        "c_same_rate": "同上",
        "c_last": "合成 {months} 个月，与按约定还相比",
        "c_term": "{months} 个月",
        "c_more": "多 {amount}",
        "c_less": "少 {amount}",
        "c_note": "“每月照今天的数还”指每月共还 {monthly}，还清一笔就转给下一笔；"
                  "月供比这更高的不推荐。合并会新增一次征信查询和一个账户，批不批由对方决定；"
                  "只有总成本确实下降才值得借新还旧。利率是公开报价的示例，以机构合同为准。",
        "d_gate_month": "第 {months} 个月达到",
        "d_gate_now": "已达到",
        "d_gate_never": "达不到",
        "d_gate_none": "—",
        "d_chart": "还款过程中的总欠款",
        "d_chart_alt": "从 {start} 起，{ways}。",
        "d_chart_part": "{name}：{end}",
        "d_end": "{months} 个月还清",
        "d_open": "{months} 个月后还欠 {left}",
        "d_table": "逐月明细：{name}",
        "d_total": "月",
        "a_title": "同样的金额，其他办法的真实成本",
        "a_head": "办法|总共要付|其中成本|最高月供|年化（单利）|年化（复利）|查征信",
        "a_yes": "是",
        "a_no": "否",
        "a_note": "按 {amount}、{months} 个月计算；价格是公开报价的示例，以机构合同为准。",
        "a_save": "不急用的话，先攒再用，成本是 0。",
        "fu_first": "还债期间先留 {amount} 应急，遇到小意外就不必再借。",
        "fu_then": "债务还清后，把原来每月还款的一部分转存，额度就不再是唯一的退路。",
        "fu_where": "放在随时可取、低风险的地方（活期、货币基金、国债逆回购等），"
                    "不要放进会亏的产品。",
    },
    "en": {
        "d_none": "Neither a table of debts nor a credit report was given; nothing is known here.",
        "d_list": "Your debts",
        "d_list_head": "Lender|kind|balance|a year (simple)|due each month|counted|from",
        "d_list_note": "Yearly rates are simple; one that is not told shows no data and is not "
                       "guessed.",
        "d_added": "{count} debt(s) of the credit report that the table does not list are counted "
                   "too: {names}. If one of them is in the table, use the lender's name as in the "
                   "report.",
        "d_unsure": "These may be one debt each and are counted as two; please look:",
        "d_unsure_pair": "· “{row}” of the table ({at}) and “{reported}” of the report ({record})",
        "d_unsure_how": "If they are one, write the lender's name in the table as in the report "
                        "and run it again; if they are two, leave it.",
        "d_old": "The credit report is of {day}, {days} days old: balances and dues taken from it "
                 "may have changed long since; get a new one first.",
        "d_unlisted": "Seen in the flows without any paper on the debt: {names}. Only what is paid "
                      "is counted; the balance is not known.",
        "d_kind_card": "card",
        "d_kind_instalment": "instalments",
        "d_kind_interest_only": "interest only",
        "d_kind_revolving": "revolving",
        "d_kind_bullet": "due at the end",
        "d_kind_person": "family or friends",
        "d_ways": "How the ways to pay differ",
        "d_ways_head": "Way|months|interest and fees|more than the cheapest|policy line",
        "d_ways_note": "All with {monthly} a month (what the policy counts as due today; what one "
                       "debt frees goes to the next), and nothing new borrowed.",
        "d_ways_more": "All with {monthly} a month (the policy counts {counted} as due today; "
                       "{more} comes on top because in some months a little more is due; what one "
                       "debt frees goes to the next), and nothing new borrowed.",
        "d_months": "{months} months",
        "d_never": "never",
        "d_at_least": "at least {amount}",
        "d_exact": "{amount}",
        "d_cheapest": "cheapest",
        "c_title": "Is it worth merging some into one?",
        "c_what": "{names} ({amount} in all) merged into “{offer}”:",
        "c_head": "Way|paid in all|than as agreed|largest instalment|all-in rate (simple)",
        "c_now": "the debts now, as agreed",
        "c_faster": "the debts now, paying on as much as today",
        "c_same_rate": "as above",
        "c_last": "Merged over {months} months, beside paying as agreed",
        "c_term": "{months} months",
        "c_more": "{amount} more",
        "c_less": "{amount} less",
        "c_note": "“As much as today” is {monthly} a month, and what one debt frees goes to the "
                  "next; a larger instalment than that is not proposed. Merging adds an enquiry "
                  "and an account, and the other lender decides; borrowing to repay only makes "
                  "sense if the total cost really falls. The rate is an example of public offers; "
                  "the contract counts.",
        "d_gate_month": "in month {months}",
        "d_gate_now": "already",
        "d_gate_never": "never",
        "d_gate_none": "—",
        "d_chart": "What is owed on the way",
        "d_chart_alt": "From {start}: {ways}.",
        "d_chart_part": "{name}: {end}",
        "d_end": "over in {months} months",
        "d_open": "{left} still owed after {months} months",
        "d_table": "Month by month: {name}",
        "d_total": "month",
        "a_title": "The same amount by other ways, at its true cost",
        "a_head": "Way|paid in all|of it cost|largest instalment|a year (simple)|"
                  "a year (compound)|enquiry",
        "a_yes": "yes",
        "a_no": "no",
        "a_note": "For {amount} over {months} months; prices are examples of public offers, the "
                  "contract counts.",
        "a_save": "If it can wait, saving first costs nothing.",
        "fu_first": "While debts are paid keep {amount} apart, so that a small surprise needs no "
                    "new loan.",
        "fu_then": "Once debts are over, save a part of what went to them: the line is then no "
                   "longer the only way out.",
        "fu_where": "Keep it where it can be had at once and does not lose value.",
    },
}  # fmt: skip
