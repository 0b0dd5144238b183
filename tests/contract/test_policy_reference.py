"""The reference page names every context column and every problem code there is."""

from __future__ import annotations

import re
from pathlib import Path

from xindeng.policy.context import CONTEXT
from xindeng.policy.model import ACTIONS, AREAS, CATEGORIES, EFFECTS
from xindeng.policy.parameters import UNITS
from xindeng.policy.texts import FORMATS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/reference/policy.md").read_text()
CODE = re.compile(
    r'"((?:bundle|area|head|stance|segment|parameter|feature|scorecard|limits|hold|rule|text|case|product)\.(?!yaml)[a-z_]+)"'
)


def test_every_problem_code_is_on_the_page():
    codes: set[str] = set()
    for file in (ROOT / "src/xindeng/policy").glob("*.py"):
        codes.update(CODE.findall(file.read_text()))
    assert len(codes) > 50
    assert sorted(code for code in codes if f"`{code}`" not in PAGE) == []


def test_every_column_and_vocabulary_is_on_the_page():
    words = [*CONTEXT, *ACTIONS, *AREAS, *CATEGORIES, *EFFECTS, *UNITS, *FORMATS]
    assert [word for word in words if not re.search(rf"\b{word}\b", PAGE)] == []
