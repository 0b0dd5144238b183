"""The words of income, fixed costs and spending in a check-up, in Chinese and plain English."""

from __future__ import annotations

from typing import Final

from xindeng.decision.words import Language

CATEGORIES: Final[dict[Language, dict[str, str]]] = {
    "zh": {
        "rent": "房租", "utilities": "水电通讯", "groceries": "日用百货", "transport": "交通",
        "medical": "医疗", "education": "教育", "insurance": "保险", "tax": "税费",
        "dining": "餐饮", "shopping": "购物", "transfer": "转账", "cash": "取现",
        "unknown": "其他", "fee": "手续费", "entertainment": "娱乐", "high_risk": "高风险消费",
        "instalments": "分期购买",
    },
    "en": {
        "rent": "rent", "utilities": "utilities", "groceries": "groceries",
        "transport": "transport", "medical": "health", "education": "education",
        "insurance": "insurance", "tax": "tax", "dining": "eating out", "shopping": "shopping",
        "transfer": "transfers", "cash": "cash", "unknown": "other", "fee": "fees",
        "entertainment": "entertainment", "high_risk": "risky goods",
        "instalments": "bought in instalments",
    },
}  # fmt: skip

FLOW: Final[dict[Language, dict[str, str]]] = {
    "zh": {
        "fl_none": "没有提供账单或流水，收入与支出暂无数据。",
        "fl_of": "流水自 {first} 至 {last}，完整月份 {months} 个。",
        "fl_income": "收入 · {name}", "fl_income_not": "未计入收入 · {name}",
        "fl_rent": "房租 · {name}",
        "fl_sub": "固定扣款 · {name}",
        "fl_lender": "借款或还款 · {name}",
        "fl_set_aside": "不算收入的进账", "fl_own": "本人账户互转", "fl_corrected": "您的更正",
        "fl_unused": "您更正的“{name}”在流水中没有出现。",
        "fl_stability": "收入稳定性：{word}（{months} 个月里 {paid} 个月有收入，典型波动 "
                        "{spread}）。",
        "st_steady": "稳定",
        "st_varying": "有波动",
        "st_unsteady": "不稳定",
        "st_too_short": "时间太短，还不好说",
        "fl_rule": "规则 {rule}，涉及 {count} 笔（{first} 至 {last}）",
        "fl_correct_how": "认错了可以改：用 --corrections 文件说明某个付款方是工资、本人、亲友、"
                          "房东或放贷方。",
        "fl_correct_how_sent": "认错了可以改：在下面的“更正”里说明某一方其实是谁。",
        "fl_rule_sent": "依据 {count} 笔（{first} 至 {last}）",
        "chart_income": "各月收入",
        "chart_income_alt": "{months} 个月的收入，最低 {low}，最高 {high}。",
        "month": "月份", "amount": "金额", "yuan": "元",
        "sp_spent": "近 90 天支出", "sp_share": "相当于收入的", "sp_inst_count": "近 90 天分期消费",
        "sp_inst_share": "分期占购物", "sp_borrowed": "进账中来自借款的",
        "v_times": "{count} 笔",
        "sp_of": "按账单里最近的完整月份（{first} 至 {last}）平均：",
        "sp_caption": "每月固定扣款", "sp_head": "商户|每次|频率|最近一次",
        "sp_every": "每 {every} 个月", "sp_sum": "合计每月约 {amount}；不用的可以取消。",
        "sp_top_caption": "支出最多的去处（近 90 天）", "sp_top_head": "商户|笔数|金额",
        "sp_inst_caption": "分期消费", "sp_inst_head": "商户|日期|总额|期数|每期约",
    },
    "en": {
        "fl_none": "No bill or statement was given, so income and spending are not known.",
        "fl_of": "Flows from {first} to {last}, {months} whole months.",
        "fl_income": "Income · {name}", "fl_income_not": "Not counted as income · {name}",
        "fl_rent": "Rent · {name}", "fl_sub": "Regular charge · {name}",
        "fl_lender": "Loan or repayment · {name}", "fl_set_aside": "Money in that is no income",
        "fl_own": "Between your own accounts", "fl_corrected": "Your correction",
        "fl_unused": "“{name}”, which you corrected, never appears in the flows.",
        "fl_stability": "Stability of income: {word} ({paid} of {months} months with income, "
                        "typical spread {spread}).",
        "st_steady": "steady", "st_varying": "varying", "st_unsteady": "unsteady",
        "st_too_short": "too short to tell",
        "fl_rule": "rule {rule}, {count} payments ({first} to {last})",
        "fl_correct_how": "Read wrongly? A --corrections file can say that a payer is your wages, "
                          "yourself, family, the landlord or a lender.",
        "fl_correct_how_sent": "Read wrongly? Say under “Corrections” below who somebody is.",
        "fl_rule_sent": "from {count} payments ({first} to {last})",
        "chart_income": "Income by month",
        "chart_income_alt": "Income of {months} months, lowest {low}, highest {high}.",
        "month": "Month", "amount": "Amount", "yuan": "yuan",
        "sp_spent": "Spent in 90 days", "sp_share": "as a share of income",
        "sp_inst_count": "Instalment purchases in 90 days", "sp_inst_share": "share of purchases",
        "sp_borrowed": "money in that was borrowed",
        "v_times": "{count}",
        "sp_of": "An average month of the latest whole months in the bills ({first} to {last}):",
        "sp_caption": "Regular charges", "sp_head": "Merchant|each|how often|last",
        "sp_every": "every {every} month(s)",
        "sp_sum": "About {amount} a month in all; what is not used can be cancelled.",
        "sp_top_caption": "Where most was spent (90 days)", "sp_top_head": "Merchant|times|amount",
        "sp_inst_caption": "Purchases in instalments",
        "sp_inst_head": "Merchant|day|total|instalments|each about",
    },
}  # fmt: skip
