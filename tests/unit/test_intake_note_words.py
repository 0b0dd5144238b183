"""What importers say of a paper, in the reader's language: every text there is has its Chinese."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import xindeng.intake
from xindeng.intake.note_words import in_chinese

ROOT = Path(xindeng.intake.__file__).parent
SAYERS = {"skip", "note", "leave_out"}
REASONS = {"left_out", "_left_out", "_amount", "_open_due", "_odd", "_repeated"}
FAULTS = {"Unclear", "Unread"}
"""What printed reports say; the structure for institutions speaks in codes, and to institutions."""
NOT_A_PERSONS = {"berka.py"}
"""A data set of a study, which no person hands in."""


def texts() -> Iterator[str]:
    """Yield every text that a reader of papers can say, its places filled with "x1"."""
    for path in sorted(ROOT.rglob("*.py")):
        if path.name in NOT_A_PERSONS:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and _says(node):
                yield from strings(node.args)
            elif (
                isinstance(node, ast.Raise)
                and isinstance(node.exc, ast.Call)
                and "pboc" in path.parts
            ):
                if ast.unparse(node.exc.func) in FAULTS:
                    yield from strings(node.exc.args[:1])
            elif isinstance(node, ast.FunctionDef) and node.name in REASONS:
                yield from strings(node.body[1:] if ast.get_docstring(node) else node.body)
            elif isinstance(node, ast.Assign | ast.AnnAssign) and "_LEFT" in ast.unparse(node)[:9]:
                yield from strings([node])


def _says(call: ast.Call) -> bool:
    name = ast.unparse(call.func)
    return name.split(".")[-1] in SAYERS or name.endswith("notes.append")


def strings(nodes: list) -> Iterator[str]:
    for top in nodes:
        inside = {
            id(part)
            for f in ast.walk(top)
            if isinstance(f, ast.JoinedStr)
            for part in ast.walk(f)
            if part is not f
        }
        for node in ast.walk(top):
            if id(node) in inside:
                continue
            if isinstance(node, ast.JoinedStr):
                yield "".join(
                    part.value if isinstance(part, ast.Constant) else "x1" for part in node.values
                )
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


SAID = sorted({
    text for text in texts()
    if " " in text and len(re.findall(r"[A-Za-z]{2,}", text)) > 1
})  # fmt: skip


def test_the_texts_are_found():
    assert len(SAID) > 30
    assert "refund of a closed trade" in SAID and "page x1, line x1: x1" in SAID


@pytest.mark.parametrize("said", [text for text in SAID if text != "page x1, line x1: x1"])
def test_every_text_has_its_chinese(said):
    told = in_chinese(said)
    if told == said:  # a place stands before it
        told = in_chinese(said.removeprefix("x1: "))
    assert told not in (said, said.removeprefix("x1: ")), "add it to intake/note_words.py"
    assert not re.search(r"[A-Za-z]{3,} [a-z]{2,}", told), told


def test_a_place_and_a_figure_stay():
    assert (
        in_chinese("own.csv:9: 0.05% × 365 = 18.25% a year, simple")
        == "own.csv:9：0.05% × 365 = 年化 18.25%（单利）"
    )
    assert (
        in_chinese("page 2, line 5: 甲银行 asked more than once that day: one enquiry")
        == "第 2 页第 5 行：甲银行同一天查询了不止一次，算一次"
    )
    assert in_chinese("what nobody wrote down") == "what nobody wrote down"
