"""The demo shows the refusal that says most."""

from __future__ import annotations

import pytest

from tests.decision_policy import ask, brake
from xindeng.cli.demo import choose
from xindeng.decision.request import Request
from xindeng.kernel.errors import InputError
from xindeng.store.decisions import StoredDecision


def stored(name: str, **known) -> StoredDecision:
    return StoredDecision(id=name, borrower=name, seq=2, platform_seq=0, attempt="a",
                          request=Request(800_000), decision=ask(800_000, **known))  # fmt: skip


APPROVED = stored("approved")
LESS = stored("less", dues=400_000)
OURS = stored("ours", platform=brake(), inquiries_180d=11)
VEILED = stored("veiled", surprise=8.0)
BURDENED = stored("burdened", dues=890_000)
ENQUIRED = stored("enquired", inquiries_180d=11)
DAY = [APPROVED, LESS, OURS, VEILED, BURDENED, ENQUIRED]


def test_a_refusal_of_ones_own_with_a_date_is_shown_first() -> None:
    assert choose(DAY, lambda one: one is ENQUIRED) is ENQUIRED
    assert choose(DAY, lambda one: one is BURDENED) is BURDENED


def test_without_any_date_the_most_telling_refusal_is_shown() -> None:
    assert choose(DAY, lambda one: False) is ENQUIRED
    # Ours, withheld and approved ones are not asked for a date at all.
    asked = []
    choose(DAY, lambda one: bool(asked.append(one.id)))
    assert asked == ["enquired", "burdened"]


def test_a_day_without_draws_shows_nothing() -> None:
    with pytest.raises(InputError, match="no draw"):
        choose([], lambda one: True)
