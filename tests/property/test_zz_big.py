"""Whatever a paper has become on its way, an importer answers with events or with a clear error.

And no number is made up: every amount of every event, and every figure of every debt, stands in the
file.
"""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.property.paper_damage import Rows, damaged, torn
from tests.unit.paper_files import ALIPAY, DEBTS, WECHAT
from xindeng.events.life import InstalmentPurchase, Payment
from xindeng.intake.alipay import read_alipay
from xindeng.intake.corrections import read_corrections
from xindeng.intake.debts_table import read_debts
from xindeng.intake.papers import kind_of
from xindeng.intake.statement import read_mapping, read_statement
from xindeng.intake.wechat import read_wechat
from xindeng.kernel.errors import ImportFileError
from xindeng.kernel.time import zone

SHANGHAI = zone("Asia/Shanghai")
NOW = SHANGHAI.parse("2026-09-10")

PAPERS: dict[str, tuple[Callable[..., object], Sequence[Sequence[str]]]] = {
    "alipay": (read_alipay, (
        ALIPAY,
        ("2026-03-01 12:00:00", "餐饮美食", "一家面馆", "/", "午餐", "支出", "28.50", "余额", "交易成功", "1", "M", ""),
        ("2026-03-02 12:00:00", "退款", "一家面馆", "/", "退款-午餐", "不计收支", "8.50", "余额", "退款成功", "1_2", "M", ""),
        ("2026-03-10 09:00:00", "收入", "某某公司", "/", "三月工资", "收入", "9000.00", "余额", "交易成功", "3", "", ""),
    )),
    "wechat": (read_wechat, (
        WECHAT,
        ("2026-03-01 12:00:00", "商户消费", "某店", "货", "支出", "¥12.50", "零钱", "支付成功", "77", "/", "/"),
        ("2026-03-02 12:00:00", "零钱提现", "某银行", "/", "/", "¥100.00", "零钱", "提现已到账", "78", "/", "/"),
    )),
    "bank": (read_statement, (
        ("记账日期", "货币", "交易金额", "联机余额", "交易摘要", "对手信息", "客户摘要"),
        ("2026-04-14", "CNY", "9000.00", "9100.00", "代发工资", "某某公司", ""),
        ("2026-04-15", "CNY", "-20.00", "9080.00", "快捷支付", "某店", ""),
    )),
    "debts": (read_debts, (
        DEBTS,
        ("招商银行", "信用卡", "18000", "18.25%", "", "1800", "15", "", "", ""),
        ("马上消费金融", "分期", "12000", "", "0.05%", "1200", "8", "12", "1%", ""),
    )),
}  # fmt: skip
CALM = settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def text_of(rows: Rows, encoding: str) -> bytes:
    return "\n".join(",".join(row) for row in rows).encode(encoding, "replace")


def workbook_of(rows: Rows) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append([
            "".join(c for c in cell if c >= " " and not "\ud800" <= c <= "\udfff")[:3000] for cell in row
        ])  # fmt: skip
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


@cache
def whole_paper(name: str, form: str) -> bytes:
    # A workbook holds the time it was made, so it is made once: examples must not change by it.
    rows = [list(row) for row in PAPERS[name][1]]
    return text_of(rows, "gb18030") if form == "csv" else workbook_of(rows)


def plain_digits(rows: Rows) -> str:
    return unicodedata.normalize("NFKC", " ".join(cell for row in rows for cell in row)).replace(
        ",", ""
    )


def stands_in(fen: int, seen: str) -> bool:
    yuan = f"{fen // 100}.{fen % 100:02d}"
    forms = {yuan, yuan.rstrip("0").rstrip(".")}
    return any(form in seen for form in forms) or "万" in seen


def answers(name: str, path: Path, rows: Rows | None) -> None:
    """Read a file as what it was, and as what its headings say it is."""
    read, _ = PAPERS[name]
    try:
        if name == "debts":
            debts, report = read_debts(path, zone=SHANGHAI, now=NOW)
            seen = plain_digits(rows) if rows is not None else None
            assert all(d.annual_rate_bp is None or 0 <= d.annual_rate_bp <= 10_950 for d in debts)
            if seen is not None:
                assert all(d.balance is None or stands_in(d.balance, seen) for d in debts)
            assert report.understood == len(debts)
        else:
            events, report = read(path, borrower="b", zone=SHANGHAI, now=NOW)  # type: ignore[misc]
            assert len({event.id for event in events}) == len(events) or name != "bank"
            for event in events:
                assert isinstance(event.payload, Payment | InstalmentPurchase)
                assert event.payload.amount > 0
                if rows is not None:
                    assert stands_in(event.payload.amount, plain_digits(rows))
    except ImportFileError as error:
        assert error.where.startswith(path.name)
        assert error.next_step
    try:
        kind_of(path)
    except ImportFileError as error:
        assert error.next_step


@pytest.mark.parametrize("name", sorted(PAPERS))
@given(data=st.data())
@CALM
def test_damaged_text_never_breaks_an_importer(
    tmp_path: Path, name: str, data: st.DataObject
) -> None:
    rows = data.draw(damaged(PAPERS[name][1]))
    encoding = data.draw(st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"]))
    path = tmp_path / "a.csv"
    path.write_bytes(text_of(rows, encoding))
    answers(name, path, rows)


@pytest.mark.parametrize("name", sorted(PAPERS))
@given(data=st.data())
@settings(CALM, max_examples=300)
def test_damaged_workbooks_never_break_an_importer(
    tmp_path: Path, name: str, data: st.DataObject
) -> None:
    rows = data.draw(damaged(PAPERS[name][1]))
    path = tmp_path / "a.xlsx"
    path.write_bytes(workbook_of(rows))
    answers(name, path, rows)


@pytest.mark.parametrize("name", sorted(PAPERS))
@pytest.mark.parametrize("form", ["csv", "xlsx"])
@given(data=st.data())
@settings(CALM, max_examples=1200)
def test_torn_bytes_never_break_an_importer(
    tmp_path: Path, name: str, form: str, data: st.DataObject
) -> None:
    whole = whole_paper(name, form)
    path = tmp_path / f"a.{form}"
    path.write_bytes(data.draw(torn(whole)))
    answers(name, path, None)


@given(data=st.data())
@CALM
def test_torn_mappings_and_corrections_never_break_their_readers(
    tmp_path: Path, data: st.DataObject
) -> None:
    mapping = b"bank: x\ncolumns: {date: [d], amount: [a]}\ntexts: [t]\nwords:\n- {words: w, category: fee}\n"
    try:
        read_mapping("m.yaml", data.draw(torn(mapping)))
    except ImportFileError as error:
        assert error.where.startswith(("m.yaml", "words"))
    path = tmp_path / "c.yaml"
    path.write_bytes(data.draw(torn("corrections:\n- {party: 李四, is: 房东}\n".encode())))
    try:
        read_corrections(path, {"p": "李四"})
    except ImportFileError as error:
        assert error.where.startswith("c.yaml")


def test_a_planted_number_is_noticed() -> None:
    assert not stands_in(123_456, plain_digits([["1,234.57", "12.34"]]))
    assert stands_in(123_450, plain_digits([["1,234.5"]]))
