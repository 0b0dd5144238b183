"""Every page of the table in a browser: both languages, phone and desk, light and dark."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import Mock
from urllib.parse import urlsplit

import pytest

from tests.browser.looks import Visitor, astray, faults, other_colours, shot, visitor
from tests.site_world import Demonstration, demonstration, furnished
from xindeng.kernel.errors import UnavailableError
from xindeng.service import line as lines
from xindeng.store import Store
from xindeng.web.table import PAGES

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
        furnished(found)
        yield found


def places(demo: Demonstration) -> Iterator[tuple[str, str, str]]:
    """(who, path, path in the table) of every page that can be looked at, each by somebody who has
    what it shows."""
    for page in PAGES:
        if page.method != "GET" or not page.template:
            continue
        if page.room == "site":
            yield "", page.path, page.path
        elif page.room == "desk":
            who = DESKS.get(page.path.split("/")[1], "support")
            found = able(demo, page.path)
            # "theft" has a hold, a matter
            yield who, found.get("theft") or next(iter(found.values())), page.path
            if page.path in FULL:
                yield who, page.path + FULL[page.path], page.path + FULL[page.path]
        else:
            for who, path in able(
                demo, page.path.replace("{decision}/cost", "{offer}/cost")
            ).items():
                yield who, path, page.path


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
    for who, path, _ in places(demo):
        if who not in windows:
            cookie = ("xindeng", demo.credential(who)) if who else None
            windows[who] = visitor(
                browser, demo.url, lang=lang, width=width, scheme=scheme, cookie=cookie
            )
        one = windows[who]
        answer = one.go(path)
        if answer.status != 200:
            wrong.append(f"{who} {path}: status {answer.status}")
        if urlsplit(one.page.url).path != urlsplit(path).path:
            wrong.append(f"{who} {path}: another page was shown, {one.page.url}")
        axe = path not in checked
        checked.add(path)
        wrong += [f"{who} {path}: {fault}" for fault in faults(one, width, axe=axe)]
        seen = [shot(one, f"{path} {lang} {width} {scheme}")] if axe else []
        other = other_colours(one, scheme)
        contrast = "color-contrast" if axe and width == 390 else False
        wrong += [f"{who} {path} {other}: {fault}" for fault in faults(one, width, axe=contrast)]
        if axe:
            seen.append(shot(one, f"{path} {lang} {width} {other}"))
            if seen[0] != seen[1] or seen[0][0] != width:
                wrong.append(f"{who} {path}: pictures of {seen}, the window being {width} wide")
        one.page.emulate_media(color_scheme=scheme)
        assert one.page.evaluate("document.documentElement.lang") == {"zh": "zh-CN"}.get(lang, lang)
    for one in windows.values():
        one.context.close()
    assert not wrong, "\n".join(wrong)


def test_every_page_stands_without_scripts(browser, demo):
    """Whole, with its forms, and without anything to press that only a script could answer."""
    wrong: list[str] = []
    windows: dict[str, Visitor] = {}
    for who, path, _ in places(demo):
        if who not in windows:
            cookie = ("xindeng", demo.credential(who)) if who else None
            windows[who] = visitor(browser, demo.url, cookie=cookie, scripts=False)
        one = windows[who]
        if one.go(path).status != 200:
            wrong.append(f"{who} {path}: not there")
        wrong += [f"{who} {path}: {fault}" for fault in faults(one, 390)]
        dead = one.page.evaluate(
            """() => [...document.querySelectorAll('button[type=button], input[type=range], [data-copy]')]
               .filter(e => e.checkVisibility()).map(e => e.outerHTML.slice(0, 80))"""
        )
        wrong += [f"{who} {path}: cannot work: {name}" for name in dead]
    for one in windows.values():
        one.context.close()
    assert not wrong, "\n".join(wrong)


@dataclass(frozen=True)
class Answer:
    """What a form answers on a page of its own: whose, where it stands, what is filled in, the sign
    by which the answer is known, and what is heard beside it, for some are refusals."""

    who: str
    page: str
    sign: str
    fields: dict[str, str] = field(default_factory=dict)
    first: tuple[str, ...] = ()
    heard: str = "status of 422"


RULE = "/risk/policy/edit?rule=debt.payment_to_income_high"
ANSWERS: dict[str, tuple[Answer, ...]] = {
    "/me/try": (
        Answer("many-lenders", "/me/try", "#result", {"#amount": "8,000"}),
        Answer("many-lenders", "/me/try", "#problem", {"#amount": "nothing"}),
    ),
    "/me/help": (Answer("many-lenders", "/me/help", "#options"),),
    "/me/check-up": (
        Answer("many-lenders", "/me/check-up", "#answer #first, #answer #flows",
               {"#income": "9,000", "#amount": "8,000"}),
        Answer("many-lenders", "/me/check-up", "#answer .notice.stop", {"#income": "much"}),
    ),
    "/me/draw": (Answer("many-lenders", "/me/draw", "#problem", {"#amount": "nothing"}),),
    "/me/plan": (
        Answer("many-lenders", "/me/plan", "#idle, #leads", {"#plan-amount": "6,000"}),
        Answer("many-lenders", "/me/plan", ".notice.warning", {"#plan-amount": "much"}),
    ),
    "/me/matters": (
        Answer("many-lenders", "/me/matters/new?way=dispute", "main .error", {"#text": "…"}),
    ),
    "/me/unlock": (
        Answer("many-lenders", "/me/data", "main .notice.warning", heard="status of 403",
               first=("form[action='/me/lock'] button",)),
    ),
    "/staff/sign-in": (
        Answer("", "/staff/sign-in", "main .notice.stop", heard="status of 401",
               fields={"#name": "nobody", "#password": "not this one"}),
    ),
    "/desk/borrowers/{borrower}/help": (
        Answer("support", "/desk/borrowers/many-lenders", ".notice.good blockquote",
               first=("details:has(form[action$='/help']) summary",)),
    ),
    "/risk/policy/check": (
        Answer("analyst", RULE, "#checked .notice.stop", {"#text": "- id: x"}),
        Answer("analyst", RULE, "#checked .notice.good"),
    ),
}  # fmt: skip
"""By the address that answers; a new form that answers on a page of its own belongs here."""


def test_what_every_form_answers_is_looked_at():
    answering = {page.path for page in PAGES if page.method == "POST" and page.template}
    assert answering == ANSWERS.keys()


@pytest.mark.parametrize(("lang", "width"), [("zh", 390), ("en", 1440), ("en", 390)])
def test_what_forms_answer_fits_too(browser, demo, lang, width):
    wrong: list[str] = []
    for path, answers in ANSWERS.items():
        for asked in answers:
            cookie = ("xindeng", demo.credential(asked.who)) if asked.who else None
            one = visitor(browser, demo.url, lang=lang, width=width, cookie=cookie)
            one.go(asked.page)
            for selector in asked.first:
                if one.page.query_selector(selector):  # a line that is locked stays so
                    one.page.click(selector)
            for selector, text in asked.fields.items():
                one.page.fill(selector, text)
            action = path.replace("{borrower}", "many-lenders")
            # What a browser would not send is sent all the same: the server's word is looked at.
            one.page.eval_on_selector_all(
                "form", "all => all.forEach(one => one.noValidate = true)"
            )
            one.page.locator(f"main form[action='{action}'] button:not([formaction])").last.click()
            one.page.wait_for_selector(asked.sign)
            one.heard = [line for line in one.heard if asked.heard not in line]
            told = f"{path} {asked.sign}"
            wrong += [f"{told}: {fault}" for fault in faults(one, width, axe=width == 390)]
            if shot(one, f"{path} answers {asked.sign} {lang} {width}")[0] != width:
                wrong.append(f"{told}: the picture is wider than its window")
            one.context.close()
    assert not wrong, "\n".join(wrong)


WRONG = ("nothing there", "no session", "another room", "too large", "a part is away", "a fault")


@pytest.mark.parametrize(("lang", "width"), [("zh", 390), ("en", 1440)])
@pytest.mark.parametrize("what", WRONG)
def test_the_page_that_says_what_went_wrong_fits_too(browser, demo, monkeypatch, lang, width, what):
    """It says what happened and what to do, and has a way on, whatever it was."""
    who = {"no session": "", "another room": "support"}.get(what, "over-indebted")
    cookie = ("xindeng", demo.credential(who)) if who else None
    scripts = what != "too large"  # with scripts it is told before anything is sent
    one = visitor(browser, demo.url, lang=lang, width=width, cookie=cookie, scripts=scripts)
    broken = {"a part is away": UnavailableError("10.0.0.7 refused", code="store.away"),
              "a fault": ZeroDivisionError("a secret")}.get(what)  # fmt: skip
    if broken is not None:
        monkeypatch.setattr(lines, "show", Mock(side_effect=broken))
    if what == "too large":
        one.go("/me/check-up")
        big = {"name": "a.csv", "mimeType": "text/csv", "buffer": b"x" * 12_000_000}
        one.page.set_input_files("#paper-bills", big)
        one.page.click("#papers-form button")
        one.page.wait_for_url("**/me/check-up")
    else:
        one.go("/nowhere" if what == "nothing there" else "/me")
    text = one.page.inner_text("main")
    assert len(text) > 40 and "secret" not in text and "10.0.0.7" not in text
    assert one.page.query_selector("main a.btn, header a"), "there is no way on"
    if what in ("a part is away", "a fault"):
        assert any(said in text for said in ("不是您", "not you", "not of yours"))
    if scripts:
        one.heard = [line for line in one.heard if "Failed to load resource" not in line]
        assert faults(one, width, axe=True) == []
    assert shot(one, f"wrong {what} {lang} {width}")[0] == width
    one.context.close()


def test_a_large_paper_is_told_before_it_is_sent(browser, demo):
    one = visitor(browser, demo.url, cookie=("xindeng", demo.credential("over-indebted")))
    one.go("/me/check-up")
    big = {"name": "a.csv", "mimeType": "text/csv", "buffer": b"x" * 12_000_000}
    one.page.set_input_files("#paper-bills", big)
    sent: list[str] = []
    one.page.on("request", lambda asked: sent.append(asked.method))
    one.page.click("#papers-form button")
    assert "10 MB" in one.page.inner_text("#answer")
    assert "POST" not in sent
    one.page.set_input_files("#paper-bills", [])
    one.page.fill("#income", "9000")
    one.page.click("#papers-form button")  # the same form works again
    one.page.wait_for_selector("#answer h1")
    one.context.close()


def test_planted_faults_are_seen(browser, demo):
    one = visitor(browser, demo.url, cookie=("xindeng", demo.credential("over-indebted")))
    one.go("/me")
    assert faults(one, 390, axe=True) == []
    one.page.evaluate(
        """() => { const wide = document.createElement('p'); wide.textContent = 'x'.repeat(400);
           wide.style.width = '900px'; document.querySelector('main').append(wide);
           const blank = document.createElement('button');
           document.querySelector('main').append(blank); console.log('left behind');
           const form = document.createElement('form'); form.method = 'post';
           form.setAttribute('action', '/me/nothing'); form.id = 'main';
           document.querySelector('main').append(form);
           const clip = document.createElement('div'); clip.className = 'clip';
           clip.textContent = 'y'.repeat(400); document.querySelector('main').append(clip);
           clip.style.overflow = 'hidden'; clip.style.whiteSpace = 'nowrap';
           clip.style.overflowWrap = 'normal';
           const light = document.createElement('span'); light.className = 'light red';
           light.textContent = '冻结 over_limit'; document.querySelector('main').append(light);
           fetch('http://127.0.0.1:9/elsewhere').catch(() => 0); }"""
    )
    found = "\n".join(faults(one, 390, axe=True))
    for sign in ("wider", "sticks out", "within the page", "axe button-name", "left behind",
                 "is cut", "without its shape", "a word we do not use", "a code where", "two of the same id", "a form leads nowhere", "without its proof"):  # fmt: skip
        assert sign in found, (sign, found)
    assert "Content Security Policy" in found  # the request never left
    assert shot(one, "planted")[0] > 390
    lost = {"links": ["/me", "/me/gone", "https://elsewhere.example/"], "acts": []}
    assert len(list(astray(lost, ""))) == 2
    one.context.close()
