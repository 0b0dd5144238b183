"""Made-up papers: the same seed gives the same bytes, and everything in them is invented."""

from __future__ import annotations

import json
import re

import pytest
from typer.testing import CliRunner

from tests.pboc_reports import SHANGHAI, plain, read, truth
from xindeng.cli.lab import app
from xindeng.events.envelope import Event
from xindeng.events.expand import expand
from xindeng.kernel.errors import InputError
from xindeng.lab.papers.person import PERSONS, day, made_up, story
from xindeng.lab.papers.reports import LAYOUTS, write_report
from xindeng.lab.papers.write import write_papers


def test_the_command_writes_a_set_that_is_read_back(tmp_path):
    said = CliRunner().invoke(app, ["papers", str(tmp_path), "--story", "1", "--json"])
    files = json.loads(said.stdout)["files"]
    assert len(files) == len(list(tmp_path.iterdir())) == 17
    reports = sorted(tmp_path.glob("report-*"))
    assert len(reports) == 7
    for path in reports:
        form = path.stem.split("-")[1]
        assert plain(read(path)[0]) == truth(story("1"), form)


@pytest.mark.parametrize(("form", "layout"), LAYOUTS)
def test_the_same_seed_gives_the_same_bytes(form, layout):
    assert write_report(made_up(3), form, layout) == write_report(made_up(3), form, layout)
    assert write_report(made_up(3), form, layout) != write_report(made_up(4), form, layout)


def test_an_unknown_story_and_a_folder_that_is_a_file(tmp_path):
    with pytest.raises(InputError, match="no story"):
        write_papers(tmp_path, story_name="9", seed=1)
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match="cannot be written"):
        write_papers(tmp_path / "file", story_name=None, seed=1)


def told(name: str) -> list:
    report = story(name).report
    at = SHANGHAI.midnight(report.report_day)
    return [
        one.payload for one in expand(Event("r", "b", "credit_report", 1, at, at, report), SHANGHAI)
    ]


def test_story_1_owes_5300_a_month():
    _, summary, debt, *_ = told("1")
    assert debt.monthly_due == 530_000
    assert (summary.overdue_months_24m, summary.overdue_amount) == (0, 0)


def test_story_2_has_eleven_hard_enquiries():
    asked = [one for one in told("2") if hasattr(one, "reason")]
    assert sum(one.reason == "loan_approval" for one in asked) == 11
    assert sum(one.reason == "post_loan" for one in asked) == 3
    assert story("2").report.report_day == day("2026-07-01")


def test_nobody_in_them_can_be_real():
    """Invented names, id numbers of no region, phones of no operator, lenders called samples."""
    for person in PERSONS:
        assert re.match("测试|样例|虚构", person.name)
        assert person.id_number.startswith("99") and person.phone.startswith("1990000")
    for seed in range(200):
        report = made_up(seed).report
        for one in (*report.accounts, *report.inquiries, *report.guarantee_list):
            assert re.match("虚构|样例|示范|本人", one.lender), one.lender
