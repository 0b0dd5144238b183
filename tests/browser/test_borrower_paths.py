"""What a borrower does in a browser: finds why and when, draws once, comes back, is not tricked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.looks import Visitor, visitor
from tests.site_world import Demonstration, demonstration
from tests.unit.test_cli_checkup import year_of_bills
from xindeng.kernel.time import HOUR
from xindeng.lab.personas import PERSONAS
from xindeng.service import line as lines
from xindeng.store import Store

ASK = 'form[action="/me/draw"] button'
CONFIRM = 'form[action$="/confirm"] button'
"""Beside them there may be a form that lets go of an offer that stands."""


@pytest.fixture(scope="module")
def demo(store: Store, test_home: Path) -> Iterator[Demonstration]:
    with demonstration(store, test_home) as found:
        yield found


def signed(browser: Any, demo: Demonstration, who: str, **more: Any) -> Visitor:
    return visitor(browser, demo.url, cookie=("xindeng", demo.credential(who)), **more)


@pytest.mark.parametrize(("lang", "scripts"), [("zh", True), ("en", True), ("en", False)])
def test_a_newcomer_learns_why_and_when_in_three_clicks(browser, demo, lang, scripts):
    one = visitor(browser, demo.url, lang=lang, scripts=scripts)
    one.go("/")
    one.page.click('button[value="over-indebted"]')  # 1: who
    why = {"zh": "负债与收入", "en": "Debt and income"}[lang]
    assert why in one.page.inner_text("main")
    one.page.click('main form[action="/me/plan"] button')  # 2: from when on
    told = one.page.inner_text("main")
    assert "2026-11-09" in told and "8,000" in told
    assert {"zh": "不保证放款", "en": "no promise"}[lang] in told
    one.page.click('nav a[href="/me/why"]')  # 3: the facts
    assert "9,000" in one.page.inner_text("main") and "5,300" in one.page.inner_text("main")
    one.context.close()


def test_what_hangs_on_somebody_else_is_not_called_a_plan_of_ones_own(browser, demo):
    """The months ahead: both amounts as figures, and on whose word the larger one hangs."""
    for borrower, said in (("bad-record", "须第三方同意"), ("idle", "按计划")):
        one = signed(browser, demo, borrower)
        one.go("/me/plan")
        one.page.locator("main form[action='/me/plan'] button").first.click()
        one.page.wait_for_selector("#months")
        months = one.page.locator("section", has=one.page.locator("#months")).inner_text()
        assert said in months and ("按计划" in months) is (said == "按计划"), months
        assert "¥0\t¥20,000" in months, months
        assert one.page.inner_text("main").count("洗白征信") == 1
        one.context.close()


def test_where_a_debt_is_known_from_is_said_in_words(browser, demo):
    one = signed(browser, demo, "over-indebted")
    one.go("/me/other-ways")
    text = one.page.inner_text("main")
    assert "征信报告" in text and "credit_report" not in text and "--offers" not in text
    one.context.close()


@pytest.mark.parametrize("persona", PERSONAS, ids=lambda one: one.borrower)
def test_every_story_says_what_stands_in_the_way(browser, demo, persona):
    one = signed(browser, demo, persona.borrower)
    one.go("/me")
    text = one.page.inner_text("main")
    stopping = one.page.query_selector_all(".lights .red, .lights .our_side, .notice.stop")
    one.go("/me/why")
    why = one.page.inner_text("main")
    if persona.borrower == "all-green":
        assert not stopping
    elif persona.borrower in ("theft", "contacts"):
        assert "需先核实" in text and "核实" in why
        assert "这里没有说的" in why and "理由：保护您的账户和资金安全" in why
        for leak in ("位置", "关联", "陌生设备", "被标记", "账户安全"):
            assert leak not in why, leak
    else:
        assert any(sign in text + why for sign in ("■", "▲", "◇")), text
    if persona.borrower == "brake":
        assert "平台" in text and "您可以改变" not in text
    if persona.borrower == "over-spending":  # the rule that caps, not one that is only a hint
        assert "全部可用额度" in text and "没有影响" not in text.split("各项状态")[0]
        assert one.go("/me").ok and one.page.query_selector("main a[href='/me/draw']")
    else:  # a way to draw where something can be drawn, and only there
        assert one.go("/me").ok
        assert bool(one.page.query_selector("main a[href='/me/draw']")) is (
            persona.borrower == "all-green"
        )
    # A figure that hangs on the amount says for which; there is no draw on this page.
    assert ("哪怕只借最少的 ¥" in text) is (persona.borrower in ("over-indebted", "hammering"))
    if persona.borrower == "zeroing":
        assert "额度可能变为 ¥0" in text
    assert "还款照常" in text + why or persona.borrower in ("all-green", "idle", "over-spending")
    one.context.close()


def test_a_draw_is_read_confirmed_and_paid_out_once(browser, demo):
    """Sooner than the sheet can be read, by a double click, by the back button, in a second tab."""
    one = signed(browser, demo, "all-green")
    before = len(lines.show(demo.engine, "all-green").loans)
    one.go("/me/draw")
    one.page.fill("#amount", "3,000")
    one.page.click(ASK)
    assert one.page.url.endswith("/cost")
    cost, text = one.page.url, one.page.inner_text("main")
    assert text.index("14.60%") < text.index("3,000")  # the yearly rate comes first
    assert one.page.is_disabled(CONFIRM)  # the script waits …
    one.page.evaluate("document.querySelector('main form').submit()")
    one.page.wait_for_url("**/cost?early=1")  # … and the server does not need it to
    second = one.context.new_page()
    second.goto(one.page.url)
    demo.clock.now = demo.clock.now + 11_000_000
    demo.clock.run()
    one.page.wait_for_selector(f"{CONFIRM}:not([disabled])", timeout=20_000)
    one.page.dblclick(CONFIRM)
    one.page.wait_for_url("**/me/draws/*")
    assert "已放款 ¥3,000" in one.page.inner_text("main")
    one.page.go_back()
    one.page.wait_for_url("**/me/draws/*")  # nothing is there to be confirmed a second time
    second.evaluate("document.querySelector('main form').submit()")  # another form, same approval
    second.wait_for_url("**/me/draws/*")  # what became of it, not that nothing was done
    assert "已放款 ¥3,000" in second.inner_text("main")
    second.goto(cost)
    assert "/me/draws/" in second.url and "已放款 ¥3,000" in second.inner_text("main")
    assert len(lines.show(demo.engine, "all-green").loans) == before + 1
    one.context.close()


def test_a_session_that_ends_in_the_middle_of_a_draw_loses_nothing_and_doubles_nothing(
    browser, demo
):
    one = signed(browser, demo, "all-green")
    one.go("/me/draw")
    one.page.fill("#amount", "2000")
    key = one.page.get_attribute('input[name="_key"]', "value")
    demo.clock.now = demo.clock.now + 9 * HOUR
    demo.clock.run()
    one.page.click(ASK)
    said = one.page.inner_text("main")
    assert "请重新登录" in said and "不会重复办理" in said
    assert one.page.url.endswith("/me/draw")
    one.page.click("main a.btn")
    one.page.click('button[value="all-green"]')
    assert one.page.url.endswith(f"/me/draw?amount=2000&months=12&purpose=consumption"
                                 f"&product=equal_instalments&key={key}")  # fmt: skip
    assert one.page.input_value("#amount") == "2000"
    for _ in range(2):  # the same key decides once, however often it is sent
        one.page.evaluate("document.querySelector('form.card.act').submit()")
        one.page.wait_for_url("**/cost")
        first = one.page.url
        one.go(f"/me/draw?amount=2000&product=equal_instalments&key={key}")
    one.page.evaluate("document.querySelector('form.card.act').submit()")
    one.page.wait_for_url("**/cost")
    assert one.page.url == first
    one.context.close()


def test_by_keyboard_alone(browser, demo):
    one = signed(browser, demo, "over-indebted")
    one.go("/me/try")
    one.page.keyboard.press("Tab")
    assert one.page.evaluate("document.activeElement.className") == "skip"
    one.page.keyboard.press("Enter")
    assert one.page.evaluate("document.activeElement.id") == "main"
    one.page.keyboard.press("Tab")
    assert one.page.evaluate("document.activeElement.id") == "amount"
    one.page.keyboard.press("Control+A")
    one.page.keyboard.type("8000")
    one.page.keyboard.press("Enter")
    one.page.wait_for_selector("#result")
    assert "试算结果，不保证放款" in one.page.inner_text("main")
    one.page.focus("details.menu summary")
    one.page.keyboard.press("Enter")
    assert one.page.is_visible(".sheet")
    one.page.keyboard.press("Escape")
    assert not one.page.is_visible(".sheet")
    one.context.close()


def test_a_draw_by_keyboard_alone(browser, demo):
    """Each stop is reached by Tab, seen where it is, and pressed by Enter."""
    one = signed(browser, demo, "all-green")
    before = len(lines.show(demo.engine, "all-green").loans)

    def tab_to(selector: str) -> None:
        for _ in range(60):
            one.page.keyboard.press("Tab")
            if one.page.evaluate("s => document.activeElement.matches(s)", selector):
                ring = "getComputedStyle(document.activeElement).outlineStyle"
                assert one.page.evaluate(ring) != "none", f"nobody sees that {selector} is focused"
                return
        raise AssertionError(f"{selector} is not reached by Tab")

    one.go("/me/draw")
    tab_to("#amount")
    one.page.keyboard.type("1000")
    tab_to(ASK)
    one.page.keyboard.press("Enter")
    one.page.wait_for_url("**/cost")
    demo.clock.now = demo.clock.now + 11_000_000
    demo.clock.run()
    one.page.wait_for_selector(f"{CONFIRM}:not([disabled])", timeout=20_000)
    tab_to(CONFIRM)
    one.page.keyboard.press("Enter")
    one.page.wait_for_url("**/me/draws/*")
    assert len(lines.show(demo.engine, "all-green").loans) == before + 1
    assert one.heard == []
    one.context.close()


def test_a_draw_without_scripts(browser, demo):
    """The server keeps the time to read; the page only says so."""
    one = signed(browser, demo, "all-green", lang="en", scripts=False)
    before = len(lines.show(demo.engine, "all-green").loans)
    one.go("/me/draw")
    one.page.fill("#amount", "1,000")
    one.page.click(ASK)
    one.page.wait_for_url("**/cost")
    one.page.click(CONFIRM)
    one.page.wait_for_url("**/cost?early=1")
    assert "Nothing was paid out" in one.page.inner_text("main")
    demo.clock.now = demo.clock.now + 11_000_000
    demo.clock.run()
    one.page.click(CONFIRM)
    one.page.wait_for_url("**/me/draws/*")
    assert len(lines.show(demo.engine, "all-green").loans) == before + 1
    one.context.close()


@pytest.mark.parametrize("scripts", [True, False])
def test_papers_are_read_told_back_and_put_right(browser, demo, scripts):
    """With scripts the papers stay chosen; without, they are chosen again under the answer."""
    one = signed(browser, demo, "many-lenders", scripts=scripts)
    paper = {"name": "bill.csv", "mimeType": "text/csv", "buffer": year_of_bills()}
    one.go("/me/check-up")
    one.page.set_input_files("#paper-bills", paper)
    one.page.fill("#amount", "8,000")
    one.page.click("#papers-form button")
    answer = "#answer" if scripts else "#told"
    one.page.wait_for_selector(f"{answer} #flows")
    if scripts:  # charts that came with the answer can be read, too
        assert one.page.locator(f"{answer} svg.chart + .reader").count() >= 1
    row = one.page.locator("li.field", has_text="宏达有限公司")
    assert "读作：工资" in row.inner_text()
    row.locator("select").select_option("person")
    if not scripts:
        assert one.page.input_value("#amount") == "8,000"
        one.page.set_input_files("#paper-bills", paper)
    one.page.dblclick("button:text('重读一遍')")
    one.page.wait_for_selector(f"{answer} h3:has-text('您的更正')")
    assert (
        one.page.locator("li.field", has_text="宏达有限公司").locator("select").input_value()
        == "person"
    )
    if scripts:
        assert one.page.evaluate("document.querySelector('#paper-bills').files.length") == 1
    assert one.heard == []
    one.context.close()


def test_language_and_colours_are_kept(browser, demo):
    one = signed(browser, demo, "over-indebted", lang="en")
    one.go("/me")
    assert "Borrowable now" in one.page.inner_text("main")
    one.page.click("details.menu summary")
    one.page.click('button[value="zh"]')
    assert "当前可借" in one.page.inner_text("main") and one.page.url.endswith("/me")
    one.page.click("details.menu summary")
    one.page.click('button[value="dark"]')
    assert one.page.get_attribute("html", "data-theme") == "dark"
    one.context.close()


def test_hostile_names_and_texts_are_only_text(browser, demo, tmp_path):
    evil = '"><img src=x onerror=alert(1)>'
    one = signed(browser, demo, "over-indebted")
    one.page.on("dialog", lambda dialog: one.heard.append("a dialog opened"))
    paper = tmp_path / f"{evil.replace('/', '')}.csv"
    cell = evil.replace('"', '""')
    table = f'贷款机构,种类,余额,每月应还\n"{cell}",信用卡,1000,100\n'
    paper.write_text(table, encoding="utf-8")
    one.go("/me/check-up")
    one.page.set_input_files("#paper-debts", str(paper))
    one.page.fill("#income", "9000")
    one.page.click("main form button")
    one.page.wait_for_selector("#answer h1")
    assert evil in one.page.inner_text("#answer")
    one.go("/me/matters/new?way=complaint")
    one.page.fill("#text", evil)
    one.page.click("main form button")
    assert evil in one.page.inner_text("main")
    assert one.page.query_selector("img") is None
    one.go(f"/me/draw?amount={evil}")
    assert one.page.input_value("#amount") == evil[:40]
    assert not [line for line in one.heard if "400" not in line and "422" not in line]
    one.context.close()
