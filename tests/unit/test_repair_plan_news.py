"""Every reason a plan can break for is said in both languages, without blame and without detail."""

from __future__ import annotations

import re
from typing import get_args

import pytest

from xindeng.repair.plans.news import LANGUAGES, broken
from xindeng.repair.plans.plan import Goal
from xindeng.repair.plans.reprove import Because

REASONS = [reason for reason in get_args(Because) if reason]


@pytest.mark.parametrize("because", REASONS)
@pytest.mark.parametrize("left", [(), get_args(Goal)], ids=["none left", "others left"])
def test_a_notice_says_what_why_and_what_next(because: Because, left: tuple[Goal, ...]) -> None:
    told = broken(made_day=20_000, amount=800_000, currency="CNY", because=because, left=left)
    assert set(told) == set(LANGUAGES) == {"zh", "en"}
    for text in told.values():
        assert "2024-10-04" in text and "8,000" in text
        assert not re.search(r"[{}]|None", text)
    assert "还款照常" in told["zh"] and "诈骗" in told["zh"]
    assert not re.search(r"冻结|修复|您没有|保证", told["zh"])
    assert not re.search(r"[a-z]{2}", told["zh"]) and not re.search(r"[一-龥]", told["en"])


def test_safety_is_not_told_apart_from_other_facts() -> None:
    def said(because: Because) -> dict[str, str]:
        return broken(made_day=1, amount=1, currency="CNY", because=because, left=())

    assert said("verify_first") == said("facts") != said("policy")
