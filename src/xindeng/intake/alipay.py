"""Alipay bill exports (CSV of the app or the web page) → payment events.

Three layouts are known by their headings: the present one (交易时间 first), that of the first app
exports (收/支 first), and the old web page's (交易号 first, with 成功退款). Money that is no income
never looks like one: refunds, closed trades, transfers to oneself, fund redemptions, loans.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final, Literal

from xindeng.events.envelope import Event, content_id
from xindeng.events.life import Payment, PaymentCategory
from xindeng.intake.bills import Bill, Layout, Row, money, pseudonym, read_bill, when
from xindeng.intake.report import ImportReport
from xindeng.kernel.time import Zone

LAYOUT: Final = Layout(
    source="Alipay",
    columns={
        "time": ("交易时间", "付款时间"),
        "created": ("交易创建时间",),
        "changed": ("最近修改时间",),
        "category": ("交易分类", "类型"),
        "party": ("交易对方",),
        "account": ("对方账号", "对方账户"),
        "goods": ("商品说明", "商品名称"),
        "direction": ("收/支",),
        "amount": ("金额", "金额(元)"),
        "method": ("收/付款方式", "支付方式"),
        "status": ("交易状态",),
        "order": ("交易订单号", "交易号"),
        "merchant_order": ("商家订单号", "商户订单号"),
        "refunded": ("成功退款(元)",),
    },
    required=("time", "amount", "direction", "status", "order", "party"),
    next_step="export the bill in Alipay (账单 → 开具交易流水证明) and hand in that CSV",
)

_DONE: Final = frozenset({
    "交易成功", "支付成功", "等待确认收货", "等待发货", "已发货", "退款成功", "还款成功",
    "转账成功", "充值成功", "提现成功", "代付成功", "放款成功", "缴费成功", "已收货",
    "交易完成", "已支付",
})  # fmt: skip
_NOT_DONE: Final = frozenset({
    "交易关闭", "已关闭", "等待付款", "支付失败", "付款失败", "还款失败", "失败", "等待对方付款",
    "缴费失败", "冻结成功", "解冻成功", "信用服务使用成功", "芝麻免押下单成功",
})  # fmt: skip

_SPENT: Final[dict[str, PaymentCategory]] = {
    "餐饮美食": "dining", "交通出行": "transport", "爱车养车": "transport", "医疗健康": "medical",
    "教育培训": "education", "文化休闲": "entertainment", "酒店旅游": "entertainment",
    "运动户外": "entertainment", "充值缴费": "utilities", "生活缴费": "utilities",
    "住房物业": "rent", "保险": "insurance", "投资理财": "investment", "转账红包": "transfer",
    "亲友代付": "transfer", "日用百货": "shopping", "服饰装扮": "shopping", "数码电器": "shopping",
    "美容美发": "shopping", "家居家装": "shopping", "母婴亲子": "shopping", "宠物": "shopping",
    "公共服务": "fee", "商业服务": "fee", "账户存取": "self_transfer", "信用借还": "loan_repayment",
}  # fmt: skip

_In = Literal["in", "out"]
# The first pattern found in category, goods and party decides; None leaves the direction as given.
_WORDS: Final[tuple[tuple[re.Pattern[str], _In | None, PaymentCategory], ...]] = (
    (re.compile(r"退款"), "in", "refund"),
    (re.compile(r"收益发放|余额宝收益"), "in", "interest"),
    (re.compile(r"借呗放款|贷款放款|放款至|备用金.*领取"), "in", "loan_proceeds"),
    (re.compile(r"花呗.*还款|信用卡还款|还款.*(花呗|信用卡)"), "out", "card_repayment"),
    (re.compile(r"借呗.*还款|还贷|还款|备用金.*归还"), "out", "loan_repayment"),
    (re.compile(r"卖出|赎回"), "in", "fund_redemption"),
    (re.compile(r"买入|申购|定投"), "out", "investment"),
    (re.compile(r"提现|转出到银行卡|转入余额宝|余额宝-(自动|单次)?转入"), "out", "self_transfer"),
    (re.compile(r"充值到余额|余额充值|余额宝-(自动)?转出|转出到余额"), "in", "self_transfer"),
    (re.compile(r"彩票|博彩|六合彩|赌"), None, "high_risk"),
)
_WAGES: Final = re.compile(r"工资|薪资|薪水|劳务|代发")
_TAKINGS: Final = re.compile(r"收钱码|收款码|经营收款|商家收款")


def read_alipay(
    path: Path, *, borrower: str, zone: Zone, key: bytes = b"", received_at: int | None = None
) -> tuple[list[Event], ImportReport]:
    """Read one Alipay export of one borrower; return its payments and the account of the file.

    `key` makes counterparties keyed hashes. Events are known when they occurred, unless
    `received_at` (µs) is given. Ids come from order number, time, amount and direction, so a bill
    that is handed in again makes duplicates only. Raises ImportFileError naming file and line.
    """
    bill = read_bill(path, LAYOUT)
    report = ImportReport(bill.file)
    closed = {row["order"] for row in bill.rows if row["order"] and row["status"] == "交易关闭"}
    own = _own_name(bill)
    events: list[Event] = []
    for row in bill.rows:
        place = bill.place(row)
        amount = money(row["amount"], place)
        at = when(row["time"] or row["created"], zone, place)
        reason = _left_out(row, amount, closed)
        meaning = None if reason else _meaning(row, own)
        if reason or meaning is None:
            report.skip(row.line, reason or f"收/支 {row['direction'] or '-'}: kind not known")
            continue
        made = [(at, amount, *meaning)]
        if refunded := money(row["refunded"] or "0", place):
            changed = row["changed"]
            made.append((when(changed, zone, place) if changed else at, refunded, "in", "refund"))
        for moment, fen, direction, category in made:
            payment = Payment(
                direction=direction, amount=fen, category=category, channel=_channel(row),
                counterparty=pseudonym("alipay", row["party"], row["account"], key=key),
            )  # fmt: skip
            identity = content_id("alipay", row["order"], moment, fen, direction)
            known = moment if received_at is None else received_at
            events.append(Event(identity, borrower, "payment", 1, moment, known, payment))
        report.understood += 1
    events.sort(key=lambda event: event.occurred_at)
    return events, report


def _left_out(row: Row, amount: int, closed: set[str]) -> str:
    """Return why a row is no payment, or "" when it is one."""
    if row.surplus:
        return "more cells than headings: a comma within a text"
    if amount == 0:
        return "amount is zero"
    if row["status"] in _NOT_DONE:
        return f"{row['status']}: no money moved for good"
    if row["status"] not in _DONE:
        return f"status {row['status'] or '-'} not known"
    if row["refunded"] and money(row["refunded"], "") >= amount:
        return "refunded in full"
    # The purchase was left out as closed, so its refund must not appear as money from nowhere.
    if any(row["order"].startswith((f"{order}_", f"{order}*")) for order in closed):
        return "refund of a closed trade"
    return ""


def _own_name(bill: Bill) -> str:
    for line in bill.preamble:
        if match := re.match(r"(?:姓名|真实姓名)[:：]\s*(\S+?)[,\s]*$", line.strip()):
            return "" if re.search(r"[*xX]", match[1]) else match[1]
    return ""


def _meaning(row: Row, own: str) -> tuple[_In, PaymentCategory] | None:
    """Return direction and category of a payment, or None when it cannot be told."""
    given: _In | None = {"收入": "in", "支出": "out"}.get(row["direction"])  # type: ignore[assignment]
    text = f"{row['category']} {row['goods']} {row['status']}"
    if own and row["party"] == own:
        return (given or "in"), "self_transfer"
    for pattern, direction, category in _WORDS:
        if pattern.search(text):
            # What the bill itself calls spending stays spending, whatever its goods are named.
            if given == "out" and direction == "in":
                continue
            side = direction or given
            return (side, category) if side else None
    if given == "in":
        if _WAGES.search(text):
            return "in", "salary"
        return "in", "other_income" if _TAKINGS.search(text) else "transfer"
    if given == "out":
        return "out", _SPENT.get(row["category"], "unknown")
    return None


def _channel(row: Row) -> Literal["app", "card"]:
    return "card" if re.search(r"银行|信用卡|储蓄卡", row["method"]) else "app"
