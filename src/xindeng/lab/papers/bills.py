"""A made-up person's Alipay and WeChat bills, bank statement, table of debts and corrections."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Final

from xindeng.events.credit import CreditReport, ReportAccount
from xindeng.intake.debts_template import template
from xindeng.lab.papers.life import EMPLOYER, Happening, life, open_accounts

_ALIPAY: Final = ("交易时间", "交易分类", "交易对方", "对方账号", "商品说明", "收/支", "金额",
                  "收/付款方式", "交易状态", "交易订单号", "商家订单号", "备注")  # fmt: skip
_WECHAT: Final = ("交易时间", "交易类型", "交易对方", "商品", "收/支", "金额(元)", "支付方式",
                  "当前状态", "交易单号", "商户单号", "备注")  # fmt: skip
_BANK: Final = ("记账日期", "货币", "交易金额", "联机余额", "交易摘要", "对手信息", "客户摘要")
_CARD: Final = "招商银行储蓄卡(0000)"
_YEARLY: Final = {"bank": "12%", "microlender": "24%"}
"""What the contracts say; a report does not tell a rate."""
_REMARK: Final = {"wage": "代发工资", "loan": "贷款还款", "card": "信用卡还款"}


def own_papers(name: str, report: CreditReport, *, seed: int = 0) -> dict[str, bytes]:
    """Return file name → content of the papers that tell the same life."""
    happened = life(report, seed=seed)
    alipay = [_alipay(one) for one in happened if one.way.startswith("alipay")]
    wechat = [_wechat(one) for one in happened if one.way.startswith("wechat")]
    bank = list(_bank(happened))
    rows = [_debt(account) for account in open_accounts(report)]
    return {
        "alipay.csv": _text(
            ["-" * 84, "导出信息：", f"姓名：{name}", "支付宝账户：made-up@example.org",
             f"共{len(alipay)}笔记录", "", "-" * 24 + "电子客户回单" + "-" * 24],
            _ALIPAY, alipay,
        ).encode("gb18030"),
        "wechat.xlsx": _workbook(
            [["微信支付账单明细"], [f"微信昵称：[{name}]"], [], ["微信支付账单明细列表"]],
            _WECHAT, wechat,
        ),
        "bank-cmb.csv": _text(
            [f"户名：{name}", "招商银行交易流水"], _BANK, bank
        ).encode("utf-8-sig"),
        **{f"own-{file}": data for file, data in template("zh", rows).items()},
        "corrections.yaml": f"corrections:\n- {{party: {EMPLOYER}, is: 工资}}\n".encode(),
    }  # fmt: skip


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


def _alipay(one: Happening) -> Sequence[str]:
    goods, category, side, status = one.party, one.category, "支出", "交易成功"
    method = _CARD if one.way == "alipay_card" else "余额"
    match one.what:
        case "refund":
            goods, category, side, status = f"退款-{one.party}", "退款", "不计收支", "退款成功"
        case "withdrawal":
            goods, category, side = "提现-快速提现", "账户存取", "不计收支"
        case "fund":
            goods, category, side = "样例基金-卖出至余额宝", "投资理财", "不计收支"
    return (f"{one.at:%Y-%m-%d %H:%M:%S}", category, one.party, "/", goods, side, _yuan(one.fen),
            method, status, one.order + "\t", "", "")  # fmt: skip


def _wechat(one: Happening) -> Sequence[str]:
    kind, side, status, note = "商户消费", "支出", "支付成功", "/"
    method = _CARD if one.way == "wechat_card" else "零钱"
    match one.what:
        case "rent":
            kind, status, note = "转账", "朋友已收钱", "房租"
        case "friend":
            kind, side, status = "转账", "收入", "已存入零钱"
        case "refund":
            kind, side, status = f"{one.party}-退款", "收入", "已全额到账"
    return (f"{one.at:%Y-%m-%d %H:%M:%S}", kind, one.party, note, side, f"¥{_yuan(one.fen)}",
            method, status, one.order, "/", "/")  # fmt: skip


def _bank(happened: Sequence[Happening]) -> list[Sequence[str]]:
    rows: list[Sequence[str]] = []
    balance = 2_000_000
    for one in happened:
        through = {"alipay": "支付宝", "wechat": "财付通"}.get(one.way.partition("_")[0])
        if through and not one.way.endswith("card") and one.what != "withdrawal":
            continue
        fen = one.fen if one.direction == "in" else -one.fen
        balance += fen
        remark, party = _REMARK.get(one.what, "快捷支付"), one.party
        if through:
            party = f"{through}-{one.party}"
            remark = {"withdrawal": "余额提现", "refund": "退款"}.get(one.what, remark)
        sign = "-" if fen < 0 else ""
        rows.append((f"{one.at:%Y-%m-%d}", "CNY", sign + _yuan(abs(fen)), _yuan(abs(balance)),
                     remark, party, ""))  # fmt: skip
    return rows


def _debt(account: ReportAccount) -> Sequence[object]:
    card = account.kind in ("R2", "R3")
    kind = "信用卡" if card else ("分期" if account.months_left else "随借随还")
    daily = "0.05%" if card or account.lender_kind == "consumer_finance" else ""
    yearly = "" if daily else _YEARLY.get(account.lender_kind, "18%")
    # Where nothing is due this month, a person still knows what a month costs.
    due = account.monthly_due or -(-account.balance // (account.months_left or 12))
    return (account.lender, kind, _yuan(account.balance), yearly, daily, _yuan(due), 15,
            "" if account.months_left is None else account.months_left, "", "", "")  # fmt: skip


def _text(preamble: Sequence[str], head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [*preamble, ",".join(head), *(",".join(row) for row in rows)]
    return "\r\n".join(lines) + "\r\n"


def _workbook(
    preamble: Sequence[Sequence[str]], head: Sequence[str], rows: Sequence[Sequence[str]]
) -> bytes:
    import openpyxl

    book = openpyxl.Workbook()
    for row in (*preamble, head, *rows):
        book.active.append(list(row))
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()
