"""Limits that hold before anything parses: alphabet, length, depth, functions and names.

The parser never sees the text itself. Each token is read here by one regular expression and
handed on in a canonical spelling: columns, parameters and TRUE/FALSE as quoted identifiers with
a sigil ("c:name", "p:name", "k:true"), functions with a prefix. So no name can act as a keyword,
nothing the parser would quietly drop (comments, digit separators) reaches it, and every
identifier it returns leads back to its column.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NoReturn

from xindeng.kernel.errors import ExpressionError
from xindeng.language.types import Schema

MAX_LENGTH: Final = 2000
MAX_DEPTH: Final = 32

KEYWORDS: Final = frozenset(
    {"and", "or", "not", "case", "when", "then", "else", "end", "is", "null", "in", "between",
     "true", "false"}
)  # fmt: skip
FUNCTIONS: Final = frozenset(
    {"abs", "least", "greatest", "round", "floor", "coalesce", "nullif", "date_diff"}
)
FUNCTION_PREFIX: Final = "xd_"

_TOKEN: Final = re.compile(
    r"(?P<space>[ \t\r\n]+)"
    r"|(?P<comment>--|/\*)"
    r"|(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.]))"
    r"|(?P<text>'[^'\\\x00-\x1f\x7f]*'(?!'))"
    r"|(?P<parameter>\$[a-z][a-z0-9_]*(?![\w$]))"
    r"|(?P<word>[A-Za-z_][A-Za-z0-9_]*(?![\w$]))"
    r"|(?P<op><=|>=|<>|!=|[-+*/=<>(),])",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Token:
    """One token; `at` is its 1-based column, `sql` what the parser is given for it."""

    sort: str
    text: str
    at: int
    sql: str

    @property
    def word(self) -> str:
        """Return a keyword or function in lower case, "" for anything else."""
        return self.text.lower() if self.sort in ("keyword", "function") else ""


def refuse(at: int, code: str, what: str, next_step: str = "") -> NoReturn:
    """Raise the ExpressionError "expression.<code>" at a 1-based column."""
    raise ExpressionError(what, code=f"expression.{code}", column=at, next_step=next_step)


def read_tokens(text: str, schema: Schema, parameters: Schema) -> tuple[list[Token], int]:
    """Return the tokens and how deep they nest; raises ExpressionError at the first bad one."""
    if len(text) > MAX_LENGTH:
        refuse(
            MAX_LENGTH + 1,
            "too_long",
            f"an expression of {len(text)} characters; at most {MAX_LENGTH} are allowed",
            "split it into derived features",
        )
    tokens = list(_scan(text, schema, parameters))
    if not tokens:
        refuse(1, "empty", "the expression is empty", "write a condition, e.g. amount > $max")
    return tokens, _depth(tokens)


def _scan(text: str, schema: Schema, parameters: Schema) -> Iterable[Token]:
    place = 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        at = place + 1
        if match is None:
            _refuse_character(text, place)
        place = match.end()
        sort, raw = str(match.lastgroup), match.group()
        if sort == "comment":
            refuse(at, "comment", f"a comment ({raw}) inside an expression", "leave it out")
        if sort == "parameter":
            if raw[1:] not in parameters:
                _refuse_name(at, "parameter", raw[1:], parameters, "$")
            yield Token(sort, raw, at, f'"p:{raw[1:]}"')
        elif sort == "word":
            called = text[place:].lstrip(" \t\r\n").startswith("(")
            yield _word(raw, at, called, schema)
        elif sort != "space":
            yield Token(sort, raw, at, raw)


def _word(raw: str, at: int, called: bool, schema: Schema) -> Token:
    lower = raw.lower()
    if lower in ("true", "false"):
        return Token("constant", raw, at, f'"k:{lower}"')
    if lower in KEYWORDS:
        return Token("keyword", raw, at, lower.upper())
    if called:
        if lower not in FUNCTIONS:
            near = difflib.get_close_matches(lower, FUNCTIONS, 1)
            hint = f"did you mean {near[0].upper()}? " if near else ""
            known = ", ".join(sorted(FUNCTIONS)).upper()
            refuse(at, "function", f"unknown function {raw[:40]}", f"{hint}there are {known}")
        return Token("function", raw, at, FUNCTION_PREFIX + lower)
    if raw not in schema:
        _refuse_name(at, "name", raw, schema, "")
    return Token("column", raw, at, f'"c:{raw}"')


def _refuse_name(at: int, code: str, name: str, known: Schema, sigil: str) -> NoReturn:
    near = difflib.get_close_matches(name.lower(), known, 1)
    what = "parameter" if sigil else "name"
    hint = f"did you mean {sigil}{near[0]}?" if near else f"declare it, or use a {what} that is"
    refuse(at, code, f"unknown {what} {sigil}{name[:60]}", hint)


def _refuse_character(text: str, place: int) -> NoReturn:
    found = text[place]
    if found == "'":
        refuse(
            place + 1,
            "text",
            "a text that does not end, or holds a quote, backslash or control character",
            "write plain text between two single quotes, e.g. 'in'",
        )
    if found.isdigit() and found.isascii():
        refuse(place + 1, "number", "not a number", "write 1000, 0.5 or 1e6")
    refuse(
        place + 1,
        "character",
        f"{found!r} has no place in an expression",
        "use names, $parameters, numbers, 'texts', + - * / = <> < <= > >= ( ) and commas",
    )


def _depth(tokens: list[Token]) -> int:
    """Count open brackets and CASEs, with the NOTs and minus signs stacked before each."""
    opened: list[int] = []
    prefixes = deepest = 0
    operand_before = False
    for token in tokens:
        word = token.word
        if token.text == "(" or word == "case":
            opened.append(prefixes + 1)
            prefixes = 0
        elif (token.text == ")" or word == "end") and opened:
            opened.pop()
        if word == "not" or (token.text == "-" and not operand_before):
            prefixes += 1
        elif token.text != "(" and word != "case":
            prefixes = 0
        operand_before = (
            token.text == ")"
            or word in ("end", "null")
            or token.sort in ("number", "text", "parameter", "column", "constant")
        )
        depth = sum(opened) + prefixes
        if depth > MAX_DEPTH:
            refuse(
                token.at,
                "too_deep",
                f"nested more than {MAX_DEPTH} levels deep",
                "split it into derived features",
            )
        deepest = max(deepest, depth)
    return deepest
