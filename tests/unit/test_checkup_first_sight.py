"""What a person sees first of a check-up, on a terminal too, and what an old report still tells."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from msgspec.structs import replace
from rich.console import Console
from typer.testing import CliRunner

from tests.checkup_world import Person, enquirer, over_indebted, policy, words_of
from tests.unit.test_cli_checkup import blocks, checked, papers, year_of_bills  # noqa: F401
from xindeng.cli import checkup_text
from xindeng.cli.app import app
from xindeng.decision.answer import Light, LightChange
from xindeng.kernel.errors import ImportFileError, InputError
from xindeng.kernel.time import DAY
from xindeng.repair.checkup.blocks import Figures, Notice, Table, Text
from xindeng.repair.checkup.papers import Papers
from xindeng.repair.checkup.say import Say
from xindeng.repair.checkup.way import projection_section
from xindeng.repair.plans.projection import project


def top(report):
    first = report.sections[0].blocks[0]
    assert isinstance(first, Notice)
    return first


def test_story_1_says_first_what_stands_in_the_way_what_helps_and_that_borrowing_may_not_be_needed():
    person = over_indebted()
    said = top(person.told(person.checked(8_000), "zh"))
    assert said.tone == "top" and len(said.lines) == 3
    assert "负债与收入（借后月还款占收入 66.9%，超过 50%）" in said.lines[0]
    assert "¥4,435" in said.lines[1] and "从 58.9% 降到 45.6%" in said.lines[1]
    assert "可能不必借款" in said.lines[2] and "¥4,435" not in said.lines[2]


def test_story_2_says_first_not_to_apply_and_when_the_count_falls():
    person = enquirer()
    said = top(person.told(person.checked(5_000), "zh"))
    assert "11 次，超过 10 次" in said.lines[0]
    assert said.lines[1].startswith("先不要再申请：到 2026-07-05")
    assert not any("结清" in line for line in said.lines), "its debts stand in nobody's way"


def test_what_is_overdue_comes_first_and_is_said_once():
    person = Person("2026-09-10")
    person.report("2026-09-09", [
        {"account": "L", "kind": "D1", "lender": "丁小贷", "balance": 128_500, "monthly_due": 65_000,
         "months_left": 2, "status": "overdue", "overdue_amount": 65_000, "overdue_months": 1,
         "grid": "N" * 23 + "1"},
    ])  # fmt: skip
    person.income(9_000, "2026-09-10")
    lines = top(person.told(person.checked(3_000), "zh")).lines
    assert lines[1] == "先把当前逾期的还清：丁小贷，共 ¥650；没还清之前，别的都排在后面。"
    assert not any("逾期" in line for line in lines[2:])


def test_an_amount_that_nobody_asked_for_is_not_said_to_be_needless():
    person = over_indebted()
    assert not any("不必借款" in line for line in top(person.told(person.checked(), "zh")).lines)


def test_without_income_no_other_loan_is_held_out(papers):  # noqa: F811
    done = checked(papers, income=0)
    assert "不要借新还旧" in words_of(done.report)
    assert not any(section.name == "alternatives" for section in done.report.sections)
    assert not [t for t in blocks(done, "debts", Table) if "综合年化" in t.head[-1]]
    assert top(done.report).tone == "first", "help comes before all else"


def test_paying_on_is_told_where_waiting_alone_changes_nothing(papers):  # noqa: F811
    lines = [line for text in blocks(checked(papers), "projection", Text) for line in text.lines]
    assert any("只靠等待不会变：负债与收入" in line for line in lines)
    assert any("欠款会越还越少" in line and "第 6 个月起" in line for line in lines)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_old_report_tells_no_count_no_score_and_warns_of_its_balances(lang):
    person = Person("2028-09-10")
    person.events = [event for event in over_indebted().events if event.type != "income_evidence"]
    found = person.checked()
    assert found.old_report
    assert {found.lights[area] for area in ("bureau", "applications", "score")} == {Light.NO_DATA}
    told = person.told(found, lang)
    unknown = {"zh": "暂无数据", "en": "no data yet"}[lang]
    (figures,) = [
        b for s in told.sections if s.name == "figures" for b in s.blocks if isinstance(b, Figures)
    ]
    assert [
        one.value for one in figures.items if one.label in ("审批类查询", "Approval enquiries")
    ] == [unknown]
    assert words_of(told).count("2026-09-09") >= 3
    gaps = {"平台原因", "our side", unknown}
    assert not [
        row for s in told.sections if s.name == "projection" for b in s.blocks
        if isinstance(b, Table) for row in b.rows if gaps & set(row)
    ]  # fmt: skip


@pytest.mark.parametrize("width", [60, 80, 200])
def test_no_terminal_cuts_a_figure_or_a_column_off(papers, width, monkeypatch):  # noqa: F811
    done = checked(papers)
    shown = io.StringIO()
    monkeypatch.setattr(checkup_text, "out", Console(file=shown, width=width))
    checkup_text.print_report(done.report)
    text = "".join(shown.getvalue().split())
    for table in [b for s in done.report.sections for b in s.blocks if isinstance(b, Table)]:
        if table.folded:
            assert f"{table.caption}（{len(table.rows)}行，见网页报告）".replace(" ", "") in text
            continue
        for row in table.rows:
            for place in table.numbers:
                assert row[place].replace(" ", "") in text, (table.caption, row[place])


@pytest.mark.parametrize(
    "wrong",
    [
        ["--amount", "8000", "--rate", "nan"],
        ["--amount", "8000", "--rate", "inf"],
        ["--amount", "0"],
        ["--on", "9999-12-31"],
        ["--amount", "-5"],
    ],
)
def test_an_absurd_option_is_named_and_nothing_breaks(wrong):
    said = CliRunner().invoke(app, ["checkup", "--income", "9000", *wrong])
    assert isinstance(said.exception, InputError), said.exception
    assert said.exception.where == wrong[-2] and said.exception.next_step


def test_amounts_are_read_as_people_write_them():
    said = CliRunner().invoke(
        app, ["checkup", "--income", "１.２万", "--amount", "￥８，０００", "--json"]
    )
    assert said.exit_code == 0, said.output
    assert '"amount": 800000' in said.output and "1200000" in said.output


@pytest.mark.parametrize(
    "option", ["--bills", "--debts", "--report", "--statement", "--corrections", "--mapping"]
)
def test_a_pipe_or_a_device_is_no_paper(tmp_path: Path, option):
    if not hasattr(os, "mkfifo"):
        pytest.skip("this system has no named pipes")
    os.mkfifo(tmp_path / "pipe")
    bill = tmp_path / "bill.csv"
    bill.write_bytes(b"x")
    rest = ["--statement", str(bill)] if option == "--mapping" else []
    if option == "--corrections":
        bill.write_bytes(year_of_bills())
        rest = ["--bills", str(bill), "--on", "2026-09-10"]
    for path in (tmp_path / "pipe", Path(os.devnull)):
        said = CliRunner().invoke(app, ["checkup", "--lang", "en", option, str(path), *rest])
        assert isinstance(said.exception, ImportFileError)
        assert "a device or a pipe" in said.exception.what


def test_a_simple_report_lacks_its_months_once_and_asks_for_nothing_else():
    person = Person("2026-09-10")
    person.report("2026-09-09", [
        {"account": "L", "kind": "D1", "lender": "丁小贷", "balance": 128_500,
         "status": "overdue", "overdue_amount": 65_000},
    ], format="simple")  # fmt: skip
    person.income(9_000, "2026-09-10")
    for lang, lacks, months in (("zh", "简版报告没有逐月的还款记录", "0 个月"),
                                ("en", "The simple report has no months", "0 month")):  # fmt: skip
        said = words_of(person.told(person.checked(3_000), lang))
        assert said.count(lacks) == 1
        assert months not in said and "(s)" not in said


def test_a_light_that_comes_and_goes_is_told_once_it_stays():
    person = over_indebted()
    found = person.checked(8_000)
    ahead = project(policy(), person.dossier, person.now, request=found.request)
    days = {n: ahead.asked_at + n * DAY for n in (20, 30, 50, 60, 170)}

    def turn(n: int, before: Light, after: Light) -> LightChange:
        return LightChange(at=days[n], area="score", before=before, after=after)

    yellow, green = Light.YELLOW, Light.GREEN
    say = Say(policy(), "zh", person.now, Papers())

    def rows(*changes: LightChange) -> list[str]:
        section = projection_section(found, replace(ahead, changes=changes), say)
        return [row[0] for b in section.blocks if isinstance(b, Table) for row in b.rows]

    to_and_fro = (turn(20, yellow, green), turn(30, green, yellow), turn(50, yellow, green))
    assert rows(*to_and_fro) == [say.day_of(days[50])]
    assert rows(*to_and_fro, turn(60, green, yellow), turn(170, yellow, green)) == []
    assert rows(turn(170, yellow, green)) == [say.day_of(days[170])]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_nobody_is_told_to_pay_off_what_they_cannot_have(tmp_path, lang):
    table = tmp_path / "debts.csv"
    table.write_text("lender,kind,balance,annual rate,monthly due,months left\n"
                     "A,instalment,100000,36%,500,24\n")  # fmt: skip
    done = checked(tmp_path, lang, 3_000, debts=table, income=800_000)
    said = words_of(done.report)
    heavy = {"zh": "多半做不到", "en": "which few people have"}[lang]
    needless = {"zh": "可能不必借款", "en": "borrowing unnecessary"}[lang]
    assert heavy in "".join(top(done.report).lines) and needless not in said
