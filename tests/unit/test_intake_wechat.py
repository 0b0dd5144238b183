"""WeChat Pay exports: neutral rows are what they are, clear errors for other files."""

from __future__ import annotations

from pathlib import Path

import pytest

from xindeng.events.life import Payment
from xindeng.intake.wechat import read_wechat
from xindeng.kernel.errors import ImportFileError
from xindeng.kernel.time import zone

SHANGHAI = zone("Asia/Shanghai")
HEAD = (
    "微信支付账单明细,,,,,,,,,,\n微信昵称：[某人],,,,,,,,,,\n,,,,,,,,,,\n"
    "----------------------微信支付账单明细列表--------------------,,,,,,,,\n"
    "交易时间,交易类型,交易对方,商品,收/支,金额(元),支付方式,当前状态,交易单号,商户单号,备注\n"
)


@pytest.mark.parametrize(
    ("kind", "side", "status", "direction", "category"),
    [
        ("商户消费", "支出", "支付成功", "out", "shopping"),
        ("转账", "支出", "朋友已收钱", "out", "transfer"),
        ("微信红包", "收入", "已存入零钱", "in", "transfer"),
        ("二维码收款", "收入", "已收钱", "in", "other_income"),
        ("某店-退款", "收入", "已全额到账", "in", "refund"),
        ("零钱提现", "/", "提现已到账", "out", "self_transfer"),
        ("零钱充值", "/", "充值完成", "in", "self_transfer"),
        ("零钱通转出-到零钱", "/", "支付成功", "in", "self_transfer"),
        ("转入零钱通-来自零钱", "/", "支付成功", "out", "self_transfer"),
        ("信用卡还款", "/", "支付成功", "out", "card_repayment"),
        ("购买理财通", "/", "支付成功", "out", "investment"),
    ],
)
def test_what_each_row_is(
    tmp_path: Path, kind: str, side: str, status: str, direction: str, category: str
) -> None:
    line = f'2026-03-01 12:00:00,{kind},某店,"货"	,"{side}",¥1,012.50,零钱,{status},"77"\t,/,/\n'
    path = tmp_path / "bill.csv"
    path.write_text(HEAD + line.replace("¥1,012.50", '"¥1,012.50"'), encoding="utf-8")
    events, report = read_wechat(path, borrower="b", zone=SHANGHAI)
    payment = events[0].payload
    assert isinstance(payment, Payment)
    assert (payment.direction, payment.amount, payment.category) == (direction, 101250, category)
    assert report.skipped == []


@pytest.mark.parametrize(
    ("kind", "side", "status", "reason"),
    [
        ("商户消费", "支出", "支付失败", "no money moved"),
        ("商户消费", "支出", "已全额退款", "refunded in full"),
        ("不明", "/", "支付成功", "不明 not known"),
    ],
)
def test_what_is_left_out(tmp_path: Path, kind: str, side: str, status: str, reason: str) -> None:
    path = tmp_path / "bill.csv"
    path.write_text(
        HEAD + f"2026-03-01 12:00:00,{kind},某店,货,{side},¥5.00,零钱,{status},77,/,/\n",
        encoding="utf-8",
    )
    events, report = read_wechat(path, borrower="b", zone=SHANGHAI)
    assert events == []
    assert report.skipped[0].line == 6
    assert reason in report.skipped[0].reason


def test_an_alipay_file_is_no_wechat_file(tmp_path: Path) -> None:
    path = tmp_path / "bill.csv"
    path.write_text("交易时间,交易分类,交易对方,收/支,金额,交易状态,交易订单号\n", encoding="utf-8")
    with pytest.raises(ImportFileError, match="no WeChat Pay table"):
        read_wechat(path, borrower="b", zone=SHANGHAI)


def test_rows_that_differ_in_their_kind_alone_are_two_payments(tmp_path: Path) -> None:
    row = '2026-03-01 12:00:00,{},某店,"货",支出,"¥12.50",零钱,支付成功,"77","",/\n'
    path = tmp_path / "bill.csv"
    path.write_text(HEAD + row.format("商户消费") + row.format("转账"), encoding="utf-8")
    events, report = read_wechat(path, borrower="b", zone=SHANGHAI)
    assert len({event.id for event in events}) == report.understood == 2
    again, _ = read_wechat(path, borrower="b", zone=SHANGHAI)
    assert [event.id for event in again] == [event.id for event in events]
