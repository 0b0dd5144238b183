"""Amounts and rates as people say them: 一万二, 万五, 月息1.5分, 5厘."""

from __future__ import annotations

import pytest

from xindeng.intake import figures
from xindeng.intake.figures import Unclear


@pytest.mark.parametrize(
    ("text", "yuan"),
    [("一万二", 12_000), ("1万2千", 12_000), ("1万2", 12_000), ("五千", 5_000), ("两千五", 2_500),
     ("一万二千三百元", 12_300), ("一百零五", 105), ("一万零五百", 10_500), ("一万五千", 15_000),
     ("十二", 12), ("二十万", 200_000), ("贰仟元整", 2_000), ("¥一万", 10_000), ("1万零5", 10_005),
     ("1万500", 10_500), ("1.2万", 12_000), ("12，850.00元", 12_850)],
)  # fmt: skip
def test_an_amount_in_words(text: str, yuan: int) -> None:
    assert figures.amount(text) == yuan * 100


@pytest.mark.parametrize(
    "text", ["元", "万", "一二", "1.5千5", "一千二百三十四点五", "-一万", "一" * 40, "百亿亿亿", ""]
)
def test_what_is_no_amount(text: str) -> None:
    with pytest.raises(Unclear) as caught:
        figures.amount(text)
    assert caught.value.expected


@pytest.mark.parametrize(
    ("per", "text", "bp"),
    [("day", "万五", 1825), ("day", "万分之五", 1825), ("year", "日息万五", 1825),
     ("day", "5厘", 1825), ("month", "1分5", 1800), ("month", "5厘", 600),
     ("day", "月息1.5分", 1800), ("year", "月息1分5厘", 1800), ("month", "千分之六", 720),
     ("year", "5厘", 500), ("year", "1分", 1000), ("year", "年化18%", 1800),
     ("day", "24%/年", 2400), ("year", "0.05%/天", 1825), ("year", "百分之十八", 1800),
     ("year", "18% p.a.", 1800), ("month", "1.5%", 1800)],
)  # fmt: skip
def test_a_rate_in_words_is_of_its_own_period_or_its_columns(per, text: str, bp: int) -> None:
    assert figures.annual_rate_bp(text, per) == bp


@pytest.mark.parametrize(
    ("per", "text"),
    [("year", "0.18"), ("year", "万五"), ("year", "分"), ("month", "18%"),
     ("day", "18%"), ("year", "年化"), ("year", "厘"), ("month", "九九分")],
)  # fmt: skip
def test_a_rate_that_could_be_two_things_is_none(per, text: str) -> None:
    with pytest.raises(Unclear):
        figures.annual_rate_bp(text, per)
