"""The demo's people are told the same thing on each of their pages, and by support on the phone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import httpx
import pytest

from tests.site_world import Demonstration, demonstration
from xindeng.store import Store

LANGS = ("zh", "en")


@pytest.fixture(scope="module")
def demo(store: Store, test_home: Path) -> Iterator[Demonstration]:
    with demonstration(store, test_home) as found:
        yield found


class Reader:
    """Somebody who reads pages in a language; what they see is text, tags aside."""

    def __init__(self, demo: Demonstration, who: str, lang: str) -> None:
        self.url = demo.url
        self.cookies = {"xindeng": demo.credential(who), "xindeng-lang": lang}

    def ask(self, path: str, form: dict[str, str] | None = None) -> httpx.Response:
        with httpx.Client(base_url=self.url, cookies=self.cookies, follow_redirects=True,
                          headers={"Accept": "text/html"}, timeout=60) as http:  # fmt: skip
            return http.get(path) if form is None else http.post(path, data=form)

    def see(self, path: str, status: int = 200) -> str:
        answer = self.ask(path)
        assert answer.status_code == status, (path, answer.status_code)
        return seen(answer.text)

    def plan(self) -> str:
        proof = re.search(r'name="_csrf" value="([0-9a-f]{40})"', self.ask("/me").text)
        assert proof is not None
        return seen(self.ask("/me/plan", {"_csrf": proof[1]}).text)


def seen(page: str) -> str:
    main = page.partition("<main")[2].partition("</main>")[0].partition(">")[2]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", main)))


@pytest.mark.parametrize("lang", LANGS)
def test_a_pause_tells_the_same_days_everywhere(demo: Demonstration, lang: str) -> None:
    """By waiting alone, and reviewed at the latest: two days, each with its name, on each page."""
    reader = Reader(demo, "strange-inflow", lang)
    home, why, plan = reader.see("/me"), reader.see("/me/why"), reader.plan()
    opens, review = "2026-11-08 04:01", "2026-11-09 09:42"
    for page in (home, why, plan):
        assert opens in page and review in page, page
    waiting = {"zh": "只靠等待", "en": "By waiting alone"}[lang]
    assert re.search(rf"{waiting}[^。.]*? {opens}", home), home
    pause = {"zh": "“资金往来观察”结束", "en": "the end of the observation of money"}[lang]
    assert pause in why, why
    # What stands in the way may have any light: it is not called "not passed" under a ▲.
    assert {"zh": "现在限制借款的是：资金往来", "en": "In the way now: Money in"}[lang] in plan
    assert "未通过的是" not in plan
