"""The public entry: text in, checked `Expression` out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from xindeng.kernel.errors import ExpressionError
from xindeng.language import build
from xindeng.language.intervals import MAX_DOUBLE
from xindeng.language.nodes import ColumnRef, Node, ParameterRef, children
from xindeng.language.nulls import nullable
from xindeng.language.read import read
from xindeng.language.size import check_size
from xindeng.language.tokens import refuse
from xindeng.language.types import Column, Kind, Schema

_NONE: Final[Mapping[str, Column]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Expression:
    """A checked expression.

    `low` and `high` bound its non-NULL values (None: unbounded DOUBLE, or TEXT); for BOOL they
    are 0 and 1, so `high == 0` means that it can never be TRUE.
    """

    text: str
    tree: Node
    kind: Kind
    low: int | float | None
    high: int | float | None
    nullable: bool
    columns: frozenset[str]
    parameters: frozenset[str]

    @property
    def column(self) -> Column:
        """Return the promise under which later expressions may use this one as a column."""
        return Column(self.kind, self.low, self.high, self.tree.values, self.nullable)


def parse(
    text: str,
    schema: Schema,
    parameters: Schema = _NONE,
    *,
    expect: Kind | None = None,
    where: str = "",
) -> Expression:
    """Read and check an expression over the columns of `schema` and the `$parameters`.

    `expect` demands a type (a BIGINT is widened where DOUBLE is expected); `where` goes into
    the message. Raises ExpressionError with a 1-based column and a code "expression.…".
    """
    try:
        tree = read(text, schema, parameters)
        if expect is Kind.DOUBLE and tree.kind is Kind.BIGINT:
            tree = build.double(tree)
        if expect is not None and tree.kind is not expect:
            refuse(
                1,
                "type",
                f"this is {tree.kind}, but {expect} is expected",
                "compare it with something" if expect is Kind.BOOL else f"make it {expect}",
            )
        if build.is_null(tree):
            refuse(1, "null", "a bare NULL has no type", "write a value")
        check_size(tree)
    except ExpressionError as error:
        error.where = where
        raise
    return _expression(text, tree)


def _expression(text: str, tree: Node) -> Expression:
    low: int | float | None = tree.low
    high: int | float | None = tree.high
    if tree.kind is Kind.DOUBLE:
        low = None if tree.low <= -MAX_DOUBLE else tree.low
        high = None if tree.high >= MAX_DOUBLE else tree.high
    elif tree.kind is Kind.TEXT:
        low = high = None
    nodes = list(walk(tree))
    return Expression(
        text=text,
        tree=tree,
        kind=tree.kind,
        low=low,
        high=high,
        nullable=nullable(tree),
        columns=frozenset(node.name for node in nodes if isinstance(node, ColumnRef)),
        parameters=frozenset(node.name for node in nodes if isinstance(node, ParameterRef)),
    )


def walk(node: Node) -> Iterator[Node]:
    """Yield the node and everything below it."""
    yield node
    for child in children(node):
        yield from walk(child)
