"""Every page of the table in a browser: both languages, phone and desk, light and dark."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.looks import Visitor, faults, other_colours, visitor
from tests.site_world import Demonstration, demonstration
from xindeng.store import Store
from xindeng.web.table import PAGES

BORROWERS = ("over-indebted", "all-green", "theft")
DESKS = {"desk": "support", "risk": "approver"}
FULL = {
    "/desk": "?q=over", "/risk/policy": "?file=areas/debt.yaml",
    "/risk/policy/rule": "?id=debt.payment_to_income_high",
    "/risk/policy/edit": "?file=parameters/debt.yaml", "/risk/parameters": "?q=income",
}  # fmt: skip
"""What to ask of pages that show little unless asked."""
WAYS = [(lang, width) for lang in ("zh", "en") for width in (390, 1440)]


@pytest.fixture(scope="module")
def demo(store: Store, test_home: Path) -> Iterator[Demonstration]:
    with demonstration(store, test_home) as found:
        found.ask_early("theft")
        found.look_back()
        found.challenge()
        found.known = {borrower: found.names(borrower) for borrower in BORROWERS}
        yield found


def places(demo: Demonstration) -> Iterator[tuple[str, str]]:
    """(who, path) of every page that can be looked at, each by somebody who has what it shows."""
    for page in PAGES:
        if page.method != "GET" or not page.template:
            continue
        if page.room == "site":
            yield "", page.path
        elif page.room == "desk":
            who = DESKS.get(page.path.split("/")[1], "support")
            found = able(demo, page.path)
            yield who, found.get("theft") or next(iter(found.values()))  # has a hold, a matter
            if page.path in FULL:
                yield who, page.path + FULL[page.path]
        else:
            yield from able(demo, page.path.replace("{decision}/cost", "{offer}/cost")).items()


def able(demo: Demonstration, path: str) -> dict[str, str]:
    """Whose things a page can show, and where."""
    needed = set(re.findall(r"{(\w+)}", path))
    found = {
        who: path.format(**names) for who, names in demo.known.items() if needed <= names.keys()
    }
    assert found, f"nobody can look at {path}"
    return found


@pytest.mark.parametrize(("lang", "width"), WAYS)
def test_every_page_fits_and_complains_of_nothing(browser, demo, lang, width):
    """Each page once a language and width, and there in both colours: it is loaded in those in
    which axe looks at all of it, then shown in the others, where contrast alone may differ."""
    wrong: list[str] = []
    scheme = {"zh": "light", "en": "dark"}[lang]
    windows: dict[str, Visitor] = {}
    checked: set[str] = set()
    for who, path in places(demo):
        if who not in windows:
            cookie = ("xindeng", demo.credential(who)) if who else None
            windows[who] = visitor(
                browser, demo.url, lang=lang, width=width, scheme=scheme, cookie=cookie
            )
        one = windows[who]
        answer = one.go(path)
        if answer.status != 200:
            wrong.append(f"{who} {path}: status {answer.status}")
        axe = path not in checked
        checked.add(path)
        wrong += [f"{who} {path}: {fault}" for fault in faults(one, width, axe=axe)]
        other = other_colours(one, scheme)
        contrast = "color-contrast" if axe and width == 390 else False
        wrong += [f"{who} {path} {other}: {fault}" for fault in faults(one, width, axe=contrast)]
        one.page.emulate_media(color_scheme=scheme)
        assert one.page.evaluate("document.documentElement.lang") == {"zh": "zh-CN"}.get(lang, lang)
    for one in windows.values():
        one.context.close()
    assert not wrong, "\n".join(wrong)


FORMS = (
    ("/me/try", {"#amount": "8,000"}, "#result"),
    ("/me/help", {}, "#options"),
    (
        "/me/check-up",
        {"#income": "9,000", "#amount": "8,000"},
        "#flows, #debts, #first, main .card",
    ),
    ("/me/draw", {"#amount": "nothing"}, "#problem"),
    ("/me/plan", {"#plan-amount": "6,000"}, "#idle, #leads"),
)


@pytest.mark.parametrize(("lang", "width"), [("zh", 390), ("en", 1440), ("en", 390)])
def test_what_forms_answer_fits_too(browser, demo, lang, width):
    wrong: list[str] = []
    one = visitor(browser, demo.url, lang=lang, width=width,
                  cookie=("xindeng", demo.credential("many-lenders")))  # fmt: skip
    for path, fields, sign in FORMS:
        one.go(path)
        for field, text in fields.items():
            one.page.fill(field, text)
        one.page.locator(f"main form[action='{path}'] button").last.click()
        one.page.wait_for_selector(sign)
        one.heard = [line for line in one.heard if "status of 422" not in line]
        wrong += [f"{path}: {fault}" for fault in faults(one, width, axe=width == 390)]
    one.context.close()
    assert not wrong, "\n".join(wrong)


def test_planted_faults_are_seen(browser, demo):
    one = visitor(browser, demo.url, cookie=("xindeng", demo.credential("over-indebted")))
    one.go("/me")
    assert faults(one, 390, axe=True) == []
    one.page.evaluate(
        """() => { const wide = document.createElement('p'); wide.textContent = 'x'.repeat(400);
           wide.style.width = '900px'; document.querySelector('main').append(wide);
           const blank = document.createElement('button');
           document.querySelector('main').append(blank); console.log('left behind');
           fetch('http://127.0.0.1:9/elsewhere').catch(() => 0); }"""
    )
    found = "\n".join(faults(one, 390, axe=True))
    for sign in ("wider", "sticks out", "within the page", "axe button-name", "left behind"):
        assert sign in found, (sign, found)
    assert "Content Security Policy" in found  # the request never left
    one.context.close()
