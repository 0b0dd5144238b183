"""Text files of unknown encoding and delimiter → lines of cells.

UTF-8 with or without a mark, GB18030 and UTF-16 are told apart by their bytes, line by line, so
that a file joined from two encodings is named by its line instead of being read as nonsense.
"""

from __future__ import annotations

import codecs
import csv
import re
from typing import Final

from xindeng.intake.limits import too_long
from xindeng.kernel.errors import ImportFileError

# Three CJK characters in UTF-8 are nine bytes that no GB18030 text forms by accident.
_SURELY_UTF8: Final = re.compile(rb"(?:[\xe4-\xe9][\x80-\xbf]{2}){3}")
_UTF16: Final = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
DELIMITERS: Final = (",", "\t", ";", "|")


def text_lines(data: bytes, name: str, told: str | None = None) -> list[str]:
    """Return the lines of a text file; raises ImportFileError with the line that is no text.

    The encoding `told` is taken for the file's; otherwise its bytes say which one it is.
    """
    mark = next((mark for mark in _UTF16 if data.startswith(mark)), None)
    if mark is not None:
        try:
            text = data[len(mark) :].decode(_UTF16[mark])
        except UnicodeDecodeError as error:
            raise _no_text(f"{name}:1", "cut off or damaged UTF-16 text") from error
        lines = re.split(r"\r\n|\n|\r", text)
        too_long(len(lines), name)
        return lines
    # Counted before anything is taken apart: a file of a million lines must not fill the memory.
    too_long(data.count(b"\n"), name)
    raw = data.removeprefix(codecs.BOM_UTF8).splitlines()
    too_long(len(raw), name)
    encoding = told if told and told != "utf-16" else _encoding(raw, name)
    decoded = []
    for number, line in enumerate(raw, start=1):
        try:
            decoded.append(line.decode(encoding))
        except UnicodeDecodeError as error:
            what = f"not {told} text" if told else "neither UTF-8 nor GB18030 text"
            raise _no_text(f"{name}:{number}", what) from error
    return decoded


def _no_text(where: str, what: str) -> ImportFileError:
    return ImportFileError(
        what, where=where, code="import.encoding",
        next_step="hand in the CSV file as exported; unpack a ZIP first",
    )  # fmt: skip


def _encoding(raw: list[bytes], name: str) -> str:
    utf8 = gb = 0
    for number, line in enumerate(raw, start=1):
        if line.isascii():
            continue
        if _valid(line, "utf-8"):
            utf8 = utf8 or (number if _SURELY_UTF8.search(line) else 0)
        else:
            gb = gb or number
    if utf8 and gb:
        raise ImportFileError(
            "the file changes its encoding here (UTF-8 and GB18030 mixed)",
            where=f"{name}:{max(utf8, gb)}", code="import.encoding",
            next_step="hand in the file as exported, not edited or joined from two",
        )  # fmt: skip
    return "gb18030" if gb else "utf-8"


def _valid(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def cells_of(line: str, delimiter: str, where: str) -> list[str]:
    """Return the cells of one line; no cell spans lines, so a stray quote harms one row only."""
    try:
        return next(csv.reader([line.replace("\x00", "")], delimiter=delimiter), [])
    except csv.Error as error:
        raise ImportFileError(
            f"the row cannot be taken apart: {error}", where=where,
            next_step="hand in the file as exported",
        ) from error  # fmt: skip
