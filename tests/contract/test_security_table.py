"""The table of requirements in docs/reference/security.md is whole, and every test it names exists."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/reference/security.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| (\d+\.\d+\.\d+) \| ([12]) \| ([^|]+) \| ([^|]+) \|$", re.M)
# How many requirements of levels 1 and 2 each chapter of version 5.0.0 has.
CHAPTERS = {1: 27, 2: 11, 3: 19, 4: 10, 5: 9, 6: 35, 7: 18, 8: 7, 9: 7, 10: 29, 11: 14, 12: 9,
            13: 13, 14: 9, 15: 13, 16: 16, 17: 7}  # fmt: skip


def rows(page: str) -> list[tuple[str, str, str, str]]:
    return ROW.findall(page)


def missing(page: str) -> list[str]:
    """What a row lacks: a test that exists, or a reason."""
    found = []
    for ident, _, _, held in rows(page):
        tests = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", held)
        for path, name in tests:
            file = ROOT / path
            text = file.read_text(encoding="utf-8") if file.is_file() else ""
            if not re.search(rf"^def {name}\(", text, re.M):
                found.append(f"{ident}: {path}::{name}")
        reason = re.match(r"(Excluded|Operator): (.{12,})", held)
        if not tests and reason is None:
            found.append(f"{ident}: neither a test nor a reason")
    return found


def test_every_requirement_stands_there_once() -> None:
    idents = [ident for ident, *_ in rows(PAGE)]
    assert [one for one, count in Counter(idents).items() if count > 1] == []
    assert Counter(int(ident.partition(".")[0]) for ident in idents) == CHAPTERS
    levels = Counter(level for _, level, *_ in rows(PAGE))
    assert levels == {"1": 70, "2": 183}


def test_every_requirement_is_held_by_a_test_or_a_reason() -> None:
    assert missing(PAGE) == []


def test_most_are_held_by_tests() -> None:
    tested = [ident for ident, _, _, held in rows(PAGE) if "::" in held]
    assert len(tested) >= 140


@pytest.mark.parametrize(
    ("before", "after"),
    [("::test_hostile_texts_are_escaped`", "::test_gone`"), ("Excluded: there is no LDAP.", "no")],
)
def test_a_row_that_holds_nothing_is_found(before: str, after: str) -> None:
    assert before in PAGE
    assert missing(PAGE.replace(before, after, 1))


def test_settings_the_page_names_are_read() -> None:
    named = set(re.findall(r"XINDENG_[A-Z_]+", PAGE))
    source = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py"))
    assert [one for one in named if one not in source] == []
