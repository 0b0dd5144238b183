"""Without a mouse: everything on every page is reached by Tab, is seen when it is, and is not
covered; and the ways through the desks are gone by keyboard alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.looks import Visitor, visitor
from tests.browser.test_pages import places
from tests.site_world import Demonstration, demonstration, furnished
from xindeng.service import proposals
from xindeng.store import Store

MARK = """() => { const groups = new Set();
  const stops = [...document.querySelectorAll('a[href], button, input, select, textarea, summary, '
      + '[tabindex="0"]')].filter(e => {
    if (e.type === 'hidden' || e.disabled || !e.checkVisibility()) return false;
    if (e.type !== 'radio') return true;
    const group = [...document.querySelectorAll(`input[type=radio][name="${e.name}"]`)]
        .filter(one => one.form === e.form);
    return e === (group.find(one => one.checked) ?? group[0]); });
  stops.forEach((e, at) => { e.atStop = at; });
  return stops.map(e => e.tagName + '.' + e.className + ' ' + (e.textContent || e.name).trim().slice(0, 30)); }"""
HERE = """() => { const e = document.activeElement;
  if (!e || e === document.body) return null;
  const how = getComputedStyle(e), box = e.getBoundingClientRect();
  const top = Math.max(box.top, 0), bottom = Math.min(box.bottom, innerHeight);
  const left = Math.max(box.left, 0), right = Math.min(box.right, innerWidth);
  const over = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
  return {at: e.atStop ?? -1, ring: how.outlineStyle !== 'none' && parseFloat(how.outlineWidth) > 0,
          out: bottom - top < 1 || right - left < 1,
          under: over && !e.contains(over) && !over.contains(e) ? over.tagName + '.' + over.className : ''}; }"""
MOST = 400


@pytest.fixture(scope="module")
def demo(store: Store, test_home: Path) -> Iterator[Demonstration]:
    with demonstration(store, test_home) as found:
        furnished(found)
        yield found


def stops(one: Visitor) -> list[str]:
    """Go through the page by Tab, once around; return what is wrong on the way."""
    page, wrong = one.page, []
    named = page.evaluate(MARK)
    seen: set[int] = set()
    for _ in range(MOST):
        page.keyboard.press("Tab")
        here = page.evaluate(HERE)
        if here is None or (here["at"] == 0 and 0 in seen and len(seen) > 1):
            break
        if here["at"] in seen or here["at"] < 0:
            continue  # a part of the same field, such as the month of a date
        seen.add(here["at"])
        name = named[here["at"]]
        if not here["ring"]:
            wrong.append(f"nobody sees that it is focused: {name}")
        if here["out"]:
            wrong.append(f"focused out of sight: {name}")
        elif here["under"]:
            wrong.append(f"focused under {here['under']}: {name}")
    wrong += [f"not reached by Tab: {name}" for at, name in enumerate(named) if at not in seen]
    return wrong


@pytest.mark.parametrize(("width", "lang"), [(390, "zh"), (1440, "en")])
def test_everything_is_reached_and_seen(browser, demo, width, lang):
    wrong: list[str] = []
    windows: dict[str, Visitor] = {}
    done: set[str] = set()
    for who, path, plain in places(demo):
        if plain in done:
            continue
        done.add(plain)
        if who not in windows:
            cookie = ("xindeng", demo.credential(who)) if who else None
            windows[who] = visitor(browser, demo.url, lang=lang, width=width, cookie=cookie)
        windows[who].go(path)
        wrong += [f"{path}: {fault}" for fault in stops(windows[who])]
    for one in windows.values():
        one.context.close()
    assert not wrong, "\n".join(wrong)


def test_planted_faults_are_seen(browser, demo):
    one = visitor(browser, demo.url, cookie=("xindeng", demo.credential("over-indebted")))
    one.go("/me/more")
    one.page.evaluate(
        """() => { const [first, second, third] = document.querySelectorAll('main a');
           first.tabIndex = -1; second.style.outline = 'none';
           third.style.position = 'fixed'; third.style.bottom = '0'; third.style.left = '0'; }"""
    )
    found = "\n".join(stops(one))
    for sign in ("not reached by Tab", "nobody sees", "focused under"):
        assert sign in found, (sign, found)
    one.context.close()


def tab_to(one: Visitor, selector: str) -> None:
    for _ in range(MOST):
        one.page.keyboard.press("Tab")
        if one.page.evaluate("s => document.activeElement.matches(s)", selector):
            return
    raise AssertionError(f"{selector} is not reached by Tab")


def press(one: Visitor, selector: str, key: str = "Enter") -> None:
    tab_to(one, selector)
    one.page.keyboard.press(key)


def test_a_newcomer_learns_why_and_when_by_keyboard(browser, demo):
    one = visitor(browser, demo.url, lang="en")
    one.go("/")
    press(one, 'button[value="over-indebted"]')
    one.page.wait_for_url("**/me")
    press(one, "main form[action='/me/plan'] button")
    one.page.wait_for_selector("#idle, .steps")
    assert "8,000" in one.page.inner_text("main")
    press(one, "nav a[href='/me/why']")
    one.page.wait_for_url("**/me/why")
    assert "5,300" in one.page.inner_text("main")
    assert one.heard == []
    one.context.close()


def test_support_asks_for_an_early_review_by_keyboard(browser, demo):
    """From the search to a hold that somebody else is asked to judge."""
    one = visitor(browser, demo.url, lang="en", width=1440,
                  cookie=("xindeng", demo.credential("support")))  # fmt: skip
    one.go("/desk")
    tab_to(one, "#q")
    one.page.keyboard.type("strange")
    one.page.keyboard.press("Enter")
    one.page.wait_for_url("**/desk?q=strange")
    press(one, "main a[href^='/desk/open']")
    one.page.wait_for_url("**/desk/borrowers/strange-inflow")
    press(one, "details:has(form[action$='/early']) summary")
    tab_to(one, "textarea[name='why']")
    one.page.keyboard.type("The contract is here.")
    press(one, "form[action$='/early'] button")
    one.page.wait_for_url("**?done=early**")
    waiting = proposals.listed(demo.engine, waiting=True)
    assert [one.row.borrower for one in waiting].count("strange-inflow") == 1
    assert one.heard == []
    one.context.close()


def test_a_chart_is_read_by_keyboard_and_by_pointing(browser, demo):
    """What is read out is what stands in the table behind the chart, place by place."""
    one = visitor(browser, demo.url, lang="en", width=1440,
                  cookie=("xindeng", demo.credential("approver")))  # fmt: skip
    one.go("/risk?days=90")
    table = rows_behind(one)
    tab_to(one, ".reader")
    said = [one.page.inner_text(".reading")]
    for _ in range(len(table) - 1):
        one.page.keyboard.press("ArrowLeft")
        said.append(one.page.inner_text(".reading"))
    for text, (name, count) in zip(reversed(said), table, strict=True):
        assert text.startswith(f"{name} · {int(count):,} "), (text, name, count)
    assert one.page.get_attribute(".reader", "aria-valuetext") == said[-1]
    box = one.page.locator("svg.chart .read").nth(1).bounding_box()
    one.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert one.page.inner_text(".reading").startswith(table[1][0])
    one.context.close()


def rows_behind(one: Visitor) -> list[tuple[str, str]]:
    """The first column and the next of the table that stands behind the first chart."""
    found: Any = one.page.evaluate(
        """() => [...document.querySelector('svg.chart').closest('section').querySelectorAll(
           'details table tbody tr')].map(row => [...row.cells].map(cell => cell.textContent))"""
    )
    assert len(found) > 1
    return [(row[0], row[1]) for row in found]
