"""Our own events from NDJSON and wide Parquet: same events, and errors that name file and line."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from xindeng.events.envelope import write_event
from xindeng.intake import wide
from xindeng.intake.events_file import read_events
from xindeng.kernel.errors import ImportFileError, XindengError
from xindeng.kernel.time import zone

SHANGHAI = zone("Asia/Shanghai")
T = 10**15
"""A moment in 2001; µs."""
LOGIN = {
    "borrower": "b",
    "id": "1",
    "type": "login",
    "occurred_at": T + 10,
    "payload": {"success": True},
}


def read(path: Path | str, **options: object) -> list[object]:
    return list(read_events(path, received_at=99, zone=SHANGHAI, **options))  # type: ignore[arg-type]


def ndjson(path: Path, *events: object) -> Path:
    path.write_text("".join(json.dumps(event) + "\n" for event in events))
    return path


def test_lines_are_read_in_order_and_empty_ones_pass(tmp_path: Path) -> None:
    path = tmp_path / "e.ndjson"
    path.write_text(json.dumps(LOGIN) + "\n\n" + json.dumps({**LOGIN, "id": "2"}) + "\n")
    assert [event.id for event in read(path)] == ["1", "2"]  # type: ignore[attr-defined]


def test_stdin(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.TextIOWrapper(io.BytesIO(json.dumps(LOGIN).encode()))
    monkeypatch.setattr(sys, "stdin", stream)
    assert len(read("-")) == 1


@pytest.mark.parametrize(
    ("option", "expected"),
    [(None, 99), ("occurred", T + 10), ("loaded_at", T + 55), ("known_at", T + 77)],
)
def test_known_at(tmp_path: Path, option: str | None, expected: int) -> None:
    extra = {"loaded_at": {"loaded_at": T + 55}, "known_at": {"known_at": T + 77}}.get(
        str(option), {}
    )
    path = ndjson(tmp_path / "e.ndjson", {**LOGIN, **extra})
    (event,) = read(path, known_at=option)
    assert event.known_at == expected  # type: ignore[attr-defined]
    assert event.occurred_at == T + 10  # type: ignore[attr-defined]


def test_a_known_at_column_that_is_absent_is_named(tmp_path: Path) -> None:
    with pytest.raises(ImportFileError, match=r"e\.ndjson:1: no 'loaded_at'"):
        read(ndjson(tmp_path / "e.ndjson", LOGIN), known_at="loaded_at")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", r"e\.ndjson:2: not JSON"),
        ("[1]", r"e\.ndjson:2: not a JSON object"),
        ('{"borrower": "b", "type": "logni", "occurred_at": 1000000000000001}', r":2: event\.type: unknown event type"),
        ('{"borrower": "b", "type": "payment", "occurred_at": 1000000000000001, "payload": {"direction": "in", "amount": -5}}', r":2: payment\.payload\.amount"),
        ('{"borrower": "b", "type": "payment", "occurred_at": 1000000000000001, "payload": {"direction": "in", "amount": NaN}}', r":2: not JSON"),
        ('{"type": "login", "occurred_at": 1000000000000001, "payload": {"success": true}}', r":2: login\.borrower"),
    ],
)  # fmt: skip
def test_bad_lines_are_named(tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / "e.ndjson"
    path.write_text(json.dumps(LOGIN) + "\n" + line + "\n")
    with pytest.raises(ImportFileError, match=message):
        read(path)


@pytest.mark.parametrize("content", [b"", b"\n \n\t\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n"])
def test_an_empty_file_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    (tmp_path / "e.ndjson").write_bytes(content)
    with pytest.raises(ImportFileError, match=r"e\.ndjson: the file is empty"):
        read(tmp_path / "e.ndjson")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    with pytest.raises(ImportFileError, match="stdin: the file is empty"):
        read("-")


def test_a_table_without_rows_says_so(tmp_path: Path) -> None:
    names = {name: pa.array([], pa.string()) for name in ("borrower", "type", "occurred_at")}
    pq.write_table(pa.table(names), tmp_path / "e.parquet")
    with pytest.raises(ImportFileError, match="the file is empty"):
        read(tmp_path / "e.parquet")


def test_a_key_that_stands_twice_names_its_line(tmp_path: Path) -> None:
    path = ndjson(tmp_path / "e.ndjson", LOGIN)
    path.write_text(path.read_text() + '{"borrower": "b", "borrower": "c"}\n')
    with pytest.raises(ImportFileError, match=r"e\.ndjson:2: the key 'borrower' stands twice"):
        read(path)


def wide_table(path: Path, rows: list[dict[str, object]]) -> Path:
    pq.write_table(pa.Table.from_pylist(rows), path)
    return path


def test_wide_parquet_and_ndjson_say_the_same(tmp_path: Path) -> None:
    payment = {"borrower": "b", "id": "2", "type": "payment", "occurred_at": 1000000000000020, "known_at": 1000000000000021,
               "payload": {"direction": "in", "amount": 5, "counterparty": "x"}}  # fmt: skip
    report = {"borrower": "c", "id": "3", "type": "credit_report", "occurred_at": 1000000000000030, "known_at": 1000000000000031,
              "payload": {"report_day": 3, "inquiries": [{"day": 1, "lender": "l", "reason": "own"}]}}  # fmt: skip
    lines = read(
        ndjson(tmp_path / "e.ndjson", {**LOGIN, "known_at": 1000000000000010}, payment, report)
    )
    table = wide_table(
        tmp_path / "e.parquet",
        [
            {"borrower": "b", "id": "1", "type": "login", "occurred_at": 1000000000000010, "known_at": 1000000000000010,
             "success": True, "direction": None, "amount": None, "counterparty": None, "payload": None},
            {"borrower": "b", "id": "2", "type": "payment", "occurred_at": 1000000000000020, "known_at": 1000000000000021,
             "direction": "in", "amount": 5, "counterparty": "x"},
            {"borrower": "c", "id": "3", "type": "credit_report", "occurred_at": 1000000000000030, "known_at": 1000000000000031,
             "payload": json.dumps(report["payload"])},
        ],
    )  # fmt: skip
    rows = read(table)
    assert [write_event(e) for e in rows] == [write_event(e) for e in lines]  # type: ignore[arg-type]
    assert [e.id for e in read(table, borrowers={"c"})] == ["3"]  # type: ignore[attr-defined]


def test_bad_parquet_is_named(tmp_path: Path) -> None:
    row = {
        "borrower": "b",
        "id": "1",
        "type": "payment",
        "occurred_at": 1000000000000001,
        "direction": "up",
        "amount": 1,
    }
    with pytest.raises(ImportFileError, match=r"e\.parquet row 1: payment\.payload\.direction"):
        read(wide_table(tmp_path / "e.parquet", [row]))
    with pytest.raises(ImportFileError, match="no column borrower"):
        read(
            wide_table(tmp_path / "f.parquet", [{"type": "login", "occurred_at": 1000000000000001}])
        )
    (tmp_path / "g.parquet").write_bytes(b"PAR1 and then nothing")
    with pytest.raises(ImportFileError, match="not a whole Parquet file"):
        read(tmp_path / "g.parquet")
    with pytest.raises(ImportFileError, match="cannot be read"):
        read(tmp_path / "h.parquet")


def test_two_kinds_in_one_column_are_caught() -> None:
    with pytest.raises(XindengError, match="field 'x' is text here and whole in another event"):
        wide.merge({"a": {"x": wide.ColumnKind.WHOLE}, "b": {"x": wide.ColumnKind.TEXT}})
