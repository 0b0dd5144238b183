"""WeChat Pay exports: neutral rows are what they are, clear errors for other files."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from tests.unit.paper_files import WECHAT, csv_file, workbook
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


def test_the_workbook_of_today_reads_like_the_csv(tmp_path: Path) -> None:
    row = (
        "2026-03-01 12:00:00",
        "转账",
        "房东李四",
        "转账备注:房租",
        "支出",
        "¥2400.00",
        "某银行(1)",
        "朋友已收钱",
        "77",
        "/",
        "/",
    )
    path = workbook(tmp_path / "a.xlsx", ("微信支付账单明细",), WECHAT, row)
    from_text = csv_file(tmp_path / "a.csv", ("微信支付账单明细",), WECHAT, row)
    events, report = read_wechat(path, borrower="b", zone=SHANGHAI)
    assert [e.id for e in events] == [
        e.id for e in read_wechat(from_text, borrower="b", zone=SHANGHAI)[0]
    ]
    payment = events[0].payload
    assert isinstance(payment, Payment)
    assert (payment.category, payment.channel, payment.amount) == ("rent", "card", 240_000)
    assert report.understood == 1


def test_amounts_and_times_that_excel_made_numbers_of(tmp_path: Path) -> None:
    row = (
        datetime(2026, 3, 1, 12, 0),  # noqa: DTZ001
        "商户消费",
        "某店",
        "货",
        "支出",
        12.5,
        "零钱",
        "支付成功",
        77,
        "/",
        "/",
    )
    events, _ = read_wechat(workbook(tmp_path / "a.xlsx", WECHAT, row), borrower="b", zone=SHANGHAI)
    payment = events[0].payload
    assert isinstance(payment, Payment)
    assert (payment.amount, events[0].occurred_at) == (1_250, SHANGHAI.parse("2026-03-01T12:00"))


@pytest.mark.parametrize(
    ("kind", "party", "goods", "side", "direction", "category"),
    [
        ("商家转账", "宏达科技有限公司", "三月工资", "收入", "in", "salary"),
        ("转账", "宏达科技有限公司", "/", "收入", "in", "transfer"),
        ("微粒贷借款", "微粒贷", "/", "/", "in", "loan_proceeds"),
        ("微粒贷还款", "微粒贷", "/", "/", "out", "loan_repayment"),
        ("转账", "某小额贷款公司", "/", "收入", "in", "loan_proceeds"),
    ],
)
def test_wages_and_lenders(
    tmp_path: Path, kind: str, party: str, goods: str, side: str, direction: str, category: str
) -> None:
    row = (
        "2026-03-01 12:00:00",
        kind,
        party,
        goods,
        side,
        "¥5.00",
        "零钱",
        "支付成功",
        "77",
        "/",
        "/",
    )
    events, _ = read_wechat(csv_file(tmp_path / "a.csv", WECHAT, row), borrower="b", zone=SHANGHAI)
    payment = events[0].payload
    assert isinstance(payment, Payment)
    assert (payment.direction, payment.category) == (direction, category)


def test_a_partial_refund_has_a_row_of_its_own(tmp_path: Path) -> None:
    rows = (
        (
            "2026-03-01 12:00:00",
            "商户消费",
            "某店",
            "货",
            "支出",
            "¥100.00",
            "零钱",
            "已退款(￥40.00)",
            "77",
            "/",
            "/",
        ),
        (
            "2026-03-02 12:00:00",
            "某店-退款",
            "某店",
            "货",
            "收入",
            "¥40.00",
            "零钱",
            "已退款￥40.00",
            "78",
            "/",
            "/",
        ),
    )
    events, _ = read_wechat(
        csv_file(tmp_path / "a.csv", WECHAT, *rows), borrower="b", zone=SHANGHAI
    )
    assert [(e.payload.amount, e.payload.category) for e in events] == [
        (10_000, "shopping"),
        (4_000, "refund"),
    ]  # type: ignore[union-attr]
