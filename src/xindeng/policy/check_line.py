"""Checks of holds.yaml and of the remedies in limits.yaml."""

from __future__ import annotations

from collections.abc import Iterator

from xindeng.events.line import HoldKind
from xindeng.kernel.errors import Problem
from xindeng.language import Kind
from xindeng.policy.compile import Compiled
from xindeng.policy.model import HoldKindSpec, LimitRemedy, Rule
from xindeng.policy.parameters import Parameter
from xindeng.policy.read_bundle import Bundle
from xindeng.policy.reader import nearest
from xindeng.policy.truth import can_be

_ALWAYS: tuple[HoldKind, ...] = ("manual", "identity_theft", "own_lock")
"""Kinds that no rule needs to place: staff, or the borrower, do."""


def check_line(bundle: Bundle, compiled: Compiled, problems: list[Problem]) -> None:
    """Add the problems of the kinds of hold and of the remedies."""
    if bundle.holds:
        for kind in _ALWAYS:
            if kind not in bundle.holds:
                what = f"holds.yaml says nothing of {kind}, which needs no rule to be placed"
                problems.append(Problem("holds.yaml", 1, "hold.absent", what, f"add `{kind}:`"))
        for rule in bundle.rules:
            problems += _of_rule(rule, bundle)
    for spec in bundle.holds.values():
        problems += _of_kind(spec, bundle, compiled)
    for remedy in bundle.limits.remedies if bundle.limits else ():
        problems += _of_remedy(remedy, bundle, compiled)


def _of_rule(rule: Rule, bundle: Bundle) -> Iterator[Problem]:
    hold = rule.hold
    if hold is None:
        return
    spec = bundle.holds.get(hold.kind)
    if spec is None:
        yield Problem(
            rule.place.path,
            hold.line,
            "hold.absent",
            f"rule {rule.id} places a {hold.kind} hold, of which holds.yaml says nothing",
            f"add `{hold.kind}:` to holds.yaml",
        )
        return
    longest, cap = _range(hold.lasts, bundle), _range(spec.max_days, bundle)
    hours = 1 if hold.unit == "hours" else 24
    if longest is not None and cap is not None and longest[1] * hours > cap[0] * 24:
        yield Problem(
            rule.place.path,
            hold.line,
            "hold.too_long",
            f"the hold of rule {rule.id} can last {longest[1]} {hold.unit}, "
            f"a {hold.kind} hold at most {cap[0]} days in all",
            "shorten it, or raise max_days",
        )


def _of_kind(spec: HoldKindSpec, bundle: Bundle, compiled: Compiled) -> Iterator[Problem]:
    path = spec.place.path
    first, cap = _range(spec.days, bundle), _range(spec.max_days, bundle)
    if first is not None and cap is not None and not 0 < first[1] <= cap[0]:
        yield Problem(
            path,
            spec.at("days"),
            "hold.too_long",
            f"a {spec.kind} hold begins with {first[1]} days of at most {cap[0]}",
            "a hold has a review date of at least one day within max_days",
        )
    for key in ("release_when", "extend_when", "ask_when"):
        expression = compiled.line.get((spec.kind, key))
        if expression is None:
            continue
        if compiled.uses_amount(expression):
            yield Problem(
                path,
                spec.at(key),
                "hold.amount",
                f"`{key}` of {spec.kind} depends on the amount asked",
                "a hold stands whatever is asked for",
            )
        if not can_be(expression.tree, True):
            yield Problem(
                path,
                spec.at(key),
                "hold.never",
                f"`{key}` of {spec.kind} can never be TRUE",
                "leave it out where only a person may act",
            )
    if spec.release_when is None and spec.on_expiry != "human":
        yield Problem(
            path,
            spec.at("on_expiry"),
            "hold.unjudged",
            f"a {spec.kind} hold has no release condition and nobody looks when it expires",
            "write `on_expiry: human`, or give a `release_when`",
        )


def _of_remedy(remedy: LimitRemedy, bundle: Bundle, compiled: Compiled) -> Iterator[Problem]:
    columns = bundle.book.columns
    for name in remedy.sets:
        expression = compiled.line.get((remedy.name, f"set {name}"))
        if name not in columns:
            what, step = f"{name} is no feature folded from events", nearest(name, columns)
        elif expression is not None and not _fits(expression.kind, columns[name].kind):
            what = f"{name} is {columns[name].kind}, its new value {expression.kind}"
            step = "give a value of the same kind"
        else:
            continue
        place = remedy.place
        what = f"remedy {remedy.name}: {what}"
        yield Problem(place.path, place.line, "limits.remedy", what, step)


def _fits(given: Kind, wanted: Kind) -> bool:
    return given is wanted or (given is Kind.BIGINT and wanted is Kind.DOUBLE)


def _range(length: str, bundle: Bundle) -> tuple[int, int] | None:
    """Return the least and greatest value of a number or `$parameter`, None if not known."""
    if length.isdigit():
        return int(length), int(length)
    parameter: Parameter | None = next(
        (p for p in bundle.parameters if f"${p.name}" == length), None
    )
    values = [v for v in parameter.reachable() if type(v) is int] if parameter else []
    return (min(values), max(values)) if values else None
