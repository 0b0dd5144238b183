"""A check-up's report as one HTML file: no script, nothing fetched, every text escaped."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files
from typing import Final

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from xindeng.decision.words import SYMBOLS
from xindeng.repair.checkup.blocks import Block, Report
from xindeng.repair.review.letters import Letter
from xindeng.web.charts import draw
from xindeng.web.report_words import PAGE

_TAGS: Final = {"zh": "zh-CN", "en": "en"}


def render(report: Report) -> str:
    """Return the page of a check-up; it needs nothing but itself."""
    return _page("report", report.lang, report=report, words=PAGE[report.lang])


def render_letter(letter: Letter) -> str:
    """Return a letter as a page to print; what is said to the sender alone is not printed."""
    return _page("letter", letter.lang, letter=letter)


def _page(name: str, lang: str, **shown: object) -> str:
    style = _asset(f"{name}.css")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    template = _environment().get_template(f"{name}.html")
    return template.render(
        style=Markup(style),  # noqa: S704 - our own file
        tag=_TAGS[lang],
        policy=f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; "
        "form-action 'none'",
        **shown,
    )


@cache
def _environment() -> Environment:
    """Return the environment of all pages: everything is escaped, nothing may be left undefined."""
    made = Environment(
        autoescape=True,
        loader=FunctionLoader(_asset),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["symbol"] = lambda light: SYMBOLS[light]
    made.filters["kind"] = _kind
    made.filters["draw"] = draw
    return made


def _kind(block: Block) -> str:
    """Return the kind of a block, by which the template chooses how to show it."""
    return str(block.__struct_config__.tag)


@cache
def _asset(name: str) -> str:
    return (files("xindeng.web") / "templates" / name).read_text(encoding="utf-8")
