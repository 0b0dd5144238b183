"""The words on paying debts, merging them, and on other ways, in Chinese and plain English."""

from __future__ import annotations

from typing import Final

from xindeng.decision.words import Language

DEBT: Final[dict[Language, dict[str, str]]] = {
    "zh": {
        "d_none": "没有提供负债表或信用报告，这一部分暂无数据。",
        "d_list": "您的负债", "d_list_head": "机构|种类|余额|年化（单利）|每月应还|政策计入|来源",
        "d_list_note": "年化按单利；没有写明利率的显示“暂无数据”，不猜。",
        "d_added": "信用报告里有、负债表没有列出的 {count} 笔，已一并计入：{names}。"
                    "如果与表中是同一笔，请在负债表里使用报告上的机构名称。",
        "d_unlisted": "流水里看得到还款、但没有负债资料的：{names}。只计入实际还款额，余额未知。",
        "d_kind_card": "信用卡", "d_kind_instalment": "分期", "d_kind_interest_only": "先息后本",
        "d_kind_revolving": "随借随还", "d_kind_bullet": "到期还本", "d_kind_person": "亲友",
        "d_ways": "几种还法的差别", "d_ways_head": "还法|几个月还清|利息与费用|比最省的多|政策线",
        "d_ways_note": "都按每月共还 {monthly} 计算（等于现在政策计入的每月应还，"
                       "还清一笔就转给下一笔）；"
                        "不含新借款。",
        "d_way_gate": "先过政策线：最快降到 {gate} 以下", "d_way_avalanche": "利率高的先还",
        "d_way_snowball": "余额小的先还", "d_way_hybrid": "又贵又小的先还",
        "d_way_minimum": "只还最低",
        "d_never": "还不完", "d_months": "{months} 个月", "d_gate_month": "第 {months} 个月达到",
        "d_gate_now": "已达到", "d_gate_never": "达不到", "d_gate_none": "—",
        "d_cheapest": "最省", "d_chart": "还款过程中的总欠款",
        "d_chart_alt": "从 {start} 起，{ways}。", "d_chart_part": "{name}：{end}",
        "d_end": "{months} 个月还清", "d_open": "{months} 个月后还欠 {left}",
        "d_table": "逐月明细：{name}", "d_table_head": "月|还款|其中利息|费用|剩余欠款|政策计入",
        "d_total": "月",
        "g_budget_below_dues": "每月应还已超过这笔预算（第 {month} 个月差 {amount}）："
                               "先申请困难帮助，不是挑还法。",
        "g_minimum_below_interest": "最低还款不够付利息，越还越多：{names}。每月必须多还一些。",
        "g_rate_unknown": "利率未知，利息没有算进去：{names}。查一下合同或 App 里的年化利率。",
        "g_balance_unknown": "余额未知，没有算进去：{names}。",
        "g_no_evidence": "没有借据的亲友借款：{names}。要还，但还了也没有机构看得到。",
        "g_no_end": "没有约定还清时间：{names}。",
        "g_only_twelve": "笔数较多，只比较了影响最大的 12 笔的组合。",
        "g_gate_out_of_reach": "按这笔预算，十年内降不到政策线以下。",
        "c_title": "把几笔合成一笔，划算吗",
        "c_head": "比较|现在这几笔|合成一笔",
        "c_what": "把{names}（共 {amount}）换成“{offer}”，{months} 个月：",
        "c_total": "总共要付", "c_months": "还清要", "c_instalment": "最高月供",
        "c_rate": "综合年化（单利）", "c_cheaper": "总共少付 {amount}，年化也更低：可以考虑。",
        "c_dearer": "总共多付 {amount}：不划算。",
        "c_dearer_but_lighter": "月供轻了，但总共多付 {amount}：更轻松，不是更便宜。",
        "c_unknown": "现有借款的利率或期限不明，无法判断总额，先不要合并。",
        "c_note": "合并会新增一次征信查询和一个账户，批不批由对方决定；"
                  "只有总成本确实下降才值得借新还旧。",
        "a_title": "同样的金额，其他办法的真实成本",
        "a_head": "办法|总共要付|其中成本|最高月供|年化（单利）|年化（复利）|查征信",
        "a_yes": "是", "a_no": "否", "a_unconfirmed": "（未核实）",
        "a_note": "按 {amount}、{months} 个月计算；价格是公开报价的示例，以机构合同为准，可用 "
                  "--offers 换成您自己的。",
        "a_misfit_amount_below": "金额低于起点", "a_misfit_amount_above": "金额超过上限",
        "a_misfit_months": "没有这个期限", "a_save": "不急用的话，先攒再用，成本是 0。",
        "fu_lines": "目标：{months} 个月的必要开支，约 {target}。",
        "fu_first": "还债期间先留 {amount} 应急，遇到小意外就不必再借。",
        "fu_step": "从 {day} 起每月存 {monthly}，{months} 个月后有 {saved}（够 {covers} 个月）。",
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
        "d_unlisted": "Seen in the flows without any paper on the debt: {names}. Only what is paid "
                      "is counted; the balance is not known.",
        "d_kind_card": "card", "d_kind_instalment": "instalments",
        "d_kind_interest_only": "interest only", "d_kind_revolving": "revolving",
        "d_kind_bullet": "due at the end", "d_kind_person": "family or friends",
        "d_ways": "How the ways to pay differ",
        "d_ways_head": "Way|months|interest and fees|more than the cheapest|policy line",
        "d_ways_note": "All with {monthly} a month (what the policy counts as due today; what one "
                       "debt frees goes to the next), and nothing new borrowed.",
        "d_way_gate": "to the policy line first: below {gate} soonest",
        "d_way_avalanche": "dearest rate first", "d_way_snowball": "smallest balance first",
        "d_way_hybrid": "dear and small first", "d_way_minimum": "minimum only",
        "d_never": "never", "d_months": "{months} months", "d_gate_month": "in month {months}",
        "d_gate_now": "already", "d_gate_never": "never", "d_gate_none": "—",
        "d_cheapest": "cheapest", "d_chart": "What is owed on the way",
        "d_chart_alt": "From {start}: {ways}.", "d_chart_part": "{name}: {end}",
        "d_end": "over in {months} months", "d_open": "{left} still owed after {months} months",
        "d_table": "Month by month: {name}",
        "d_table_head": "Month|paid|of it interest|fees|still owed|counted",
        "d_total": "month",
        "g_budget_below_dues": "The dues are beyond this money ({amount} short in month {month}): "
                               "ask for hardship help first instead of choosing a way.",
        "g_minimum_below_interest": "The minimum does not cover the interest, so the debt grows: "
                                    "{names}. More must be paid each month.",
        "g_rate_unknown": "No rate is known, so no interest is counted: {names}. See the contract "
                          "or the app for the yearly rate.",
        "g_balance_unknown": "No balance is known, so it is left out: {names}.",
        "g_no_evidence": "Loans of family or friends without a paper: {names}. They are owed, but "
                         "no lender can see them repaid.",
        "g_no_end": "No end was agreed: {names}.",
        "g_only_twelve": "There are many debts; only the twelve that matter most were combined.",
        "g_gate_out_of_reach": "With this money the policy line is not reached within ten years.",
        "c_title": "Is it worth merging some into one?",
        "c_head": "|the debts now|merged",
        "c_what": "{names} ({amount} in all) into “{offer}” over {months} months:",
        "c_total": "paid in all", "c_months": "over in", "c_instalment": "largest instalment",
        "c_rate": "all-in yearly rate (simple)",
        "c_cheaper": "{amount} less in all and a lower rate: worth a thought.",
        "c_dearer": "{amount} more in all: not worth it.",
        "c_dearer_but_lighter": "A lighter instalment, but {amount} more in all: easier, not "
                                "cheaper.",
        "c_unknown": "A rate or an end of the debts now is not known, so the total cannot be "
                     "judged; do not merge yet.",
        "c_note": "Merging adds an enquiry and an account, and the other lender decides; borrowing "
                  "to repay only makes sense if the total cost really falls.",
        "a_title": "The same amount by other ways, at its true cost",
        "a_head": "Way|paid in all|of it cost|largest instalment|a year (simple)|"
                  "a year (compound)|enquiry",
        "a_yes": "yes", "a_no": "no", "a_unconfirmed": " (not checked)",
        "a_note": "For {amount} over {months} months; prices are examples of public offers, the "
                  "contract counts, and --offers takes your own.",
        "a_misfit_amount_below": "below its least amount",
        "a_misfit_amount_above": "above its largest amount",
        "a_misfit_months": "not over so many months",
        "a_save": "If it can wait, saving first costs nothing.",
        "fu_lines": "Aim: {months} months of necessary outgoings, about {target}.",
        "fu_first": "While debts are paid keep {amount} apart, so that a small surprise needs no "
                    "new loan.",
        "fu_step": "{monthly} a month from {day}: {saved} after {months} months ({covers} months "
                   "covered).",
        "fu_then": "Once debts are over, save a part of what went to them: the line is then no "
                   "longer the only way out.",
        "fu_where": "Keep it where it can be had at once and does not lose value.",
    },
}  # fmt: skip
