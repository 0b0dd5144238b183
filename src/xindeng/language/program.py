"""A whole set of expressions compiled to one Python function: derived columns, then conditions."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from xindeng.kernel.errors import ExpressionError
from xindeng.language.emit import Emitter
from xindeng.language.expression import Expression
from xindeng.language.nodes import ColumnRef, Node, children
from xindeng.language.types import Kind, Value

Run = Callable[[Sequence[Value], Sequence[Value]], tuple[list[Value], int, int]]
_HEADER: Final = "def run(values, parameters):"


@dataclass(frozen=True, slots=True)
class Program:
    """A compiled set.

    `run(values, parameters)` takes values in the order of `inputs` and parameters in the order
    of `parameters`; it returns the definitions' values, a bit mask of the conditions that are
    TRUE and one of those that are NULL. `source` is the generated text, for reading.
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
    """Compile named definitions (each may read earlier ones) and named conditions (BOOL).

    Raises ExpressionError for a name that is neither an input, a parameter nor defined earlier.
    """
    wanted = [expression for _, expression in (*definitions, *conditions)]
    columns = {name: f"v{place}" for place, name in enumerate(inputs)}
    names = {name: f"p{place}" for place, name in enumerate(parameters)}
    emitter = Emitter(columns, names)
    defined = [name for name, _ in definitions]
    used = set().union(*(one.columns for one in wanted)) - set(defined)
    used_parameters = set().union(*(one.parameters for one in wanted))
    _require(used, columns, "column")
    _require(used_parameters, names, "parameter")
    head = _unpack([columns[n] if n in used else "_" for n in inputs], "values")
    head += _unpack([names[n] if n in used_parameters else "_" for n in parameters], "parameters")
    emitter.lines += _clean_doubles(wanted, columns, used)
    for place, (name, expression) in enumerate(definitions):
        _require(expression.columns, columns, "column")
        emitter.lines.append(f"d{place} = {emitter.value(expression.tree)}")
        columns[name] = f"d{place}"
    emitter.lines.append("fired = missing = 0")
    for place, (name, expression) in enumerate(conditions):
        if expression.kind is not Kind.BOOL:
            raise ExpressionError(f"{name} is {expression.kind}, not a condition")
        emitter.condition(expression.tree, place)
    results = ", ".join(f"d{place}" for place in range(len(definitions)))
    body = [*head, *emitter.lines, f"return [{results}], fired, missing"]
    source = "\n".join([_HEADER, *(f"    {line}" for line in body)]) + "\n"
    return Program(
        inputs=tuple(inputs),
        parameters=tuple(parameters),
        definitions=tuple(defined),
        conditions=tuple(name for name, _ in conditions),
        source=source,
        run=_load(source),
    )


def compile_python(
    expression: Expression, inputs: Sequence[str], parameters: Sequence[str] = ()
) -> Callable[[Sequence[Value], Sequence[Value]], Value]:
    """Compile one expression to a function of (values, parameters)."""
    run = compile_program(
        inputs=inputs, parameters=parameters, definitions=[("value", expression)]
    ).run
    return lambda values, parameters: run(values, parameters)[0][0]


def _load(source: str) -> Run:
    # The text is made of the language's own operators and of locals numbered here; the only
    # foreign matter in it are literals, printed by repr from checked ints, floats and strings.
    space: dict[str, Any] = {"__builtins__": {"min": min, "max": max}, "floor": math.floor}
    exec(compile(source, "<xindeng program>", "exec"), space)  # noqa: S102
    run: Run = space["run"]
    return run


def _unpack(names: Sequence[str], source: str) -> list[str]:
    used = [(place, name) for place, name in enumerate(names) if name != "_"]
    if not used:
        return []
    if 3 * len(used) < len(names):
        return [f"{name} = {source}[{place}]" for place, name in used]
    return [f"({', '.join(names)},) = {source}"]


def _clean_doubles(
    wanted: Sequence[Expression], columns: dict[str, str], used: set[str]
) -> list[str]:
    """Return lines that turn non-finite DOUBLE inputs into NULL and −0.0 into 0.0."""
    found: dict[str, bool] = {}
    for expression in wanted:
        for node in _columns(expression.tree):
            if node.kind is Kind.DOUBLE and node.name in used:
                found[node.name] = node.fails
    lines: list[str] = []
    for name, may_fail in found.items():
        local = columns[name]
        if may_fail:
            lines.append(f"if {local} is not None:")
            lines.append(f"    {local} = {local} + 0.0 if {local} - {local} == 0.0 else None")
        else:
            lines.append(f"{local} = {local} + 0.0")
    return lines


def _columns(node: Node) -> list[ColumnRef]:
    own = [node] if isinstance(node, ColumnRef) else []
    return own + [column for child in children(node) for column in _columns(child)]


def _require(names: set[str] | frozenset[str], known: dict[str, str], what: str) -> None:
    unknown = sorted(names - known.keys())
    if unknown:
        raise ExpressionError(
            f"{unknown[0]} is no {what} here", code="expression.name", next_step="define it earlier"
        )
