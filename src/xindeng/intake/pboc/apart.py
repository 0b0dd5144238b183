"""Takes a PDF or a saved page apart in a process of its own.

`python -m xindeng.intake.pboc.apart FILE` for a PDF; `-` for a page (UTF-8, standard input). A
hostile file can ask for any amount of memory and time while it is unpacked or its tags are matched,
so the process that opens one is bounded by the system and holds nothing else. Prints one JSON
object: pages of rows of cells (text, left, right; rows of a table marked), or why there are none.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator, Sequence
from typing import Any, Final

from xindeng.intake.pboc.rows import html_rows

MOST_PAGES: Final = 300
MOST_WORDS: Final = 400_000
MEMORY_BYTES: Final = 1_500_000_000
CPU_SECONDS: Final = 60
PAGE_CPU_SECONDS: Final = 5
_LINE_SLACK: Final = 0.6
_GAP_EMS: Final = 0.9
_SAME_HEIGHT: Final = 2.5

Cells = list[tuple[str, float, float]]


def _bound(seconds: int) -> None:
    try:
        import resource
    except ImportError:  # not on Windows; the parent's clock still bounds us
        return
    # The soft bound ends us with a signal that says why; the hard one ends whoever ignores it.
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 2))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


def take_apart(path: str) -> dict[str, Any]:
    """Return {"pages": [[{"cells", "gridded"}]]} or {"error", "page"}."""
    import pdfplumber
    from pdfminer.pdfdocument import PDFEncryptionError, PDFPasswordIncorrect

    pages: list[list[dict[str, Any]]] = []
    words = images = 0
    try:
        with pdfplumber.open(path) as document:
            if len(document.pages) > MOST_PAGES:
                return {"error": "pages", "page": len(document.pages)}
            for page in document.pages:
                rows = _rows(page)
                words += sum(len(row["cells"]) for row in rows)
                images += len(page.images)
                if words > MOST_WORDS:
                    return {"error": "words", "page": page.page_number}
                pages.append(rows)
                page.close()
    except Exception as error:
        causes = list(_causes(error))
        kind = "damaged"
        if any(isinstance(cause, PDFPasswordIncorrect | PDFEncryptionError) for cause in causes):
            kind = "locked"
        elif any(isinstance(cause, MemoryError) for cause in causes):
            kind = "memory"
        return {"error": kind, "page": len(pages) + 1}
    if not words:
        return {"error": "scan" if images else "blank", "page": len(pages)}
    return {"pages": pages}


def _causes(error: BaseException) -> Iterator[object]:
    """Yield an error and all that it was raised from or wraps."""
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        yield from seen.args
        seen = seen.__cause__ or seen.__context__


def _rows(page: Any) -> list[dict[str, Any]]:
    """Return the rows of a page from top to bottom: those of ruled tables, and lines of text."""
    words = page.extract_words(x_tolerance=1.5, keep_blank_chars=False)
    found: list[tuple[float, dict[str, Any]]] = []
    inside: set[int] = set()
    for row in (row for table in page.find_tables() for row in table.rows):
        cells: Cells = []
        height = float("inf")
        for left, top, right, bottom in filter(None, row.cells):
            held = [n for n, word in enumerate(words)
                    if left <= (word["x0"] + word["x1"]) / 2 < right
                    and top <= (word["top"] + word["bottom"]) / 2 < bottom]  # fmt: skip
            inside.update(held)
            lines = _lines([words[n] for n in held])
            text = "".join(" ".join(word["text"] for word in line) for line in lines)
            cells.append((text, left, right))
            height = min([height, *(words[n]["top"] for n in held)])
        if any(text for text, _, _ in cells):
            found.append((height, {"cells": cells, "gridded": len(cells) > 1}))
    loose = [word for number, word in enumerate(words) if number not in inside]
    found += [(line[0]["top"], {"cells": _split(line), "gridded": False}) for line in _lines(loose)]
    return _side_by_side(sorted(found, key=lambda row: row[0]))


def _side_by_side(found: Sequence[tuple[float, dict[str, Any]]]) -> list[dict[str, Any]]:
    """Put together what stands at one height: lines that end short leave cells outside a table."""
    rows: list[dict[str, Any]] = []
    last = float("-inf")
    for top, row in found:
        if rows and top - last < _SAME_HEIGHT:
            cells = sorted([*rows[-1]["cells"], *row["cells"]], key=lambda cell: cell[1])
            rows[-1] = {"cells": cells, "gridded": False}
        else:
            rows.append(row)
            last = top
    return rows


def _lines(words: Sequence[Any]) -> list[list[Any]]:
    """Gather words whose middles are at one height, each line from left to right."""
    lines: list[list[Any]] = []
    for word in sorted(words, key=lambda word: (word["top"] + word["bottom"], word["x0"])):
        middle = (word["top"] + word["bottom"]) / 2
        height = word["bottom"] - word["top"]
        last = lines[-1][0] if lines else None
        if last and middle - (last["top"] + last["bottom"]) / 2 < height * _LINE_SLACK:
            lines[-1].append(word)
        else:
            lines.append([word])
    for line in lines:
        line.sort(key=lambda word: word["x0"])
    return lines


def _split(line: Sequence[Any]) -> Cells:
    """Join words that follow closely; a wide gap begins a new cell."""
    cells: Cells = []
    for word in line:
        gap = word["x0"] - cells[-1][2] if cells else 0
        if cells and gap < (word["bottom"] - word["top"]) * _GAP_EMS:
            text, left, _ = cells[-1]
            cells[-1] = (f"{text} {word['text']}", left, word["x1"])
        else:
            cells.append((word["text"], word["x0"], word["x1"]))
    return cells


def _page() -> dict[str, Any]:
    """Return the rows of the saved page on standard input; their lines are those of its source."""
    rows = html_rows(sys.stdin.buffer.read().decode())
    return {
        "pages": [[
            {"cells": [(cell.text, cell.left, cell.right) for cell in row.cells],
             "gridded": row.gridded, "line": row.line}
            for row in rows
        ]]
    }  # fmt: skip


def main() -> None:
    """Bound this process, take the file apart and print what it held."""
    logging.disable(logging.CRITICAL)
    name = sys.argv[1]
    _bound(PAGE_CPU_SECONDS if name == "-" else CPU_SECONDS)
    try:
        answer = _page() if name == "-" else take_apart(name)
        print(json.dumps(answer, ensure_ascii=True))
    except MemoryError:
        print(json.dumps({"error": "memory", "page": 0}))


if __name__ == "__main__":
    main()
