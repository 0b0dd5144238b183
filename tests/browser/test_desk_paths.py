"""What people at the desks do in a browser: find why and when, and change a rule with care."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.looks import faults, visitor
from tests.site_world import Demonstration, demonstration
from xindeng.service import backtests, proposals
from xindeng.store import Store


@pytest.fixture(scope="module")
def demo(store: Store, test_home: Path) -> Iterator[Demonstration]:
    with demonstration(store, test_home) as found:
        yield found


@pytest.mark.parametrize("scripts", [True, False])
def test_support_finds_why_what_next_and_when_in_three_clicks(browser, demo, scripts):
    one = visitor(browser, demo.url, width=1440, scripts=scripts)
    one.go("/")
    one.page.click('button[value="support"]')  # 1: the desk
    one.page.click('a[href="/desk?q=over-indebted"]')  # 2: who
    assert "over-indebted" not in one.page.inner_text("main")
    one.page.click('main a[href^="/desk/open"]')  # 3: why, what next, when
    said = one.page.inner_text(".said")
    for sign in ("66.9%", "5,300", "还款照常", "诈骗", "184天内还不能借"):
        assert sign in said.replace(" ", ""), sign
    assert "90%" not in said  # what is only worth a thought is no reason
    assert "90%" in one.page.inner_text(".inside")
    shown = one.page.locator("button[data-copy]").first.is_visible()
    assert shown is scripts  # what cannot work is not offered
    one.context.close()


def test_a_rule_is_checked_as_it_is_typed_proposed_and_put_in_force_by_another(browser, demo):
    one = visitor(browser, demo.url, lang="en", width=1440,
                  cookie=("xindeng", demo.credential("analyst")))  # fmt: skip
    one.go("/risk/policy/rule?id=debt.payment_to_income_high")
    one.page.click('a[href*="/risk/policy/edit"]')
    text = one.page.input_value("#text")
    one.page.fill("#text", text.replace("payment_to_income_after_draw >", "payment_to_incme >"))
    one.page.wait_for_selector("#checked .notice.stop", timeout=60_000)
    assert "unknown name payment_to_incme" in one.page.inner_text("#checked")
    one.page.fill("#text", text.replace("> $max_payment_to_income", "> 0.10", 1))
    one.page.wait_for_selector("#checked .notice.good", timeout=60_000)
    assert "What the draft would have hit" in one.page.inner_text("#checked")
    assert faults(one, 1440, axe=True) == []
    held = []  # a check that takes long says so, one that fails says that
    one.page.route("**/risk/policy/check", lambda route: held.append(route))
    one.page.fill("#text", text.replace("> $max_payment_to_income", "> 0.20", 1))
    one.page.wait_for_selector("#checked [data-state]", timeout=60_000)
    assert "Checking" in one.page.inner_text("#checked")
    held[0].fulfill(status=500, body="broken")
    one.page.wait_for_selector("#checked .notice.warning", timeout=60_000)
    assert "did not come through" in one.page.inner_text("#checked")
    one.page.unroute("**/risk/policy/check")
    one.page.fill("#text", text.replace("> $max_payment_to_income", "> 0.10", 1))
    one.page.wait_for_selector("#checked:not(:has([data-state])) .notice.good", timeout=60_000)
    one.page.check('#checked input[name="despite"]')  # its own cases fail
    one.page.fill("#why", "Try what a much lower bound would hit.")
    one.page.focus('button[formaction="/risk/policy/propose"]')
    one.page.keyboard.press("Enter")  # without a mouse
    one.page.wait_for_url("**/desk/proposals/*")
    there = one.page.url.removeprefix(demo.url)
    one.context.close()
    other = visitor(browser, demo.url, lang="en", width=1440,
                    cookie=("xindeng", demo.credential("approver")))  # fmt: skip
    other.go(there)
    assert "0.10" in other.page.inner_text("main")
    assert faults(other, 1440, axe=True) == []
    other.page.click('button[value="approved"]')
    assert "approved and carried out" in other.page.inner_text("main")
    (published,) = proposals.published(demo.engine)
    deadline = time.monotonic() + 60
    while demo.engine.policy.hash != published.hash:  # nobody starts anything anew
        assert time.monotonic() < deadline, "it was not taken up"
        time.sleep(0.1)
    other.go("/risk/policy/versions")
    assert "in force here" in other.page.inner_text(f"tr:has-text('{published.hash[:12]}')")
    other.context.close()


def test_a_draft_is_backtested_from_its_page_and_its_swap_sets_are_shown(browser, demo):
    one = visitor(browser, demo.url, lang="en", width=1440,
                  cookie=("xindeng", demo.credential("analyst")))  # fmt: skip
    one.go("/risk/policy/edit?rule=debt.payment_to_income_high")
    text = one.page.input_value("#text")
    one.page.fill("#text", re.sub(r"payment_to_income_after_draw > \S+",
                                  "payment_to_income_after_draw > 0.01", text, count=1))  # fmt: skip
    one.page.click("details:has(#mode) summary")
    one.page.dblclick('button[formaction="/risk/backtests"]')
    one.page.wait_for_url("**/risk/backtests/*")
    one.page.wait_for_selector("#swap", timeout=120_000)  # it looks again by itself
    assert "debt.payment_to_income_high" in one.page.inner_text("#swap")
    assert faults(one, 1440, axe=True) == []
    assert len(backtests.listed(demo.engine)) == 1  # pressed twice, run once
    one.context.close()


def test_the_button_checks_where_scripts_are_off(browser, demo):
    one = visitor(browser, demo.url, lang="en", width=1440, scripts=False,
                  cookie=("xindeng", demo.credential("analyst")))  # fmt: skip
    one.go("/risk/policy/edit?rule=debt.payment_to_income_high")
    text = one.page.input_value("#text")
    one.page.fill("#text", text.replace("payment_to_income_after_draw >", "payment_to_incme >"))
    one.page.click("form[data-live] button:not([formaction])")
    assert "unknown name payment_to_incme" in one.page.inner_text("#checked")
    assert "payment_to_incme" in one.page.input_value("#text")  # what was typed is still there
    one.context.close()


@pytest.mark.parametrize(("lang", "width", "said"), [("zh", 390, "请用几句话说明理由"),
                                                     ("en", 1440, "Say why in a few words")])  # fmt: skip
def test_a_trial_without_a_reason_is_answered_on_the_form(browser, demo, lang, width, said):
    """What was typed stays, the field that lacks is focused; then, pressed twice, it is one."""
    one = visitor(browser, demo.url, lang=lang, width=width,
                  cookie=("xindeng", demo.credential("analyst")))  # fmt: skip
    one.go("/risk/policy/edit?rule=debt.payment_to_income_high")
    text = re.sub(r"after_draw > \S+", "after_draw > 0.07", one.page.input_value("#text"), count=1)
    one.page.fill("#text", text)
    one.page.click("details:has(#name) summary")
    one.page.fill("#name", f"low-{lang}")
    one.page.dblclick('button[formaction="/risk/challengers"]')
    one.page.wait_for_selector("main [role=alert]")
    assert said in one.page.inner_text("main [role=alert]")
    assert one.page.evaluate("document.activeElement.id") == "why"
    assert one.page.input_value("#name") == f"low-{lang}"
    assert "after_draw > 0.07" in one.page.input_value("#text")
    one.heard = [line for line in one.heard if "status of 422" not in line]
    assert faults(one, width, axe=True) == []
    before = len(proposals.listed(demo.engine, waiting=True))
    one.page.check('#checked input[name="despite"]')  # its own cases fail
    one.page.fill("#why", "To see whom it would keep out.")
    one.page.dblclick('button[formaction="/risk/challengers"]')
    one.page.wait_for_url("**/desk/proposals/*")
    assert len(proposals.listed(demo.engine, waiting=True)) == before + 1
    one.context.close()


def test_the_stance_shows_its_path_and_indicators(browser, demo):
    one = visitor(browser, demo.url, width=390, cookie=("xindeng", demo.credential("approver")))
    one.go("/risk/our-side")
    text = one.page.inner_text("main")
    assert "只按公布数据" in text and "演示虚构数据" in text and "采购经理指数" in text
    assert one.page.locator("svg.lanes rect.bar").count() > 3
    # On a phone each condition is a block, so nothing has to be scrolled sideways.
    wide = "e => e.scrollWidth > e.clientWidth + 1"
    stuck = [table for table in one.page.query_selector_all(".scroll:has(table.cards)")
             if table.is_visible() and table.evaluate(wide)]  # fmt: skip
    assert not stuck
    one.context.close()
