"""Texts with placeholders: `{column:format}` and `{$parameter:format}`.

Parsed and checked when the bundle is read, rendered when a decision is explained.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from xindeng.kernel.errors import InputError
from xindeng.kernel.money import Money
from xindeng.kernel.time import Zone, to_date
from xindeng.language import Kind, Value

FORMATS: Final[Mapping[str, frozenset[Kind]]] = {
    "money": frozenset({Kind.BIGINT, Kind.DOUBLE}),
    "percent": frozenset({Kind.DOUBLE, Kind.BIGINT}),
    "count": frozenset({Kind.BIGINT}),
    "days": frozenset({Kind.BIGINT}),
    "hours": frozenset({Kind.BIGINT}),
    "date": frozenset({Kind.BIGINT}),
    "datetime": frozenset({Kind.BIGINT}),
    "text": frozenset({Kind.TEXT, Kind.BOOL}),
    "number": frozenset({Kind.DOUBLE, Kind.BIGINT}),
}
"""Format → the kinds it takes. `percent` takes a share, or basis points if BIGINT."""

_SLOT = re.compile(r"\{(\$?)([a-z][a-z0-9_]*):([a-z]+)\}")
_BETWEEN_CHARACTERS: Final = re.compile(
    r"(?<=[\u3000-\u9fff\uff00-\uffef]) +(?=[\u3000-\u9fff\uff00-\uffef])"
)
_NOTHING: Final = {"zh": "暂无数据", "en": "no data"}
_FLAGS: Final = {"zh": ("否", "是"), "en": ("no", "yes")}


@dataclass(frozen=True, slots=True)
class Slot:
    """One placeholder: a column, or a `parameter`, and its format."""

    name: str
    parameter: bool
    format: str

    def __str__(self) -> str:
        """Return it as written."""
        return f"{{{'$' if self.parameter else ''}{self.name}:{self.format}}}"


@lru_cache(maxsize=4096)
def parse_template(text: str) -> tuple[str | Slot, ...]:
    """Return the text cut into words and slots; raises InputError for any other brace."""
    parts: list[str | Slot] = []
    end = 0
    for match in _SLOT.finditer(text):
        parts.append(text[end : match.start()])
        parts.append(Slot(match[2], bool(match[1]), match[3]))
        end = match.end()
    parts.append(text[end:])
    for part in parts:
        if isinstance(part, str) and ("{" in part or "}" in part):
            start = max(part.find("{"), 0)
            raise InputError(
                f"not a placeholder: {part[start : start + 40]!r}",
                next_step="write {column:format} or {$parameter:format}",
                code="text.placeholder",
            )
    return tuple(part for part in parts if part)


def slots(text: str) -> list[Slot]:
    """Return the placeholders of a text; raises InputError as `parse_template` does."""
    return [part for part in parse_template(text) if isinstance(part, Slot)]


def render(
    text: str, value_of: Callable[[Slot], Value], *, language: str, currency: str, zone: Zone
) -> str:
    """Return the text with every placeholder filled in; NULL reads as "no data".

    Chinese takes a space beside a figure, but none between two characters.
    """
    said = "".join(
        part
        if isinstance(part, str)
        else show(value_of(part), part.format, language, currency, zone)
        for part in parse_template(text)
    )
    return _BETWEEN_CHARACTERS.sub("", said) if language == "zh" else said


def show(value: Value, form: str, language: str, currency: str, zone: Zone) -> str:
    """Return one value in one format and language ("zh" or "en")."""
    if value is None:
        return _NOTHING[language]
    if isinstance(value, bool):
        return _FLAGS[language][value]
    if isinstance(value, str):
        return value
    if form == "money":
        return str(Money(round(value), currency))
    if form == "percent":
        share = value / 100 if isinstance(value, int) else value * 100
        return f"{_short(share, 2 if isinstance(value, int) else 1)}%"
    if form in ("days", "hours"):
        if language == "zh":
            return f"{value:,} {'天' if form == 'days' else '小时'}"
        return f"{value:,} {form if abs(value) != 1 else form[:-1]}"
    if form == "date":
        return to_date(round(value)).isoformat()
    if form == "datetime":
        return zone.local(round(value)).strftime("%Y-%m-%d %H:%M")
    return f"{value:,}" if isinstance(value, int) else _short(value, 2)


def _short(number: float, digits: int) -> str:
    text = f"{number:,.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
