"""WeChat Pay bill exports (CSV, and XLSX since 2025) → payment events.

Rows whose 收/支 is "/" are neutral by WeChat's own account: top-ups, withdrawals, 零钱通 and fund
purchases, card repayments; each becomes what it is, never income.
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
from xindeng.intake.table import Layout, Row, read_table
from xindeng.kernel.time import Zone

LAYOUT: Final = Layout(
    source="WeChat Pay",
    columns={
        "time": ("交易时间",),
        "kind": ("交易类型",),
        "party": ("交易对方",),
        "goods": ("商品",),
        "direction": ("收/支",),
        "amount": ("金额(元)",),
        "method": ("支付方式",),
        "status": ("当前状态",),
        "order": ("交易单号",),
        "merchant_order": ("商户单号",),
        "note": ("备注",),
    },
    required=("time", "kind", "direction", "amount", "status", "order"),
    next_step="export the bill in WeChat (服务 → 钱包 → 账单 → 下载账单) and unpack its ZIP",
)

_Direction = Literal["in", "out"]
_NEUTRAL: Final[tuple[tuple[re.Pattern[str], _Direction, PaymentCategory], ...]] = (
    (re.compile(r"信用卡还款"), "out", "card_repayment"),
    (re.compile(r"(微粒贷|分付|借款|贷款).*还款"), "out", "loan_repayment"),
    (re.compile(r"(微粒贷|分付|贷款).*(放款|借款)"), "in", "loan_proceeds"),
    (re.compile(r"零钱提现|零钱通转出-到.*银行|转入零钱通"), "out", "self_transfer"),
    (re.compile(r"零钱充值|零钱通转出"), "in", "self_transfer"),
    (re.compile(r"购买理财通|理财通购买"), "out", "investment"),
    (re.compile(r"理财通.*(赎回|取出)"), "in", "fund_redemption"),
    (re.compile(r"退款"), "in", "refund"),
)
_FAILED: Final = re.compile(r"失败|已关闭|已撤销|支付中|待支付|对方已退还|已过期")
_REFUNDED: Final = re.compile(r"已退款\((?:￥|¥)?([\d.,]+)\)")
_WAGES: Final = re.compile(r"工资|薪资|薪水")
_RENT: Final = re.compile(r"房租|租金|房东")
_TAKINGS: Final = re.compile(r"二维码收款|赞赏|收款码|经营")


def read_wechat(
    path: Path,
    *,
    borrower: str,
    zone: Zone,
    key: bytes = b"",
    received_at: int | None = None,
    own: Sequence[str] = (),
    now: int | None = None,
) -> tuple[list[Event], ImportReport]:
    """Read one WeChat export of one borrower; return its payments and the account of the file.

    Ids and arguments as in `read_alipay`. Raises ImportFileError naming file and line.
    """
    table = read_table(path, LAYOUT)
    handed = Handed(borrower, key, received_at, tuple(own), now)
    made = Payments("wechat", handed, ImportReport(table.file, source="wechat", notes=table.notes))
    for row in table.rows():
        at, amount = when(row["time"], zone, row.where), money(row["amount"], row.where)
        meaning = _meaning(row)
        if reason := made.left_out(row, at) or _left_out(row, amount):
            made.report.skip(row.line, reason)
            continue
        if meaning is None:
            made.report.skip(row.line, f"收/支 {row['direction'] or '-'}: {row['kind']} not known")
            continue
        direction, category = meaning
        identity = (row["order"], row["kind"], at, amount, direction)
        made.report.understood += 1
        parts = instalments_in(f"{row['method']} {row['goods']}")
        if parts and category == "shopping":
            made.add_instalments(at, amount, parts, party=(row["party"],), identity=identity)
            continue
        sort: PartySort | None = "till" if category == "other_income" else None
        made.add(
            at, amount, direction, category, channel=_channel(row), sort=sort,
            party=(row["party"],), identity=identity,
        )  # fmt: skip
    return made.done()


def _left_out(row: Row, amount: int) -> str:
    if amount == 0:
        return "amount is zero"
    if _FAILED.search(row["status"]):
        return f"{row['status']}: no money moved for good"
    if row["status"] == "已全额退款":
        return "refunded in full"
    return ""


def _meaning(row: Row) -> tuple[_Direction, PaymentCategory] | None:
    kind = row["kind"]
    if row["direction"] == "收入":
        if "退款" in kind or _REFUNDED.search(row["status"]):
            return "in", "refund"
        if _WAGES.search(f"{row['goods']} {row['note']}"):
            return "in", "salary"
        return "in", "other_income" if _TAKINGS.search(kind) else "transfer"
    if row["direction"] == "支出":
        if _RENT.search(f"{row['goods']} {row['note']} {row['party']}"):
            return "out", "rent"
        personal = re.search(r"转账|红包|亲属卡|赞赏", kind)
        return "out", "transfer" if personal else "shopping"
    for pattern, direction, category in _NEUTRAL:
        if pattern.search(kind):
            return direction, category
    return None


def _channel(row: Row) -> Literal["app", "card"]:
    return "card" if re.search(r"银行|信用卡|储蓄卡", row["method"]) else "app"
