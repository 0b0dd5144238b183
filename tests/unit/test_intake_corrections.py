"""Corrections: YAML or CSV, by name, in both languages; wrong ones are named by line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.paper_files import csv_file
from xindeng.intake.corrections import read_corrections
from xindeng.kernel.errors import ImportFileError
from xindeng.repair.flows.kinds import Correction

NAMES = {"org:1": "宏达科技有限公司", "org:2": "宏达科技有限公司深圳分公司", "person:3": "李四"}


def test_a_name_becomes_its_parties(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text(
        "corrections:\n- {party: 宏达科技有限公司, is: 工资}\n- {party: 宏达, is: salary}\n- {party: 李四, is: landlord}\n- {party: 谁, is: 忽略}\n",
        encoding="utf-8",
    )
    assert read_corrections(path, NAMES) == (
        Correction("org:1", "salary", "宏达科技有限公司"),
        Correction("org:1", "salary", "宏达"),
        Correction("org:2", "salary", "宏达"),
        Correction("person:3", "rent", "李四"),
        Correction("谁", "ignore", "谁"),
    )
    table = csv_file(tmp_path / "c.csv", ("对方", "是"), ("李四", "亲友"), encoding="gb18030")
    assert read_corrections(table, NAMES) == (Correction("person:3", "person", "李四"),)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("corrections:\n- {party: 李四, is: 国王}\n", r"c\.yaml:2: '国王' is no meaning"),
        ("corrections:\n- {party: '', is: 工资}\n", "no party is named"),
        ("corrections:\n- {who: 李四}\n", r"c\.yaml:2: not a party and what it is"),
        ("- 李四\n", "no list of names"),
        ("corrections: 李四\n", "no list called corrections"),
        ("corrections: [\n", r"c\.yaml:"),
    ],
)
def test_wrong_corrections_are_named_by_line(tmp_path: Path, text: str, what: str) -> None:
    path = tmp_path / "c.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ImportFileError, match=what):
        read_corrections(path, NAMES)
