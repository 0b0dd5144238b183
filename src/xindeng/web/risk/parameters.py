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
    """A parameter: its dated values oldest first, which of them is in force, its shifts as
    ("stance" or "segment", name, sign, amount)."""

    spec: Parameter
    dated: tuple[tuple[int, Any, str], ...]
    now: int
    shifts: tuple[tuple[str, str, str, Any], ...]
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
                 line=_line(policy, visit.lang), today=day)  # fmt: skip


_Change = tuple[str, str, str, Any, Any]
"""Name, in words, unit, before, after."""


def _line(policy: Policy, lang: str) -> list[tuple[int, list[_Change]]]:
    """Return what changes on each day on which parameters change, newest first."""
    found: dict[int, list[_Change]] = {}
    for one in policy.book_of_parameters.parameters:
        for day, before, after in zip(one.days[1:], one.values, one.values[1:], strict=False):
            words = one.description.get(lang, one.name)
            found.setdefault(day, []).append((one.name, words, one.unit, before, after))
    return sorted(found.items(), reverse=True)


def _row(one: Parameter, day: int, rules: tuple[str, ...]) -> Row:
    sources = one.sources or ("",) * len(one.days)
    in_force = sum(start <= day for start in one.days) - 1
    shifts = [
        (kind, name, _SIGNS[shift.how], shift.amount)
        for kind, found in (("stance", one.stance), ("segment", one.segment))
        for name, shift in found.items()
    ]
    return Row(one, tuple(zip(one.days, one.values, sources, strict=True)), in_force,
               tuple(shifts), rules)  # fmt: skip


_SIGNS = {"value": "= ", "add": "+ ", "multiply": "× "}
