"""Tables of strangers: every encoding and workbook quirk, and the files that would hurt us."""

from __future__ import annotations

import io
import time
import tracemalloc
import zipfile
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest

from tests.unit.paper_files import csv_file, workbook
from xindeng.intake import limits
from xindeng.intake.bills import money, when
from xindeng.intake.table import Layout, read_table
from xindeng.intake.workbook import NO_RESULT
from xindeng.kernel.errors import ImportFileError
from xindeng.kernel.time import zone

SHANGHAI = zone("Asia/Shanghai")
LAYOUT = Layout("test", {"day": ("日期", "date"), "amount": ("金额(元)",)}, ("day", "amount"), "do")
ROWS = (("某银行流水",), ("日期", "金额（元）", "备注"), ("2026-07-01", "12.50", "面"))


def cells(path: Path, layout: Layout = LAYOUT) -> list[tuple[str, str]]:
    return [(row["day"], row["amount"]) for row in read_table(path, layout).rows()]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_every_encoding_and_delimiter(tmp_path: Path, encoding: str, delimiter: str) -> None:
    path = csv_file(tmp_path / "a.csv", *ROWS, encoding=encoding, delimiter=delimiter)
    table = read_table(path, LAYOUT)
    assert [(row["day"], row["amount"], row.line) for row in table.rows()] == [
        ("2026-07-01", "12.50", 3)
    ]
    assert table.preamble == ("某银行流水",)
    assert table.columns == {"day", "amount"}


def test_cut_off_utf16_and_a_wrong_told_encoding(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("日期,金额(元)\n".encode("utf-16") + b"\x00")
    with pytest.raises(ImportFileError, match="UTF-16"):
        cells(path)
    csv_file(path, *ROWS, encoding="gb18030")
    with pytest.raises(ImportFileError, match=r"a\.csv:1: not utf-8 text"):
        read_table(path, LAYOUT, encoding="utf-8")


def test_skipped_rows_totals_and_footers(tmp_path: Path) -> None:
    rows = (
        ("日期", "金额(元)"),
        *ROWS,
        ("合计", "12.50"),
        ("2026-07-02", "1"),
        ("共2笔", ""),
        ("2026-07-03", "9"),
    )
    path = csv_file(tmp_path / "a.csv", *rows)
    layout = Layout("t", LAYOUT.columns, LAYOUT.required, "do", ragged=True)
    found = [row["day"] for row in read_table(path, layout, skip=1).rows()]
    assert found == ["2026-07-01", "2026-07-02"]


def test_of_two_headings_that_mean_the_same_the_first_named_stays(tmp_path: Path) -> None:
    path = csv_file(tmp_path / "a.csv", ("date", "日期", "金额(元)"), ("x", "2026-07-01", "1"))
    assert cells(path) == [("2026-07-01", "1")]


def test_a_workbook_reads_as_excel_shows_it(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (("账单",), ("日期", "金额（元）")):
        sheet.append(row)
    sheet.append((datetime(2026, 7, 1, 9, 29, 59, 999_997), 0.1 + 0.2))  # noqa: DTZ001
    sheet.append(("2026-07-02 10:00:00", "1,234.50"))
    sheet.append((46204.5, 12))
    sheet.append(("5", 0.1825))
    sheet["B6"].number_format = "0.00%"
    sheet.append((True, None))
    hidden = book.create_sheet("旧")
    hidden.sheet_state = "hidden"
    for row in (("日期", "金额（元）"), ("2020-01-01", 1)):
        hidden.append(row)
    path = tmp_path / "a.xlsx"
    book.save(path)
    table = read_table(path, LAYOUT)
    found = [(row["day"], row["amount"]) for row in table.rows()]
    assert found == [
        ("2026-07-01 09:30:00", "0.3"), ("2026-07-02 10:00:00", "1,234.50"), ("46204.5", "12"),
        ("5", "18.25%"), ("TRUE", ""),
    ]  # fmt: skip
    assert table.notes == ["sheet 旧 is hidden and was not read"]
    assert next(table.rows()).where == "a.xlsx, sheet Sheet, row 3"
    assert when("46204.5", SHANGHAI, "x") == SHANGHAI.parse("2026-07-01T12:00")


def test_every_visible_sheet_with_the_headings_is_read(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for title, day in (("七月", "2026-07-01"), ("八月", "2026-08-01"), ("说明", None)):
        sheet = book.create_sheet(title)
        for row in (("日期", "金额(元)"), (day, 1)) if day else (("请看前两页",),):
            sheet.append(row)
    path = tmp_path / "a.xlsx"
    book.save(path)
    assert [day for day, _ in cells(path)] == ["2026-07-01", "2026-08-01"]


def test_only_the_head_is_read_where_only_the_kind_is_asked(tmp_path: Path) -> None:
    rows = (("日期", "金额(元)"), *(("2026-07-01", n) for n in range(1, 301)))
    for path in (workbook(tmp_path / "a.xlsx", *rows), csv_file(tmp_path / "a.csv", *rows)):
        assert len(list(read_table(path, LAYOUT, head_only=True).rows())) == 79
        assert len(cells(path)) == 300


def test_a_formula_without_its_result_is_no_number(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", ("日期", "金额(元)"), ("2026-07-01", "=1+1"))
    assert cells(path) == [("2026-07-01", NO_RESULT)]
    with pytest.raises(ImportFileError, match=r"a: a formula that was saved without its result"):
        money(NO_RESULT, "a")


def test_cells_merged_downwards_are_told(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", ("日期", "金额(元)"), ("2026-07-01", 1), ("2026-07-02", 2))
    book = openpyxl.load_workbook(path)
    book.active.merge_cells("B2:B3")
    book.save(path)
    assert [row.merged for row in read_table(path, LAYOUT).rows()] == ["B2:B3", "B2:B3"]


@pytest.mark.parametrize(
    ("head", "what"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old .xls workbook, or one with a password"),
        (b"%PDF-1.7\n", "a PDF"),
        (b"  <html><table>", "a web page"),
        (b"PK\x03\x04rest", "damaged"),
    ],
)
def test_other_kinds_of_files_are_named(tmp_path: Path, head: bytes, what: str) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(head + b"\x00" * 600)
    with pytest.raises(ImportFileError, match=what):
        cells(path)


def zipped(path: Path, parts: dict[str, bytes], how: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", how) as packed:
        for name, data in parts.items():
            packed.writestr(name, data)
    return path


def with_part(path: Path, name: str, data: bytes, how: int = zipfile.ZIP_DEFLATED) -> Path:
    """A good workbook of which one part is another."""
    made = workbook(path, *ROWS)
    with zipfile.ZipFile(io.BytesIO(made.read_bytes())) as packed:
        parts = {entry: packed.read(entry) for entry in packed.namelist()}
    return zipped(path, {**parts, name: data}, how)


def test_a_zip_that_is_no_workbook(tmp_path: Path) -> None:
    with pytest.raises(ImportFileError, match="a ZIP that is no workbook"):
        cells(zipped(tmp_path / "a.zip", {"bill.csv": b"x"}))


def test_a_zip_bomb_is_refused_by_its_ratio_and_its_size(tmp_path: Path) -> None:
    path = with_part(tmp_path / "a.xlsx", "xl/sharedStrings.xml", b" " * 50_000_000)
    with pytest.raises(ImportFileError, match=r"unpacks [\d,]+ times"):
        cells(path)
    many = {f"xl/p{n}": b"" for n in range(limits.MOST_ENTRIES)}
    with pytest.raises(ImportFileError, match="parts in the file"):
        cells(zipped(tmp_path / "b.xlsx", {"xl/workbook.xml": b"<a/>", **many}))


def test_an_xml_bomb_is_refused_before_it_grows(tmp_path: Path) -> None:
    entities = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + b"".join(
        b'<!ENTITY a%d "&a%s;&a%s;">'
        % (n, b"" if n == 1 else b"%d" % (n - 1), b"" if n == 1 else b"%d" % (n - 1))
        for n in range(1, 30)
    )
    path = with_part(tmp_path / "a.xlsx", "xl/workbook.xml", entities + b"]><x>&a29;</x>")
    with pytest.raises(ImportFileError, match=r"(?s)document type.*save it as"):
        cells(path)


def test_a_sheet_of_a_million_rows_is_refused_in_time_and_memory(tmp_path: Path) -> None:
    row = b'<row><c t="inlineStr"><is><t>x</t></is></c></row>'
    sheet = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    )
    path = tmp_path / "a.xlsx"
    with_part(
        path,
        "xl/worksheets/sheet1.xml",
        sheet + row * 1_000_000 + b"</sheetData></worksheet>",
        zipfile.ZIP_STORED,
    )
    started = time.perf_counter()
    with pytest.raises(ImportFileError, match=r"more than 200,000 rows"):
        cells(path)
    assert time.perf_counter() - started < 20


def test_rows_that_are_far_too_wide_are_refused(tmp_path: Path) -> None:
    rows = b"".join(
        b'<row r="%d"><c r="XFD%d"><v>1</v></c></row>' % (n, n) for n in range(1, 2_000)
    )
    sheet = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    )
    path = with_part(
        tmp_path / "a.xlsx", "xl/worksheets/sheet1.xml", sheet + rows + b"</sheetData></worksheet>"
    )
    with pytest.raises(ImportFileError, match="far too wide"):
        cells(path)


def test_a_csv_of_a_million_rows_is_refused_in_time_and_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("日期,金额(元)\n".encode() + b"2026-03-01 12:00:00,1234567.89\n" * 1_000_000)
    size = path.stat().st_size
    tracemalloc.start()
    started = time.perf_counter()
    with pytest.raises(ImportFileError, match="rows, at most"):
        cells(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert time.perf_counter() - started < 20
    assert peak < 1.5 * size  # the bytes as they are, and nothing built from them


def test_a_file_of_too_many_bytes_is_not_even_read(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with path.open("wb") as stream:
        stream.truncate(limits.MOST_BYTES + 1)
    with pytest.raises(ImportFileError, match="no bill of one person"):
        cells(path)


def test_the_nearest_layout_says_what_is_missing(tmp_path: Path) -> None:
    other = Layout("other", {"a": ("甲",), "b": ("乙",), "c": ("丙",)}, ("a", "b", "c"), "x")
    path = csv_file(tmp_path / "a.csv", ("甲", "乙"), ("1", "2"))
    with pytest.raises(ImportFileError, match="no other table: no line has the headings 丙"):
        read_table(path, LAYOUT, other)
