"""Reports made from a truth are read back to it, in every form and layout; bugs are caught."""

from __future__ import annotations

import math
import re
from dataclasses import replace as also
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.pboc_reports import SHANGHAI, plain, read, truth, written
from xindeng.events import expand as expanding
from xindeng.events.envelope import Event
from xindeng.events.expand import expand
from xindeng.intake.pboc import account, draft, grid, inquiries, institution, values
from xindeng.kernel.time import DAY
from xindeng.lab.papers.person import made_up, story
from xindeng.lab.papers.reports import LAYOUTS

QUICK = [pair for pair in LAYOUTS if pair[1] not in {"ruled", "plain", "narrow"}]
PDF = [pair for pair in LAYOUTS if pair not in QUICK]
CALM = partial(settings, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
seeds = st.integers(0, 10**9)


def check(folder, sample, form, layout) -> None:
    found, account_of_file = read(written(folder, sample, form, layout))
    assert plain(found) == truth(sample, form)
    assert not account_of_file.skipped
    stated = [note for note in account_of_file.notes if "the summary says" in note]
    assert not stated


@pytest.mark.parametrize(("form", "layout"), QUICK)
@CALM(max_examples=12)
@given(seed=seeds)
def test_what_was_written_is_read(tmp_path, form, layout, seed):
    check(tmp_path, made_up(seed), form, layout)


@pytest.mark.parametrize(("form", "layout"), PDF)
@CALM(max_examples=2)
@given(seed=seeds)
def test_what_was_printed_is_read(tmp_path, form, layout, seed):
    check(tmp_path, made_up(seed), form, layout)


@pytest.mark.parametrize(("form", "layout"), LAYOUTS)
@pytest.mark.parametrize("name", ["1", "2"])
def test_the_stories_are_read(tmp_path, name, form, layout):
    check(tmp_path, story(name), form, layout)


def expanded(report) -> list:
    at = SHANGHAI.midnight(report.report_day) + DAY // 2
    told = expand(Event("r", "b", "credit_report", 1, at, at, report), SHANGHAI)
    return [event.payload for event in told[1:]]


def monthly(one) -> int:
    months = 10 if one.kind in {"R2", "R3"} else one.months_left or 12
    return max(one.monthly_due, math.ceil(one.balance / months))


@pytest.mark.parametrize("form", ["detailed", "institutional"])
@CALM(max_examples=20)
@given(seed=seeds)
def test_the_figures_follow_the_truth(tmp_path, form, seed):
    """Counted from the truth by other means than the engine's."""
    sample = made_up(seed)
    layout = "json" if form == "institutional" else "html"
    summary, debt, *asked = expanded(read(written(tmp_path, sample, form, layout))[0])
    lines: dict = {}
    for one in sample.report.accounts:
        lines.setdefault(one.group or one.account, []).append(one)
    late = [max(sum(sign in "1234567" for sign in one.grid[-24:]) for one in unit)
            for unit in lines.values()]  # fmt: skip
    assert summary.overdue_months_24m == sum(late)
    balance = due = 0
    for unit in lines.values():
        kept = [one for one in unit if one.status not in {"settled", "closed", "transferred"}]
        sides = [[one for one in kept if one.kind == "R4"]]
        sides += [[one] for one in kept if one.kind != "R4"]
        # A line counts as itself or as its parts, whichever asks more a month.
        asks = max((sum(map(monthly, side)), sum(one.balance for one in side)) for side in sides)
        due, balance = due + asks[0], balance + asks[1]
    assert (debt.balance, debt.monthly_due) == (balance, due)
    hard = {(one.lender, one.day) for one in sample.report.inquiries
            if one.reason in {"loan_approval", "card_approval", "guarantee_check"}}  # fmt: skip
    assert sum(
        one.reason in {"loan_approval", "card_approval", "guarantee_check"} for one in asked
    ) == len(hard)


def count_m(monkeypatch):
    monkeypatch.setattr(expanding, "_OVERDUE_RUN", re.compile("[1-7M]+"))


def never_join(monkeypatch):
    monkeypatch.setattr(draft, "_join", lambda _: None)


def keep_twice(monkeypatch):
    monkeypatch.setattr(inquiries, "is_asked", lambda *_: False)


def turn_round(monkeypatch):
    right = grid.grid_text
    for module in (account, institution):
        monkeypatch.setattr(module, "grid_text", lambda signs, last: right(signs, last)[::-1])


def wrong_year(monkeypatch):
    right = values.first_day
    for module in (account, institution):
        monkeypatch.setattr(module, "first_day", lambda year, month: right(year - 1, month))


def twice_asked(seed: int):
    """A sample in which one lender asked twice on one day, which is printed twice and is one."""
    sample = made_up(seed)
    line = replace(story("2").report.inquiries[0], day=sample.report.report_day - 3)
    return also(sample, report=replace(sample.report, inquiries=(line, line)))


@pytest.mark.parametrize("bug", [count_m, never_join, turn_round, wrong_year])
def test_a_planted_bug_is_caught(tmp_path, monkeypatch, bug):
    bug(monkeypatch)
    with pytest.raises(AssertionError):
        for seed in range(12):
            check(tmp_path, made_up(seed), "detailed", "html")
            check(tmp_path, made_up(seed), "institutional", "json")
            test_the_figures_follow_the_truth.hypothesis.inner_test(tmp_path, "detailed", seed)


def test_an_enquiry_printed_twice_is_one_and_a_bug_in_it_is_caught(tmp_path, monkeypatch):
    path = written(tmp_path, twice_asked(1), "simple", "html")
    assert len(read(path)[0].inquiries) == 1
    assert len([one for one in expanded(read(path)[0]) if hasattr(one, "reason")]) == 1
    keep_twice(monkeypatch)
    assert len(read(path)[0].inquiries) == 2
