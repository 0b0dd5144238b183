"""The table of debts: what each cell may say, what refuses the table, what is kept and told."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.paper_files import DEBTS, csv_file, workbook
from xindeng.intake import figures
from xindeng.intake.debts_table import read_debts
from xindeng.intake.note_words import in_chinese
from xindeng.intake.report import ImportReport
from xindeng.kernel.errors import ImportFileError
from xindeng.kernel.time import zone
from xindeng.repair.debt import Debt

SHANGHAI = zone("Asia/Shanghai")
NOW = SHANGHAI.parse("2026-09-10")
GOOD = ("招商银行", "信用卡", "1.8万", "18.25%", "", "1800", "15日", "", "", "")


def read(path: Path) -> tuple[tuple[Debt, ...], ImportReport]:
    return read_debts(path, zone=SHANGHAI, now=NOW)


def one(tmp_path: Path, *cells: str) -> tuple[Debt, list[str]]:
    (debt,), report = read(csv_file(tmp_path / "d.csv", DEBTS, cells))
    return debt, [note.partition(": ")[2] for note in report.notes]


def row(**cells: str) -> tuple[str, ...]:
    names = ("lender", "kind", "balance", "year", "day", "due", "dom", "months", "fee", "paper")
    return tuple(cells.get(name, cell) for name, cell in zip(names, GOOD, strict=True))


def test_a_card(tmp_path: Path) -> None:
    debt, notes = one(tmp_path, *GOOD)
    assert debt == Debt(
        id="debt-2", lender="招商银行", lender_kind="bank", kind="card", balance=1_800_000,
        annual_rate_bp=1825, monthly_due=180_000, due_dom=15, source="d.csv:2",
    )  # fmt: skip
    assert notes == []


def test_a_column_that_nobody_reads_is_named(tmp_path: Path) -> None:
    names = ("余额", "备注", *DEBTS)
    (debt,), report = read(csv_file(tmp_path / "d.csv", names, ("1", "朋友介绍", *GOOD)))
    assert debt.balance == 1_800_000
    assert report.notes == ["the column '备注' is not known and is not read"]
    assert in_chinese(report.notes[0]) == "不认识“备注”这一列，没有采用"


def test_full_width_digits_and_a_daily_rate_with_its_convention(tmp_path: Path) -> None:
    debt, notes = one(
        tmp_path, *row(lender="马上消费金融", kind="分期贷款", balance="１２,000元".replace(",", ""), year="", day="0.05%",
                       due="１２００", months="12期", fee="1%")
    )  # fmt: skip
    assert (debt.balance, debt.annual_rate_bp, debt.months_left) == (1_200_000, 1825, 12)
    assert (debt.lender_kind, debt.kind, debt.prepayment_fee_bp) == (
        "consumer_finance",
        "instalment",
        100,
    )
    assert notes == ["0.05% × 365 = 18.25% a year, simple"]


def test_family_loans_are_debts_without_a_paper(tmp_path: Path) -> None:
    debt, notes = one(
        tmp_path, *row(lender="姐姐", kind="亲友", balance="5000", year="0", due="500")
    )
    assert (debt.lender_kind, debt.kind, debt.evidenced, debt.annual_rate_bp) == (
        "person",
        "person",
        False,
        0,
    )
    assert notes == []
    assert one(tmp_path, *row(kind="亲友", paper="有"))[0].evidenced


@pytest.mark.parametrize(
    ("cells", "what"),
    [
        ({"year": "0.05"}, r"年利率: '0.05' as a rate a year is below 1 % \(a daily rate of 0.05% is 18.25% a year"),
        ({"year": "0.1825"}, "a share of 0.1825 is 18.25%"),
        ({"year": "1825"}, "above 100 %"),
        ({"year": "-3%"}, "negative"),
        ({"year": "十八"}, "no rate"),
        ({"year": "18%", "day": "0.05%"}, "both 年利率 and 日利率"),
        ({"year": "", "day": "0.0005"}, "a share of 0.0005 a day is 0.05%"),
        ({"year": "", "day": "18.25"}, "above 0.3 %"),
        ({"balance": "-5"}, "剩余本金: '-5' is negative"),
        ({"balance": "1.234"}, "parts of a fen"),
        ({"balance": "很多"}, "no amount"),
        ({"balance": "99999999万"}, "beyond"),
        ({"kind": "欠条堆"}, "no kind of debt"),
        ({"kind": "分期", "due": ""}, "每月应还: empty"),
        ({"dom": "32"}, "no day of a month"),
        ({"months": "3/12"}, "no number of months"),
        ({"fee": "200元"}, "no fee in percent"),
        ({"fee": "30%"}, "above 20 %"),
        ({"paper": "也许"}, "neither yes nor no"),
        ({"lender": ""}, "贷款机构: empty"),
    ],
)  # fmt: skip
def test_what_refuses_the_table_names_line_cell_and_what_was_expected(
    tmp_path: Path, cells: dict[str, str], what: str
) -> None:
    path = csv_file(tmp_path / "d.csv", DEBTS, GOOD, row(**cells))
    with pytest.raises(ImportFileError, match=rf"(?s)d\.csv: these cells.*d\.csv:3 .*{what}"):
        read(path)


def test_all_wrong_cells_are_told_at_once(tmp_path: Path) -> None:
    path = csv_file(tmp_path / "d.csv", DEBTS, row(balance="x", dom="0"), row(kind="?"))
    with pytest.raises(ImportFileError) as caught:
        read(path)
    assert caught.value.what.count("\n") == 3


@pytest.mark.parametrize(
    ("cells", "note"),
    [
        ({"due": "270"}, "does not even pay the interest, about ¥273.75: at this pace the debt never ends"),
        ({"year": "0"}, "rate 0: read as free of interest"),
        ({"year": ""}, "no rate given"),
        ({"balance": ""}, "no balance given"),
        ({"due": ""}, "no minimum given"),
        ({"kind": "分期", "balance": "12000", "due": "500", "months": "12"}, "less than the balance"),
        ({"kind": "分期", "balance": "100", "due": "500", "months": "12"}, "above the balance"),
        ({"months": "0"}, "due at once"),
    ],
)  # fmt: skip
def test_what_is_odd_is_kept_and_told(tmp_path: Path, cells: dict[str, str], note: str) -> None:
    _, notes = one(tmp_path, *row(**cells))
    assert any(note in said for said in notes), notes


def test_the_same_debt_twice_is_told(tmp_path: Path) -> None:
    debts, report = read(csv_file(tmp_path / "d.csv", DEBTS, GOOD, GOOD))
    assert len(debts) == 2
    assert "the same as d.csv:2" in report.notes[0]


def test_english_headings_in_a_workbook_with_a_percent_cell(tmp_path: Path) -> None:
    head = (
        "Lender",
        "Kind",
        "Balance",
        "APR",
        "Monthly payment",
        "Due day",
        "Months left",
        "Borrowed on",
    )
    path = workbook(
        tmp_path / "d.xlsx", head, ("Big Bank", "loan", 9600, 0.12, 900, 5, 12, "2025-01-01")
    )
    import openpyxl

    book = openpyxl.load_workbook(path)
    book.active["D2"].number_format = "0.0%"
    book.save(path)
    ((debt,), _report) = read(path)
    assert (debt.balance, debt.annual_rate_bp, debt.monthly_due, debt.due_dom) == (
        960_000,
        1200,
        90_000,
        5,
    )
    assert debt.source == "d.xlsx, sheet 明细, row 2"
    workbook(path, head, ("Big Bank", "loan", 9600, "12%", 900, 5, 12, "2027-01-01"))
    with pytest.raises(ImportFileError, match="in the future"):
        read(path)
    workbook(path, head, ("Big Bank", "loan", "=1+1", "12%", 900, 5, 12, ""))
    with pytest.raises(ImportFileError, match="formula saved without its result"):
        read(path)


def test_an_empty_table_is_no_table_of_no_debts(tmp_path: Path) -> None:
    with pytest.raises(ImportFileError, match="no debt below the headings"):
        read(csv_file(tmp_path / "d.csv", DEBTS))


@pytest.mark.parametrize(
    ("text", "fen"),
    [("1.2万", 1_200_000), ("3千", 300_000), ("¥1,200.50", 120_050), ("0", 0), ("12元", 1200),
     ("１.２万", 1_200_000), ("2w", 2_000_000), ("0.01亿", 100_000_000)],
)  # fmt: skip
def test_amounts(text: str, fen: int) -> None:
    assert figures.amount(text) == fen


@pytest.mark.parametrize(
    ("text", "per", "bp"),
    [("18.25%", "year", 1825), ("18.25", "year", 1825), ("0.05%", "day", 1825), ("0.05", "day", 1825),
     ("0.5‰", "day", 1825), ("1.5%", "month", 1800), ("0", "year", 0)],
)  # fmt: skip
def test_rates_become_yearly(text: str, per: figures.Period, bp: int) -> None:
    assert figures.annual_rate_bp(text, per) == bp


def test_a_table_in_english_is_told_in_english(tmp_path: Path) -> None:
    path = tmp_path / "debts.csv"
    path.write_text("lender,kind,balance,rate,minimum\nA,car,1,2%,3\nB,mortgage,1,2%,3\n")
    with pytest.raises(ImportFileError) as caught:
        read(path)
    told = str(caught.value)
    assert "debts.csv:2 kind: 'car' is no kind of debt (write one of card, " in told
    assert "debts.csv:3" not in told, "a mortgage is a loan by instalments"
