"""Alipay exports: every layout and encoding, nothing that is no income as income, clear errors."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.paper_files import csv_file, workbook
from xindeng.events.life import InstalmentPurchase, Payment
from xindeng.events.parties import sort_of
from xindeng.intake.alipay import read_alipay
from xindeng.intake.report import ImportReport
from xindeng.kernel.errors import ImportFileError
from xindeng.kernel.time import zone

SHANGHAI = zone("Asia/Shanghai")

PREAMBLE = """------------------------------------------------------------------------------------
导出信息：
姓名：{name}
支付宝账户：somebody@example.org
起始时间：[2026-01-01 00:00:00]    终止时间：[2026-06-30 23:59:59]
共9笔记录

特别提示：
1.本明细仅展示当前账单中的交易，不包括已删除的记录；

------------------------支付宝（中国）网络技术有限公司  电子客户回单------------------------
"""
HEAD = "交易时间            ,交易分类      ,交易对方     ,对方账号      ,商品说明     ,收/支       ,金额      ,收/付款方式    ,交易状态     ,交易订单号     ,商家订单号    ,备注      ,\n"


def row(
    time: str = "2026-03-01 12:00:00",
    category: str = "餐饮美食",
    party: str = "一家面馆",
    goods: str = "午餐",
    direction: str = "支出",
    amount: str = "28.50",
    method: str = "余额",
    status: str = "交易成功",
    order: str = "2026030122001",
) -> str:
    return f"{time} ,{category}      ,{party}   ,/      ,{goods}     ,{direction}    ,{amount}    ,{method}  ,{status}   ,{order}\t,M1\t,      ,\n"


def write(path: Path, *rows: str, name: str = "张三", encoding: str = "gb18030") -> Path:
    path.write_bytes((PREAMBLE.format(name=name) + HEAD + "".join(rows)).encode(encoding))
    return path


def payments(path: Path) -> tuple[list[Payment], ImportReport]:
    events, report = read_alipay(path, borrower="b", zone=SHANGHAI, key=b"k")
    found = []
    for event in events:
        assert isinstance(event.payload, Payment)
        assert event.occurred_at == event.known_at
        found.append(event.payload)
    return found, report


def one(tmp_path: Path, **cells: str) -> Payment | None:
    found, _ = payments(write(tmp_path / "bill.csv", row(**cells)))
    return found[0] if found else None


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8", "utf-8-sig"])
def test_both_encodings_read_alike(tmp_path: Path, encoding: str) -> None:
    events, report = read_alipay(
        write(tmp_path / "bill.csv", row(), encoding=encoding), borrower="b", zone=SHANGHAI
    )
    (event,) = events
    assert event.occurred_at == SHANGHAI.parse("2026-03-01T12:00:00")
    payment = event.payload
    assert isinstance(payment, Payment)
    assert (payment.direction, payment.amount, payment.category) == ("out", 2850, "dining")
    assert payment.counterparty is not None
    assert "面馆" not in payment.counterparty
    assert (report.understood, report.skipped) == (1, [])


@pytest.mark.parametrize(
    ("cells", "direction", "category"),
    [
        ({"direction": "收入", "goods": "三月工资", "category": "收入"}, "in", "salary"),
        ({"direction": "收入", "goods": "转账", "category": "转账红包"}, "in", "transfer"),
        ({"direction": "收入", "goods": "收钱码收款", "category": "商业服务"}, "in", "other_income"),
        ({"direction": "不计收支", "goods": "退款-午餐", "category": "退款", "status": "退款成功"}, "in", "refund"),
        ({"direction": "收入", "goods": "退款-午餐", "category": "退款", "status": "退款成功"}, "in", "refund"),
        ({"direction": "不计收支", "goods": "某基金-卖出至余额宝", "category": "投资理财"}, "in", "fund_redemption"),
        ({"direction": "收入", "goods": "某基金-赎回", "category": "投资理财"}, "in", "fund_redemption"),
        ({"direction": "不计收支", "goods": "某基金-买入", "category": "投资理财"}, "out", "investment"),
        ({"direction": "不计收支", "goods": "余额宝-自动转入", "category": "投资理财"}, "out", "self_transfer"),
        ({"direction": "不计收支", "goods": "提现-快速提现", "category": "账户存取"}, "out", "self_transfer"),
        ({"direction": "不计收支", "goods": "花呗自动还款", "category": "信用借还", "status": "还款成功"}, "out", "card_repayment"),
        ({"direction": "不计收支", "goods": "借呗主动还款", "category": "信用借还", "status": "还款成功"}, "out", "loan_repayment"),
        ({"direction": "收入", "goods": "借呗放款至余额", "category": "信用借还", "status": "放款成功"}, "in", "loan_proceeds"),
        ({"direction": "收入", "party": "张三", "goods": "转账"}, "in", "self_transfer"),
        ({"direction": "支出", "goods": "福利彩票"}, "out", "high_risk"),
        ({"direction": "支出", "status": "等待确认收货", "category": "日用百货"}, "out", "shopping"),
        ({"direction": "支出", "goods": "机票退款险"}, "out", "dining"),
    ],
)  # fmt: skip
def test_what_each_row_is(
    tmp_path: Path, cells: dict[str, str], direction: str, category: str
) -> None:
    payment = one(tmp_path, **cells)
    assert payment is not None
    assert (payment.direction, payment.category) == (direction, category)


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"status": "交易关闭"}, "no money moved"),
        ({"status": "等待付款"}, "no money moved"),
        ({"amount": "0.00"}, "amount is zero"),
        ({"status": "天知道"}, "status 天知道 not known"),
        ({"direction": "不计收支", "goods": "无名", "category": "其他"}, "kind not known"),
    ],
)
def test_what_is_left_out_says_why_and_where(
    tmp_path: Path, cells: dict[str, str], reason: str
) -> None:
    found, report = payments(write(tmp_path / "bill.csv", row(), row(**cells)))
    assert len(found) == 1
    (skipped,) = report.skipped
    assert skipped.line == 14
    assert reason in skipped.reason
    assert list(report.by_reason().values()) == [1]


def test_a_closed_trade_and_its_refund_cancel(tmp_path: Path) -> None:
    closed = row(order="2026030199", status="交易关闭")
    refund = row(order="2026030199_1", status="退款成功", category="退款", direction="不计收支")
    found, report = payments(write(tmp_path / "bill.csv", closed, refund))
    assert found == []
    assert [skip.reason for skip in report.skipped][1] == "refund of a closed trade"


def test_the_same_bill_again_makes_the_same_ids(tmp_path: Path) -> None:
    rows = (row(order="1"), row(order="2", time="2026-03-02 08:00:00"))
    first, _ = read_alipay(write(tmp_path / "a.csv", *rows), borrower="b", zone=SHANGHAI)
    again, _ = read_alipay(
        write(tmp_path / "b.csv", *rows, encoding="utf-8"), borrower="b", zone=SHANGHAI
    )
    assert [event.id for event in first] == [event.id for event in again]
    assert len({event.id for event in first}) == 2


def test_the_early_app_layout(tmp_path: Path) -> None:
    text = (
        "导出信息：\n收/支,交易对方,对方账号,商品说明,收/付款方式,金额,交易状态,交易分类,交易订单号,商家订单号,交易时间\n"
        "支出,一家超市,/,水果,某银行储蓄卡(1234),12.00,交易成功,日用百货,2021\t,M\t,2021-05-01 09:00:00\n"
    )
    path = tmp_path / "bill.csv"
    path.write_bytes(text.encode("gb18030"))
    (payment,), _ = payments(path)
    assert (payment.amount, payment.channel, payment.category) == (1200, "card", "shopping")


def test_the_old_web_layout_with_refund_column_and_footer(tmp_path: Path) -> None:
    text = (
        "支付宝交易记录明细查询\n账号:[somebody@example.org]\n"
        "起始日期:[2019-01-01 00:00:00]    终止日期:[2019-12-31 00:00:00]\n"
        "---------------------------------交易记录明细列表------------------------------------\n"
        "交易号                  ,商家订单号               ,交易创建时间              ,付款时间                ,最近修改时间              ,交易来源地     ,类型              ,交易对方            ,商品名称                ,金额（元）   ,收/支     ,交易状态    ,服务费（元）   ,成功退款（元）  ,备注                  ,资金状态     ,\n"
        "2019001\t,M1\t,2019-03-01 10:00:00 ,2019-03-01 10:00:05 ,2019-03-02 10:00:00 ,其他,即时到账交易 ,某店 ,帽子 ,100.00 ,支出 ,交易成功 ,0.00 ,40.00 , ,已支出 ,\n"
        "2019002\t,M2\t,2019-04-01 10:00:00 ,2019-04-01 10:00:05 ,2019-04-02 10:00:00 ,其他,即时到账交易 ,某店 ,鞋 ,80.00 ,支出 ,交易成功 ,0.00 ,80.00 , ,已支出 ,\n"
        "------------------------------------------------------------------------------------\n"
        "共2笔记录\n已支出:2笔,180.00元\n"
    )
    path = tmp_path / "bill.csv"
    path.write_bytes(text.encode("gb18030"))
    found, report = payments(path)
    assert [(p.direction, p.amount, p.category) for p in found] == [
        ("out", 10000, "unknown"),
        ("in", 4000, "refund"),
    ]
    assert report.by_reason() == {"refunded in full": 1}


def test_a_wrong_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "photos.csv"
    path.write_text("name,size\nbeach.jpg,3\n", encoding="utf-8")
    with pytest.raises(ImportFileError, match=r"(?s)photos\.csv:1: no Alipay table.*next: exp"):
        payments(path)
    with pytest.raises(ImportFileError, match="cannot be read"):
        payments(tmp_path / "absent.csv")
    (tmp_path / "empty.csv").write_bytes(b"")
    with pytest.raises(ImportFileError, match="the file is empty"):
        payments(tmp_path / "empty.csv")


def test_a_truncated_row_is_named_by_line(tmp_path: Path) -> None:
    path = write(tmp_path / "bill.csv", row(), row()[:60])
    with pytest.raises(ImportFileError, match=r"bill\.csv:14: the row is cut off: \d+ of 12"):
        payments(path)


def test_mixed_encodings_are_named_by_line(tmp_path: Path) -> None:
    path = write(tmp_path / "bill.csv", row())
    path.write_bytes(path.read_bytes() + row(party="某某某超市").encode("utf-8"))
    with pytest.raises(ImportFileError, match=r"bill\.csv:14: the file changes its encoding"):
        payments(path)


@pytest.mark.parametrize(
    "wrong", ["2026-02-30 10:00:00", "01/03/2026 10:00", "", "1970-01-01 00:00:00"]
)
def test_wrong_dates_are_named_by_line(tmp_path: Path, wrong: str) -> None:
    with pytest.raises(ImportFileError, match=r"bill\.csv:13: not a date and time"):
        payments(write(tmp_path / "bill.csv", row(time=wrong)))


def test_dates_as_a_spreadsheet_writes_them(tmp_path: Path) -> None:
    events, _ = read_alipay(
        write(tmp_path / "bill.csv", row(time="2026/3/1 9:05")), borrower="b", zone=SHANGHAI
    )
    assert events[0].occurred_at == SHANGHAI.parse("2026-03-01T09:05:00")


@pytest.mark.parametrize("wrong", ["-5.00", "abc", "1e3", "NaN", "5000000000.00"])
def test_wrong_amounts_are_named_by_line(tmp_path: Path, wrong: str) -> None:
    with pytest.raises(ImportFileError, match=r"bill\.csv:13: "):
        payments(write(tmp_path / "bill.csv", row(amount=wrong)))


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "bill.csv"
    path.write_bytes(b"\x00\xff\xff\n\xff\xff\xff")
    with pytest.raises(ImportFileError, match="neither UTF-8 nor GB18030"):
        payments(path)


def test_a_workbook_reads_like_the_csv(tmp_path: Path) -> None:
    cells = [cell.strip() for cell in row().strip().split(",")]
    head = [cell.strip() for cell in HEAD.split(",")]
    path = workbook(tmp_path / "bill.xlsx", ("导出信息：",), ("姓名：张三",), head, cells)
    from_text, _ = read_alipay(write(tmp_path / "bill.csv", row()), borrower="b", zone=SHANGHAI)
    events, report = read_alipay(path, borrower="b", zone=SHANGHAI)
    assert [event.id for event in events] == [event.id for event in from_text]
    assert report.understood == 1
    own = row(party="张三", direction="收入", goods="转账").strip().split(",")
    workbook(path, ("姓名：张三",), head, [cell.strip() for cell in own])
    (payment,), _ = payments(path)
    assert payment.category == "self_transfer"


def test_the_web_layout_tells_the_direction_by_the_state_of_the_funds(tmp_path: Path) -> None:
    head = "交易号,商家订单号,交易创建时间,付款时间,最近修改时间,交易来源地,类型,交易对方,商品名称,金额（元）,收/支,交易状态,服务费（元）,成功退款（元）,备注,资金状态"
    text = "2019001,M1,2019-03-01 10:00:00,2019-03-01 10:00:05,,其他,即时到账交易,李四,AA,30.00,,交易成功,0,0,,{}"
    path = csv_file(tmp_path / "a.csv", head.split(","), text.format("已收入").split(","))
    (payment,), _ = payments(path)
    assert (payment.direction, payment.category) == ("in", "transfer")
    csv_file(path, head.split(","), text.format("资金转移").split(","))
    found, report = payments(path)
    assert found == []
    assert "kind not known" in report.skipped[0].reason


@pytest.mark.parametrize(
    ("party", "direction", "sort", "category"),
    [
        ("马上消费金融股份有限公司", "收入", "lender", "loan_proceeds"),
        ("马上消费金融股份有限公司", "支出", "lender", "loan_repayment"),
        ("宏达科技有限公司", "收入", "org", "transfer"),
        ("李四", "收入", "person", "transfer"),
        ("x4***6", "收入", "person", "transfer"),
        ("Coffee", "收入", "unknown", "transfer"),
        ("房东王五", "支出", "unknown", "rent"),
    ],
)
def test_who_the_other_side_is(
    tmp_path: Path, party: str, direction: str, sort: str, category: str
) -> None:
    payment = one(tmp_path, party=party, direction=direction, goods="转账", category="转账红包")
    assert payment is not None
    assert (sort_of(payment.counterparty), payment.category) == (sort, category)


def test_a_receipt_at_the_till_is_marked_and_named_for_showing(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.csv",
        row(direction="收入", goods="收钱码收款", category="商业服务", party="李四"),
    )
    (payment,), report = payments(path)
    assert sort_of(payment.counterparty) == "till"
    assert report.names == {payment.counterparty: "李四"}
    assert report.source == "alipay"


def test_a_purchase_in_instalments_is_no_payment_yet(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.csv", row(method="花呗分期(12期)", amount="3600.00", goods="手机"),
        row(goods="花呗分期12期还款", category="信用借还", direction="不计收支", status="还款成功"),
    )  # fmt: skip
    events, _ = read_alipay(path, borrower="b", zone=SHANGHAI)
    kinds = {event.type: event.payload for event in events}
    bought = kinds["instalment_purchase"]
    assert isinstance(bought, InstalmentPurchase)
    assert (bought.amount, bought.instalments) == (360_000, 12)
    paid = kinds["payment"]
    assert isinstance(paid, Payment)
    assert paid.category in ("card_repayment", "loan_repayment")


def test_a_date_in_the_future_is_left_out(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", row(), row(time="2027-01-01 10:00:00"))
    events, report = read_alipay(
        path, borrower="b", zone=SHANGHAI, now=SHANGHAI.parse("2026-09-10")
    )
    assert len(events) == 1
    assert report.by_reason() == {"a date in the future": 1}
