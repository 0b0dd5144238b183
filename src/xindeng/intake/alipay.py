"""Alipay bill exports (CSV or XLSX, of the app or the web page) → payment events.

Three layouts are known by their headings: the present one (交易时间 first), that of the first app
exports (收/支 first), and the old web page's (交易号 first, with 成功退款). Money that is no income
never looks like one: refunds, closed trades, transfers to oneself, fund redemptions, loans.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Literal

from xindeng.events.envelope import Event
from xindeng.events.life import PaymentCategory
from xindeng.events.parties import PartySort
from xindeng.intake.bills import money, when
from xindeng.intake.payments import Handed, Payments, instalments_in
from xindeng.intake.report import ImportReport
from xindeng.intake.table import Layout, Row, Table, read_table
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
        "funds": ("资金状态",),
    },
    required=("time", "amount", "direction", "status", "order", "party"),
    next_step="export the bill in Alipay (账单 → 开具交易流水证明) and hand in that CSV or XLSX",
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
_GIVEN: Final[dict[str, _In]] = {
    "收入": "in", "支出": "out", "已收入": "in", "已支出": "out",
}  # fmt: skip
_OWED: Final = frozenset({"loan_repayment", "card_repayment"})
_RENT: Final = re.compile(r"房租|租金|房东")
_WAGES: Final = re.compile(r"工资|薪资|薪水|劳务|代发")
_TAKINGS: Final = re.compile(r"收钱码|收款码|经营收款|商家收款")


def read_alipay(
    path: Path,
    *,
    borrower: str,
    zone: Zone,
    key: bytes = b"",
    received_at: int | None = None,
    own: Sequence[str] = (),
    now: int | None = None,
) -> tuple[list[Event], ImportReport]:
    """Read one Alipay export of one borrower; return its payments and the account of the file.

    `key`, `received_at`, `own` and `now` as in `Handed`. Ids come from order number, time, amount
    and direction, so a bill that is handed in again makes duplicates only. Raises ImportFileError
    naming file and line.
    """
    table = read_table(path, LAYOUT)
    names = {name for name in (*own, _own_name(table)) if name}
    handed = Handed(borrower, key, received_at, tuple(names), now)
    made = Payments("alipay", handed, ImportReport(table.file, source="alipay", notes=table.notes))
    rows = list(table.rows())
    closed = {row["order"] for row in rows if row["order"] and row["status"] == "交易关闭"}
    for row in rows:
        _take(row, made, zone, closed)
    return made.done()


def _take(row: Row, made: Payments, zone: Zone, closed: set[str]) -> None:
    amount = money(row["amount"], row.where)
    at = when(row["time"] or row["created"], zone, row.where)
    reason = made.left_out(row, at) or _left_out(row, amount, closed)
    meaning = None if reason else _meaning(row)
    if reason or meaning is None:
        made.report.skip(row.line, reason or f"收/支 {row['direction'] or '-'}: kind not known")
        return
    made.report.understood += 1
    direction, category = meaning
    party = (row["party"], row["account"])
    parts = instalments_in(f"{row['method']} {row['goods']}")
    if parts and direction == "out" and category not in _OWED:
        identity = (row["order"], at, amount, direction)
        made.add_instalments(at, amount, parts, party=party, identity=identity)
    else:
        _pay(row, made, at, amount, meaning)
    if refunded := money(row["refunded"] or "0", row.where):
        back = when(row["changed"], zone, row.where) if row["changed"] else at
        _pay(row, made, back, refunded, ("in", "refund"))


def _pay(
    row: Row, made: Payments, at: int, amount: int, meaning: tuple[_In, PaymentCategory]
) -> None:
    direction, category = meaning
    sort: PartySort | None = "till" if category == "other_income" else None
    made.add(
        at, amount, direction, category, channel=_channel(row), sort=sort,
        party=(row["party"], row["account"]), identity=(row["order"], at, amount, direction),
    )  # fmt: skip


def _left_out(row: Row, amount: int, closed: set[str]) -> str:
    """Return why a row is no payment, or "" when it is one."""
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


def _own_name(table: Table) -> str:
    for line in table.preamble:
        if match := re.match(r"(?:姓名|真实姓名)[:：]\s*(\S+?)[,\s]*$", line.strip()):
            return "" if re.search(r"[*xX]", match[1]) else match[1]
    return ""


def _meaning(row: Row) -> tuple[_In, PaymentCategory] | None:
    """Return direction and category of a payment, or None when it cannot be told."""
    given = _GIVEN.get(row["direction"]) or _GIVEN.get(row["funds"])
    text = f"{row['category']} {row['goods']} {row['status']}"
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
        if _RENT.search(f"{row['goods']} {row['party']}"):
            return "out", "rent"
        return "out", _SPENT.get(row["category"], "unknown")
    return None


def _channel(row: Row) -> Literal["app", "card"]:
    return "card" if re.search(r"银行|信用卡|储蓄卡", row["method"]) else "app"
