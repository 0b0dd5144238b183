"""Report and bills on the page: read, told back, put right; what was typed stays, nothing is kept."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest

from tests.service.test_pages import (  # noqa: F401  (fixtures)
    HTML,
    SESSION,
    arrive,
    http,
    site,
    world,
)
from tests.unit.test_cli_checkup import DEBTS, bill, row, year_of_bills
from xindeng.web.guard import form_token

EMPLOYER = "宏达有限公司"
HOSTILE = "<b>甲=乙</b>&'"


def send(http: Any, status: int = 200, lang: str = "zh", **form: Any) -> str:  # noqa: F811
    files = form.pop("files", {})
    headers = {**HTML, "Accept-Language": lang}
    data = {"_csrf": form_token(http.cookies[SESSION]), **form}
    answer = http.post("/me/check-up", data=data, files=files or None, headers=headers)
    assert answer.status_code == status, answer.text[-800:]
    return str(answer.text)


def bills(*more: bytes) -> dict[str, Any]:
    return {"bills": ("bill.csv", more[0] if more else year_of_bills(), "text/csv")}


def words(page: str) -> str:
    main = page.partition("<main")[2].partition("</main>")[0]
    return unescape(re.sub(r"<[^>]+>", " ", main))


def parties(page: str) -> list[str]:
    return [unescape(one) for one in re.findall(r'name="party" value="([^"]*)"', page)]


def chosen(page: str, name: str) -> str:
    """What stands chosen for a party."""
    rows = [one for one in re.findall(r'<li class="field">.*?</li>', page, re.S)
            if f'value="{name}"' in one]  # fmt: skip
    picked = re.findall(r'<option value="(\w*)"[^>]*selected', rows[0])
    return picked[0] if picked else ""


@pytest.mark.parametrize(("lang", "wages", "said"), [("zh", "读作：工资", "您的更正"),
                                                     ("en", "as read: wages", "Your correction")])  # fmt: skip
def test_what_was_understood_is_put_right_where_it_is_told(http, world, lang, wages, said):  # noqa: F811
    arrive(http, world)
    before = world.counts()
    page = send(http, files=bills(), income="", amount="8,000", lang=lang)
    assert EMPLOYER in parties(page) and wages in page and chosen(page, EMPLOYER) == ""
    told = words(page)
    assert said not in told
    assert not re.search(r"--\w|xindeng \w|income\.\w+", told), "no command, no code of ours"
    names = parties(page)
    meanings = ["person" if name == EMPLOYER else "" for name in names]
    again = send(http, files=bills(), party=names, meaning=meanings, amount="8,000", lang=lang)
    assert said in words(again) and chosen(again, EMPLOYER) == "person"
    assert wages not in again, "it is no wages any more"
    assert 'value="8,000"' in again, "what was typed stands there still"
    back = send(http, files=bills(), party=EMPLOYER, meaning="", lang=lang)  # one field, not a list
    assert wages in back and said not in words(back)
    assert world.counts() == before


def test_what_is_written_and_what_is_chosen_both_count_and_what_is_chosen_last(http, world):  # noqa: F811
    arrive(http, world)
    written = f"{EMPLOYER} = 亲友"
    page = send(http, files=bills(), corrections=written)
    assert chosen(page, EMPLOYER) == "person" and written in unescape(page)
    page = send(http, files=bills(), corrections=written, party=EMPLOYER, meaning="ignore")
    assert chosen(page, EMPLOYER) == "ignore"
    wrong = send(http, 422, files=bills(), corrections=f"{EMPLOYER} = 什么都行")
    assert "什么都行" in unescape(wrong) and 'id="told"' in wrong


def test_a_name_with_signs_of_its_own_is_put_right_like_any_other(http, world):  # noqa: F811
    arrive(http, world)
    paper = bill(*(row(f"2026-{month:02d}-10", HOSTILE, "收入", "900.00", "转账", "转账", 1)
                   for month in range(1, 9)))  # fmt: skip
    page = send(http, files=bills(paper))
    assert HOSTILE in parties(page) and "<b>甲" not in page
    again = send(http, files=bills(paper), party=HOSTILE, meaning="salary")
    assert "您的更正" in words(again) and "<b>甲" not in again


def test_without_bills_there_is_nobody_to_be_put_right(http, world):  # noqa: F811
    arrive(http, world)
    page = send(http, files={"debts": ("debts.csv", DEBTS.encode(), "text/csv")}, income="9000")
    assert not parties(page) and "/me/matters/new?way=dispute" in page
    assert "读取" in words(page) or "材料" in words(page)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("field", ["bills", "statement", "debts"])
@pytest.mark.parametrize("content", [b"%PDF-1.7 no table", b"a,b\n1,2\n"])
def test_a_paper_in_a_wrong_field_meets_no_commands(http, world, monkeypatch, lang, field, content):  # noqa: F811
    monkeypatch.setattr(world.service.checkups, "per_hour", 1_000)
    arrive(http, world)
    told = words(send(http, 422, lang, files={field: ("paper.csv", content, "text/csv")}))
    assert "paper.csv" in told
    assert not re.search(r"(?<![\w-])--\w|xindeng \w|docs/", told), told
