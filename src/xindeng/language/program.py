"""A whole set of expressions as one generated Python function.

The function knows no name but its own: columns are v0, v1, …, parameters p0, …, definitions
d0, …; it sees no builtins.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from xindeng.kernel.errors import ExpressionError
from xindeng.language.expression import Expression, walk
from xindeng.language.nodes import ColumnRef, Compare, Divide, Node, ParameterRef, children
from xindeng.language.nulls import NOTHING, gaps, nullable
from xindeng.language.python import Writer, all_true
from xindeng.language.types import Kind, Value

Run = Callable[[Sequence[Value], Sequence[Value]], tuple[list[Value], int, int]]


@dataclass(frozen=True, slots=True)
class Program:
    """Definitions and conditions compiled together.

    `run(values, params)` takes values in the order of `inputs` and `parameters` (exactly as many;
    ValueError otherwise) and returns the definitions' values, the mask of conditions that are
    TRUE and the mask of those that are NULL (bit k is condition k). A DOUBLE input may be given
    as int; NaN and infinity count as NULL. `source` is the generated text, for reading.
    """

    inputs: tuple[str, ...]
    parameters: tuple[str, ...]
    definitions: tuple[str, ...]
    conditions: tuple[str, ...]
    source: str
    run: Run


def compile_program(
    *,
    inputs: Sequence[str],
    parameters: Sequence[str] = (),
    definitions: Sequence[tuple[str, Expression]] = (),
    conditions: Sequence[tuple[str, Expression]] = (),
) -> Program:
    """Compile a set; later definitions and all conditions may use earlier definitions by name.

    Raises ExpressionError for a name that is neither input nor earlier definition, for a
    condition that is not BOOL, and where a definition is used under a promise it does not keep.
    """
    columns = {name: f"v{place}" for place, name in enumerate(inputs)}
    givens = {name: f"p{place}" for place, name in enumerate(parameters)}
    made: dict[str, Expression] = {}
    names = dict(columns)
    for place, (name, expression) in enumerate(definitions):
        _check(name, expression, names, givens, made)
        if name in names:
            raise ExpressionError(
                f"{name} is defined twice", where=name, code="expression.name",
                next_step="rename one of them",
            )  # fmt: skip
        made[name] = expression
        names[name] = f"d{place}"
    for name, expression in conditions:
        _check(name, expression, names, givens, made)
        if expression.kind is not Kind.BOOL:
            raise ExpressionError(
                f"a condition must be BOOL, this is {expression.kind}", where=name,
                code="expression.type", next_step="compare it with something",
            )  # fmt: skip
    everything = [expression for _, expression in (*definitions, *conditions)]
    writer = Writer(names, givens)
    lines = [
        *_entry(columns, givens, everything),
        *(
            f"d{place} = {writer.result(expression.tree)}"
            for place, (_, expression) in enumerate(definitions)
        ),
        "fired = missing = 0",
        *(
            line
            for bit, (_, expression) in enumerate(conditions)
            for line in _condition(writer, expression, bit)
        ),
        f"return [{', '.join(f'd{place}' for place in range(len(definitions)))}], fired, missing",
    ]
    source = (
        "def run(values, params, abs=abs, floor=floor, max=max, min=min):\n    "
        + "\n    ".join(lines)
        + "\n"
    )
    return Program(
        inputs=tuple(inputs),
        parameters=tuple(parameters),
        definitions=tuple(made),
        conditions=tuple(name for name, _ in conditions),
        source=source,
        run=_load(source),
    )


def compile_python(
    expression: Expression, inputs: Sequence[str], parameters: Sequence[str] = ()
) -> Callable[[Sequence[Value], Sequence[Value]], Value]:
    """Compile one expression to a function (values, params) → its value or None."""
    program = compile_program(
        inputs=inputs, parameters=parameters, definitions=[("", expression)], conditions=[]
    )
    run = program.run

    def evaluate(values: Sequence[Value], params: Sequence[Value] = ()) -> Value:
        return run(values, params)[0][0]

    return evaluate


def _condition(writer: Writer, expression: Expression, bit: int) -> list[str]:
    """Return the lines that set the bit of one condition."""
    tree, mask = expression.tree, 1 << bit
    if not nullable(tree):
        return [f"if {writer.true(tree, NOTHING)}: fired |= {mask}"]
    split = writer.test(tree)
    if split is not None:
        guards, test = split
        if len(guards) == 1 and guards[0].endswith(" is not None"):
            name = guards[0].removesuffix(" is not None")
            return [f"if {name} is None: missing |= {mask}", f"elif {test}: fired |= {mask}"]
        return [
            f"if {all_true(guards)}:",
            f"    if {test}: fired |= {mask}",
            f"else: missing |= {mask}",
        ]
    causes = gaps(tree)
    lines = [
        f"if {writer.true(tree, NOTHING)}: fired |= {mask}",
        f"elif not {writer.false(tree, NOTHING)}: missing |= {mask}",
    ]
    if all(isinstance(cause, ColumnRef | ParameterRef) for cause in causes):
        # Mostly nothing is missing, and then one test settles it.
        present = [writer.present(cause) for cause in sorted(causes, key=lambda node: node.at)]
        lines = [
            f"if {all_true(present)}:",
            f"    if {writer.true(tree, causes)}: fired |= {mask}",
            f"el{lines[0]}",
            lines[1],
        ]
    return lines


def _entry(
    columns: Mapping[str, str], givens: Mapping[str, str], everything: Sequence[Expression]
) -> list[str]:
    """Return the lines that unpack the arguments and make every DOUBLE a finite float or None."""
    columns_read, givens_read = _Reads(ColumnRef), _Reads(ParameterRef)
    for expression in everything:
        columns_read.scan(expression.tree, exact=False)
        givens_read.scan(expression.tree, exact=False)
    lines: list[str] = []
    for source, names, reads in (
        ("values", columns, columns_read),
        ("params", givens, givens_read),
    ):
        if names:
            targets = "".join(f"{names[name] if name in reads.all else '_'}, " for name in names)
            lines.append(f"{targets}= {source}")
        for name in reads.all:
            local = names.get(name)
            if local is not None and name in reads.doubtful:
                finite = f"{local} is not None and {local} - {local} == 0.0"
                lines.append(f"{local} = {local} + 0.0 if {finite} else None")
            elif local is not None and name in reads.loose:
                lines.append(f"{local} = {local} + 0.0")
    return lines


class _Reads:
    """Which columns or parameters are read; which DOUBLEs must be checked, and which widened.

    A promised DOUBLE that is only compared or divided needs no widening: Python compares and
    divides an int exactly as the double it equals.
    """

    def __init__(self, cls: type[ColumnRef] | type[ParameterRef]) -> None:
        self._cls = cls
        self.all: dict[str, None] = {}
        self.doubtful: set[str] = set()
        self.loose: set[str] = set()

    def scan(self, node: Node, *, exact: bool) -> None:
        """Take in a tree; `exact`: the parent treats an int as the double it equals."""
        if isinstance(node, self._cls):
            self.all[node.name] = None
            if node.kind is Kind.DOUBLE and node.fails:
                self.doubtful.add(node.name)
            elif node.kind is Kind.DOUBLE and not exact:
                self.loose.add(node.name)
        for child in children(node):
            self.scan(child, exact=isinstance(node, Compare | Divide))


def _check(
    name: str,
    expression: Expression,
    names: Mapping[str, str],
    givens: Mapping[str, str],
    made: Mapping[str, Expression],
) -> None:
    """Refuse unknown names, and definitions used under a promise they do not keep."""
    unknown = [column for column in sorted(expression.columns) if column not in names]
    unknown += [f"${given}" for given in sorted(expression.parameters) if given not in givens]
    if unknown:
        raise ExpressionError(
            f"{unknown[0]} is not supplied", where=name, code="expression.name",
            next_step="list it as an input, or define it earlier",
        )  # fmt: skip
    for node in walk(expression.tree):
        if not isinstance(node, ColumnRef) or node.name not in made:
            continue
        tree = made[node.name].tree
        kept = (
            tree.kind is node.kind
            and (node.fails or not nullable(tree))
            and (tree.kind is Kind.TEXT or (node.low <= tree.low and tree.high <= node.high))
        )
        if not kept:
            raise ExpressionError(
                f"{node.name} is used as another type, range or nullability than it has",
                where=name, code="expression.promise", column=node.at,
                next_step="put the definition's own .column in the schema",
            )  # fmt: skip


def _load(source: str) -> Run:
    space: dict[str, Any] = {
        "__builtins__": {},
        "abs": abs,
        "floor": math.floor,
        "max": max,
        "min": min,
    }
    exec(compile(source, "<xindeng program>", "exec"), space)  # noqa: S102
    run: Run = space["run"]
    return run
