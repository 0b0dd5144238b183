"""The words of plans: both languages complete, nothing promised, nothing leaked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from string import Formatter

import msgspec
import pytest

from tests.repair_life import STORY_1, consumer_line, indebted, plans_for
from tests.unit.test_repair_statuses import SITUATIONS, ask
from xindeng.repair.plans import notes, words
from xindeng.repair.plans.plan import Plans
from xindeng.repair.plans.told import PlansTold, tell

TABLES = [getattr(words, name) for name in dir(words) if name.endswith("_WORDS")] + [
    notes.NOTE_WORDS
]
NEVER_ZH = re.compile("冻结|修复|预审通过|阻断|关注|保证|一定能|包过")
NEVER_EN = re.compile(r"\b(guarantee|freeze|frozen|surely|certainly)\b", re.I)


def slots(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("table", TABLES)
def test_both_languages_say_the_same_things(table) -> None:
    assert table["zh"].keys() == table["en"].keys()
    for key, zh in table["zh"].items():
        assert slots(zh) == slots(table["en"][key]), key


def lines(told: PlansTold) -> Iterator[str]:
    def walk(value: object) -> Iterator[str]:
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            for inner in value.values():
                yield from walk(inner)
        elif isinstance(value, list | tuple):
            for inner in value:
                yield from walk(inner)

    return walk(msgspec.to_builtins(told))


def own_words(told: PlansTold) -> str:
    """All that is said, but for the swindle notice, which must name what swindlers offer."""
    return "\n".join(line for line in lines(told) if "诈骗" not in line)


@pytest.mark.parametrize("name", SITUATIONS)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_situation_can_be_told(name: str, lang: str) -> None:
    told = tell(consumer_line(), ask(*SITUATIONS[name][0]), lang)
    said = own_words(told)
    assert told.headline and "{" not in said
    assert not (NEVER_ZH if lang == "zh" else NEVER_EN).search(said.replace("不保证", ""))
    if SITUATIONS[name][1] != "approved":
        assert any(("诈骗" if lang == "zh" else "swindler") in line for line in told.notices)


@pytest.fixture(scope="module")
def story_1() -> Plans:
    return plans_for(*indebted(), now=STORY_1, yuan=8_000)


def test_the_line_that_no_loan_may_be_needed_comes_first(story_1: Plans) -> None:
    zh, en = (tell(consumer_line(), story_1, lang) for lang in ("zh", "en"))
    assert "这笔钱若用于自己的开支，可能不必借款" in zh.first and "¥7,641" in zh.first
    assert "unnecessary" in en.first
    plan = zh.plans[0]
    assert plan.first == zh.first
    assert (
        "按本版政策核算" in plan.result and "截至" in plan.result and "不是放款承诺" in plan.result
    )
    assert [step.title for step in plan.steps][:2] == [
        "还清six lender：¥1,285", "还清five lender：¥3,150",
    ]  # fmt: skip
    assert any("2026-09-17起能在数据里看到" in step.when for step in plan.steps)
    assert any("少了“还清six lender" in line for line in plan.proof)


def test_a_dear_plan_beside_a_large_request_says_no_such_thing() -> None:
    found = plans_for(*indebted(), now=STORY_1, yuan=12_000)
    cheap = next(plan for plan in found.plans if plan.goal == "fastest")
    assert cheap.enough == (cheap.cash_total * 100 >= 1_200_000 * 80)


def test_where_the_plan_takes_more_than_it_brings_that_is_said() -> None:
    found = plans_for(*indebted(), now=STORY_1, yuan=4_000)
    cheap = next(plan for plan in found.plans if "cheapest" in (plan.goal, *plan.also))
    assert cheap.enough and cheap.cash_total > cheap.amount
    zh, en = (tell(consumer_line(), found, lang) for lang in ("zh", "en"))
    assert "还多" in zh.first and "接近" not in zh.first
    assert "more than" in en.first and "close to" not in en.first
