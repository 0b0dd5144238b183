"""How a visitor wants to be spoken to: language, light or dark, time zone; words and figures in it.

Words are gettext catalogues in `words/`, one file a part of the site, English being the source.
"""

from __future__ import annotations

import gettext
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache
from importlib.resources import files
from io import BytesIO
from typing import Final, Literal
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent

from xindeng.kernel.errors import InputError
from xindeng.kernel.money import MINOR_DIGITS, SYMBOLS, Money
from xindeng.kernel.time import Zone, to_date, zone

Lang = Literal["zh", "en"]
LANGS: Final[tuple[Lang, ...]] = ("zh", "en")
TAGS: Final[Mapping[Lang, str]] = {"zh": "zh-CN", "en": "en"}
_LOCALES: Final = {"zh": Locale.parse("zh_CN"), "en": Locale("en")}
THEMES: Final = ("auto", "light", "dark")
_ALSO: Final = {"cmn": "zh", "yue": "zh"}
"""Other tags under which browsers ask for a language of ours."""
_Q: Final = re.compile(r"0(\.\d{0,3})?|1(\.0{0,3})?")
_OLDEST, _NEWEST = 0, 253_402_000_000_000_000


@dataclass(frozen=True, slots=True)
class Look:
    """Language, theme and zone of one visitor; `own_zone` says that the zone is the visitor's."""

    lang: Lang
    zone: Zone
    theme: str = "auto"
    own_zone: bool = False

    @property
    def tag(self) -> str:
        """Return the language tag of the page."""
        return TAGS[self.lang]

    def say(self, text: str, /, **slots: object) -> str:
        """Return a text of ours in this language, its {slots} filled."""
        told = translations(self.lang).gettext(text)
        return told.format(**slots) if slots else told

    def money(self, minor: int | None, currency: str = "CNY") -> str:
        """Return an amount, with decimals only where it has any; a dash where it is not known."""
        if minor is None:
            return "—"
        digits = MINOR_DIGITS[currency] if minor % 10 ** MINOR_DIGITS[currency] else 0
        pattern = "#,##0" + (f".{'0' * digits}" if digits else "")
        body = format_decimal(
            abs(Money(minor, currency).decimal()), pattern, locale=_LOCALES[self.lang]
        )
        sign, symbol = "−" if minor < 0 else "", SYMBOLS.get(currency)
        return f"{sign}{symbol}{body}" if symbol else f"{sign}{body} {currency}"

    def number(self, value: float) -> str:
        """Return a number with its thousands told apart."""
        return str(format_decimal(value, locale=_LOCALES[self.lang]))

    def percent(self, share: float | Decimal, digits: int = 1) -> str:
        """Return a share of one as a percentage."""
        pattern = "#,##0" + (f".{'0' * digits}" if digits else "") + "%"
        return str(format_percent(share, pattern, locale=_LOCALES[self.lang]))

    def day(self, day: int | str) -> str:
        """Return a local day (its number, or as it is written) as every text of ours writes it."""
        return day if isinstance(day, str) else to_date(day).isoformat()

    def moment(self, at: int) -> str:
        """Return an instant (µs) to the minute in the visitor's zone; only the day at midnight."""
        if not _OLDEST <= at <= _NEWEST:
            return "—"
        told = self.zone.written(at)
        return f"{told} ({self.zone.name})" if self.own_zone else told


def look_of(cookies: Mapping[str, str], accepts: str, home: Zone) -> Look:
    """Return the look of a visitor: what they set, then what their browser asks for.

    `home` is the policy's zone, in which times are told until the browser says its own.
    """
    lang = cookies.get("xindeng-lang")
    theme = cookies.get("xindeng-theme", "auto")
    theirs = _zone(unquote(cookies.get("xindeng-zone", "")))
    own = theirs is not None and theirs.name != home.name
    return Look(
        lang="zh" if lang == "zh" else "en" if lang == "en" else wanted(accepts),
        zone=theirs if theirs is not None and own else home,
        theme=theme if theme in THEMES else "auto",
        own_zone=own,
    )


def wanted(accepts: str) -> Lang:
    """Return which of our languages an Accept-Language header wants most; Chinese if neither.

    Read as RFC 9110 (12.5.4) says: spaces around the signs and letters of either case mean nothing,
    a weight beyond 0 to 1 is no weight, and 0 means "not this one".
    """
    best, found = 0.0, "zh"
    for part in accepts.split(",")[:20]:
        name, *more = (one.strip().lower() for one in part.split(";"))
        weight = _weight(more)
        primary = name.replace("_", "-").partition("-")[0]
        ours = _ALSO.get(primary, primary)
        if ours in LANGS and weight > best:
            best, found = weight, ours
    return "en" if found == "en" else "zh"


def _weight(parameters: Sequence[str]) -> float:
    """Return the weight (0 to 1) of a language; 0 for one that cannot be read."""
    pairs = (one.partition("=") for one in parameters)
    told = [value.strip() for name, _, value in pairs if name.strip() == "q"]
    if not told:
        return 1.0
    return float(told[0]) if _Q.fullmatch(told[0]) else 0.0


@cache
def translations(lang: Lang) -> gettext.NullTranslations:
    """Return the words of a language; English needs none, for the texts are written in it."""
    if lang == "en":
        return gettext.NullTranslations()
    every = Catalog(locale="zh_CN")
    for part in sorted((files("xindeng.web") / "words").iterdir(), key=lambda one: one.name):
        if part.name.endswith(".zh_CN.po"):
            for message in read_po(BytesIO(part.read_bytes()), locale="zh_CN"):
                if message.id:
                    every[message.id] = message
    compiled = BytesIO()
    write_mo(compiled, every)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


@lru_cache(maxsize=64)
def _zone(name: str) -> Zone | None:
    if not 1 <= len(name) <= 60:
        return None
    try:
        ZoneInfo(name)
        return zone(name)
    except (InputError, KeyError, ValueError, OSError):
        return None
