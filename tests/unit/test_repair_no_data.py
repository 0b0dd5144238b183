"""Somebody of whom nothing is known is not told that they failed, but what is missing."""

from __future__ import annotations

import pytest

from tests.repair_life import at, consumer_line, plans_for
from xindeng.repair.plans.told import PlansTold, tell

NOW = "2026-07-01 10:00"
GRANTED = ("limit_change", at("2026-06-30"), {"limit": 2_000_000, "change": "granted"})


def told(lang: str, *more: tuple[str, int, dict[str, object]]) -> PlansTold:
    return tell(consumer_line(), plans_for(GRANTED, *more, now=NOW, yuan=1_000), lang)


@pytest.mark.parametrize(
    ("lang", "grey", "red", "bring", "where"),
    [
        ("zh", "负债与收入（暂无数据）", "实名身份（未通过）", "您可以：提交收入证明", "我的—收入证明"),
        ("en", "Debt and income (no data yet)", "Identity (not passed)",
         "You can: Show your income", "Me – Income"),
    ],
)  # fmt: skip
def test_each_area_in_the_way_is_told_with_its_light_and_what_to_bring(
    lang: str, grey: str, red: str, bring: str, where: str
) -> None:
    found = told(lang)
    said = "\n".join(found.lines)
    assert grey in found.lines[0] and red in found.lines[0]
    assert said.count(bring) == 1 and where in said
    assert any(grey in line and red in line for line in found.waiting)
    assert any("核验" in one.title or "identity check" in one.title for one in found.helps)


def test_what_a_step_says_already_is_not_asked_for_twice() -> None:
    found = told("zh")
    assert not any("完成身份核验" in line for line in found.lines), "it stands among the steps"
