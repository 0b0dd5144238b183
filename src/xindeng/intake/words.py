"""What names and remarks mean, from `words.yaml`: sorts of parties, categories of remarks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final, Literal, get_args

from xindeng.events.life import PaymentCategory
from xindeng.events.parties import PartySort
from xindeng.kernel.errors import ImportFileError, Problem
from xindeng.policy.source import read_yaml

Direction = Literal["in", "out"]
_PERSON: Final = re.compile(r"[一-鿿·]{2,4}")
_MASKED: Final = re.compile(r".*\*.*")


@dataclass(frozen=True, slots=True)
class Words:
    """One entry: remarks that match mean `category`, in one direction or (None) in both."""

    pattern: re.Pattern[str]
    direction: Direction | None
    category: PaymentCategory


@dataclass(frozen=True, slots=True)
class _Book:
    lenders: re.Pattern[str]
    organisations: re.Pattern[str]
    surnames: frozenset[str]
    statement: tuple[Words, ...]
    wallets: Mapping[str, re.Pattern[str]]


def load_yaml(name: str, data: bytes) -> dict[str, Any]:
    """Return a YAML file's mapping; raises ImportFileError with file and line."""
    problems: list[Problem] = []
    found = read_yaml(name, data, problems)
    if problems or not isinstance(found, dict):
        shape = Problem(name, 1, "yaml.shape", "the file is no list of names and values",
                        "write lines such as `name: value`")  # fmt: skip
        first = problems[0] if problems else shape
        syntax = first.code == "yaml.syntax"  # the parser's own words
        raise ImportFileError(
            f"not YAML: {first.what}" if syntax else first.what,
            where=f"{first.path}:{first.line}", next_step=first.next_step, code="import.mapping",
        )  # fmt: skip
    return found


def words_of(entries: Iterable[Any], where: str) -> tuple[Words, ...]:
    """Return the entries of a `words` list; raises ImportFileError for one that is none."""
    found = []
    for number, entry in enumerate(entries, start=1):
        try:
            category, direction = entry["category"], entry.get("direction")
            if category not in get_args(PaymentCategory) or direction not in (None, "in", "out"):
                raise ValueError(f"{category!r} {direction!r}")
            found.append(Words(re.compile(str(entry["words"])), direction, category))
        except (KeyError, TypeError, AttributeError, ValueError, re.error) as error:
            raise ImportFileError(
                f"entry {number} of the words is none: {error}", where=where,
                next_step="write {words: 工资|代发, direction: in, category: salary}",
                code="import.mapping",
            ) from error  # fmt: skip
    return tuple(found)


@cache
def _book() -> _Book:
    raw = load_yaml("words.yaml", (resources.files(__package__) / "words.yaml").read_bytes())
    return _Book(
        lenders=re.compile("|".join(raw["lenders"])),
        organisations=re.compile("|".join(raw["organisations"])),
        surnames=frozenset(raw["surnames"]),
        statement=words_of(raw["statement"], "words.yaml"),
        wallets={name: re.compile(pattern) for name, pattern in raw["wallets"].items()},
    )


def sort_of_name(name: str) -> PartySort:
    """Return what sort of party bears a name; "unknown" where the name does not tell."""
    book = _book()
    if book.lenders.search(name):
        return "lender"
    if book.organisations.search(name):
        return "org"
    if _MASKED.fullmatch(name) or (_PERSON.fullmatch(name) and name[0] in book.surnames):
        return "person"
    return "unknown"


def wallet_of(text: str) -> str | None:
    """Return the wallet a bank's row went through, or None."""
    return next((name for name, one in _book().wallets.items() if one.search(text)), None)


def category_of(
    text: str, direction: Direction, own_words: Iterable[Words] = ()
) -> PaymentCategory:
    """Return what a statement's remark means; a mapping's own words come first."""
    for entry in (*own_words, *_book().statement):
        if entry.direction in (None, direction) and entry.pattern.search(text):
            return entry.category
    return "unknown"
