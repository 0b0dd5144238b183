"""Every form of the desks answers a bad field on the form itself, and keeps what was typed."""

from __future__ import annotations

import html
import re
from typing import Any
from urllib.parse import quote

import pytest

from tests.api_world import ApiWorld
from tests.service.test_desk_pages import (  # noqa: F401  (fixtures)
    ANN,
    BEA,
    HOSTILE,
    at,
    hold_of,
    http,
    press,
    see,
    sit,
    site,
    world,
)
from tests.service.test_risk_pages import RULE, STRICT, changed, form
from xindeng.api.paths import bared, sheltered
from xindeng.kernel.errors import XindengError
from xindeng.service import proposals
from xindeng.web.app import check
from xindeng.web.table import PAGES

TYPED = "Typed at length, and not to be typed again."


def value(page: str, name: str) -> str:
    """What stands in a field of a page: of an input, a text area or a choice."""
    found = re.search(rf'<input [^>]*name="{name}" value="([^"]*)"', page)
    if found is None:
        found = re.search(rf'<textarea [^>]*name="{name}"[^>]*>\n?(.*?)</textarea>', page, re.S)
    if found is None:
        options = re.search(rf'<select [^>]*name="{name}"[^>]*>(.*?)</select>', page, re.S)
        assert options is not None, f"no field {name}"
        found = re.search(r'value="([^"]*)" selected', options[1])
    assert found is not None, f"nothing in {name}"
    return html.unescape(found[1])


def slipped(page: str) -> list[str]:
    """The fields that a page marks as wrong."""
    return re.findall(r'<(?:input|textarea|select)[^>]*name="(\w+)"[^>]*aria-invalid="true"', page)


def test_every_form_of_the_desks_names_the_page_that_shows_it_again():
    posts = [page for page in PAGES if page.room == "desk" and page.method == "POST"]
    assert posts and all(page.again for page in posts)
    check(PAGES)
    without = [page for page in PAGES if page.path != posts[0].again]
    with pytest.raises(XindengError, match="shows its form again"):
        check(without)


CASES = (
    ("support", "{at}/matters", {"way": "dispute", "text": TYPED}, "record", ("text", "way")),
    ("support", "{at}/matters", {"way": "nonsense", "text": TYPED}, "way", ("text",)),
    ("support", "{at}/holds", {"kind": "manual", "note": TYPED}, "reason", ("note",)),
    ("support", "{at}/holds", {"kind": "manual", "reason": TYPED, "days": "soon"}, "days",
     ("reason", "days")),
    ("support", "{at}/holds", {"kind": "manual", "reason": TYPED, "days": "3000"}, "days",
     ("reason", "days")),
    ("support", "{at}/holds", {"kind": "manual", "reason": TYPED, "mode": "cap", "cap": "much"},
     "cap", ("reason", "cap", "mode")),
    ("support", "{at}/holds", {"kind": "manual", "reason": TYPED, "mode": "cap"}, "cap",
     ("reason", "mode")),
    ("support", "{at}/holds", {"kind": "manual", "reason": "x" * 201}, "reason", ("reason",)),
    ("support", "{at}/holds/{hold}/early", {}, "why", ()),
    ("approver", "{at}/holds/{hold}/longer", {"evidence": TYPED}, "days", ("evidence",)),
    ("approver", "{at}/holds/{hold}/longer", {"evidence": TYPED, "days": "3000"}, "days",
     ("evidence", "days")),
    ("approver", "/risk/our-side/stance",
     {"segment": "new", "stance": "brake", "until_on": "soon", "why": TYPED}, "until_on",
     ("why", "segment", "stance")),
    ("approver", "/risk/our-side/stance",
     {"segment": "new", "stance": "brake", "until_on": "2020-01-01", "why": TYPED}, "until_on",
     ("why", "until_on")),
    ("approver", "/risk/our-side/stance",
     {"segment": "new", "stance": "brake", "until_on": "2026-09-20"}, "why", ("until_on",)),
    ("approver", "/risk/policy/back", {"version": "{version}", "from_on": "2026-99-01",
                                       "why": TYPED}, "from_on", ()),
)  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_bad_field_is_answered_on_the_form(http, world, case):  # noqa: F811
    who, path, sent, slip, kept = case
    hold = quote(hold_of(world, BEA), safe="")
    names = {"at": at(BEA), "hold": hold, "version": world.engine.policy.hash}
    sit(http, world, who)
    before = standing(world)
    fields = {name: one.format(**names) for name, one in sent.items()}
    where = path.format(**names)
    answer = http.post(where, headers={"Accept": "text/html", "Accept-Language": "en"},
                       data={"_csrf": csrf(http), "_key": f"again-{slip}-{len(sent)}", **fields})  # fmt: skip
    page = answer.text
    assert answer.status_code in (409, 422) and "nothing was done" in page
    if kept or slip in ("why", "record"):
        assert slip in slipped(page), (slip, slipped(page))
        assert '<details class="fold" open' in page
    for name in kept:
        part = page.partition(f'action="{where}"')[2].partition("</form>")[0]
        assert value(part, name) == fields[name], name
    assert standing(world) == before


def standing(world: ApiWorld) -> tuple[int, int]:  # noqa: F811
    """How much was told and proposed."""
    return world.counts()["event"], len(proposals.listed(world.engine, waiting=False))


def csrf(http: Any) -> str:  # noqa: F811
    return str(press.__globals__["form_token"](http.cookies["__Host-xindeng"]))


@pytest.fixture
def analyst(http: Any, world: ApiWorld) -> ApiWorld:  # noqa: F811
    for one in proposals.listed(world.engine, waiting=True):
        proposals.judge(world.engine, one.row.id, "refused", by="staff:second")
    sit(http, world, "analyst")
    return world


@pytest.mark.parametrize(
    ("path", "more", "slip"),
    [
        ("/risk/challengers", {"name": "lower-bound"}, "why"),
        ("/risk/challengers", {"name": "lower-bound", "share": "many", "why": TYPED}, "share"),
        ("/risk/challengers", {"name": "x", "for_days": "0", "why": TYPED}, "for_days"),
        ("/risk/policy/propose", {}, "why"),
        ("/risk/policy/propose", {"why": TYPED, "from_on": "tomorrow"}, "from_on"),
        ("/risk/policy/propose", {"why": TYPED, "from_on": "2020-01-01"}, "from_on"),
        ("/risk/backtests", {"first_on": "2026-13-01"}, "first_on"),
    ],
)
def test_a_draft_survives_whatever_is_wrong_beside_it(http, analyst, path, more, slip):  # noqa: F811
    sent = changed(form(http), *STRICT)
    page = press(http, path, "draft-key-1", status=422, **sent, **more).text
    assert slipped(page) == [slip]
    assert "> 0.01" in value(page, "text")
    for name, text in more.items():
        assert value(page, name) == text
    assert "What the draft would have hit" in page  # and what comes of it is told as before
    assert not proposals.listed(analyst.engine, waiting=True)


def test_hostile_texts_that_are_shown_again_are_escaped(http, analyst):  # noqa: F811
    sent = changed(form(http), *STRICT)
    page = press(http, "/risk/challengers", status=422, **sent, name=HOSTILE).text
    assert "<script>alert" not in page and value(page, "name") == HOSTILE


def test_nobody_sees_another_page_by_way_of_a_bad_form(http, world):  # noqa: F811
    sit(http, world, "admin")
    press(http, f"{at(ANN)}/holds", status=403, kind="manual")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_is_wrong_is_said_in_the_visitors_language(http, world, lang):  # noqa: F811
    sit(http, world, "support")
    answer = http.post(f"{at(BEA)}/holds", data={"_csrf": csrf(http), "_key": "zh-key-01"},
                       headers={"Accept": "text/html", "Accept-Language": lang})  # fmt: skip
    said = {"zh": "请填写这一项", "en": "Please fill this in."}[lang]
    assert answer.status_code == 422 and said in answer.text


ODD = ("a/b", "a//b", "/lead", "tail/", "a%2Fb", "100%", "50%25", "q?x=1#y", "名/字", "a b", "a\\b",
       "a&b;c=d", "..%2f..")  # fmt: skip


@pytest.mark.parametrize("name", ODD)
def test_a_borrower_of_any_name_can_be_opened(http, world, name):  # noqa: F811
    world.settle(name)
    sit(http, world, "approver")
    there = at(quote(name, safe=""))
    page = see(http, there)
    assert f'<h1 class="mono">{html.escape(name, quote=False)}</h1>' in html.unescape(page).replace(
        name, html.escape(name, quote=False)
    )
    for way in re.findall(rf'href="({re.escape(there)}[^"]*)"', page):
        see(http, html.unescape(way))
    hold = hold_of(world, name)
    press(
        http,
        f"{there}/holds/{quote(hold, safe='')}/early",
        f"early-key-{ODD.index(name)}",
        why="Why.",
    )
    back = re.search(r'name="back" value="([^"]*)"', page)
    assert back is not None and back[1] == there  # the settings lead back to the same page
    see(http, f"/risk/ties/{quote(name, safe='')}")
    answer = http.get(
        f"/desk/open?q={quote(name, safe='')}&at=none", headers={"Accept": "text/html"}
    )
    assert answer.status_code in (303, 404)


@pytest.mark.parametrize("name", [*ODD, "%", "%25", "%2F", "plain"])
def test_a_segment_holds_what_it_held(name):
    path = sheltered(f"/desk/{quote(name, safe='')}/end")
    assert path.count("/") == 3 and bared(path.split("/")[2]) == name


def test_the_rule_of_a_draft_is_led_back_to(http, analyst):  # noqa: F811
    assert f"/risk/policy/rule?id={RULE}" in see(http, f"/risk/policy/edit?rule={RULE}")
