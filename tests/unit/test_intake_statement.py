"""Bank statements: every ready mapping, own mappings, what each row is, and payments seen twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.paper_files import ALIPAY, WECHAT, csv_file, workbook
from xindeng.events.envelope import Event
from xindeng.events.life import Payment
from xindeng.events.parties import sort_of
from xindeng.intake.counted_once import counted_once
from xindeng.intake.papers import kind_of, read_paper
from xindeng.intake.report import ImportReport
from xindeng.intake.statement import read_mapping, read_statement, ready_mappings
from xindeng.kernel.errors import ImportFileError
from xindeng.kernel.time import HOUR, zone

SHANGHAI = zone("Asia/Shanghai")

ICBC = ("交易日期", "摘要", "交易场所", "交易国家或地区简称", "钞/汇", "交易金额(收入)", "交易金额(支出)",
        "交易币种", "记账金额(收入)", "记账金额(支出)", "记账币种", "余额", "对方户名")  # fmt: skip
SAMPLES = {
    "icbc": (ICBC, ("2026-04-14 \t", "工资", "", "CHN", "钞", "-", "-", "-", '"1,234.56"', "", "人民币", "xx", "某某公司"),
             ("2026-04-15 \t", "消费", "", "CHN", "钞", "-", "-", "-", "", "20.00", "人民币", "xx", "某店")),
    "ccb": (("记账日", "交易日期", "交易时间", "支出", "收入", "账户余额", "币种", "摘要", "对方账号", "对方户名", "交易地点"),
            ("20260414", "20260414", "08:06:45", "", "1234.56", "9", "人民币", "工资", "", "某某公司", ""),
            ("20260415", "20260415", "08:06:45", "20", "", "9", "人民币", "消费", "", "某店", "")),
    "ccb-app": (("序号", "摘要", "币别", "钞汇", "交易日期", "交易金额", "账户余额", "交易地点/附言", "对方账号与户名"),
                ("1", "工资", "人民币元", "钞", "20260414", "1234.56", "9", "", "62/某某公司"),
                ("2", "消费", "人民币元", "钞", "20260415", "-20.00", "9", "", "某店")),
    "abc": (("交易日期", "交易时间", "交易摘要", "交易金额", "本次余额", "对手信息", "日 志 号", "交易渠道", "交易附言"),
            ("20260414", "080645", "工资", "+1234.56", "9", "某某公司", "1", "网银", ""),
            ("20260415", "", "消费", "-20.00", "9", "某店", "2")),
    "boc": (("记账日期", "记账时间", "币别", "金额", "余额", "交易名称", "渠道", "网点名称", "附言", "对方账户名", "对方卡号/账号", "对方开户行", "借记卡号"),
            ("2026-04-14", "08:06:45", "人民币", '"1,234.56"', "9", "工资", "柜台", "-", "-", "某某公司", "4", "-", "3167"),
            ("2026-04-15", "08:06:45", "人民币", "-20.00", "9", "消费", "柜台", "-", "-", "某店", "4", "-", "3167")),
    "cmb": (("记账日期", "货币", "交易金额", "联机余额", "交易摘要", "对手信息", "客户摘要"),
            ("2026-04-14", "CNY", '"1,234.56"', "9", "代发工资", "某某公司", "四月"),
            ("2026-04-15", "CNY", "-20.00", "9", "快捷支付", "某店", "")),
    "bocom": (("序号", "交易日期", "交易时间", "交易类型", "借贷", "交易金额", "余额", "对方账号", "对方户名", "交易地点", "摘要"),
              ("1", "2026-04-14", "08:06:45", "代发工资", "贷 Cr", "1234.56", "9", "1", "某某公司", "", ""),
              ("2", "2026-04-15", "08:06:45", "消费", "借 Dr", "20.00", "9", "1", "某店", "", "")),
}  # fmt: skip


def read(path: Path, **more: object) -> tuple[list[Event], ImportReport]:
    return read_statement(path, borrower="b", zone=SHANGHAI, **more)  # type: ignore[arg-type]


def paid(event: Event) -> Payment:
    assert isinstance(event.payload, Payment)
    return event.payload


@pytest.mark.parametrize("bank", sorted(SAMPLES))
@pytest.mark.parametrize("as_workbook", [False, True])
def test_every_ready_mapping_reads_its_bank(tmp_path: Path, bank: str, as_workbook: bool) -> None:
    rows = (("户名：王小明",), *SAMPLES[bank])
    if as_workbook:
        path = workbook(tmp_path / "a.xlsx", *([cell.strip('"') for cell in row] for row in rows))
    else:
        path = csv_file(tmp_path / "a.csv", *rows, encoding="gb18030")
    events, report = read(path)
    assert report.notes == [f"read as {bank}"]
    assert (report.understood, report.skipped) == (2, [])
    assert kind_of(path) == "bank"
    wage, shop = map(paid, events)
    assert (wage.direction, wage.amount, wage.category) == ("in", 123_456, "salary")
    assert (shop.direction, shop.amount, shop.category) == ("out", 2_000, "shopping")
    assert sort_of(wage.counterparty) == "org"
    local = SHANGHAI.local(events[0].occurred_at)
    assert (local.month, local.day) == (4, 14)
    assert [event.id for event in events] == [event.id for event in read(path)[0]]


def test_every_ready_mapping_has_a_sample_and_says_where_it_was_seen() -> None:
    from importlib import resources

    assert sorted(mapping.bank for mapping in ready_mappings()) == sorted(SAMPLES)
    for file in (resources.files("xindeng.intake") / "banks").iterdir():
        text = file.read_text(encoding="utf-8")
        assert "not confirmed with the bank" in text, file.name


@pytest.mark.parametrize(
    ("remark", "party", "yuan", "direction", "category"),
    [
        ("退款", "某店", "9", "in", "refund"),
        ("退房租", "李四", "2400", "in", "refund"),
        ("报销", "某某公司", "900", "in", "refund"),
        ("代发住房公积金", "住房公积金管理中心", "1234", "in", "fund_redemption"),
        ("贷款发放", "某银行", "20000", "in", "loan_proceeds"),
        ("转账", "马上消费金融股份有限公司", "20000", "in", "loan_proceeds"),
        ("转账", "马上消费金融股份有限公司", "-1080", "out", "loan_repayment"),
        ("正常还款", "某银行", "-1080", "out", "loan_repayment"),
        ("信用卡转账还款", "某银行", "-500", "out", "card_repayment"),
        ("理财产品赎回", "某银行", "5000", "in", "fund_redemption"),
        ("基金申购", "某基金公司", "-5000", "out", "investment"),
        ("网上快捷提现", "支付宝-王小明", "3000", "in", "self_transfer"),
        ("转账", "王小明", "3000", "in", "self_transfer"),
        ("转账", "王小明", "-3000", "out", "self_transfer"),
        ("养老金", "社会保险", "3000", "in", "other_income"),
        ("结息", "", "0.35", "in", "interest"),
        ("利息税", "", "-0.05", "out", "tax"),
        ("短信费", "", "-3", "out", "fee"),
        ("ATM取款", "", "-500", "out", "cash"),
        ("房租", "李四", "-2400", "out", "rent"),
        ("代扣电费", "国网", "-88", "out", "utilities"),
        ("转账", "李四", "800", "in", "transfer"),
        ("彩票", "某店", "-10", "out", "high_risk"),
        ("零钱充值", "财付通", "-100", "out", "self_transfer"),
        ("年终奖金", "某某公司", "30000", "in", "salary"),
        ("谜", "某店", "-1", "out", "unknown"),
    ],
)  # fmt: skip
def test_what_each_row_is(
    tmp_path: Path, remark: str, party: str, yuan: str, direction: str, category: str
) -> None:
    head = SAMPLES["cmb"][0]
    path = csv_file(
        tmp_path / "a.csv",
        ("户名: 王小明",),
        head,
        ("2026-04-14", "CNY", yuan, "9", remark, party, ""),
    )
    ((event,), _) = read(path)
    assert (paid(event).direction, paid(event).category) == (direction, category)


def test_what_is_left_out_says_why(tmp_path: Path) -> None:
    head, *_ = SAMPLES["ccb"]

    def row(out: str, came: str, currency: str = "人民币") -> tuple[str, ...]:
        return ("20260414", "20260414", "", out, came, "9", currency, "转账", "", "李四", "")

    path = csv_file(
        tmp_path / "a.csv", head, row("1", "1"), row("", ""), row("1", "", "USD"), row("1", "", "贝壳"),
        ("20991231", "20991231", "", "1", "", "9", "", "x", "", "y", ""), ("以上数据仅供参考",),
    )  # fmt: skip
    events, report = read(path, now=SHANGHAI.parse("2026-09-10"))
    assert events == []
    assert [skip.reason for skip in report.skipped] == [
        "both in and out are filled", "neither in nor out is filled", "USD: only yuan are read",
        "currency 贝壳 not known", "a date in the future",
    ]  # fmt: skip


@pytest.mark.parametrize("wrong", ["2026-13-01", "1e3", ""])
def test_wrong_dates_are_named_by_line(tmp_path: Path, wrong: str) -> None:
    path = csv_file(
        tmp_path / "a.csv", SAMPLES["cmb"][0], (wrong or "昨天", "CNY", "1", "9", "x", "y", "")
    )
    with pytest.raises(ImportFileError, match=r"a\.csv:2: not a date"):
        read(path)


def test_equal_rows_of_one_day_are_two_payments(tmp_path: Path) -> None:
    coffee = ("2026-04-14", "CNY", "-20.00", "", "快捷支付", "某店", "")
    path = csv_file(tmp_path / "a.csv", SAMPLES["cmb"][0], coffee, coffee)
    events, _ = read(path)
    assert len({event.id for event in events}) == 2


OWN = """
bank: 村镇
columns: {date: [入账日], amount: [额], party: 谁}
texts: [说明]
sign: positive_out
date_format: "%d/%m/%Y"
encoding: gb18030
skip_rows: 1
account: card
words:
  - {words: 分红, direction: in, category: other_income}
"""


def test_a_mapping_of_ones_own(tmp_path: Path) -> None:
    mapping = read_mapping("own.yaml", OWN.encode())
    path = csv_file(
        tmp_path / "a.csv", ("入账日", "额"), ("入账日", "额", "谁", "说明"),
        ("14/04/2026", "20.00", "某店", "消费"), ("15/04/2026", "-500.00", "本行", "还款"),
        ("16/04/2026", "-5.00", "某店", "退款"), encoding="gb18030",
    )  # fmt: skip
    events, report = read_paper(path, borrower="b", zone=SHANGHAI, mapping=mapping)
    assert [(paid(e).direction, paid(e).category) for e in events] == [
        ("out", "shopping"), ("in", "self_transfer"), ("in", "refund"),
    ]  # fmt: skip
    assert events[0].occurred_at == SHANGHAI.parse("2026-04-14") + 12 * HOUR
    assert report.understood == 3


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        (("sign: positive_out", "sign: both"), r"own\.yaml:5: sign: 'both'"),
        (("skip_rows: 1", "skip_rows: x"), r"own\.yaml:8: skip_rows"),
        (("{date: [入账日], ", "{"), "columns need date"),
        (("party: 谁", "who: 谁"), "'who' is no column"),
        (("account: card", "sides: {in: a, out: b}"), "side column"),
        (("category: other_income", "category: riches"), "entry 1 of the words"),
        (("bank: 村镇", "blank: 村镇"), "unknown entry 'blank'"),
        (("encoding: gb18030", "encoding: ebcdic"), "encoding"),
        (("bank: 村镇", "\tbank: [村镇"), "own.yaml:"),
    ],
)  # fmt: skip
def test_a_wrong_mapping_is_named_by_line(changed: tuple[str, str], what: str) -> None:
    with pytest.raises(ImportFileError, match=what):
        read_mapping("own.yaml", OWN.replace(*changed).encode())


def test_a_file_of_no_known_kind(tmp_path: Path) -> None:
    with pytest.raises(ImportFileError, match="no bill or statement"):
        read_paper(csv_file(tmp_path / "a.csv", ("x", "y"), (1, 2)), borrower="b", zone=SHANGHAI)


def test_wallet_and_bank_are_told_apart_by_their_headings(tmp_path: Path) -> None:
    alipay = csv_file(tmp_path / "a.csv", ALIPAY)
    wechat = workbook(tmp_path / "w.xlsx", WECHAT)
    assert (kind_of(alipay), kind_of(wechat)) == ("alipay", "wechat")


def bill(path: Path, *rows: tuple[str, str, str]) -> Path:
    """An Alipay bill of card payments: (day, yuan, 收/支)."""
    return csv_file(path, ALIPAY, *(
        (f"{day} 20:00:00", "餐饮美食", "面馆", "/", "面", side, yuan, "某银行储蓄卡(1)", "交易成功", f"o{day}{yuan}", "", "")
        for day, yuan, side in rows
    ))  # fmt: skip


def test_a_card_payment_through_a_wallet_is_counted_once(tmp_path: Path) -> None:
    wallet = bill(
        tmp_path / "a.csv",
        ("2026-04-10", "28.00", "支出"),
        ("2026-04-11", "28.00", "支出"),
        ("2026-04-20", "5.00", "支出"),
    )

    def bank(day: str, yuan: str, party: str = "支付宝-面馆") -> tuple[str, ...]:
        return (day, "CNY", yuan, "", "快捷支付", party, "")

    statement = csv_file(
        tmp_path / "b.csv", SAMPLES["cmb"][0],
        bank("2026-04-11", "-28.00"), bank("2026-04-11", "-28.00"),  # both of the wallet's
        bank("2026-04-12", "-28.00"),  # a third one, of which the wallet knows nothing
        bank("2026-04-12", "-28.00", "面馆"),  # at the till, by card
        bank("2026-04-24", "-5.00"),  # four days later
        bank("2026-06-01", "-9.00"),  # after the bill's end
    )  # fmt: skip
    papers = [read_paper(path, borrower="b", zone=SHANGHAI) for path in (wallet, statement)]
    once = counted_once(papers)
    assert (len(once.twice), once.repeated) == (2, 0)
    assert once.unmatched == 1
    assert sum(paid(event).amount for event in once.events) == 2_800 * 4 + 500 * 2 + 900
    assert {one.kept for one in once.twice} <= {event.id for event in once.events}
    again = counted_once([*papers, papers[0]])
    assert (len(again.events), again.repeated) == (len(once.events), 3)


def test_a_wallet_payment_from_its_own_balance_is_no_twin(tmp_path: Path) -> None:
    wallet = csv_file(
        tmp_path / "a.csv",
        ALIPAY,
        (
            "2026-04-10 20:00:00",
            "餐饮美食",
            "面馆",
            "/",
            "面",
            "支出",
            "28.00",
            "余额",
            "交易成功",
            "o",
            "",
            "",
        ),
    )
    statement = csv_file(
        tmp_path / "b.csv",
        SAMPLES["cmb"][0],
        ("2026-04-10", "CNY", "-28.00", "", "快捷支付", "支付宝", ""),
    )
    once = counted_once(
        [read_paper(path, borrower="b", zone=SHANGHAI) for path in (wallet, statement)]
    )
    assert (len(once.events), len(once.twice)) == (2, 0)
