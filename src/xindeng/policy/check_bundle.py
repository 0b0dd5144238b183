"""Checks of the bundle as a whole: what the engine needs, and levers that move nothing."""

from __future__ import annotations

from xindeng.kernel.errors import InputError, Problem
from xindeng.language import Kind
from xindeng.policy.compile import Compiled
from xindeng.policy.model import ENGINE_PARAMETERS, RESERVED_FEATURES, Rule
from xindeng.policy.read_bundle import Bundle
from xindeng.policy.steering.check import check_steering
from xindeng.policy.texts import slots


def check_bundle(bundle: Bundle, compiled: Compiled, problems: list[Problem]) -> None:
    """Add the problems of the bundle as a whole."""
    if not bundle.incomplete:
        _engine(bundle, compiled, problems)
        _inline(bundle, compiled, problems)
    _shifts(bundle, problems)
    _stances(bundle, problems)
    _matrix(bundle, problems)
    names = [segment.name for segment in bundle.segments]
    check_steering(bundle.steering, bundle.stances, names, problems)


def _engine(bundle: Bundle, compiled: Compiled, problems: list[Problem]) -> None:
    line = next((a.line for a in bundle.head.areas if a.name == "line"), None)
    for name in RESERVED_FEATURES if line is not None else ():
        if name not in compiled.schema and name not in compiled.broken:
            problems.append(
                Problem(
                    "features.yaml",
                    1,
                    "feature.reserved",
                    f"the line area needs a feature {name}",
                    f"define {name}, or take `line` out of policy.yaml",
                )
            )
        elif name in compiled.schema and compiled.schema[name].kind is not Kind.BIGINT:
            problems.append(
                Problem(
                    "features.yaml",
                    bundle.feature_lines.get(name, 1),
                    "feature.reserved",
                    f"feature {name} must be BIGINT, not {compiled.schema[name].kind}",
                    "count it in whole units",
                )
            )
    by_name = {parameter.name: parameter for parameter in bundle.parameters}
    for name in ENGINE_PARAMETERS:
        found = by_name.get(name)
        if found is None and f"${name}" not in compiled.broken:
            problems.append(
                Problem(
                    "policy.yaml",
                    1,
                    "parameter.engine",
                    f"there is no parameter {name}",
                    f"add {name} (unit fen) under parameters/",
                )
            )
        elif found is not None and (
            found.kind is not Kind.BIGINT or any(int(v or 0) < 1 for v in found.reachable())
        ):
            problems.append(
                Problem(
                    found.path,
                    found.line,
                    "parameter.engine",
                    f"parameter {name} must be a BIGINT of at least 1",
                    "the amount frontier steps by it",
                )
            )


def _inline(bundle: Bundle, compiled: Compiled, problems: list[Problem]) -> None:
    """An inline parameter moves one rule only, or it belongs into parameters/."""
    inline = {p.name: p for p in bundle.parameters if p.rule is not None}
    users: dict[str, set[str]] = {name: set() for name in inline}
    for rule in bundle.rules:
        for name in _parameters_of(rule, compiled) & inline.keys():
            users[name].add(rule.id)
    for name, _ in compiled.definitions:
        for used in compiled.parameter_closure[name] & inline.keys():
            users[used].add(f"feature {name}")
    for name, parameter in inline.items():
        others = sorted(users[name] - {parameter.rule or ""})
        if others:
            problems.append(
                Problem(
                    parameter.path,
                    parameter.line,
                    "parameter.inline_shared",
                    f"${name} of rule {parameter.rule} is also used by {', '.join(others[:3])}",
                    "move it to parameters/",
                )
            )
        elif parameter.rule not in users[name] and parameter.rule in compiled.conditions:
            problems.append(
                Problem(
                    parameter.path,
                    parameter.line,
                    "parameter.unused",
                    f"rule {parameter.rule} does not use its parameter ${name}",
                    "use it or remove it",
                )
            )


def _parameters_of(rule: Rule, compiled: Compiled) -> frozenset[str]:
    """Return the parameters a rule names itself, in expressions and texts."""
    names: set[str] = set()
    for expressions in (compiled.conditions, compiled.untils, compiled.lengths, compiled.caps):
        expression = expressions.get(rule.id)
        if expression is not None:
            names |= expression.parameters
    for audiences in rule.texts.values():
        for text in audiences.values():
            try:
                names.update(slot.name for slot in slots(text) if slot.parameter)
            except InputError:
                continue  # reported with the rule
    return frozenset(names)


def _shifts(bundle: Bundle, problems: list[Problem]) -> None:
    stances = {stance.name for stance in bundle.stances}
    segments = {segment.name for segment in bundle.segments}
    if not stances or not segments:
        return
    for parameter in bundle.parameters:
        unknown = (set(parameter.stance) - stances) | (set(parameter.segment) - segments)
        for name in sorted(unknown):
            problems.append(
                Problem(
                    parameter.path,
                    parameter.line,
                    "parameter.shift_nowhere",
                    f"parameter {parameter.name} shifts for {name}, which this policy "
                    "does not declare",
                    "declare it, or remove the shift",
                )
            )


def _stances(bundle: Bundle, problems: list[Problem]) -> None:
    default = bundle.head.stance_default
    if bundle.stances and default not in {stance.name for stance in bundle.stances}:
        problems.append(
            Problem(
                "policy.yaml",
                1,
                "stance.default",
                f"stance_default {default} is not declared",
                "declare it in stances.yaml",
            )
        )


def _matrix(bundle: Bundle, problems: list[Problem]) -> None:
    segments = {segment.name for segment in bundle.segments}
    for cell in bundle.limits.matrix if bundle.limits and segments else ():
        if cell.segment and cell.segment not in segments:
            problems.append(
                Problem(
                    cell.place.path,
                    cell.place.line,
                    "limits.segment",
                    f"segment {cell.segment} is not declared",
                    "declare it in segments.yaml",
                )
            )
