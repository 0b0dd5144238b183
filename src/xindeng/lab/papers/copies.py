"""Blocks as people save them from a page: text with spaces, text with tabs, HTML."""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Iterator

from xindeng.lab.papers.blocks import Block, Text


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def write_text(blocks: list[Block], *, tabs: bool) -> bytes:
    """Return the blocks as UTF-8 text: cells parted by tabs, or set in columns by spaces."""
    return "\n".join(_lines(blocks, tabs=tabs)).encode()


def _lines(blocks: list[Block], *, tabs: bool) -> Iterator[str]:
    for block in blocks:
        if isinstance(block, Text):
            yield block.text
        elif tabs:
            yield from ("\t".join(row) for row in block.rows)
        else:
            columns = [max(map(_width, column)) for column in zip(*block.rows, strict=True)]
            for row in block.rows:
                cells = zip(row, columns, strict=True)
                yield "".join(cell + " " * (width - _width(cell) + 3) for cell, width in cells)
        if isinstance(block, Text) and not block.heading:
            yield ""


def write_html(blocks: list[Block], title: str) -> bytes:
    """Return the blocks as a saved page, with the script and the styles such pages bring along."""
    body = []
    for block in blocks:
        if isinstance(block, Text):
            tag = "h3" if block.heading else "p"
            body.append(f"<{tag}>{html.escape(block.text)}</{tag}>")
        else:
            rows = "".join(
                "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>"
                for row in block.rows
            )
            body.append(f"<table>{rows}</table>")
    return (
        f"<!DOCTYPE html><html><head><meta charset='utf-8'><title>{html.escape(title)}</title>"
        "<style>td{border:1px solid}</style></head><body>"
        "<script>document.title='第 1 页，共 99 页';</script>" + "\n".join(body) + "</body></html>"
    ).encode()
