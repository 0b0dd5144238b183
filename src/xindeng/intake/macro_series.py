"""Monthly series from a CSV or Parquet file, or a folder of such, that the user names.

A file counts if it has a column `month` (2026-11 or a date) and one of the columns that are looked
for. A column `published` (a date) says when a row became public, for data that kept each release;
without it the series' own lag holds. Nothing is ever copied into xindeng.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from xindeng.intake.text_lines import text_lines
from xindeng.kernel.errors import ImportFileError, InputError
from xindeng.kernel.time import from_date
from xindeng.policy.steering.model import SeriesSpec
from xindeng.policy.steering.read import month_of
from xindeng.policy.steering.series import Observed, observed

_SUFFIXES: Final = frozenset({".csv", ".parquet"})
_MOST_BYTES: Final = 64 * 2**20
_MOST_ROWS: Final = 20_000
_NAMED: Final = 8
"""How many columns a refusal names."""
_EMPTY: Final = frozenset({"", "na", "nan", "n/a", "null", "-", "--"})


@dataclass(frozen=True, slots=True)
class _Table:
    """A file's headings, and its rows with where each stands (`file:line`); `lines` of a CSV."""

    path: Path
    names: tuple[str, ...]
    lines: Sequence[str] = ()

    def rows(self, wanted: Iterable[str]) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Yield (where, cells by heading) of the wanted columns."""
        names = [name for name in self.names if name in set(wanted)]
        if self.path.suffix == ".csv":
            for cells in (reader := csv.DictReader(self.lines)):
                yield f"{self.path}:{reader.line_num}", cells
            return
        table = pq.read_table(self.path, columns=names)
        for number, cells in enumerate(table.to_pylist(), 1):
            yield f"{self.path}, row {number}", cells


def read_series(place: Path, specs: Iterable[SeriesSpec]) -> dict[str, Observed]:
    """Return the series found in a file or folder, by name; one that is in no file is left out.

    Raises InputError with file and line for what is no month, number or date, a column that two
    files have, a value published before its month was over.
    """
    tables = [_open(path, alone=place.is_file()) for path in _files(place)]
    found = {}
    for spec in specs:
        if spec.portfolio:
            continue
        having = [one for one in tables if spec.column in one.names
                  and spec.file in ("", one.path.name, one.path.stem)]  # fmt: skip
        if len(having) > 1:
            names = " and ".join(one.path.name for one in having[:2])
            raise InputError(
                f"{names} both have a column {spec.column!r}",
                where=str(place),
                next_step=f"say which: `file: NAME` for series {spec.name} in steering.yaml",
                code="series.ambiguous",
            )
        if having:
            found[spec.name] = observed(spec, _values(having[0], spec), where=str(having[0].path))
    if not found:
        columns = [spec.column for spec in specs if spec.column]
        more = f" and {len(columns) - _NAMED} more" if len(columns) > _NAMED else ""
        wanted = ", ".join(columns[:_NAMED]) + more
        raise InputError(
            "none of the series that this policy is steered by is here",
            where=str(place),
            next_step=f"name the folder or file with a column `month` and columns such as {wanted}",
            code="series.none",
        )
    return found


def _files(place: Path) -> list[Path]:
    if place.is_file():
        return [place]
    if not place.is_dir():
        raise InputError(
            "there is no such folder or file",
            where=str(place),
            next_step="name the folder or file that holds the monthly series",
            code="series.place",
        )
    # One folder below, so that folders of several countries may lie beside one another.
    return sorted(path for pattern in ("*", "*/*") for path in place.glob(pattern)
                  if path.suffix in _SUFFIXES and path.is_file())  # fmt: skip


def _open(path: Path, *, alone: bool) -> _Table:
    """Return a file's headings; one of a folder that is no table of ours has none."""
    try:
        if path.stat().st_size > _MOST_BYTES:
            return _Table(path, ())
        if path.suffix == ".csv":
            lines = text_lines(path.read_bytes(), path.name)
            names = next(csv.reader(lines), [])
        else:
            lines, names = [], pq.read_schema(path).names
    except (OSError, ImportFileError, csv.Error, pa.ArrowInvalid) as error:
        if not alone:
            return _Table(path, ())
        why = error.what if isinstance(error, ImportFileError) else str(error)
        raise InputError(
            f"this file cannot be read: {why[:120]}",
            where=str(path),
            next_step="write it as CSV in UTF-8, or as Parquet",
            code="series.file",
        ) from None
    return _Table(path, tuple(names), lines) if "month" in names else _Table(path, ())


def _values(table: _Table, spec: SeriesSpec) -> Iterator[tuple[int, float, int | None]]:
    wanted = ("month", "published", spec.column)
    for count, (where, cells) in enumerate(table.rows(wanted)):
        if count >= _MOST_ROWS:
            raise InputError(
                f"more than {_MOST_ROWS:,} rows",
                where=str(table.path),
                next_step="these are to be monthly series",
                code="series.too_long",
            )
        value = _number(cells.get(spec.column), where, spec.column)
        if value is None:
            continue
        month = month_of(_text(cells.get("month")))
        if month is None:
            raise _bad(where, "month", cells.get("month"), "a month such as 2026-11")
        yield month, value, _day(cells.get("published"), where)


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value or "").strip()


def _number(value: object, where: str, column: str) -> float | None:
    if value is None or (isinstance(value, str) and value.strip().lower() in _EMPTY):
        return None
    try:
        number = float(str(value))
    except ValueError:
        raise _bad(where, column, value, "a number, or nothing") from None
    if math.isinf(number):
        raise _bad(where, column, value, "a number, or nothing")
    return None if math.isnan(number) else number


def _day(value: object, where: str) -> int | None:
    text = _text(value)[:10]
    if not text:
        return None
    try:
        return from_date(date.fromisoformat(text))
    except ValueError:
        raise _bad(where, "published", value, "a date such as 2026-12-01") from None


def _bad(where: str, column: str, value: object, expected: str) -> InputError:
    return InputError(f"column {column} says {str(value)[:40]!r}", where=where,
                      next_step=f"write {expected}", code="series.value")  # fmt: skip
