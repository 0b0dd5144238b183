"""No desk page shows a bare code: every name of the engine has its words, or is marked as code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest

from tests.site_world import Demonstration, demonstration
from xindeng.access.table import ACTIONS
from xindeng.policy.bundle import load
from xindeng.policy.model import CATEGORIES, CONSENTS, EFFECTS, WHOSE
from xindeng.service.policies import read_bundle
from xindeng.store import Store
from xindeng.web.risk.action_words import ACTION_WORDS
from xindeng.web.table import PAGES
from xindeng.web.terms import WORDS, coded

CODE = re.compile(
    r"(?<![\w/.@-])(?:[a-z][a-z0-9]*(?:[._][a-z0-9]+)+|[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)(?![\w@])"
)
WORD = re.compile(r"[a-z]{4,}")
VOID = {"input", "meta", "link", "br", "path", "rect", "circle", "line", "polygon"}
APART = {"code", "title", "textarea", "script", "style"}
NAMES = {"theft"}
"""A customer's number, which heads the page of whoever opened it."""
FULL = ("/desk?q=over", "/risk/policy?file=areas/debt.yaml", "/risk/audit?actor=staff:",
        "/risk/policy/rule?id=debt.payment_to_income_high", "/risk?days=90",
        "/risk/policy/rule?id=security.incident_open", "/risk/models/drift?days=90",
        "/desk/borrowers/theft/timeline?all=1")  # fmt: skip


class Bare(HTMLParser):
    """Gathers the texts of a page that are codes and stand where people read words."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, bool]] = []
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append((tag, ("lang", "en") in attrs))

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if APART.intersection(tag for tag, _ in self.open):
            return
        text = " ".join(data.split())
        self.found += [f"{one[0]!r} in {text[:60]!r}" for one in CODE.finditer(text)]
        english = any(lang for _, lang in self.open)
        if WORD.fullmatch(text) and text not in NAMES and not english:
            self.found.append(repr(text))


def bare(page: str) -> list[str]:
    told = Bare()
    told.feed(page.partition("<body")[2])
    return told.found


@pytest.fixture(scope="module")
def demo(store: Store, test_home: Path) -> Iterator[Demonstration]:
    with demonstration(store, test_home) as found:
        found.ask_early("theft")
        found.look_back()
        found.challenge()
        yield found


def places(demo: Demonstration) -> Iterator[str]:
    known = [demo.names(one) for one in ("theft", "over-indebted", "all-green")]
    for page in PAGES:
        if page.room != "desk" or page.method != "GET" or not page.template:
            continue
        needed = set(re.findall(r"{(\w+)}", page.path))
        for names in known:
            if needed <= names.keys():
                yield page.path.format(**names)
    yield from FULL


def test_no_desk_page_shows_a_bare_code(demo):
    wrong, seen = [], 0
    who = {desk: httpx.Client(base_url=demo.url, headers={"Accept-Language": "zh"}, timeout=120,
                              cookies={"xindeng": demo.credential(desk)})
           for desk in ("support", "approver")}  # fmt: skip
    for path in places(demo):
        for desk, client in who.items():
            answer = client.get(path)
            if answer.status_code == 403:
                continue
            assert answer.status_code == 200, (path, answer.status_code)
            seen += 1
            wrong += [f"{desk} {path}: {one}" for one in bare(answer.text)]
    assert seen > 60
    assert not wrong, "\n".join(dict.fromkeys(wrong))


def test_support_says_the_review_that_stands_on_the_same_page(demo):
    with httpx.Client(base_url=demo.url, headers={"Accept-Language": "zh"}, timeout=120,
                      cookies={"xindeng": demo.credential("support")}) as client:  # fmt: skip
        page = client.get("/desk/borrowers/theft").text
    assert "不想随口猜一个" not in page and page.count("最迟 2026-11-05") >= 1


def test_a_bare_code_is_seen():
    page = "<body><p>缘由 security.incident_open</p><td>seasoned</td><code>a_b</code>"
    assert bare(page) == ["'security.incident_open' in '缘由 security.incident_open'", "'seasoned'"]
    assert bare("<body><p>PAYMENT_BURDEN_HIGH</p>") and not bare("<body><input value='a_b'>")


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("见 debt.income_none。", "见 <code>debt.income_none</code>。"),
        ("<b>a_b</b>", "&lt;b&gt;<code>a_b</code>&lt;/b&gt;"),
        ("LINE_HOLD", "<code>LINE_HOLD</code>"),
        ("a@b.example 3.5 e.g", "a@b.example 3.5 <code>e.g</code>"),
    ],
)
def test_codes_are_marked_and_all_is_escaped(text, marked):
    assert coded(text) == marked


def test_every_action_and_every_closed_name_has_words():
    assert set(ACTIONS) <= set(ACTION_WORDS)
    for kind, names in (("whose", WHOSE), ("category", CATEGORIES), ("basis", CONSENTS)):
        assert set(names) <= set(WORDS[kind]), kind
    assert set(EFFECTS) <= set(load(read_bundle("consumer_line")).repair) | set(EFFECTS)


@pytest.mark.parametrize("name", ["consumer_line", "bank_cashflow"])
def test_the_reference_policies_name_their_features_and_reasons(name):
    policy = load(read_bundle(name))
    features = [*(one.name for one in policy.book.base), *(one.name for one in policy.book.derived)]
    assert [one for one in features if set(policy.book.labels.get(one, {})) != {"zh", "en"}] == []
    assert [one.id for one in policy.all_rules if set(one.title) != {"zh", "en"}] == []
    assert {one.data.purpose for one in policy.all_rules} <= set(WORDS["purpose"])
    assert {one.owner for one in policy.line.kinds.values()} <= set(WORDS["owner"])
    assert {one.unit for one in policy.book_of_parameters.parameters} <= set(WORDS["unit"])
