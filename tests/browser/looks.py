"""What every page is held against in a browser: it fits, asks nobody else, complains of nothing,
leads only to what there is, and a person with a screen reader or without a mouse can use it."""

from __future__ import annotations

import os
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe

from xindeng.web.assets import PREFIX
from xindeng.web.table import PAGES

WIDE = """() => { const most = document.documentElement.clientWidth + 1;
  const hidden = e => { for (let p = e; p; p = p.parentElement) {
      const how = getComputedStyle(p);
      if (p.classList.contains('scroll') || p.classList.contains('unseen') || how.overflowX == 'auto'
          || (p.tagName == 'DETAILS' && !p.open)) return true; }
    return false; };
  return [...document.querySelectorAll('body *')].filter(e => !hidden(e) && !e.closest('svg')
      && e.getClientRects().length && e.getBoundingClientRect().right > most)
    .map(e => e.tagName + '.' + e.className).slice(0, 5); }"""
AXE = Axe().axe_script
RUN = """async (only) => { const how = {resultTypes: ['violations']};
  if (only) how.runOnly = only;
  const found = await axe.run(document, how);
  return found.violations.filter(v => ['serious', 'critical'].includes(v.impact))
    .map(v => v.id + ': ' + v.nodes.slice(0, 3).map(n => n.html.slice(0, 160)).join(' | ')); }"""


@dataclass
class Visitor:
    """A browser window of somebody, and all that it heard."""

    context: Any
    page: Any
    heard: list[str]
    url: str
    meter: Any
    """What measures the page at the browser itself, whether or not scripts run in it."""

    def go(self, path: str) -> Any:
        answer = self.page.goto(self.url + path)
        assert answer is not None
        return answer


def visitor(
    browser: Any, url: str, *, lang: str = "zh", width: int = 390, scheme: str = "light",
    cookie: tuple[str, str] | None = None, scripts: bool = True,
) -> Visitor:  # fmt: skip
    """A window of that width, language and colours; signed in where a cookie is given."""
    context = browser.new_context(
        viewport={"width": width, "height": 844}, color_scheme=scheme,
        locale="zh-CN" if lang == "zh" else "en-GB", timezone_id="Asia/Shanghai",
        java_script_enabled=scripts, reduced_motion="reduce",
    )  # fmt: skip
    if cookie is not None:
        context.add_cookies([{"name": cookie[0], "value": cookie[1], "url": url}])
    page = context.new_page()
    heard: list[str] = []
    page.on("console", lambda message: heard.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: heard.append(f"script: {error}"))
    page.on(
        "request",
        lambda asked: heard.append(f"asks {asked.url}") if not asked.url.startswith(url) else None,
    )
    return Visitor(context, page, heard, url, context.new_cdp_session(page))


CUT = """() => [...document.querySelectorAll('body *')].filter(e => !e.closest('svg, .unseen')
    && ['hidden', 'clip'].includes(getComputedStyle(e).overflowX) && e.checkVisibility()
    && e.clientWidth > 1 && e.scrollWidth > e.clientWidth + 1).map(e => e.tagName + '.' + e.className).slice(0, 5)"""
LOOK = f"""() => {{
  const ids = [...document.querySelectorAll('[id]')].map(e => e.id);
  const acts = [...document.forms].flatMap(form => [form, ...form.elements]
      .map(e => e === form ? form.getAttribute('action') : e.getAttribute('formaction'))
      .filter(Boolean).map(to => [form.method.toUpperCase(), to,
          [...form.elements].filter(e => e.name === '_csrf' && /^[0-9a-f]{{40}}$/.test(e.value)).length]));
  return {{
    wide: document.documentElement.scrollWidth, out: ({WIDE})(), cut: ({CUT})(), acts,
    within: document.querySelectorAll('[style], style, script:not([src])').length,
    bare: [...document.querySelectorAll('.light')].filter(e => !/[●▲■○◇✓✗]/.test(e.textContent))
        .map(e => e.textContent.trim()),
    untold: [...document.querySelectorAll('svg.chart')]
        .filter(e => !e.closest('figure, section').querySelector('table')).length,
    said: document.querySelector('main').innerText,
    twice: ids.filter((id, at) => ids.indexOf(id) !== at),
    links: [...document.querySelectorAll('a[href]')].map(a => a.getAttribute('href')),
  }}; }}"""
BARRED = re.compile(r"冻结|修复|预审通过|已证明|▲ ?关注|■ ?阻断|与您无关")
"""Words that frighten, promise, blame, or that swindlers use."""
CODE = re.compile(
    r"\b[a-z]+(?:_[a-z0-9]+)+\b|\b[a-z]+\.[a-z]+_[a-z_]+\b|--[a-z]+|\bNone\b|%\(\w+\)s|{\w+}"
)
"""What only a program would say."""
ROUTES = [(one.method, re.compile(re.sub(r"{\w+}", "[^/]+", one.path))) for one in PAGES]


def leads(method: str, to: str) -> bool:
    """Whether an address on a page is one of ours that answers such a request."""
    there = urlsplit(to)
    return not there.netloc and (
        there.path.startswith(PREFIX)
        or any(method == known and pattern.fullmatch(there.path) for known, pattern in ROUTES)
    )


def astray(seen: dict[str, Any], outside: str) -> Iterator[str]:
    """Yield the links and forms of a page that lead nowhere or bring no proof where they are from;
    `outside` is where a link may lead besides."""
    for to in seen["links"]:
        known = to.startswith("#") or (outside and to.startswith(outside)) or leads("GET", to)
        if not known:
            yield f"a link leads nowhere: {to}"
    for method, to, proofs in seen["acts"]:
        if not leads(method, to):
            yield f"a form leads nowhere: {method} {to}"
        if method == "POST" and proofs != 1:
            yield f"a form without its proof: {to}"


def faults(one: Visitor, width: int, *, axe: bool | str = False, outside: str = "") -> list[str]:
    """Everything that is wrong with the page a visitor sees; `axe` may name one rule alone."""
    page = one.page
    found = [f"heard {line}" for line in one.heard]
    one.heard.clear()
    seen = page.evaluate(LOOK)
    if seen["wide"] > width:
        found.append(f"wider than {width}")
    found += [f"sticks out: {name}" for name in seen["out"]]
    found += [f"is cut: {name}" for name in seen["cut"]]
    found += [f"two of the same id: {name}" for name in seen["twice"]]
    found += [f"a light without its shape: {name}" for name in seen["bare"]]
    found += [f"a word we do not use: {word}" for word in BARRED.findall(seen["said"])]
    if urlsplit(page.url).path.startswith("/me"):
        found += [f"a code where a person reads: {word}" for word in CODE.findall(seen["said"])]
    found += ["a chart without the table behind it"] * seen["untold"]
    found += astray(seen, outside)
    if seen["within"]:
        found.append("styles or scripts within the page")
    if axe:
        if not page.evaluate("typeof axe == 'object'"):
            page.evaluate(AXE)
        only = [axe] if isinstance(axe, str) else None
        found += [f"axe {line}" for line in page.evaluate(RUN, only)]
    return found


def shot(one: Visitor, name: str) -> tuple[int, int]:
    """Return how large a picture of the whole page is: a page that flows over its window makes a
    wider one. It is taken and kept in the folder XINDENG_SCREENSHOTS names, for people to look at;
    without one, what the browser would make it of is asked for, at a tenth of the price."""
    folder = os.environ.get("XINDENG_SCREENSHOTS")
    if folder is None:
        whole = one.meter.send("Page.getLayoutMetrics")["cssContentSize"]
        return int(whole["width"]), int(whole["height"])
    picture = one.page.screenshot(full_page=True, caret="initial")
    Path(folder).mkdir(parents=True, exist_ok=True)
    named = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    (Path(folder) / f"{named}.png").write_bytes(picture)
    width, height = struct.unpack(">II", picture[16:24])
    return int(width), int(height)


def other_colours(one: Visitor, scheme: str) -> str:
    """Show the same page in the other colours, without asking for it again; return which."""
    other = {"light": "dark", "dark": "light"}[scheme]
    one.page.emulate_media(color_scheme=other)
    return other
