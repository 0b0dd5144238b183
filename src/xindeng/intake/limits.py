"""How large a person's paper may be. Whatever is larger is refused with the limit it broke.

A year of a busy life is some 5,000 payments; the limits leave forty times that, and keep memory
and time bounded for files that are no bill at all: dumps, mistakes and bombs.
"""

from __future__ import annotations

from typing import Final

from xindeng.kernel.errors import ImportFileError

MOST_BYTES: Final = 64_000_000
MOST_ROWS: Final = 200_000
MOST_CELLS: Final = 4_000_000
MOST_UNPACKED_BYTES: Final = 400_000_000
MOST_ENTRIES: Final = 2_000
MOST_RATIO: Final = 250
"""A spreadsheet packs 10 to 60 times; a bomb a thousand times."""


def refused(what: str, name: str) -> ImportFileError:
    """Return the error for a file that is too large to be one person's paper."""
    return ImportFileError(
        what, where=name, code="import.too_large",
        next_step="export a shorter period (one year), or split the file",
    )  # fmt: skip


def too_large(size: int, name: str) -> None:
    """Raise ImportFileError when a file has more bytes than a person's paper can have."""
    if size > MOST_BYTES:
        raise refused(f"{size:,} bytes, at most {MOST_BYTES:,}: no bill of one person", name)


def too_long(rows: int, name: str) -> None:
    """Raise ImportFileError when there are more rows than one person leaves."""
    if rows > MOST_ROWS:
        raise refused(f"{rows:,} rows, at most {MOST_ROWS:,}: no bill of one person", name)
