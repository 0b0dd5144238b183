"""The reader of credit reports against damage: lines lost, doubled, swapped or altered.

It either refuses with a place, or tells a report in which no amount stands that the file does not
hold, and in which what was not read is counted.
"""

from __future__ import annotations

import random
import re
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.pboc_reports import SHANGHAI, read, written
from xindeng.intake.pboc import draft
from xindeng.intake.pboc import read as reading
from xindeng.kernel.errors import ImportFileError
from xindeng.lab.papers.person import made_up, story
from xindeng.lab.papers.reports import LAYOUTS, write_report

CALM = partial(settings, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
TEXTS = [pair for pair in LAYOUTS if pair[1] in {"text", "tabs", "html"}]


def damaged(data: bytes, dice: random.Random) -> bytes:
    lines = data.decode().split("\n")
    for _ in range(dice.randrange(1, 6)):
        at = dice.randrange(len(lines))
        line = lines[at]
        match dice.randrange(7):
            case 0:
                del lines[at]
            case 1:
                lines.insert(at, line)
            case 2:
                other = dice.randrange(len(lines))
                lines[at], lines[other] = lines[other], line
            case 3:
                lines[at] = line[: dice.randrange(len(line) + 1)]
            case 4:
                lines[at] = line.translate(
                    {ord(dice.choice("0123456789,.年月：")): dice.choice(["", "X", " ", "-"])}
                )
            case 5:
                lines[at] = line + dice.choice(
                    ["0", "，", "\t", "  N", "账户1", "\x00", "ￃ", "<td>"]
                )
            case _:
                lines[at] = "".join(dice.sample(line, len(line)))
        if not lines:
            lines = [""]
    return "\n".join(lines).encode()


def amounts(report) -> set[int]:
    found = {one.overdue_amount for one in report.accounts}
    found |= {one.balance for one in report.accounts} | {one.monthly_due for one in report.accounts}
    found |= {one.limit for one in report.accounts} | {one.amount for one in report.guarantee_list}
    found |= {one.balance for one in report.guarantee_list}
    found |= {one.amount for one in report.public_record_list}
    return {amount // 100 for amount in found if amount}


def numbers(text: str) -> set[int]:
    digits = re.sub(
        r"(?<=\d)[,，](?=\d{3}(?!\d))",
        "",
        text.translate({n: n - 0xFEE0 for n in range(0xFF10, 0xFF1A)}),
    )
    return {int(number) for number in re.findall(r"\d+", digits) if len(number) < 16}


@pytest.mark.parametrize(("form", "layout"), TEXTS)
@CALM(max_examples=40)
@given(seed=st.integers(0, 400), dice=st.randoms(use_true_random=False))
def test_damage_is_refused_or_told_never_made_up(tmp_path, form, layout, seed, dice):
    data = damaged(write_report(made_up(seed), form, layout), dice)
    path = tmp_path / f"damaged-{layout}"
    path.write_bytes(data)
    try:
        found, _ = read(path)
    except ImportFileError as error:
        assert error.where.startswith(path.name) and error.next_step
        return
    assert amounts(found) <= numbers(data.decode())


@CALM(max_examples=150)
@given(data=st.one_of(st.binary(max_size=300), st.text(max_size=300).map(str.encode),
                      st.binary(max_size=60).map(lambda tail: b'{"PRH": ' + tail),
                      st.binary(max_size=60).map(lambda tail: b"<?xml version='1.0'?><a>" + tail)))  # fmt: skip
def test_anything_else_is_refused_in_words(tmp_path, data):
    path = tmp_path / "anything"
    path.write_bytes(data)
    with pytest.raises(ImportFileError) as caught:
        reading.read_pboc(path, borrower="b", zone=SHANGHAI)
    assert caught.value.where and caught.value.next_step


def test_a_bug_that_hides_what_was_not_read_is_caught(tmp_path, monkeypatch):
    path = written(tmp_path, story("1"), "detailed", "tabs")
    path.write_bytes(path.read_bytes().replace("正常".encode(), "别样".encode()))
    assert read(path)[0].unread == 5
    drop_unread(monkeypatch)
    assert read(path)[0].unread == 0


def drop_unread(monkeypatch):
    monkeypatch.setattr(draft.Draft, "leave_out", lambda *_: None)
