"""The Python back end: checked trees → lines of one straight-line function.

Values that may be NULL get a local variable, computed once and shared; everything else stays
inside the expression that uses it. Nothing raises: divisors, overflows and NULLs are guarded, so
all lines may run for every row. Names of columns never reach the text, only v0, p0, d0, t0.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from xindeng.language.nodes import (
    Absolute,
    And,
    Arithmetic,
    Case,
    Coalesce,
    ColumnRef,
    Compare,
    Divide,
    Extreme,
    Floor,
    In,
    IsNull,
    Literal,
    Negate,
    Node,
    Not,
    NullIf,
    Or,
    ParameterRef,
    Round,
    ToDouble,
    children,
)
from xindeng.language.nulls import NOTHING, Facts, gaps, implied, nullable
from xindeng.language.types import Kind

_SYMBOLS = {"=": "==", "<>": "!="}


class Emitter:
    """Collects the lines of one function; `columns` and `parameters` map names to locals."""

    def __init__(self, columns: dict[str, str], parameters: Mapping[str, str]) -> None:
        self.columns = columns
        self.parameters = parameters
        self.lines: list[str] = []
        self._temporaries: dict[Node, str] = {}

    def value(self, node: Node) -> str:
        """Return Python text for the node's value: None for NULL, else int, float, bool or str."""
        match node:
            case Literal():
                return repr(node.value)
            case ColumnRef():
                return self.columns[node.name]
            case ParameterRef():
                return self.parameters[node.name]
            case ToDouble() if not nullable(node):
                return f"({self.value(node.item)} + 0.0)"
            case Negate() | Absolute() | Arithmetic() if not nullable(node):
                return self._plain(node)
            case Compare() | In() | IsNull() | Not() | And() | Or() if not nullable(node):
                return f"({self.true(node)})"
        found = self._temporaries.get(node)
        if found is None:
            text = self._compute(node)
            found = f"t{len(self._temporaries)}"
            self._temporaries[node] = found
            self.lines.append(f"{found} = {text}")
            if _unbounded(node):
                self.lines.append(f"if {found} is not None and {found} - {found} != 0.0:")
                self.lines.append(f"    {found} = None")
        return found

    def local(self, node: Node) -> str:
        """Return the node's value as something cheap to repeat: a local variable or a literal."""
        text = self.value(node)
        if text.isidentifier() or isinstance(node, Literal):
            return text
        found = self._temporaries.get(node)
        if found is None:
            found = self._temporaries[node] = f"t{len(self._temporaries)}"
            self.lines.append(f"{found} = {text}")
        return found

    def _compute(self, node: Node) -> str:
        match node:
            case Coalesce():
                *firsts, last = [self.local(item) for item in node.items]
                return "".join(f"{a} if {a} is not None else " for a in firsts) + last
            case Case():
                tests = [(self.true(test), self.value(result)) for test, result in node.branches]
                default = self.value(node.default)
                return "".join(f"{result} if {test} else " for test, result in tests) + default
            case NullIf():
                left, right = self.local(node.left), self.local(node.right)
                clash = (
                    f"{left} == {right}"  # None equals no value, so a NULL right changes nothing
                )
                return f"None if {clash} else {left}"
            case Compare() | In() | Not() | And() | Or():
                return f"True if {self.true(node)} else False if {self.false(node)} else None"
            case _:
                text = self._plain(node)
                guards = self._absent(child for child in children(node))
                if isinstance(node, Divide) and node.by_zero:
                    guards.append(f"{self.local(node.right)} == 0")
                return f"None if {' or '.join(guards)} else {text}" if guards else text

    def _absent(self, operands: Iterable[Node]) -> list[str]:
        return list(
            dict.fromkeys(f"{self.local(item)} is None" for item in operands if nullable(item))
        )

    def _plain(self, node: Node) -> str:
        """Return the text of a strict operation on operands that are not NULL."""
        match node:
            case ToDouble():
                return f"{self.value(node.item)} + 0.0"
            case Negate():
                zero = "0" if node.kind is Kind.BIGINT else "0.0"
                return f"({zero} - {self.value(node.item)})"
            case Absolute():
                item = self.local(node.item)
                return f"({item} if {item} >= 0 else -{item})"
            case Arithmetic():
                text = f"{self._number(node.left)} {node.op} {self._number(node.right)}"
                # −0.0 arises from products only: no operand ever is −0.0.
                signless = node.op == "*" and node.kind is Kind.DOUBLE
                return f"({text} + 0.0)" if signless else f"({text})"
            case Divide():
                return f"{self._number(node.left)} / {self._number(node.right)} + 0.0"
            case Floor():
                return f"floor({self.value(node.item)})"
            case Round():
                item = self.local(node.item)
                down = self.local(Floor(kind=Kind.BIGINT, low=0, high=0, item=node.item))
                return (
                    f"{down} + ({item} - {down} >= 0.5) if {item} >= 0.0 "
                    f"else {down} + ({item} - {down} > 0.5)"
                )
            case Extreme():
                return self._extreme(node)
            case _:
                raise AssertionError(f"no plain form of {type(node).__name__}")

    def _number(self, node: Node) -> str:
        """Return an operand; Python widens whole numbers beside a float by itself, exactly."""
        return self.value(node.item if isinstance(node, ToDouble) else node)

    def _extreme(self, node: Extreme) -> str:
        name = "min" if node.least else "max"
        if len(node.items) > 2:
            return f"{name}({', '.join(self.value(item) for item in node.items)})"
        left, right = (self.local(item) for item in node.items)
        return f"{left} if {left} {'<=' if node.least else '>='} {right} else {right}"

    def true(self, node: Node, safe: Facts = NOTHING) -> str:
        """Return text that is truthy exactly where the condition is TRUE; `safe` is not NULL."""
        match node:
            case Not():
                return self.false(node.item, safe)
            case And():
                return " and ".join(_grouped(self.true(item, safe), item) for item in node.items)
            case Or():
                return f"({' or '.join(self.true(item, safe) for item in node.items)})"
            case IsNull():
                return f"{self.local(node.item)} is None" if nullable(node.item) else "False"
            case Compare() | In():
                return self._guarded(node, self._test(node), safe)
            case _:
                text = self.value(node)
                return text if gaps(node) <= safe else f"{text} is True"

    def false(self, node: Node, safe: Facts = NOTHING) -> str:
        """Return text that is truthy exactly where the condition is FALSE."""
        match node:
            case Not():
                return self.true(node.item, safe)
            case And():
                return f"({' or '.join(self.false(item, safe) for item in node.items)})"
            case Or():
                return " and ".join(_grouped(self.false(item, safe), item) for item in node.items)
            case IsNull():
                return f"{self.local(node.item)} is not None" if nullable(node.item) else "True"
            case Compare() | In():
                return self._guarded(node, f"not {self._test(node)}", safe)
            case _:
                text = self.value(node)
                return f"not {text}" if gaps(node) <= safe else f"{text} is False"

    def _test(self, node: Compare | In) -> str:
        if isinstance(node, In):
            choices = ", ".join(repr(choice.value) for choice in node.choices)
            return f"{self._number(node.item)} in ({choices},)"
        symbol = _SYMBOLS.get(node.op, node.op)
        return f"{self._number(node.left)} {symbol} {self._number(node.right)}"

    def _guarded(self, node: Compare | In, test: str, safe: Facts) -> str:
        causes = sorted(gaps(node) - safe, key=lambda cause: cause.at)
        guards = dict.fromkeys(f"{self.local(cause)} is not None" for cause in causes)
        return " and ".join([*guards, test])

    def condition(self, node: Node, index: int) -> None:
        """Add lines that set bit `index` of `fired` where TRUE, of `missing` where NULL."""
        bit = 1 << index
        fires, misses = f"fired |= {bit}", f"missing |= {bit}"
        causes = gaps(node)
        if not causes:
            self.lines += [f"if {self.true(node)}:", f"    {fires}"]
            return
        guards = dict.fromkeys(
            f"{self.local(cause)} is not None" for cause in sorted(causes, key=lambda c: c.at)
        )
        fast = self.true(node, causes)
        lines = [f"if {' and '.join(guards)}:", f"    if {fast}:", f"        {fires}"]
        if causes <= implied(node):
            lines += ["else:", f"    {misses}"]
        else:
            lines += [f"elif {self.true(node)}:", f"    {fires}"]
            lines += [f"elif not ({self.false(node)}):", f"    {misses}"]
        self.lines += lines


def _grouped(text: str, node: Node) -> str:
    return text if isinstance(node, Compare | In | IsNull) else f"({text})"


def _unbounded(node: Node) -> bool:
    """Tell whether a computed DOUBLE may be infinite or no number."""
    if isinstance(node, Divide):
        return node.overflows
    return isinstance(node, Arithmetic) and node.kind is Kind.DOUBLE and node.fails
