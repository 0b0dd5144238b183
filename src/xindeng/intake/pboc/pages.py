"""From a file to rows: what kind of file it is, and every way in which it can be the wrong one."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Final

from xindeng.intake import files
from xindeng.intake.pboc.apart import MOST_PAGES
from xindeng.intake.pboc.rows import Cell, Row, text_rows
from xindeng.intake.pboc.values import clean
from xindeng.kernel.errors import ImportFileError

MOST_BYTES: Final = 20_000_000
_MOST_TEXT: Final = 2_000_000
_MOST_ROWS: Final = 60_000
_MOST_ANSWER: Final = 100_000_000
_SECONDS: Final = 90
_BOUNDED: Final = hasattr(signal, "SIGXCPU")  # not on Windows

GET_ONE: Final = (
    "hand in the report as downloaded (PDF) from the credit centre's site, a bank app or 云闪付, "
    "or its text or page saved from there"
)
_ERRORS: Final = {
    "locked": (
        "the PDF is locked with a password",
        "open it with its password, print it to a new PDF, and hand that in",
    ),
    "scan": (
        "the PDF holds pictures of pages and no text; numbers are not guessed from a picture",
        "download the report itself instead of a scan or photo: " + GET_ONE,
    ),
    "blank": ("the PDF holds no text", GET_ONE),
    "damaged": ("the PDF is cut off or damaged", "download or copy the file again"),
    "pages": (f"the PDF has more than {MOST_PAGES} pages; no credit report has", GET_ONE),
    "words": ("the file holds far more text than any credit report", GET_ONE),
    "memory": ("the file asks for far more memory than any credit report needs", GET_ONE),
    "failed": (
        "the part that takes files apart stopped on this one",
        "hand in its text instead: " + GET_ONE,
    ),
    "time": (f"the file could not be read within {_SECONDS} seconds", GET_ONE),
}


def read_bytes(path: Path) -> bytes:
    """Return the file's bytes; raises ImportFileError for none, too many or no access."""
    data = files.read_bytes(path)
    if len(data) > MOST_BYTES:
        raise ImportFileError(
            f"{len(data):,} bytes; a credit report has at most {MOST_BYTES:,}",
            where=path.name, next_step=GET_ONE,
        )  # fmt: skip
    if not data.strip():
        raise ImportFileError("the file is empty", where=path.name, next_step=GET_ONE)
    return data


def report_rows(path: Path, data: bytes) -> list[Row]:
    """Return the rows of a PDF, a saved text or a saved page; raises ImportFileError."""
    name = path.name
    if data.lstrip()[:5] == b"%PDF-":
        rows = _apart(name, str(path.resolve()))
    else:
        text = _decode(data, name)
        head = text.lstrip()[:2000].lower()
        page = head.startswith("<") or "<html" in head or "<table" in head
        rows = _apart(name, "-", text) if page else text_rows(text)
    if len(rows) > _MOST_ROWS:
        raise ImportFileError(
            f"{len(rows):,} lines; no credit report has as many", where=name, next_step=GET_ONE
        )
    return rows


def _decode(data: bytes, name: str) -> str:
    if len(data) > _MOST_TEXT:
        raise ImportFileError(
            f"{len(data):,} bytes of text is no credit report", where=name, next_step=GET_ONE
        )
    if data.startswith(b"PK\x03\x04"):
        raise ImportFileError(
            "a ZIP or a workbook, not the report itself", where=name,
            next_step="unpack the ZIP and hand in the PDF inside",
        )  # fmt: skip
    for encoding in ("utf-8-sig", "gb18030", "utf-16"):
        if encoding == "utf-16" and data[:2] not in {b"\xff\xfe", b"\xfe\xff"}:
            break
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise ImportFileError(
        "neither a PDF nor text in UTF-8 or GB18030", where=f"{name}:1", next_step=GET_ONE
    )


def _apart(name: str, source: str, page: str | None = None) -> list[Row]:
    """Return the rows of a PDF at `source`, or of a saved `page`, by the bounded process."""
    try:
        done = subprocess.run(  # noqa: S603 - our own module, and the path as one argument
            [sys.executable, "-P", "-m", "xindeng.intake.pboc.apart", source],
            input=(page or "").encode(), capture_output=True, timeout=_SECONDS, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise _refused(name, "time", 0) from None
    if done.returncode or len(done.stdout) > _MOST_ANSWER:
        # Ended by the system, at a bound on its time or memory; or it failed by itself.
        ended = {-signal.SIGXCPU: "time", -signal.SIGKILL: "memory"} if _BOUNDED else {}
        raise _refused(name, ended.get(done.returncode, "failed"), 0)
    answer = json.loads(done.stdout)
    if error := answer.get("error"):
        raise _refused(name, error, int(answer.get("page", 0)))
    return [
        Row(number, row.get("line", line),
            tuple(Cell(clean(text), left, right) for text, left, right in row["cells"]),
            row["gridded"])
        for number, rows in enumerate(answer["pages"], start=1)
        for line, row in enumerate(rows, start=1)
    ]  # fmt: skip


def _refused(name: str, error: str, page: int) -> ImportFileError:
    what, next_step = _ERRORS[error]
    place = f"{name}, page {page}" if page and error in {"damaged", "words", "memory"} else name
    return ImportFileError(what, where=place, next_step=next_step, code=f"import.{error}")
