"""Checks of a rule's cases: enough of them, of both kinds, over columns that exist."""

from __future__ import annotations

from xindeng.kernel.errors import Problem
from xindeng.kernel.time import to_date
from xindeng.language import Column, Kind, Value
from xindeng.policy.compile import Compiled
from xindeng.policy.model import Case, Rule
from xindeng.policy.parameters import ParameterBook
from xindeng.policy.read_bundle import Bundle
from xindeng.policy.reader import nearest


def check_cases(rule: Rule, bundle: Bundle, compiled: Compiled, problems: list[Problem]) -> None:
    """Add the problems of one rule's cases."""
    path, line = rule.place.path, rule.at("cases")
    expected = {case.expect for case in rule.cases}
    if len(rule.cases) < 2:
        problems.append(
            Problem(
                path,
                line,
                "case.few",
                f"rule {rule.id} has {len(rule.cases)} of 2 cases",
                "add one that fires and one that does not",
            )
        )
    elif "fires" not in expected or expected == {"fires"}:
        problems.append(
            Problem(
                path,
                line,
                "case.one_sided",
                f"all cases of rule {rule.id} end alike",
                "add one that fires and one that does not",
            )
        )
    for case in rule.cases:
        _case(rule, case, bundle, compiled, problems)


def _case(
    rule: Rule, case: Case, bundle: Bundle, compiled: Compiled, problems: list[Problem]
) -> None:
    def add(code: str, what: str, next_step: str) -> None:
        path, line = case.place.path, case.place.line
        problems.append(Problem(path, line, code, f"case of {rule.id}: {what}", next_step))

    condition = compiled.conditions.get(rule.id)
    used = _read_columns(rule, compiled)
    for name, value in case.given.items():
        column = compiled.schema.get(name)
        if name in compiled.broken or (column is None and bundle.incomplete):
            continue
        if name in ("stance", "segment"):
            add(f"case.{name}", f"{name} stands inside `given`", f"write `{name}: …` beside it")
        elif column is None:
            add("case.unknown", f"unknown column {name}", nearest(name, compiled.schema))
        elif not fits(column, value):
            add(
                "case.value", f"{name} is {value!r}, not {describe(column)}", "check value and unit"
            )
        elif condition is not None and name not in used:
            add("case.unused", f"the rule does not read {name}", nearest(name, used))
    if case.segment and bundle.segments and case.segment not in {s.name for s in bundle.segments}:
        add("case.segment", f"segment {case.segment} is not declared", "see segments.yaml")
    if bundle.stances and case.stance not in {s.name for s in bundle.stances}:
        add("case.stance", f"stance {case.stance} is not declared", "see stances.yaml")
    by_name = {p.name: p for p in bundle.parameters}
    read = compiled.parameters_of(condition) if condition is not None else frozenset()
    first = ParameterBook(tuple(by_name[name] for name in sorted(read) if by_name[name].days))
    if case.day is not None and case.day < first.first_day and read:
        add(
            "case.early",
            f"{to_date(case.day)} is before the first value of a parameter it reads",
            f"decide on {to_date(first.first_day)} or later",
        )


def _read_columns(rule: Rule, compiled: Compiled) -> frozenset[str]:
    """Return every column that the condition and the other expressions of a rule rest on."""
    found: frozenset[str] = frozenset()
    for expressions in (compiled.conditions, compiled.untils, compiled.lengths, compiled.caps):
        expression = expressions.get(rule.id)
        if expression is not None:
            found |= compiled.columns_of(expression)
    return found


def fits(column: Column, value: Value) -> bool:
    """Say whether a value belongs to a column's kind, bounds, vocabulary and promise of no NULL."""
    if value is None:
        return column.nullable
    if column.kind is Kind.BOOL:
        return isinstance(value, bool)
    if column.kind is Kind.TEXT:
        return isinstance(value, str) and (not column.values or value in column.values)
    if isinstance(value, bool | str) or (column.kind is Kind.BIGINT and not isinstance(value, int)):
        return False
    return (column.low is None or value >= column.low) and (
        column.high is None or value <= column.high
    )


def describe(column: Column) -> str:
    """Return "BIGINT from 0 to 10", "one of in, out", …"""
    if column.kind is Kind.TEXT and column.values:
        return f"one of {', '.join(column.values)}"
    if column.low is None and column.high is None:
        return str(column.kind)
    return f"{column.kind} from {column.low} to {column.high}"
