"""Parameters on a time line: every value with its day and source, and how stances shift it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from xindeng.policy.parameters import Parameter
from xindeng.policy.policy import Policy
from xindeng.web.bundles import version_of
from xindeng.web.desk import shown, today
from xindeng.web.route import Shown, Visit


@dataclass(frozen=True, slots=True)
class Row:
    """A parameter: its dated values oldest first, which of them is in force, its shifts."""

    spec: Parameter
    dated: tuple[tuple[int, Any, str], ...]
    now: int
    shifts: tuple[str, ...]
    rules: tuple[str, ...]


def parameters(visit: Visit) -> Shown:
    """Show the parameters whose name or description holds what is asked for."""
    version = version_of(visit, visit.query.get("v", ""))
    policy, day = version.policy, today(visit)
    asked = visit.query.get("q", "").strip()[:60]
    used: dict[str, list[str]] = {}
    for rule in policy.all_rules:
        for name in policy.compiled.conditions[rule.id].parameters:
            used.setdefault(name, []).append(rule.id)
    rows = [
        _row(one, day, tuple(used.get(one.name, ())))
        for one in sorted(policy.book_of_parameters.parameters, key=lambda one: one.name)
        if asked.lower() in f"{one.name} {' '.join(one.description.values())}".lower()
    ]
    return shown(visit, "/risk/parameters", version=version, asked=asked, rows=rows,
                 line=_line(policy), today=day)  # fmt: skip


def _line(policy: Policy) -> list[tuple[int, list[tuple[str, Any, Any]]]]:
    """Return, for each day on which parameters change, (name, before, after); newest first."""
    found: dict[int, list[tuple[str, Any, Any]]] = {}
    for one in policy.book_of_parameters.parameters:
        for day, before, after in zip(one.days[1:], one.values, one.values[1:], strict=False):
            found.setdefault(day, []).append((one.name, before, after))
    return sorted(found.items(), reverse=True)


def _row(one: Parameter, day: int, rules: tuple[str, ...]) -> Row:
    sources = one.sources or ("",) * len(one.days)
    in_force = sum(start <= day for start in one.days) - 1
    shifts = [
        f"{name}: {_SIGNS[shift.how]}{shift.amount}"
        for name, shift in (*one.stance.items(), *one.segment.items())
    ]
    return Row(one, tuple(zip(one.days, one.values, sources, strict=True)), in_force,
               tuple(shifts), rules)  # fmt: skip


_SIGNS = {"value": "= ", "add": "+ ", "multiply": "× "}
