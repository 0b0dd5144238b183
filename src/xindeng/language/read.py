"""From the parser's tree to ours; what is not listed here does not exist in the language."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any, Final, NoReturn

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from xindeng.language import build, logic
from xindeng.language.nodes import Node
from xindeng.language.tokens import FUNCTION_PREFIX, Token, read_tokens, refuse
from xindeng.language.types import EXACT, Schema

MAX_HEIGHT: Final = 64
_CONSTANTS: Final = {"true": True, "false": False, "null": None}
# Deeper brackets are parsed on a fresh stack, so that a caller's own depth never matters.
_SHALLOW: Final = 6

_ARITHMETIC: Final[Mapping[type[exp.Expression], str]] = {
    exp.Add: "+",
    exp.Sub: "-",
    exp.Mul: "*",
}
_COMPARISON: Final[Mapping[type[exp.Expression], str]] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
}
# The arguments a node may carry besides None, False and []; any other is refused.
_PLAIN: Final[Mapping[type[exp.Expression], frozenset[str]]] = {
    exp.Paren: frozenset({"this"}),
    exp.Column: frozenset({"this"}),
    exp.Literal: frozenset({"this", "is_string"}),
    exp.Neg: frozenset({"this"}),
    exp.Not: frozenset({"this"}),
    exp.Is: frozenset({"this", "expression"}),
    exp.In: frozenset({"this", "expressions"}),
    exp.Between: frozenset({"this", "low", "high"}),
    exp.Case: frozenset({"ifs", "default"}),
    exp.Anonymous: frozenset({"this", "expressions"}),
    **{
        cls: frozenset({"this", "expression"})
        for cls in (*_ARITHMETIC, *_COMPARISON, exp.Div, exp.And, exp.Or)
    },
}


def read(text: str, schema: Schema, parameters: Schema) -> Node:
    """Return the checked tree of an expression; raises ExpressionError with its column."""
    tokens, depth = read_tokens(text, schema, parameters)
    _check_nulls(tokens)
    sql, places = _spell(tokens)
    tree = _parse(sql, depth, places)
    _check_height(tree)
    return _Reader(schema, parameters, places).read(tree)


def _check_nulls(tokens: list[Token]) -> None:
    """NULL stands after IS, IS NOT, THEN or ELSE; elsewhere it would only hide a mistake."""
    words = ["", "", *(token.word for token in tokens)]
    for place, token in enumerate(tokens, 2):
        if token.word != "null":
            continue
        before = words[place - 1]
        if before in ("is", "then", "else") or words[place - 2 : place] == ["is", "not"]:
            continue
        refuse(token.at, "null", "NULL stands only after IS, THEN or ELSE", "write IS NULL")


def _spell(tokens: list[Token]) -> tuple[str, dict[int, int]]:
    """Return what the parser is given and, for each of its offsets, our column."""
    places: dict[int, int] = {}
    parts: list[str] = []
    offset = 0
    before = ""
    for token in tokens:
        # Behind IS the parser needs its own NULL; elsewhere a name keeps its place.
        sql = '"k:null"' if token.word == "null" and before in ("then", "else") else token.sql
        places[offset] = token.at
        parts.append(sql)
        offset += len(sql) + 1
        before = token.word
    return " ".join(parts), places


def _parse(sql: str, depth: int, places: Mapping[int, int]) -> exp.Expression:
    found: list[Any] = []
    trouble: list[Exception] = []

    def work() -> None:
        try:
            found.extend(sqlglot.parse(sql, dialect="duckdb"))
        except (SqlglotError, RecursionError) as error:
            trouble.append(error)

    if depth <= _SHALLOW:
        work()
    else:
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    if trouble or len(found) != 1 or found[0] is None:
        at = _trouble_column(trouble[0] if trouble else None, places)
        refuse(at, "syntax", "this cannot be read here", "check brackets, commas and operators")
    tree: exp.Expression = found[0]
    return tree


def _trouble_column(error: Exception | None, places: Mapping[int, int]) -> int:
    details = getattr(error, "errors", None) or [{}]
    column = details[0].get("col") or 1
    # The parser names the last character of the token.
    return max((at for offset, at in places.items() if offset < column), default=1)


def _check_height(tree: exp.Expression) -> None:
    """Refuse long chains of operators before anything recurses; AND and OR chains are flat."""
    waiting: list[tuple[exp.Expression, int]] = [(tree, 1)]
    while waiting:
        node, height = waiting.pop()
        if height > MAX_HEIGHT:
            refuse(
                1,
                "too_deep",
                f"a chain of more than {MAX_HEIGHT} operations",
                "split it into derived features",
            )
        for child in node.iter_expressions():
            flat = isinstance(node, exp.And | exp.Or) and type(child) is type(node)
            wrapper = isinstance(node, exp.Paren | exp.If)
            waiting.append((child, height if flat or wrapper else height + 1))


class _Reader:
    """Turns one parsed tree into nodes."""

    def __init__(self, schema: Schema, parameters: Schema, places: Mapping[int, int]) -> None:
        self._schema = schema
        self._parameters = parameters
        self._places = places

    def read(self, tree: exp.Expression) -> Node:
        """Return the node of a subtree; raises ExpressionError for what is not listed."""
        allowed = _PLAIN.get(type(tree))
        extra = [key for key, value in tree.args.items() if value and key not in (allowed or ())]
        if isinstance(tree, exp.Div):
            extra = [key for key in extra if key not in ("typed", "safe")]
        if allowed is None or extra:
            self._refuse(tree)
        if type(tree) in _ARITHMETIC:
            left, right = self._both(tree)
            return build.arithmetic(_ARITHMETIC[type(tree)], left, right)
        if type(tree) in _COMPARISON:
            left, right = self._both(tree)
            return logic.compare(_COMPARISON[type(tree)], left, right)
        if isinstance(tree, exp.Div):
            left, right = self._both(tree)
            return build.divide(left, right)
        if isinstance(tree, exp.And | exp.Or):
            items = [self.read(item) for item in _chain(tree)]
            return (logic.all_of if isinstance(tree, exp.And) else logic.any_of)(items)
        return self._other(tree)

    def _other(self, tree: exp.Expression) -> Node:
        at = self._at(tree)
        match tree:
            case exp.Paren():
                return self.read(tree.this)
            case exp.Column():
                return self._name(tree, at)
            case exp.Literal():
                return self._literal(tree, at)
            case exp.Neg():
                return build.negate(self.read(tree.this), at)
            case exp.Not():
                return logic.opposite(self.read(tree.this), at)
            case exp.Is() if isinstance(tree.expression, exp.Null):
                return logic.is_unknown(self.read(tree.this))
            case exp.In():
                choices = [self.read(choice) for choice in tree.expressions]
                return logic.member(self.read(tree.this), choices)
            case exp.Between():
                parts = (tree.this, tree.args["low"], tree.args["high"])
                return logic.between(*(self.read(part) for part in parts))
            case exp.Case():
                return self._case(tree, at)
            case exp.Anonymous():
                return self._function(tree, at)
            case _:
                return self._refuse(tree)

    def _both(self, tree: exp.Expression) -> tuple[Node, Node]:
        return self.read(tree.this), self.read(tree.expression)

    def _name(self, tree: exp.Column, at: int) -> Node:
        sigil, _, name = str(tree.name).partition(":")
        if sigil == "k":
            return build.literal(_CONSTANTS[name], at)
        known = self._schema if sigil == "c" else self._parameters
        return build.reference(name, known[name], at, parameter=sigil == "p")

    def _literal(self, tree: exp.Literal, at: int) -> Node:
        text = str(tree.this)
        if tree.is_string:
            return build.literal(text, at)
        if text.isdigit():
            # The length first: int() of a thousand digits is work for nothing.
            return build.literal(int(text) if len(text.lstrip("0")) <= 16 else EXACT + 1, at)
        return build.literal(float(text), at)

    def _case(self, tree: exp.Case, at: int) -> Node:
        branches = [
            (self.read(item.this), self.read(item.args["true"])) for item in tree.args["ifs"]
        ]
        default = tree.args.get("default")
        return build.case(branches, self.read(default) if default is not None else None, at)

    def _function(self, tree: exp.Anonymous, at: int) -> Node:
        name = str(tree.this).removeprefix(FUNCTION_PREFIX)
        low, high, make = _FUNCTIONS[name]
        count = len(tree.expressions)
        if not low <= count <= high:
            wanted = str(low) if low == high else f"at least {low}"
            refuse(
                at,
                "arguments",
                f"{name.upper()} takes {wanted} operand{'' if wanted == '1' else 's'}, not {count}",
                "see the list of functions",
            )
        return make([self.read(item) for item in tree.expressions], at)

    def _at(self, tree: exp.Expression) -> int:
        """Return the column of the leftmost token that the parser still knows."""
        starts = [node.meta["start"] for node in tree.walk() if "start" in node.meta]
        return self._places.get(min(starts, default=0), 1)

    def _refuse(self, tree: exp.Expression) -> NoReturn:
        refuse(
            self._at(tree),
            "construct",
            f"{type(tree).__name__} is not part of the language",
            "see the list of operators and functions",
        )


def _chain(tree: exp.Expression) -> list[exp.Expression]:
    """Return the operands of a left-leaning chain of ANDs or ORs, in order."""
    items: list[exp.Expression] = []
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if type(node) is type(tree):
            waiting += [node.expression, node.this]
        else:
            items.append(node)
    return items


def _date_diff(items: list[Node], at: int) -> Node:
    unit, start, end = items
    if getattr(unit, "value", None) != "day":
        refuse(unit.at, "arguments", "DATE_DIFF counts 'day' only", "write DATE_DIFF('day', a, b)")
    for day in (start, end):
        if day.kind != "BIGINT":
            refuse(day.at, "type", "DATE_DIFF takes two local days", "use two day columns")
    return build.arithmetic("-", end, start)


_MANY: Final = 1000
_FUNCTIONS: Final[Mapping[str, tuple[int, int, Callable[[list[Node], int], Node]]]] = {
    "abs": (1, 1, lambda items, at: build.absolute(items[0], at)),
    "round": (1, 1, lambda items, at: build.whole(items[0], at, rounded=True)),
    "floor": (1, 1, lambda items, at: build.whole(items[0], at, rounded=False)),
    "least": (2, _MANY, lambda items, at: build.extreme(items, at, least=True)),
    "greatest": (2, _MANY, lambda items, at: build.extreme(items, at, least=False)),
    "coalesce": (2, _MANY, build.coalesce),
    "nullif": (2, 2, lambda items, at: build.null_if(items[0], items[1], at)),
    "date_diff": (3, 3, _date_diff),
}
