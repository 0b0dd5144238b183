"""Templates: all escaped, nothing left undefined, words and figures as the visitor's look."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Final
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context
from jinja2.runtime import Context

from xindeng.decision.words import LIGHT_WORDS, SYMBOLS
from xindeng.web.assets import place
from xindeng.web.charts import draw
from xindeng.web.look import LANGS, Lang, translations
from xindeng.web.terms import coded

LIGHTS: Final = ("green", "yellow", "red", "no_data", "our_side")


def render(template: str, lang: Lang, what: Mapping[str, Any]) -> bytes:
    """Return a page as UTF-8; `what` holds at least `look`, by which the filters tell figures."""
    return environment(lang).get_template(template).render(what).encode()


@cache
def environment(lang: Lang) -> Environment:
    """Return the environment of a language."""
    made = Environment(
        autoescape=True,
        loader=PackageLoader("xindeng.web"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        extensions=["jinja2.ext.i18n"],
    )
    made.install_gettext_translations(translations(lang), newstyle=True)  # type: ignore[attr-defined]
    made.filters.update(
        {name: _by_look(name) for name in ("money", "day", "moment", "percent", "number")},
        symbol=lambda light: SYMBOLS[light],
        light_word=lambda light: LIGHT_WORDS[lang][light],
        draw=draw,
        codes=coded,
        seg=lambda name: quote(str(name), safe=""),
        kind=lambda block: str(block.__struct_config__.tag),
    )
    made.globals.update(asset=place, langs=LANGS)
    return made


def _by_look(name: str) -> Any:
    @pass_context
    def told(context: Context, value: Any, *more: Any) -> str:
        return str(getattr(context["look"], name)(value, *more))

    return told
