"""The page of a check-up in a real browser: fits a phone, asks nobody, can be read and printed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.checkup_world import enquirer, over_indebted, policy
from xindeng.decision.request import Request
from xindeng.decision.words import LANGUAGES
from xindeng.service.checkup import Handed, run
from xindeng.web.report_page import render

DEBTS = """贷款机构,种类,余额,年利率,每月应还,剩余期数
一家名字特别特别长的消费金融股份有限公司某某分公司,信用卡,18000,18.25%,1800,
乙银行,分期,140000,4.5%,1400,120
丙消费金融,分期,9600,15%,900,12
"""
WIDTHS = (320, 390, 768, 1440)


@pytest.fixture(scope="module")
def pages(tmp_path_factory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    found = {}
    for lang in LANGUAGES:
        for person in (over_indebted(), enquirer()):
            name = f"{lang}-{person.zone.local(person.now):%m%d}"
            found[name] = folder / f"{name}.html"
            found[name].write_text(
                render(person.told(person.checked(8_000), lang)), encoding="utf-8"
            )
        (folder / "debts.csv").write_text(DEBTS, encoding="utf-8")
        now = policy().zone.parse("2026-09-10 12:00")
        done = run(policy(), Handed(debts=folder / "debts.csv", income=900_000), now, lang,
                   request=Request(800_000))  # fmt: skip
        found[f"{lang}-debts"] = folder / f"{lang}-debts.html"
        found[f"{lang}-debts"].write_text(render(done.report), encoding="utf-8")
    return found


def opened(browser: Any, path: Path, width: int, scheme: str = "light") -> tuple[Any, list[str]]:
    page = browser.new_page(viewport={"width": width, "height": 844}, color_scheme=scheme)
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text))
    page.on(
        "request",
        lambda asked: heard.append(asked.url) if not asked.url.startswith("file:") else None,
    )
    page.goto(path.as_uri())
    return page, heard


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_overflows_and_nothing_is_asked_for(browser, pages, width):
    for name, path in pages.items():
        page, heard = opened(browser, path, width)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        wide = page.evaluate(
            """() => [...document.querySelectorAll('main *')].filter(e => !e.closest('.scroll') &&
               e.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
               .map(e => e.tagName + '.' + e.className).slice(0, 5)"""
        )
        assert not wide, (name, wide)
        assert not heard, (name, heard)
        page.close()


def test_an_overflow_would_be_seen(browser, pages, tmp_path):
    text = next(iter(pages.values())).read_text(encoding="utf-8")
    planted = tmp_path / "planted.html"
    planted.write_text(
        text.replace("<main>", "<main><pre>" + "x" * 400 + "</pre>"), encoding="utf-8"
    )
    page, _ = opened(browser, planted, 390)
    assert page.evaluate("document.documentElement.scrollWidth") > 390
    page.close()


CONTRAST = """() => {
  const lum = c => { const v = c.match(/[\\d.]+/g).slice(0, 3).map(x => x / 255)
      .map(x => x <= 0.03928 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4);
      return 0.2126 * v[0] + 0.7152 * v[1] + 0.0722 * v[2]; };
  const back = e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor;
      if (!/rgba\\(.*, 0\\)$/.test(c)) return c; } return 'rgb(255, 255, 255)'; };
  return [...document.querySelectorAll('p, li, td, th, dt, dd, h1, h2, h3, span, summary, a, caption')]
    .filter(e => e.getClientRects().length && [...e.childNodes].some(n => n.nodeType == 3 && n.textContent.trim()))
    .map(e => { const a = lum(getComputedStyle(e).color), b = lum(back(e));
      return [e.tagName + '.' + e.className, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)]; })
    .filter(one => one[1] < 4.5).slice(0, 5); }"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_texts_can_be_read(browser, pages, scheme):
    for name, path in pages.items():
        page, _ = opened(browser, path, 1440, scheme)
        weak = page.evaluate(CONTRAST)
        assert not weak, (name, weak)
        page.close()


def test_what_is_folded_is_printed(browser, pages):
    page, _ = opened(browser, pages["zh-debts"], 1440)
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.querySelector('nav')).display") == "none"
    assert page.pdf(format="A4").startswith(b"%PDF")
    page.close()
