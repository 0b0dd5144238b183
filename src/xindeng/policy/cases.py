"""Runs the cases that every rule carries: `xindeng policy test`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xindeng.kernel.time import DAY
from xindeng.language import Expression, Value, compile_python
from xindeng.policy.context import CONTEXT
from xindeng.policy.model import Case, Rule
from xindeng.policy.policy import Policy

_NOON = DAY // 2


@dataclass(frozen=True, slots=True)
class CaseResult:
    """One case run: what came (`fires`, `quiet` or `missing`) against what was expected.

    `number` counts the rule's cases from 1; `where` is the case's "path:line".
    """

    rule: Rule
    case: Case
    number: int
    got: str

    @property
    def ok(self) -> bool:
        """Say whether the case came out as expected."""
        return self.got == self.case.expect

    @property
    def where(self) -> str:
        """Return "path:line" of the case."""
        return str(self.case.place)

    def __str__(self) -> str:
        """Return one line for a report."""
        verdict = "as expected" if self.ok else f"expected {self.case.expect}"
        return f"{self.where}: {self.rule.id} case {self.number} {self.got}, {verdict}"


def run_cases(policy: Policy) -> list[CaseResult]:
    """Run every case of every rule, switched-off rules included, in the bundle's order."""
    return [
        CaseResult(rule, case, number, run_case(policy, rule, case))
        for rule in policy.all_rules
        for number, case in enumerate(rule.cases, 1)
    ]


def failing_cases(policy: Policy) -> list[CaseResult]:
    """Return the cases of a policy that do not come out as they say, in the bundle's order."""
    return [one for one in run_cases(policy) if not one.ok]


def run_case(policy: Policy, rule: Rule, case: Case) -> str:
    """Return `fires`, `quiet` or `missing`: the rule's condition over what the case gives.

    A given derived column replaces its definition; every other definition that the condition
    rests on is computed from what is given.
    """
    compiled = policy.compiled
    day = policy.book_of_parameters.last_day if case.day is None else case.day
    segment = case.segment or policy.segments[-1]
    params = policy.parameters(day, case.stance, segment)
    known = _resting(policy, day, case.stance, segment)
    known.update(case.given)
    condition = compiled.conditions[rule.id]
    needed = compiled.columns_of(condition)
    for name, expression in compiled.definitions:
        if name in needed and name not in case.given:
            known[name] = _value(expression, known, policy.parameter_names, params)
    verdict = _value(condition, known, policy.parameter_names, params)
    return "missing" if verdict is None else "fires" if verdict else "quiet"


def _resting(policy: Policy, day: int, stance: str, segment: str) -> dict[str, Value]:
    """Return the facts of a borrower of whom nothing is known, at noon of a day."""
    noon = policy.zone.midnight(day) + _NOON
    known = dict(
        zip(policy.book.columns, policy.kernel.vector(policy.kernel.empty(), noon), strict=True)
    )
    known.update({name: entry.resting for name, entry in CONTEXT.items()})
    known.update(now=noon, today=day, stance=stance, segment=segment)
    return known


def _value(
    expression: Expression, known: dict[str, Value], names: Sequence[str], params: Sequence[Value]
) -> Value:
    columns = sorted(expression.columns)
    function = compile_python(expression, columns, names)
    return function([known.get(name) for name in columns], params)
