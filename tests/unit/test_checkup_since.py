"""Bills that end before the day of the check-up: no fall of income is made up, nothing is hidden."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.checkup_world import policy, words_of
from tests.unit.test_cli_checkup import DEBTS
from xindeng.decision.answer import Light
from xindeng.decision.request import Request
from xindeng.kernel.time import DAY, to_date
from xindeng.lab.papers.write import write_papers
from xindeng.repair.checkup import since
from xindeng.service.checkup import Done, Handed, run

LAST = policy().zone.parse("2026-08-29 12:00")


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Story 1's papers: pay of 9,000 on the tenth, rent of 2,400, bills up to 2026-08-29."""
    folder = tmp_path_factory.mktemp("papers")
    write_papers(folder, story_name="1", seed=7)
    (folder / "debts.csv").write_text(DEBTS, encoding="utf-8")
    return folder


def checked(papers: Path, days: int, lang: str = "zh", **more: object) -> Done:
    handed = Handed(
        bills=(papers / "alipay.csv", papers / "wechat.xlsx"), statements=(papers / "bank-cmb.csv",),
        debts=papers / "debts.csv", **more,
    )  # fmt: skip
    return run(policy(), handed, LAST + days * DAY, lang, request=Request(800_000))


@pytest.mark.parametrize("days", [0, 3, 4, 12, 18, 33, 47, 62])
def test_an_income_does_not_fall_because_a_bill_ends(papers: Path, days: int) -> None:
    found = checked(papers, days).checkup
    assert found.figures["monthly_income"] == 900_000
    assert not (found.figures["income_fall_share"] or 0) > 0.1
    assert found.lights["cash_flow"] is Light.GREEN
    assert found.flows.stability is not None and found.flows.stability.word == "steady"
    assert found.since.gone_on == (days > 3) == ("gone_on" in found.assumed)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_is_taken_for_granted_is_said_and_dated(papers: Path, lang: str) -> None:
    said = words_of(checked(papers, 18, lang).report)
    assert said.count("2026-08-29") >= 2
    assert ("按账单最后 30 天的样子推算" if lang == "zh" else "as their last 30 days were") in said
    today = to_date(policy().zone.day(LAST) + 18) - timedelta(days=1)
    assert f"alipay.csv（截至 {today}" not in said, "no paper tells of yesterday"
    assert "30 天的样子推算" not in words_of(checked(papers, 2).report)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_old_bills_tell_nothing_of_today(papers: Path, lang: str) -> None:
    found = checked(papers, 63, lang)
    assert found.checkup.since.old and found.checkup.figures["monthly_income"] is None
    lights = found.checkup.lights
    assert {lights[area] for area in ("activity", "cash_flow", "consumption")} == {Light.NO_DATA}
    first = found.report.sections[0].blocks[0].lines[0]
    assert "2026-08-29" in first and "63" in first
    known = checked(papers, 63, lang, income=900_000)
    assert known.checkup.figures["payment_to_income"] == pytest.approx(0.5889, abs=1e-4)


def test_a_month_of_spending_holds_each_rent_once(papers: Path) -> None:
    """Ninety days before any day may hold two rents or three; whole months hold one each."""
    told = {days: words_of(checked(papers, days).report) for days in (5, 12, 40)}
    lines = {next(x for x in said.split("\n") if "每月支出" in x) for said in told.values()}
    assert len(lines) == 1 and "¥2,494.82" in lines.pop()


def test_without_the_days_filled_in_the_fall_would_be_seen(
    papers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted bug: days of which no paper tells, read as days without pay."""
    monkeypatch.setattr("xindeng.service.checkup.gone_on", lambda *_: [])
    assert checked(papers, 18).checkup.figures["monthly_income"] != 900_000
    assert since.gone_on([], since.NO_BILLS, LAST) == []
