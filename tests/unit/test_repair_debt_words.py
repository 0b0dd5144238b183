"""What is said about debts: complete in both languages, exact, kind, and never a promise."""

from __future__ import annotations

import string
from datetime import date
from typing import get_args

import pytest
from msgspec.structs import replace

from xindeng.kernel.time import from_date
from xindeng.lending.terms import Terms
from xindeng.repair.debt import Debt
from xindeng.repair.debts import words
from xindeng.repair.debts.compare import WAYS, GuardCode, compare
from xindeng.repair.debts.consolidate import NewLoan, Verdict, consolidate
from xindeng.repair.debts.paydown import pay_down
from xindeng.repair.debts.walk import Budget

TODAY = from_date(date(2026, 9, 10))
NAMES = {"a": "甲银行", "b": "乙平台"}
DEBTS = (
    Debt(id="a", lender="A", lender_kind="bank", kind="card", balance=18_000_00,
         annual_rate_bp=1825, monthly_due=900_00, source="x"),
    Debt(id="b", lender="B", lender_kind="platform", kind="instalment", balance=3000_00,
         annual_rate_bp=2400, monthly_due=550_00, months_left=6, source="x"),
)  # fmt: skip


def comparison(monthly=3000_00, debts=DEBTS):
    return compare(debts, Budget(start=TODAY, monthly=monthly, gate=1500_00))


def test_every_code_has_words():
    assert set(words.WAYS) == set(words.RULES) == set(WAYS)
    assert set(words.GUARDS) == set(get_args(GuardCode))
    assert set(words.VERDICTS) == set(get_args(Verdict))


def test_both_languages_hold_the_same_figures():
    tables = (words.WAYS, words.RULES, words.GUARDS, words.COLUMNS, words.VERDICTS)
    for said in (one for table in tables for one in table.values()):
        fields = [
            sorted(f for _, f, *_ in string.Formatter().parse(text) if f)
            for text in (said.zh, said.en)
        ]
        assert fields[0] == fields[1], said
        assert said.zh and said.en
        assert not any("\u4e00" <= letter <= "\u9fff" for letter in said.en)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_comparison_is_said_in_full(lang):
    found = comparison()
    said = words.say_comparison(found, NAMES, lang)
    assert len(said) == len(found.ways) + len(found.guards)
    text = " ".join(said)
    assert "None" not in text and "{" not in text
    for word in ("冻结", "修复", "保证", "promise", "guarantee"):
        assert word not in text
    cheapest = [line for line in said if ("最省的。" in line) or ("the cheapest of these" in line)]
    assert 1 <= len(cheapest) < len(found.ways)


def test_dues_beyond_the_budget_are_said_first_and_point_to_help():
    said = words.say_comparison(comparison(500_00), NAMES, "zh")
    assert said[0].startswith("第 1 个月的应还款比可用的钱多 ¥")
    assert "申请延期" in said[0] and "不要借新还旧" in said[0]
    assert not any("还清，" in line for line in said)


def test_an_unknown_rate_names_its_debt():
    found = comparison(debts=(replace(DEBTS[0], annual_rate_bp=None), DEBTS[1]))
    (guard,) = [one for one in found.guards if one.code == "rate_unknown"]
    assert words.say_guard(guard, NAMES, "zh").startswith("甲银行：利率未知")
    assert "invents no rate" in words.say_guard(guard, NAMES, "en")


def test_a_pay_down_is_said_step_by_step():
    first, *_ = pay_down(DEBTS, 700_00)
    assert words.say_pay_down(first, NAMES, "en") == (
        "¥4,500 in all lowers the counted monthly due by ¥700: close 乙平台, pay ¥1,500 off 甲银行."
    )


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_dear_consolidation_is_never_called_a_saving(lang):
    old = replace(DEBTS[1], balance=30_000_00, monthly_due=2836_79, months_left=12)
    loan = NewLoan(lender="B", lender_kind="bank", terms=Terms(rate_ppm=180_000, months=36))
    said = words.say_consolidation(consolidate([old], loan, Budget(start=TODAY, monthly=0)), lang)
    assert "¥5,003.16" in said[0]
    assert ("不作为省钱" in said[0]) or ("not proposed" in said[0])
    assert "18.00%" in said[1] and "24.00%" in said[1]
    assert len(said) == 3


def test_per_cent_is_rounded_half_up():
    assert [words.percent(ppm) for ppm in (0, 49, 50, 130_341, 1_000_000)] == [
        "0.00%", "0.00%", "0.01%", "13.03%", "100.00%"]  # fmt: skip
