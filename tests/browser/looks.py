"""What every page is held against in a browser: it fits, asks nobody else, complains of nothing,
and a person with a screen reader or without a mouse can use it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from axe_playwright_python.sync_playwright import Axe

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
    return Visitor(context, page, heard, url)


LOOK = f"""() => [document.documentElement.scrollWidth, ({WIDE})(),
  document.querySelectorAll('[style], style, script:not([src])').length]"""


def faults(one: Visitor, width: int, *, axe: bool | str = False) -> list[str]:
    """Everything that is wrong with the page a visitor sees; `axe` may name one rule alone."""
    page = one.page
    found = [f"heard {line}" for line in one.heard]
    one.heard.clear()
    wide, out, within = page.evaluate(LOOK)
    if wide > width:
        found.append(f"wider than {width}")
    found += [f"sticks out: {name}" for name in out]
    if within:
        found.append("styles or scripts within the page")
    if axe:
        if not page.evaluate("typeof axe == 'object'"):
            page.evaluate(AXE)
        only = [axe] if isinstance(axe, str) else None
        found += [f"axe {line}" for line in page.evaluate(RUN, only)]
    return found


def other_colours(one: Visitor, scheme: str) -> str:
    """Show the same page in the other colours, without asking for it again; return which."""
    other = {"light": "dark", "dark": "light"}[scheme]
    one.page.emulate_media(color_scheme=other)
    return other
