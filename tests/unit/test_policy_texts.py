"""Placeholders: what is one, and how a value reads in both languages."""

from __future__ import annotations

import pytest

from xindeng.kernel.errors import InputError
from xindeng.kernel.time import zone
from xindeng.policy.texts import FORMATS, Slot, render, show, slots

SHANGHAI = zone("Asia/Shanghai")


@pytest.mark.parametrize(
    ("value", "form", "zh", "en"),
    [
        (800_000, "money", "¥8,000", "¥8,000"),
        (800_050, "money", "¥8,000.50", "¥8,000.50"),
        (100_000_000_000, "money", "¥1,000,000,000", "¥1,000,000,000"),
        (333_333.3, "money", "¥3,333.33", "¥3,333.33"),
        (0.62, "percent", "62%", "62%"),
        (0.4567, "percent", "45.7%", "45.7%"),
        (1460, "percent", "14.6%", "14.6%"),
        (1825, "percent", "18.25%", "18.25%"),
        (1, "days", "1 天", "1 day"),
        (7, "days", "7 天", "7 days"),
        (1, "hours", "1 小时", "1 hour"),
        (12345, "count", "12,345", "12,345"),
        (20634, "date", "2026-06-30", "2026-06-30"),
        (0, "datetime", "1970-01-01 08:00", "1970-01-01 08:00"),
        ("salary", "text", "salary", "salary"),
        (True, "text", "是", "yes"),
        (2.50, "number", "2.5", "2.5"),
        (1_000, "number", "1,000", "1,000"),
        (None, "money", "暂无数据", "no data"),
    ],
)
def test_values_as_people_read_them(value, form, zh, en):
    assert show(value, form, "zh", "CNY", SHANGHAI) == zh
    assert show(value, form, "en", "CNY", SHANGHAI) == en
    assert form in FORMATS


def test_a_text_is_filled_in():
    text = "每月 {due:money}，上限 {$cap:percent}。"
    assert slots(text) == [Slot("due", False, "money"), Slot("cap", True, "percent")]
    values = {"due": 530_000, "cap": 0.5}
    filled = render(text, lambda s: values[s.name], language="zh", currency="CNY", zone=SHANGHAI)
    assert filled == "每月 ¥5,300，上限 50%。"


@pytest.mark.parametrize(
    "text", ["{due}", "{Due:money}", "{due:money", "due}", "{{due:money}}", "{due:money!r}"]
)
def test_any_other_brace_is_refused(text):
    with pytest.raises(InputError) as caught:
        slots(text)
    assert caught.value.code == "text.placeholder"
