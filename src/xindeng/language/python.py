"""Python source of a checked tree: inlined, with local names only.

A value is written as guards and an expression: where all guards hold, tested in order, the
expression is the value; where one fails it is NULL. A guard stands only where the analysis cannot
prove that nothing is missing. Conditions are written twice at need: when TRUE, and when FALSE.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

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
)
from xindeng.language.nulls import (
    NOTHING,
    Facts,
    implied,
    nonnull_if_false,
    nonnull_if_true,
    nullable,
)
from xindeng.language.types import Kind

Guarded = tuple[list[str], str]

_COMPARE: Final = {"=": "==", "<>": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_INVERSE: Final = {"=": "!=", "<>": "==", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}


def all_true(parts: Sequence[str]) -> str:
    """Join tests with `and`, leaving out what is always true."""
    kept = [part for part in parts if part != "True"]
    if "False" in kept:
        return "False"
    if len(kept) < 2:
        return kept[0] if kept else "True"
    return f"({' and '.join(kept)})"


def any_true(parts: Sequence[str]) -> str:
    """Join tests with `or`, leaving out what is always false."""
    kept = [part for part in parts if part != "False"]
    if "True" in kept:
        return "True"
    if len(kept) < 2:
        return kept[0] if kept else "False"
    return f"({' or '.join(kept)})"


class Writer:
    """Writes expressions of one function; `columns` and `parameters` map names to locals."""

    def __init__(self, columns: Mapping[str, str], parameters: Mapping[str, str]) -> None:
        self._columns = columns
        self._parameters = parameters
        self._temporaries = 0

    def result(self, node: Node) -> str:
        """Return an expression for the value or None; DOUBLE has one zero, +0.0."""
        if node.kind is Kind.BOOL:
            true = self.true(node, NOTHING)
            if not nullable(node):
                return f"True if {true} else False"
            return f"True if {true} else False if {self.false(node, NOTHING)} else None"
        guards, text = self.value(node, NOTHING)
        if node.kind is Kind.DOUBLE and not isinstance(node, ToDouble):
            text = f"{text} + 0.0"
        return f"{text} if {all_true(guards)} else None" if guards else text

    def value(self, node: Node, known: Facts) -> Guarded:
        """Return guards and expression of a BIGINT, DOUBLE or TEXT."""
        match node:
            case Literal():
                return _literal(node)
            case ColumnRef() | ParameterRef():
                name = self._local(node)
                return ([f"{name} is not None"] if nullable(node, known) else []), name
            case ToDouble():
                guards, text = self.value(node.item, known)
                return guards, f"({text} + 0.0)"
            case Negate():
                guards, text = self.value(node.item, known)
                return guards, f"(-{text})"
            case Arithmetic():
                return self._arithmetic(node, known)
            case Divide():
                return self._divide(node, known)
            case Absolute() | Round() | Floor():
                return self._shape(node, known)
            case Extreme():
                return self._extreme(node, known)
            case NullIf():
                return self._null_if(node, known)
            case _:
                return self._choice(node, known)

    def true(self, node: Node, known: Facts) -> str:
        """Return a test that holds exactly where the condition is TRUE."""
        return self._truth(node, known, True)

    def false(self, node: Node, known: Facts) -> str:
        """Return a test that holds exactly where the condition is FALSE."""
        return self._truth(node, known, False)

    def test(self, node: Node) -> tuple[list[str], str] | None:
        """Split a condition into guards (NULL where one fails) and a test, where that is all."""
        if isinstance(node, Compare) and node.left.kind is not Kind.BOOL:
            return self._compare(node, NOTHING, True)
        return self._in(node, NOTHING, True) if isinstance(node, In) else None

    def present(self, node: Node) -> str:
        """Return a test that a value is not NULL."""
        return all_true(self.value(node, NOTHING)[0])

    def _local(self, node: ColumnRef | ParameterRef) -> str:
        known = self._columns if isinstance(node, ColumnRef) else self._parameters
        return known[node.name]

    def _temporary(self) -> str:
        self._temporaries += 1
        return f"t{self._temporaries}"

    def _arithmetic(self, node: Arithmetic, known: Facts) -> Guarded:
        guards, (left, right) = self._operands(node.left, node.right, known, raw=False)
        text = f"({left} {node.op} {right})"
        if node.fails and node not in known:
            return self._finite(guards, text)
        return guards, text

    def _divide(self, node: Divide, known: Facts) -> Guarded:
        guards, (left, right) = self._operands(node.left, node.right, known, raw=True)
        if node not in known and node.by_zero:
            if right.isidentifier():
                guards.append(right)
            else:
                name = self._temporary()
                guards.append(f"({name} := {right})")
                right = name
        text = f"({left} / {right})"
        if node not in known and node.overflows:
            return self._finite(guards, text)
        return guards, text

    def _finite(self, guards: list[str], text: str) -> Guarded:
        name = self._temporary()
        # Infinity minus itself is no number, so it equals nothing.
        return [*guards, f"({name} := {text}) - {name} == 0.0"], name

    def _operands(
        self, left: Node, right: Node, known: Facts, *, raw: bool
    ) -> tuple[list[str], tuple[str, str]]:
        """Return both operands; an int needs no widening beside a float, or where `raw`."""
        both = isinstance(left, ToDouble) and isinstance(right, ToDouble)
        inner = [
            item.item if isinstance(item, ToDouble) and (raw or not both) else item
            for item in (left, right)
        ]
        first, left_text = self.value(inner[0], known)
        second, right_text = self.value(inner[1], known | implied(left))
        return first + second, (left_text, right_text)

    def _shape(self, node: Absolute | Round | Floor, known: Facts) -> Guarded:
        guards, text = self.value(node.item, known)
        name = self._temporary()
        if isinstance(node, Floor):
            return guards, f"floor({text})"
        if isinstance(node, Absolute):
            return guards, f"({name} if ({name} := {text}) >= 0 else -{name})"
        size, whole = self._temporary(), self._temporary()
        magnitude = (
            f"({whole} + 1 if ({size} := abs({name} := {text})) - ({whole} := floor({size})) >= 0.5"
            f" else {whole})"
        )
        return guards, f"({magnitude} * (1 if {name} >= 0 else -1))"

    def _extreme(self, node: Extreme, known: Facts) -> Guarded:
        guards: list[str] = []
        texts: list[str] = []
        for item in node.items:
            more, text = self.value(item, known)
            guards += more
            texts.append(text)
            known |= implied(item)
        if len(texts) > 2:
            return guards, f"{'min' if node.least else 'max'}({', '.join(texts)})"
        op = "<=" if node.least else ">="
        left, right = self._temporary(), self._temporary()
        test = f"({left} := {texts[0]}) {op} ({right} := {texts[1]})"
        return guards, f"({left} if {test} else {right})"

    def _null_if(self, node: NullIf, known: Facts) -> Guarded:
        guards, text = self.value(node.left, known)
        if node in known:
            return guards, text
        more, other = self.value(node.right, known | implied(node.left))
        name = self._temporary()
        guards.append(f"({name} := {text}) is not None")
        guards.append(f"not {all_true([*more, f'{name} == {other}'])}")
        return guards, name

    def _choice(self, node: Node, known: Facts) -> Guarded:
        """Write COALESCE or CASE as one conditional expression."""
        parts: list[str] = []
        if isinstance(node, Coalesce):
            for item in node.items[:-1]:
                guards, text = self.value(item, known)
                parts.append(f"{text} if {all_true(guards)} else ")
            parts.append(self._or_none(node.items[-1], known))
        elif isinstance(node, Case):
            facts = known
            for condition, result in node.branches:
                inside = facts | nonnull_if_true(condition)
                parts.append(
                    f"{self._or_none(result, inside)} if {self.true(condition, facts)} else "
                )
                facts |= nonnull_if_false(condition)
            parts.append(self._or_none(node.default, facts))
        text = f"({''.join(parts)})"
        if not node.fails or node in known:
            return [], text
        name = self._temporary()
        return [f"({name} := {text}) is not None"], name

    def _or_none(self, node: Node, known: Facts) -> str:
        guards, text = self.value(node, known)
        return f"({text} if {all_true(guards)} else None)" if guards else text

    def _truth(self, node: Node, known: Facts, want: bool) -> str:
        match node:
            case Literal():
                return str(node.value is want)
            case ColumnRef() | ParameterRef():
                name = self._local(node)
                if want:
                    return name
                return f"{name} is False" if nullable(node, known) else f"not {name}"
            case Not():
                return self._truth(node.item, known, not want)
            case And() | Or():
                return self._junction(node, known, want)
            case IsNull():
                return self._is_null(node, known, want)
            case In():
                guards, test = self._in(node, known, want)
                return all_true([*guards, test])
            case Compare() if node.left.kind is not Kind.BOOL:
                guards, test = self._compare(node, known, want)
                return all_true([*guards, test])
            case Compare():
                return self._same_truth(node, known, want is (node.op == "="))
            case Case():
                return self._case_truth(node, known, want)
            case _:
                assert isinstance(node, Coalesce)
                return self._coalesce_truth(node, known, want)

    def _junction(self, node: And | Or, known: Facts, want: bool) -> str:
        every = isinstance(node, And) is want
        parts: list[str] = []
        for item in node.items:
            parts.append(self._truth(item, known, want))
            # The next test runs only where this one held (every) or did not.
            if every:
                known |= nonnull_if_true(item) if want else nonnull_if_false(item)
            elif not nullable(item, known):
                known |= nonnull_if_false(item) if want else nonnull_if_true(item)
        return all_true(parts) if every else any_true(parts)

    def _is_null(self, node: IsNull, known: Facts, want: bool) -> str:
        item = node.item
        if not nullable(item, known):
            return str(not want)
        if item.kind is Kind.BOOL and not isinstance(item, ColumnRef | ParameterRef):
            sure = any_true([self.true(item, known), self.false(item, known)])
        else:
            guards, _ = self.value(item, known)
            if want and len(guards) == 1 and guards[0].endswith(" is not None"):
                return guards[0].removesuffix(" is not None") + " is None"
            sure = all_true(guards)
        return f"(not {sure})" if want else sure

    def _in(self, node: In, known: Facts, want: bool) -> Guarded:
        guards, text = self.value(node.item, known)
        choices = ", ".join(_literal(choice)[1] for choice in node.choices)
        return guards, f"{text} {'in' if want else 'not in'} ({choices},)"

    def _compare(self, node: Compare, known: Facts, want: bool) -> Guarded:
        guards, (left, right) = self._operands(node.left, node.right, known, raw=True)
        op = (_COMPARE if want else _INVERSE)[node.op]
        return guards, f"{left} {op} {right}"

    def _same_truth(self, node: Compare, known: Facts, same: bool) -> str:
        pairs = [
            all_true(
                [self._truth(node.left, known, side), self._truth(node.right, known, side is same)]
            )
            for side in (True, False)
        ]
        return any_true(pairs)

    def _case_truth(self, node: Case, known: Facts, want: bool) -> str:
        parts: list[str] = []
        for condition, result in node.branches:
            inside = known | nonnull_if_true(condition)
            parts.append(
                f"{self._truth(result, inside, want)} if {self.true(condition, known)} else "
            )
            known |= nonnull_if_false(condition)
        return f"({''.join(parts)}{self._truth(node.default, known, want)})"

    def _coalesce_truth(self, node: Coalesce, known: Facts, want: bool) -> str:
        text = self._truth(node.items[-1], known, want)
        for item in reversed(node.items[:-1]):
            unknown = f"not {self._truth(item, known, not want)}"
            text = any_true([self._truth(item, known, want), all_true([unknown, text])])
        return text


def _literal(node: Literal) -> Guarded:
    if node.value is None:
        return ["False"], "None"
    # repr() of a text is a literal of that text and nothing else, whatever it holds.
    text = repr(node.value)
    return [], f"({text})" if text.startswith("-") else text
