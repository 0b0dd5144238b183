"""Blocks as a PDF with real text: the CID font STSong-Light, which every reader brings along.

Three looks: `ruled` (A4, tables with lines, cells wrap), `plain` (A4, columns by place alone) and
`narrow` (a phone's page: short pages that break accounts in two, label：value pairs, wide digits).
"""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.pdfmetrics import registerFont, stringWidth
from reportlab.pdfgen.canvas import Canvas

from xindeng.lab.papers.blocks import Block, Table, Text

FONT: Final = "STSong-Light"
_WIDE: Final = str.maketrans("0123456789,", "０１２３４５６７８９，")


@dataclass(frozen=True, slots=True)
class Look:
    """A page in points and how tables are set on it."""

    width: float = 595
    height: float = 842
    size: float = 8
    ruled: bool = True
    pairs: bool = False
    wide_digits: bool = False


LOOKS: Final = {
    "ruled": Look(),
    "plain": Look(ruled=False, size=7),
    "narrow": Look(width=420, height=560, pairs=True, wide_digits=True),
}
_MARGIN: Final = 32


@dataclass(slots=True)
class _Row:
    """One thing set on a page: its lines of text by column, or one paragraph line."""

    lines: list[list[str]]
    lefts: list[float]
    right: float
    boxed: bool
    size: float
    centred: bool = False
    height: float = field(default=0.0)


def write_pdf(blocks: list[Block], look: str, foot: str) -> bytes:
    """Return the blocks as a PDF; `foot` stands with the page number at the foot of each page."""
    registerFont(UnicodeCIDFont(FONT))
    form = LOOKS[look]
    rows = [row for block in blocks for row in _rows(block, form)]
    pages: list[list[_Row]] = [[]]
    room = form.height - 3 * _MARGIN
    for row in rows:
        row.height = max(map(len, row.lines)) * row.size * 1.4 + (6 if row.boxed else 3)
        if room < row.height and pages[-1]:
            pages.append([])
            room = form.height - 3 * _MARGIN
        pages[-1].append(row)
        room -= row.height
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(form.width, form.height), invariant=True)
    for number, page in enumerate(pages, start=1):
        _draw(canvas, page, form)
        canvas.setFont(FONT, 7)
        canvas.drawString(_MARGIN, form.height - _MARGIN * 0.7, f"个人信用报告　{foot}")
        canvas.drawCentredString(form.width / 2, 14, f"第 {number} 页，共 {len(pages)} 页")
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def _rows(block: Block, look: Look) -> Iterator[_Row]:
    if isinstance(block, Text):
        size = look.size + (2 if block.heading else 0)
        room = look.width - 2 * _MARGIN
        text = block.text if block.heading or not look.wide_digits else _widen(block.text)
        for line in _wrap(text, size, room):
            yield _Row([[line]], [_MARGIN], look.width - _MARGIN, False, size, block.heading)
    elif look.pairs and block.pairs:
        labels, values = block.rows
        for label, value in zip(labels, values, strict=True):
            text = f"{label}：{_widen(value) if look.wide_digits else value}"
            yield _Row([[text]], [_MARGIN], look.width - _MARGIN, False, look.size)
    else:
        yield from _table(block, look)


def _widen(text: str) -> str:
    """Return text with the full-width digits some copies have; names and dashes as they are."""
    return text.translate(_WIDE)


def _table(table: Table, look: Look) -> Iterator[_Row]:
    count, room = len(table.rows[0]), look.width - 2 * _MARGIN
    wants = [
        max(8.0, *(min(stringWidth(row[n], FONT, look.size), 110) for row in table.rows)) + 10
        for n in range(count)
    ]
    scale = min(1.0, room / sum(wants))
    lefts, left = [], float(_MARGIN)
    for want in wants:
        lefts.append(left)
        left += want * scale
    edges = [*lefts[1:], left]
    for cells in table.rows:
        lines = [
            list(_wrap(cell, look.size, right - start - 6))
            for cell, start, right in zip(cells, lefts, edges, strict=True)
        ]
        yield _Row(lines, lefts, left, look.ruled, look.size)


def _wrap(text: str, size: float, room: float) -> Iterator[str]:
    line = ""
    for sign in text:
        # A number or word of Latin letters is not broken, as typesetters do.
        if stringWidth(line + sign, FONT, size) > room and line:
            head, tail = _breakable(line, sign)
            yield head
            line = tail
        line += sign
    yield line


def _breakable(line: str, sign: str) -> tuple[str, str]:
    """Return the line and what goes over to the next one before `sign`."""
    cut = len(line)
    if _glued(sign):
        while cut > 0 and _glued(line[cut - 1]):
            cut -= 1
    return (line[:cut], line[cut:]) if cut else (line, "")


def _glued(sign: str) -> bool:
    return sign in ",.，" or (sign.isalnum() and unicodedata.east_asian_width(sign) != "W")


def _draw(canvas: Canvas, page: list[_Row], look: Look) -> None:
    top = look.height - 1.5 * _MARGIN
    for row in page:
        canvas.setFont(FONT, row.size)
        edges = [*row.lefts[1:], row.right]
        for lines, left, right in zip(row.lines, row.lefts, edges, strict=True):
            if row.boxed:
                canvas.rect(left, top - row.height, right - left, row.height)
            for n, line in enumerate(lines):
                base = top - row.size * (1.4 * n + 1.1)
                if row.centred:
                    canvas.drawCentredString(look.width / 2, base, line)
                elif line:
                    canvas.drawString(left + 3, base, line)
        top -= row.height
