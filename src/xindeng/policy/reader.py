"""Reads one mapping of the bundle: each key is asked for once, what is wrong is reported with its
line, and keys that nobody asked for are reported at the end."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from difflib import get_close_matches
from typing import Any, Final

from xindeng.kernel.errors import InputError, Problem
from xindeng.kernel.time import MAX_DAY, MIN_DAY, from_date
from xindeng.policy.source import Items, Scalar, Table

LANGUAGES: Final = ("zh", "en")
NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


def nearest(word: object, known: Iterable[str]) -> str:
    """Return a next step that names the nearest known word, or the first dozen known words."""
    words = sorted(set(known))
    close = get_close_matches(str(word), words, n=1, cutoff=0.6)
    if close:
        return f"did you mean {close[0]!r}?"
    shown = ", ".join(words[:12]) + (", …" if len(words) > 12 else "")
    return f"use one of: {shown}" if words else ""


class Sink:
    """Collects the problems of one file."""

    def __init__(self, path: str, problems: list[Problem]) -> None:
        self.path = path
        self.problems = problems

    def add(self, line: int, code: str, what: str, next_step: str = "") -> None:
        """Report one problem."""
        self.problems.append(Problem(self.path, line, code, what, next_step))

    def guard(self, line: int, code: str, make: Callable[[], Any]) -> Any:
        """Return make(), or None after reporting the InputError it raised."""
        try:
            return make()
        except InputError as error:
            self.add(line, code, error.what, error.next_step)
            return None


class Reader:
    """One mapping. Getters return the value, or the default after reporting a problem."""

    def __init__(self, value: object, line: int, sink: Sink, what: str) -> None:
        self.sink = sink
        self.what = what
        self.ok = isinstance(value, Table)
        self.table = value if isinstance(value, Table) else Table(line)
        self._asked: set[str] = set()
        if not self.ok:
            sink.add(line, "bundle.shape", f"{what} must be a mapping", "write `key: value` lines")

    @property
    def line(self) -> int:
        """Return the line where the mapping begins."""
        return self.table.line

    def at(self, key: str) -> int:
        """Return the line of a key."""
        return self.table.at(key)

    def has(self, key: str) -> bool:
        """Say whether the key stands in the mapping, marking it as known."""
        self._asked.add(key)
        return key in self.table

    def _get(self, key: str, required: bool) -> Any:
        self._asked.add(key)
        if key not in self.table and required and self.ok:
            self.sink.add(
                self.line, "bundle.missing_key", f"{self.what} has no `{key}`", f"add `{key}: …`"
            )
        return self.table.get(key)

    def _wrong(self, key: str, expected: str, code: str = "bundle.type") -> None:
        shown = repr(self.table[key])[:60]
        self.sink.add(
            self.at(key), code, f"`{key}` of {self.what} is {shown}", f"expected {expected}"
        )

    def scalar(self, key: str) -> Scalar:
        """Return any scalar."""
        value = self._get(key, required=True)
        if isinstance(value, Table | Items):
            self._wrong(key, "a single value")
            return None
        result: Scalar = value
        return result

    def text(self, key: str, default: str | None = None) -> str:
        """Return a non-empty text; required unless a default is given."""
        value = self._get(key, default is None)
        if key not in self.table:
            return default or ""
        if isinstance(value, int | float) and not isinstance(value, bool):
            value = str(value)
        if not isinstance(value, str) or not value.strip():
            self._wrong(key, "a text", "bundle.text")
            return default or ""
        return value.strip()

    def expression(self, key: str, default: str | None = None) -> str:
        """Return an expression's text; TRUE and FALSE may be written as YAML flags."""
        value = self.table.get(key)
        if isinstance(value, bool):
            self._asked.add(key)
            return "TRUE" if value else "FALSE"
        return self.text(key, default)

    def name(self, key: str) -> str:
        """Return a snake_case name."""
        value = self.text(key)
        if value and not NAME.fullmatch(value):
            self._wrong(key, "a snake_case name", "bundle.name")
        return value

    def choice(self, key: str, choices: Iterable[str], default: str | None = None) -> str:
        """Return one of the choices; required unless a default is given."""
        value = self._get(key, default is None)
        if key not in self.table:
            return default or ""
        if not isinstance(value, str) or value not in set(choices):
            self.sink.add(
                self.at(key),
                "bundle.choice",
                f"`{key}` of {self.what} is {repr(value)[:60]}",
                nearest(value, choices),
            )
            return default or ""
        return str(value)

    def flag(self, key: str, default: bool) -> bool:
        """Return true or false."""
        value = self._get(key, required=False)
        if key not in self.table:
            return default
        if not isinstance(value, bool):
            self._wrong(key, "true or false")
            return default
        return value

    def integer(
        self, key: str, default: int | None = None, low: int = 0, high: int = 10**12
    ) -> int:
        """Return an integer in [low, high]; required unless a default is given."""
        value = self._get(key, default is None)
        if key not in self.table:
            return default or 0
        if type(value) is not int or not low <= value <= high:
            self._wrong(key, f"an integer from {low:,} to {high:,}")
            return default or 0
        return value

    def number(self, key: str) -> int | float | None:
        """Return an optional number."""
        value = self._get(key, required=False)
        if key not in self.table:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            self._wrong(key, "a number")
            return None
        return value

    def day(self, key: str) -> int | None:
        """Return an optional date as a local day number."""
        value = self._get(key, required=False)
        if key not in self.table:
            return None
        day = parse_day(value)
        if day is None:
            self._wrong(key, "a date such as 2026-11-01", "bundle.date")
        return day

    def reader(self, key: str, required: bool = True) -> Reader:
        """Return a reader of the mapping under a key (an empty one if absent)."""
        value = self._get(key, required)
        if key not in self.table:
            empty = Reader(Table(self.line), self.line, self.sink, f"`{key}` of {self.what}")
            empty.ok = False
            return empty
        return Reader(value, self.at(key), self.sink, f"`{key}` of {self.what}")

    def readers(self, key: str, required: bool = True) -> Iterator[Reader]:
        """Yield a reader for each mapping in the list under a key."""
        for index, (value, line) in enumerate(self.items(key, required)):
            yield Reader(value, line, self.sink, f"item {index + 1} of `{key}` of {self.what}")

    def items(self, key: str, required: bool = True) -> list[tuple[Any, int]]:
        """Return the items of the list under a key with their lines."""
        value = self._get(key, required)
        if key not in self.table:
            return []
        if not isinstance(value, Items):
            self._wrong(key, "a list", "bundle.shape")
            return []
        return list(zip(value, value.lines, strict=True))

    def words(self, key: str, choices: Iterable[str] | None = None) -> tuple[str, ...]:
        """Return an optional list of words, each one of the choices if given."""
        words: list[str] = []
        for value, line in self.items(key, required=False):
            if not isinstance(value, str) or (choices is not None and value not in set(choices)):
                self.sink.add(
                    line,
                    "bundle.choice",
                    f"`{key}` of {self.what} holds {repr(value)[:60]}",
                    nearest(value, choices or ()),
                )
            elif value in words:
                self.sink.add(line, "bundle.twice", f"`{key}` of {self.what} holds {value!r} twice")
            else:
                words.append(value)
        return tuple(words)

    def bilingual(self, key: str, required: bool = True) -> dict[str, str]:
        """Return {"zh": …, "en": …}; both are needed if the key stands."""
        reader = self.reader(key, required)
        if key not in self.table:
            return {}
        texts = {language: reader.text(language) for language in LANGUAGES}
        reader.finish()
        return texts

    def entries(self) -> Iterator[tuple[str, Any, int]]:
        """Yield every (key, value, line), marking all keys as known."""
        for key, value in self.table.items():
            self._asked.add(key)
            yield key, value, self.at(key)

    def finish(self) -> None:
        """Report the keys that no getter asked for."""
        for key in self.table:
            if key not in self._asked:
                self.sink.add(
                    self.at(key),
                    "bundle.unknown_key",
                    f"{self.what} has an unknown `{key}`",
                    nearest(key, self._asked),
                )


def parse_day(value: object) -> int | None:
    """Return the local day number of "2026-11-01", or None if it is not such a date."""
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        return None
    try:
        day = from_date(date.fromisoformat(value))
    except ValueError:
        return None
    return day if MIN_DAY <= day <= MAX_DAY else None
