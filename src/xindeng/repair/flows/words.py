"""Why something was recognised, rule by rule, in Chinese and plain English.

Every rule has one entry here; its places are filled with facts of the person's own flows.
"""

from __future__ import annotations

from typing import Final

from xindeng.kernel.money import Money
from xindeng.repair.flows.kinds import Why

WORDS: Final[dict[str, tuple[str, str]]] = {
    "income.stated": (
        "账单写明为工资：{times} 笔，通常每月 {usual}，{pay_day} 日前后到账",
        "the papers call it wages: {times} payments, usually {usual} a month, "
        "about day {pay_day} of the month",
    ),
    "income.other": (
        "账单写明为其他收入：{times} 笔，按整月中位数（没有收入的月份计 0）为 {usual}",
        "the papers call it other income: {times} payments; the middle whole month, empty months "
        "counted as 0, is {usual}",
    ),
    "income.takings": (
        "收款码经营收款：{times} 笔，按整月中位数为 {usual}；这是流水，尚未扣除成本",
        "takings at your collection code: {times} payments, {usual} in the middle whole month; "
        "this is turnover, costs are not taken off",
    ),
    "income.monthly_organisation": (
        "同一单位连续 {months} 个月付款，金额接近，{pay_day} 日前后到账，"
        "按工资计：通常每月 {usual}",
        "the same organisation paid in {months} months running, similar amounts, about day "
        "{pay_day}; read as wages: usually {usual} a month",
    ),
    "income.monthly_payer": (
        "同一付款方连续 {months} 个月付款，通常每月 {usual}，但账单没有写明是工资，未计入收入；"
        "如果是，请在更正中说明",
        "the same payer paid in {months} months running, usually {usual}, but nothing says that "
        "it is wages; not counted. If it is, say so in a correction",
    ),
    "rent.stated": (
        "账单写明为房租：{times} 笔，通常{every} {usual}",
        "the papers call it rent: {times} payments, usually {usual} {every}",
    ),
    "rent.monthly_same": (
        "{every}向同一对方转账 {usual}，已 {times} 次，像是房租；如不是，请更正",
        "{usual} to the same party {every}, {times} times: it looks like rent; "
        "please correct it if not",
    ),
    "rent.returned": (
        "房东退回的款项（押金或多付的房租），不是收入",
        "money back from the landlord (a deposit, or rent paid twice); no income",
    ),
    "subscription.monthly_same": (
        "同一商户每月扣款 {usual}，已 {times} 次",
        "the same merchant took {usual} each month, {times} times",
    ),
    "lender.stated": (
        "账单写明为借款或还款：放款 {proceeds_times} 笔 {proceeds}，"
        "还款 {repaid_times} 笔 {repaid}",
        "the papers call it a loan: {proceeds} came in {proceeds_times} payment(s), {repaid} was "
        "repaid in {repaid_times}",
    ),
    "lender.repayments": (
        "账单写明为还款：{repaid_times} 笔，共 {repaid}",
        "the papers call it repayment: {repaid_times} payment(s), {repaid} in all",
    ),
    "lender.named": (
        "对方是放贷机构：放款 {proceeds_times} 笔 {proceeds}，还款 {repaid_times} 笔 {repaid}；"
        "即使写成转账，也不是收入",
        "the other side is a lender: {proceeds} came in {proceeds_times} payment(s), {repaid} was "
        "repaid in {repaid_times}; no income, even where it is called a transfer",
    ),
    "lender.repaid": (
        "先收到 {proceeds}，之后按月等额还给同一方（{repaid_times} 次，共 {repaid}），按借款计，"
        "不是收入",
        "{proceeds} came first and went back to the same party in even monthly parts "
        "({repaid_times}, {repaid} so far): a loan, no income",
    ),
    "instalment.stated": (
        "账单写明分 {instalments} 期的消费 {amount}，每期约 {monthly}",
        "a purchase of {amount} split into {instalments} instalments of about {monthly}",
    ),
    "self.stated": (
        "账单写明为本人账户之间的往来：转入 {moved_in}，转出 {moved_out}，不是收入也不是支出",
        "moves between your own accounts by the papers' own word: {moved_in} in, {moved_out} out; "
        "neither income nor spending",
    ),
    "self.mirrored": (
        "同一天前后有一笔相同金额的转出与转入（{times} 对，共 {moved_in}），按本人账户互转计",
        "the same amount left and came within a day ({times} pairs, {moved_in}): read as moves "
        "between your own accounts",
    ),
    "not_income.refund": ("退款 {times} 笔 {amount}，不是收入",
                          "{times} refund(s), {amount}: no income"),
    "not_income.fund_redemption": (
        "理财赎回 {times} 笔 {amount}，是自己的钱，不是收入",
        "{times} redemption(s), {amount}: your own money, no income",
    ),
    "not_income.self_transfer": (
        "本人账户转入 {times} 笔 {amount}，不是收入",
        "{times} transfer(s) from your own accounts, {amount}: no income",
    ),
    "not_income.loan_proceeds": (
        "借款到账 {times} 笔 {amount}，要还的钱不是收入",
        "{times} loan payout(s), {amount}: money to be repaid is no income",
    ),
    "not_income.person": (
        "亲友或个人转入 {times} 笔 {amount}（如聚餐均摊），未计入收入",
        "{times} transfer(s) from people, {amount} (a shared bill, for example): not counted",
    ),
    "not_income.few_receipts": (
        "收款码零星收款 {times} 笔 {amount}，不足以看作经营收入，未计入",
        "{times} receipt(s) at your collection code, {amount}: too few to be takings, not counted",
    ),
    "not_income.unproven": (
        "用途未写明的转入 {times} 笔 {amount}，未计入收入",
        "{times} payment(s) that nothing explains, {amount}: not counted as income",
    ),
    "not_income.ignored": (
        "按您的更正忽略 {times} 笔 {amount}",
        "{times} payment(s), {amount}, ignored by your correction",
    ),
    "corrected": (
        "按您的更正：「{name}」是{meaning}（涉及 {times} 笔）",
        "by your correction: “{name}” is {meaning} ({times} payments)",
    ),
}  # fmt: skip
"""Rule id → reason in zh and en."""

MEANINGS: Final[dict[str, tuple[str, str]]] = {
    "salary": ("工资", "wages"),
    "other_income": ("其他收入", "other income"),
    "self": ("本人账户", "your own account"),
    "lender": ("放贷方", "a lender"),
    "rent": ("房东", "the landlord"),
    "refund": ("退款方", "a refund"),
    "person": ("亲友", "family or a friend"),
    "ignore": ("忽略", "to be ignored"),
}

MONEY: Final = frozenset(
    {"usual", "proceeds", "repaid", "amount", "monthly", "moved_in", "moved_out"}
)
"""Facts that are fen and are shown as money."""


def why(rule: str, **facts: int | str) -> Why:
    """Return a rule's reason with its facts filled in; amounts in fen."""
    shown = {
        name: str(Money(value)) if name in MONEY and isinstance(value, int) else value
        for name, value in facts.items()
    }
    zh, en = WORDS[rule]
    if "every" in shown:
        months = shown.pop("every")
        every = ("每月", "each month") if months == 1 else (f"每 {months} 个月",
                                                         f"each {months} months")  # fmt: skip
        return Why(zh.format(**shown, every=every[0]), en.format(**shown, every=every[1]))
    if "meaning" in shown:
        meant_zh, meant_en = MEANINGS[str(shown["meaning"])]
        return Why(zh.format(**{**shown, "meaning": meant_zh}),
                   en.format(**{**shown, "meaning": meant_en}))  # fmt: skip
    return Why(zh.format(**shown), en.format(**shown))
