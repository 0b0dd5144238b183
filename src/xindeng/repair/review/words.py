"""The words of a review, in Chinese and plain English: a title, what it means, what to do.

Places are filled by `xindeng.policy.texts`; a finding brings its own facts and the terms theirs.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from xindeng.decision.words import Language


class Said(NamedTuple):
    """What is said of one kind of finding."""

    title: str
    meaning: str
    step: str = ""


FINDINGS: Final[dict[Language, dict[str, Said]]] = {
    "zh": {
        "overdue_now": Said(
            "当前逾期 {amount:money}",
            "{lender:text}报送这笔账户现在有逾期（{months:count} 个月）。这是机构最先看的一项；"
            "只要还没还清，5 年的期限就还没有开始计算。",
            "先向这家机构核对欠款金额，再还清逾期部分；确有困难先申请延期或重新安排。"
            "还清后通常要等下一次报送才会更新。",
        ),
        "overdue_small": Said(
            "当前有小额逾期 {amount:money}",
            "{lender:text}报送的逾期金额很小（常见于年费或尾差），但仍是逾期。",
            "核对并还清；如果不是您造成的，可以提出异议。",
        ),
        "bad_debt": Said(
            "呆账",
            "{lender:text}把这笔账户列为呆账，比一般逾期更重；余额 {balance:money}。",
            "联系这家机构确认余额并结清，结清后请它更新状态；5 年从结清之日起算。",
        ),
        "repaid_for": Said(
            "已由他人代偿或转入催收",
            "这笔账户由担保方代偿，或转入催收（{lender:text}，余额 {balance:money}）。",
            "联系对方确认金额、还款方式并索取结清证明。",
        ),
        "card_frozen": Said(
            "信用卡状态：冻结",
            "这是发卡行报送的卡片状态（{lender:text}），不是借款额度的状态。",
            "致电发卡行客服，问清原因和恢复办法。",
        ),
        "stopped": Said(
            "账户状态：止付",
            "{lender:text}对这个账户止付，常见原因是逾期、风险核实或长期未用。",
            "联系这家机构，问清原因；若您已处理完毕，请它更新状态。",
        ),
        "judicial": Said(
            "账户状态：司法追偿",
            "{lender:text}已通过司法途径追偿（余额 {balance:money}）。",
            "先核对法院文书，再与对方协商还款安排；可咨询法律援助。",
        ),
        "tier_watch": Said(
            "五级分类：关注",
            "{lender:text}把这笔贷款列入“关注”类（“关注”是贷款分类的名称）。",
            "按时还款，避免下调到“次级”。",
        ),
        "tier_bad": Said(
            "五级分类：不良",
            "{lender:text}把这笔贷款列入次级、可疑或损失类（余额 {balance:money}）。",
            "与这家机构商定还款安排；结清或持续正常还款后分类才会上调。",
        ),
        "late_heavy": Said(
            "还款记录：近 24 个月逾期 {late:count} 个月，最长连续 {row:count} 个月",
            "达到业内常说的“连三累六”（连续 {$in_a_row:count} 个月或累计 {$in_all:count} 个月）"
            "或逾期超过 90 天。当月内补上的“M”不算逾期，没有计入。",
            "保持之后每一期按时还款；最近的良好记录越长，旧记录的影响越小。",
        ),
        "late_some": Said(
            "还款记录：有过逾期（报告内 {all:count} 个月，其中近 24 个月 {late:count} 个月）",
            "没有达到“连三累六”。当月内补上的“M”不算逾期，没有计入。",
            "保持按时还款即可，不需要找任何人处理。",
        ),
        "late_simple": Said(
            "近 5 年有 {late:count} 个月逾期",
            "简版报告只写月数，不写是哪几个月。",
            "想知道具体月份和消失日期，请查详版报告。",
        ),
        "late_simple_90": Said(
            "近 5 年有 {late:count} 个月逾期，其中 {ninety:count} 个月超过 90 天",
            "逾期超过 90 天属于严重逾期。简版报告不写是哪几个月。",
            "查详版报告核对月份；如仍未结清，先结清。",
        ),
        "late_within_month": Said(
            "当月内补上 {count:count} 次（M）",
            "到期日之后、当月之内还上，报告里记“M”，不算逾期。",
        ),
        "one_off": Said(
            "核对：一次性信用救济是否已生效",
            "{$one_off_from:date} 至 {$one_off_to:date} 之间、单笔不超过 "
            "{$one_off_amount:money}、在 {repaid_by:date} 前还清的"
            "逾期，征信中心会自动不再展示，无需申请。这个账户仍显示那段时间的逾期；"
            "报告没有写每笔金额，所以这里不下结论。",
            "符合条件却仍显示，可以向征信中心查询；窗口已经结束，现在没有人能“补办”，"
            "收费代办的都是骗子。",
        ),
        "guarantee": Said(
            "为他人担保 {amount:money}",
            "向{lender:text}承担的还款责任，余额 {balance:money}。被担保人不还，就要由您来还。",
            "了解被担保人的还款情况；没有担保过却出现，可以提出异议。",
        ),
        "guarantee_bad": Said(
            "担保的贷款已列入不良",
            "您为其担保的贷款（{lender:text}，余额 {balance:money}）已列入次级、可疑或损失类。",
            "尽快联系被担保人和这家机构，商定还款办法。",
        ),
        "guarantees_counted": Said(
            "为他人担保 {count:count} 笔", "报告只写了笔数。", "查详版报告核对每一笔。"
        ),
        "public_record": Said(
            "公共记录：{what:text}",
            "{authority:text}，{day:date}，金额 {amount:money}。",
            "履行或结清后保留凭证；信息有误可向作出该记录的单位或征信中心提出异议。",
        ),
        "public_counted": Said(
            "公共记录 {count:count} 条", "报告只写了条数。", "查详版报告核对每一条。"
        ),
        "fraud_alert": Said(
            "报告里有防欺诈警示",
            "有人（可能是您）请求在报告里加了警示，机构会再次核实身份。",
            "如果不是您加的，联系征信中心核实。",
        ),
        "identity_mismatch": Said(
            "身份信息不一致",
            "报告里的姓名、证件或手机号与其他资料不一致。",
            "核对报告的个人信息部分；有错的一项可以提出异议。",
        ),
        "disputed": Said(
            "异议处理中",
            "这条记录已标注异议，机构须在受理后 {$dispute_days:count} 天内书面答复。",
            "留好受理凭证，等答复；期间不必重复提交。",
        ),
        "statement": Said("本人声明", "报告里有您的声明：{text:text}"),
        "enquiries": Said(
            "近 {window:count} 天审批类查询 {count:count} 次",
            "只算贷款审批、信用卡审批和担保资格审查；同一家机构同一天算一次。",
            "没有授权过的查询可以提出异议；授权过的查询不能也不需要删除。",
        ),
        "enquiries_other": Said(
            "其他查询 {count:count} 次（不算申请）",
            "贷后管理、本人查询等不算申请，对借款没有影响。",
        ),
        "no_record": Said(
            "没有信贷记录", "没有记录不等于不良，只是机构看不到您的还款习惯。", ""
        ),
        "good": Said("记录正常", "{lender:text}，余额 {balance:money}，没有逾期。"),
    },
    "en": {
        "overdue_now": Said(
            "Overdue now: {amount:money}",
            "{lender:text} reports this account as overdue ({months:count} months). Lenders look "
            "at this first, and the five years only begin once it is repaid.",
            "Agree the amount with this lender, then settle what is overdue; if that is hard, ask "
            "for a deferral or a new schedule first. It shows after the lender's next report.",
        ),
        "overdue_small": Said(
            "A small amount is overdue: {amount:money}",
            "{lender:text} reports very little (often a yearly fee or rounding), yet overdue.",
            "Check and settle it; if it is not your doing, you can dispute it.",
        ),
        "bad_debt": Said(
            "Written-off doubtful (呆账)",
            "{lender:text} lists this account as doubtful, which weighs more than an ordinary "
            "overdue; balance {balance:money}.",
            "Settle the balance with this lender and ask it to update the status; the five years "
            "run from the day it is settled.",
        ),
        "repaid_for": Said(
            "Repaid by a guarantor, or in collection",
            "A guarantor paid for you or the debt went to collection ({lender:text}, balance "
            "{balance:money}).",
            "Agree amount and way of payment, and ask for a paper that it is settled.",
        ),
        "card_frozen": Said(
            "Card status: frozen by the bank",
            "A status of the card, reported by {lender:text}; not that of a credit line.",
            "Call the bank that issued the card and ask why, and what restores it.",
        ),
        "stopped": Said(
            "Account status: payments stopped",
            "{lender:text} stopped this account: mostly overdue, a risk check or long disuse.",
            "Ask the lender why; if all is settled, ask it to update the status.",
        ),
        "judicial": Said(
            "Account status: pursued in court",
            "{lender:text} pursues this debt in court (balance {balance:money}).",
            "Read the court's papers first, then agree a schedule; legal aid can help.",
        ),
        "tier_watch": Said(
            "Loan class: special mention",
            "{lender:text} put this loan in the class special mention (关注).",
            "Pay on time, so that it does not fall to substandard.",
        ),
        "tier_bad": Said(
            "Loan class: non-performing",
            "{lender:text} put this loan in substandard, doubtful or loss (balance "
            "{balance:money}).",
            "Agree a schedule with the lender; the class rises after settlement or steady payment.",
        ),
        "late_heavy": Said(
            "History: {late:count} months overdue in the last 24, {row:count} in a row",
            "This reaches what lenders call “three in a row or six in all” ({$in_a_row:count} or "
            "{$in_all:count} months), or more than 90 days. Payments within the month (M) are not "
            "overdue and not counted.",
            "Pay each instalment on time from now on; the longer the good run, the less old "
            "entries weigh.",
        ),
        "late_some": Said(
            "History: overdue in {all:count} months, {late:count} of the last 24",
            "Below “three in a row or six in all”. Payments within the month (M) do not count.",
            "Just go on paying on time; nobody needs to be paid to handle this.",
        ),
        "late_simple": Said(
            "{late:count} months overdue in five years",
            "The simple report tells how many months, not which.",
            "The detailed report tells the months, and so when they are gone.",
        ),
        "late_simple_90": Said(
            "{late:count} months overdue in five years, {ninety:count} of them beyond 90 days",
            "More than 90 days is a serious overdue. The simple report does not tell the months.",
            "Check the months in the detailed report; settle first if it is still open.",
        ),
        "late_within_month": Said(
            "Paid late within the month {count:count} times (M)",
            "Paid after the due day but within the month: an M in the report, and not overdue.",
        ),
        "one_off": Said(
            "Check: has the one-off relief been applied?",
            "Overdue entries of {$one_off_from:date} to {$one_off_to:date} of at most "
            "{$one_off_amount:money} each, repaid by "
            "{repaid_by:date}, are hidden by the bureau by itself. This account still shows that "
            "time; the report does not tell each amount, so nothing is concluded here.",
            "If yours qualifies and still shows, ask the bureau; the window is closed, nobody can "
            "arrange it now, and whoever charges for it is a swindler.",
        ),
        "guarantee": Said(
            "You answer for {amount:money} of somebody else",
            "Towards {lender:text}, {balance:money} still open. If they do not pay, you must.",
            "Ask how their repayment goes; if you never gave it, you can dispute it.",
        ),
        "guarantee_bad": Said(
            "A loan you guarantee is non-performing",
            "The loan ({lender:text}, balance {balance:money}) is substandard or worse.",
            "Talk to the debtor and the lender soon and agree how it is repaid.",
        ),
        "guarantees_counted": Said(
            "{count:count} guarantees for others", "The report tells only how many.",
            "Check each in the detailed report.",
        ),
        "public_record": Said(
            "Public record: {what:text}",
            "{authority:text}, {day:date}, amount {amount:money}.",
            "Keep the proof once it is fulfilled; if wrong, tell the authority or the bureau.",
        ),
        "public_counted": Said(
            "{count:count} public records", "The report tells only how many.",
            "Check each in the detailed report.",
        ),
        "fraud_alert": Said(
            "A fraud alert stands in the report",
            "Somebody, maybe you, asked for it; lenders will check identity once more.",
            "If it was not you, ask the bureau.",
        ),
        "identity_mismatch": Said(
            "Identity does not match",
            "A name, document or mobile number in the report differs from other papers.",
            "Check the personal part of the report; a wrong entry can be disputed.",
        ),
        "disputed": Said(
            "A dispute is open",
            "The record is marked as disputed and must be answered in writing within "
            "{$dispute_days:count} days.",
            "Keep the receipt and wait; there is no need to file again.",
        ),
        "statement": Said("Your own statement", "The report holds your statement: {text:text}"),
        "enquiries": Said(
            "{count:count} approval enquiries in {window:count} days",
            "Only loan and card approvals and guarantee checks; one lender on one day is one.",
            "An enquiry you never agreed to can be disputed; one you agreed to cannot be removed "
            "and need not be.",
        ),
        "enquiries_other": Said(
            "{count:count} other enquiries (no applications)",
            "Lenders' reviews and your own look are no applications and do no harm.",
        ),
        "no_record": Said(
            "No credit record", "No record is not a bad record: there is just no habit to see.", ""
        ),
        "good": Said("In order", "{lender:text}, balance {balance:money}, nothing overdue."),
    },
}  # fmt: skip

JOINED: Final[dict[Language, str]] = {
    "zh": "（多方共同出资或循环额度下的账户，按一笔计）",
    "en": " (funded jointly, or part of one line: counted once)",
}
GONE: Final[dict[Language, str]] = {
    "zh": "若之后一直按时还款，这段记录最早从 {day:date} 起不再展示"
          "（不良行为终止后保留 {$negative_months:count} 个月）。",
    "en": "If all is paid on time from here, this is no longer shown from {day:date} at the "
          "earliest (kept {$negative_months:count} months after it ended).",
}  # fmt: skip
GONE_UNKNOWN: Final[dict[Language, str]] = {
    "zh": "保留期限从还清之日起计算，现在还没有开始。",
    "en": "How long it is kept counts from the day it is settled, which has not come yet.",
}

REASONS: Final[dict[Language, dict[str, str]]] = {
    "zh": {
        "post_loan": "贷后管理", "loan_approval": "贷款审批", "card_approval": "信用卡审批",
        "guarantee_check": "担保资格审查", "guarantee_post": "保后管理", "own": "本人查询",
        "special_merchant": "特约商户审查", "other": "其他",
    },
    "en": {
        "post_loan": "review of a loan", "loan_approval": "loan approval",
        "card_approval": "card approval", "guarantee_check": "guarantee check",
        "guarantee_post": "review of a guarantee", "own": "your own look",
        "special_merchant": "merchant check", "other": "other",
    },
}  # fmt: skip

PUBLIC_KINDS: Final[dict[Language, dict[str, str]]] = {
    "zh": {"court_judgement": "民事判决", "enforcement": "强制执行", "tax_arrears": "欠税",
           "administrative_penalty": "行政处罚", "other": "其他"},
    "en": {"court_judgement": "court judgement", "enforcement": "enforcement",
           "tax_arrears": "tax arrears", "administrative_penalty": "administrative penalty",
           "other": "other"},
}  # fmt: skip

PAID_HELP: Final[dict[Language, str]] = {
    "zh": "对报告提出异议、查询报告都不需要找人代办。任何人以“解冻费、提额、洗白征信”收费都是诈骗；"
          "没有错的记录，谁也不能提前删掉。",
    "en": "Neither a dispute nor your report needs an agent. Anyone who charges a fee to "
          "“unfreeze”, raise a limit or clean a credit record is a swindler; nobody can remove "
          "a record that is right.",
}  # fmt: skip

UNTOLD: Final[dict[Language, dict[str, Said]]] = {
    "zh": {
        "overdue_now": Said(
            "当前逾期 {amount:money}",
            "{lender:text}报送这笔账户现在有逾期。这是机构最先看的一项；"
            "只要还没还清，5 年的期限就还没有开始计算。",
            "先向这家机构核对欠款金额，再还清逾期部分；确有困难先申请延期或重新安排。"
            "还清后通常要等下一次报送才会更新。",
        ),
    },
    "en": {
        "overdue_now": Said(
            "Overdue now: {amount:money}",
            "{lender:text} reports this account as overdue. Lenders look at this first, and the "
            "five years only begin once it is repaid.",
            "Agree the amount with this lender, then settle what is overdue; if that is hard, ask "
            "for a deferral or a new schedule first. It shows after the lender's next report.",
        ),
    },
}
"""What is said instead where a report does not tell for how many months: simple ones do not."""
