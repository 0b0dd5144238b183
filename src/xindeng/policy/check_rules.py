"""Checks of each rule: does it hang together, can it fire, does it say what it must."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from xindeng.kernel.errors import Problem
from xindeng.language import Polarity, polarity
from xindeng.policy.check_cases import check_cases
from xindeng.policy.check_texts import check_texts
from xindeng.policy.compile import Compiled
from xindeng.policy.context import AMOUNT_COLUMNS
from xindeng.policy.model import ACTIONS, SENSITIVE, WITHHOLDING_AREAS, Rule, consent_feature
from xindeng.policy.read_bundle import Bundle
from xindeng.policy.reader import nearest
from xindeng.policy.truth import can_be

_BASES: Final = frozenset({"separate", "legal_duty"})


class _About:
    """Reports problems of one rule at the lines of its keys."""

    def __init__(self, rule: Rule, problems: list[Problem]) -> None:
        self.rule = rule
        self._problems = problems

    def add(self, key: str, code: str, what: str, next_step: str) -> None:
        line = self.rule.at(key)
        what = f"rule {self.rule.id}: {what}"
        self._problems.append(Problem(self.rule.place.path, line, code, what, next_step))


def check_rules(bundle: Bundle, compiled: Compiled, problems: list[Problem]) -> None:
    """Add the problems of every rule, and of rules that meet in one condition."""
    known = amount_polarity(compiled)
    for rule in bundle.rules:
        about = _About(rule, problems)
        for check in _CHECKS:
            check(rule, bundle, compiled, about)
        _amount(rule, compiled, known, about)
        check_texts(rule, bundle, compiled, problems)
        check_cases(rule, bundle, compiled, problems)
    _same_condition(bundle, compiled, problems)


def amount_polarity(compiled: Compiled) -> dict[str, Polarity]:
    """Return how each definition moves as the amount asked grows."""
    known: dict[str, Polarity] = {}
    for name, expression in compiled.definitions:
        known[name] = polarity(expression, AMOUNT_COLUMNS, known)
    return known


def _fit(rule: Rule, bundle: Bundle, compiled: Compiled, about: _About) -> None:
    """Light, effect, whose and hold must tell one story."""
    if rule.whose == "withheld" and rule.area not in WITHHOLDING_AREAS:
        about.add(
            "whose",
            "rule.withheld",
            f"nothing may be withheld in area {rule.area}",
            f"say whose doing it is; only {', '.join(sorted(WITHHOLDING_AREAS))} may withhold",
        )
    if rule.light and rule.whose and (rule.light == "platform") != (rule.whose == "platform"):
        about.add(
            "light",
            "rule.our_side",
            f"light {rule.light} with whose {rule.whose}",
            "`light: platform` and `whose: platform` go together",
        )
    if rule.effect in ("decline", "zero_limit") and rule.light in ("yellow", "grey"):
        about.add(
            "light",
            "rule.light",
            f"a {rule.light} light with effect {rule.effect}",
            "what refuses is red: change the light, or the effect to warn",
        )
    if rule.effect == "warn" and rule.light == "red":
        about.add(
            "light", "rule.light", "a red light that only warns", "make it yellow, or let it refuse"
        )
    if rule.effect and (rule.effect == "hold") != (rule.hold is not None):
        about.add(
            "hold" if rule.hold else "effect",
            "rule.hold",
            f"effect {rule.effect} {'with' if rule.hold else 'without'} a `hold`",
            "effect hold and `hold: {kind, mode, days}` go together",
        )
    if (
        rule.effect == "warn"
        and rule.until is None
        and not rule.repair
        and rule.whose == "borrower"
    ):
        about.add(
            "effect",
            "rule.no_way_out",
            "warns of something the borrower cannot act on",
            "name a `repair` action",
        )


def _missing(rule: Rule, bundle: Bundle, compiled: Compiled, about: _About) -> None:
    condition = compiled.conditions.get(rule.id)
    if condition is not None and condition.nullable and not rule.missing:
        about.add(
            "when",
            "rule.missing",
            "the condition can be NULL and `missing` is not given",
            "say what no data means: `missing: grey`, yellow or red",
        )


def _repair(rule: Rule, bundle: Bundle, compiled: Compiled, about: _About) -> None:
    for action in rule.repair:
        if action not in ACTIONS:
            about.add(
                "repair", "rule.repair", f"unknown action {action!r}", nearest(action, ACTIONS)
            )
        elif action not in bundle.repair and bundle.repair:
            about.add(
                "repair",
                "rule.repair",
                f"action {action} has no words in repair.yaml",
                f"add `{action}: {{texts: …}}` there",
            )


def _consent(rule: Rule, bundle: Bundle, compiled: Compiled, about: _About) -> None:
    """Network, location and browsing data need a separate consent or a legal duty (PIPL 28)."""
    data = rule.data
    if data.category in SENSITIVE and data.consent and data.consent not in _BASES:
        about.add(
            "data",
            "rule.consent",
            f"{data.category} data on the basis of {data.consent}",
            "such data needs `consent: separate` or `consent: legal_duty`",
        )
    condition = compiled.conditions.get(rule.id)
    if condition is None or not data.category:
        return
    columns = compiled.columns_of(condition)
    read = {feature.event for feature in bundle.book.base if feature.name in columns}
    for category, events in SENSITIVE.items():
        if category != data.category and not events.isdisjoint(read):
            about.add(
                "data",
                "rule.consent",
                f"reads {', '.join(sorted(events & read))} events and declares {data.category}",
                f"declare `category: {category}` with a consent of its own",
            )
        follows = consent_feature(category) in bundle.book.columns
        if data.consent == "separate" and not events.isdisjoint(read) and not follows:
            about.add(
                "data",
                "rule.unfollowed",
                f"no feature tells how the consent to {category} data stands",
                f"add `{consent_feature(category)}: {{event: consent, "
                f"where: \"category = '{category}'\", op: last(granted), window: all}}`",
            )


def _reach(rule: Rule, bundle: Bundle, compiled: Compiled, about: _About) -> None:
    """A rule that never or always fires is not a rule."""
    condition = compiled.conditions.get(rule.id)
    if condition is None:
        return
    if not can_be(condition.tree, True):
        about.add(
            "when",
            "rule.never",
            "the condition can never be TRUE within the columns' bounds",
            "check the comparison, its unit, and clauses that contradict each other",
        )
    elif not can_be(condition.tree, False):
        about.add(
            "when",
            "rule.always",
            "the condition is never FALSE within the columns' bounds",
            "check the comparison and its unit",
        )


def _amount(rule: Rule, compiled: Compiled, known: dict[str, Polarity], about: _About) -> None:
    condition = compiled.conditions.get(rule.id)
    if condition is None or not compiled.uses_amount(condition):
        return
    if polarity(condition, AMOUNT_COLUMNS, known) in (Polarity.INCREASING, Polarity.CONSTANT):
        return
    columns = compiled.columns_of(condition)
    loose = [name for name, moves in known.items() if moves is Polarity.MIXED and name in columns]
    about.add(
        "when",
        "rule.amount_polarity",
        "not proven to stay TRUE as the amount asked grows, so no frontier exists"
        + (f" ({loose[0]} may fall, or become NULL)" if loose else ""),
        "more money must only make it truer, e.g. exposure_after_draw > $limit; divide by whole "
        "numbers, e.g. NULLIF(FLOOR(income), 0), which cannot be tiny",
    )


def _same_condition(bundle: Bundle, compiled: Compiled, problems: list[Problem]) -> None:
    seen: dict[object, Rule] = {}
    for rule in bundle.rules:
        condition = compiled.conditions.get(rule.id)
        if condition is None:
            continue
        first = seen.setdefault(condition.tree, rule)
        if first is not rule:
            verb = (
                "repeats"
                if (first.light, first.effect) == (rule.light, rule.effect)
                else ("contradicts")
            )
            _About(rule, problems).add(
                "when",
                f"rule.{verb}",
                f"{verb} rule {first.id} ({first.place}): same condition",
                "keep one of them, or make the conditions differ",
            )


_CHECKS: Final[tuple[Callable[[Rule, Bundle, Compiled, _About], None], ...]] = (
    _fit,
    _missing,
    _repair,
    _consent,
    _reach,
)
