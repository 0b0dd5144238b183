"""Bundle → typed expressions: every text parsed in order, so that each knows what it may use."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter

from xindeng.kernel.errors import ExpressionError, Problem
from xindeng.language import Column, Expression, Kind, parse
from xindeng.policy.context import (
    AMOUNT_COLUMNS,
    CONTEXT,
    HOLD_EXPRESSIONS,
    UNKNOWN_TO_SEGMENTS,
    hold_columns,
)
from xindeng.policy.model import Place, Rule
from xindeng.policy.read_bundle import Bundle
from xindeng.scoring.scorecard import expressions

_QUOTED = re.compile(r"'[^']*'")
_WORD = re.compile(r"\$?[a-z][a-z0-9_]*")
_UNKNOWN = frozenset({"expression.name", "expression.parameter"})


@dataclass(slots=True)
class Compiled:
    """The checked expressions. `line` are those of holds and remedies, by (kind, key).

    `schema` holds base, context, derived and score columns;
    `closure` maps each definition to every column it rests on, directly or not; `broken` are
    names (`$` before parameters) whose own problem is reported, so their uses are not."""

    schema: dict[str, Column] = field(default_factory=dict)
    parameters: dict[str, Column] = field(default_factory=dict)
    definitions: list[tuple[str, Expression]] = field(default_factory=list)
    segments: list[tuple[str, Expression]] = field(default_factory=list)
    behaviours: list[tuple[str, Expression]] = field(default_factory=list)
    conditions: dict[str, Expression] = field(default_factory=dict)
    untils: dict[str, Expression] = field(default_factory=dict)
    lengths: dict[str, Expression] = field(default_factory=dict)
    caps: dict[str, Expression] = field(default_factory=dict)
    line: dict[tuple[str, str], Expression] = field(default_factory=dict)
    closure: dict[str, frozenset[str]] = field(default_factory=dict)
    parameter_closure: dict[str, frozenset[str]] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)

    def columns_of(self, expression: Expression) -> frozenset[str]:
        """Return every column an expression rests on, through definitions too."""
        through = [self.closure.get(name, frozenset()) for name in expression.columns]
        return expression.columns.union(*through)

    def parameters_of(self, expression: Expression) -> frozenset[str]:
        """Return every parameter an expression rests on, through definitions too."""
        through = [self.parameter_closure.get(name, frozenset()) for name in expression.columns]
        return expression.parameters.union(*through)

    def uses_amount(self, expression: Expression) -> bool:
        """Say whether the value depends on the amount asked."""
        return not AMOUNT_COLUMNS.isdisjoint(self.columns_of(expression))


class Compiler:
    """Parses everything; a refused expression is a problem, and its name stays unknown to
    nobody: uses of it are not reported again."""

    def __init__(self, bundle: Bundle, problems: list[Problem]) -> None:
        self.bundle = bundle
        self.problems = problems
        self.out = Compiled()
        self.broken = self.out.broken
        self.broken.update(bundle.broken)

    def run(self) -> Compiled:
        """Return all expressions that could be parsed."""
        out, bundle = self.out, self.bundle
        out.parameters.update({p.name: p.column for p in bundle.parameters})
        out.schema.update({name: entry.column for name, entry in CONTEXT.items()})
        for name, column in bundle.book.columns.items():
            if self._free(name):
                out.schema[name] = column
        self._derived()
        self._segments()
        self._card()
        for rule in bundle.rules:
            self._rule(rule)
        for behaviour in bundle.limits.behaviours if bundle.limits else ():
            found = self.parse(behaviour.when, behaviour.place, behaviour.name, Kind.BOOL)
            if found is not None:
                out.behaviours.append((behaviour.name, found))
        self._line()
        return out

    def _line(self) -> None:
        """Parse what holds.yaml says of each kind, and what each remedy of limits.yaml sets."""
        bundle, line = self.bundle, self.out.line
        rules = tuple(r.id for r in bundle.rules if r.hold is not None)
        schema = {**self.out.schema, **hold_columns(rules)}
        for kind, spec in bundle.holds.items():
            for key in HOLD_EXPRESSIONS:
                condition = key.endswith("_when")
                found = self.parse(
                    getattr(spec, key) or "",
                    Place(spec.place.path, spec.at(key)),
                    f"hold {kind}, `{key}`",
                    Kind.BOOL if condition else Kind.BIGINT,
                    schema=schema if condition else {},
                )
                if found is not None:
                    line[kind, key] = found
        limits = bundle.limits
        whens = (
            (
                ("raise_when", limits.raise_when, limits.raise_place),
                ("cut_when", limits.cut_when, limits.cut_place),
            )
            if limits
            else ()
        )
        for key, text, place in whens:
            found = self.parse(text, place, f"`{key}`", Kind.BOOL) if text and place else None
            if found is not None:
                line["limits", key] = found
        for remedy in limits.remedies if limits else ():
            for name, text in remedy.sets.items():
                found = self.parse(text, remedy.place, f"remedy {remedy.name}, `{name}`")
                if found is not None:
                    line[remedy.name, f"set {name}"] = found

    def parse(
        self,
        text: str,
        place: Place,
        what: str,
        expect: Kind | None = None,
        *,
        schema: Mapping[str, Column] | None = None,
        parameters: Mapping[str, Column] | None = None,
    ) -> Expression | None:
        """Return the expression, or None after reporting why not (unless only a broken name)."""
        if not text:
            return None
        try:
            return parse(
                text,
                self.out.schema if schema is None else schema,
                self.out.parameters if parameters is None else parameters,
                expect=expect,
            )
        except ExpressionError as error:
            if not self._reported(error, text):
                self.problems.append(
                    Problem(
                        place.path,
                        place.line,
                        error.code,
                        f"{what}, column {error.column}: {error.what}",
                        error.next_step,
                    )
                )
        return None

    def _reported(self, error: ExpressionError, text: str) -> bool:
        """Say whether an unknown name is one whose own problem is reported already."""
        word = _WORD.match(text[error.column - 1 :])
        if error.code not in _UNKNOWN or word is None:
            return False
        # In an incomplete bundle it may well stand in the file that could not be read.
        return self.bundle.incomplete or word[0] in self.broken

    def _free(self, name: str) -> bool:
        if name not in self.out.schema and name not in ("score", "score_band"):
            return True
        line = self.bundle.feature_lines.get(name, 1)
        self.problems.append(
            Problem(
                "features.yaml",
                line,
                "feature.name",
                f"feature {name} is a name of the engine",
                "choose another name",
            )
        )
        return False

    def _define(self, name: str, expression: Expression) -> None:
        out = self.out
        out.closure[name] = out.columns_of(expression)
        out.parameter_closure[name] = out.parameters_of(expression)
        out.schema[name] = expression.column
        out.definitions.append((name, expression))

    def _derived(self) -> None:
        texts = {d.name: d.text for d in self.bundle.book.derived if self._free(d.name)}
        lines = self.bundle.feature_lines
        order, cycle = _ordered(texts)
        if cycle:
            self.problems.append(
                Problem(
                    "features.yaml",
                    lines.get(cycle[0], 1),
                    "feature.cycle",
                    f"features use each other in a circle: {' → '.join(cycle)}",
                    "take one of these uses away",
                )
            )
        self.broken.update(texts.keys() - set(order))
        for name in order:
            place = Place("features.yaml", lines.get(name, 1))
            found = self.parse(texts[name], place, f"feature {name}")
            if found is None:
                self.broken.add(name)
            else:
                self._define(name, found)

    def _card(self) -> None:
        card = self.bundle.card
        if card is None:
            return
        lines = self.bundle.card_lines
        columns = {c.points_column: c.column for c in card.characteristics}
        for name, text in expressions(card):
            line = lines.get(columns.get(name, ""), 1)
            found = self.parse(text, Place("scorecard.yaml", line), f"scorecard {name}")
            if found is None:
                self.broken.add(name)
                continue
            if self.out.uses_amount(found):
                self.problems.append(
                    Problem(
                        "scorecard.yaml",
                        line,
                        "scorecard.amount",
                        f"{columns.get(name, name)} depends on the amount asked",
                        "score the borrower, not the request",
                    )
                )
            self._define(name, found)

    def _segments(self) -> None:
        shifted = {p.name for p in self.bundle.parameters if p.shifted}
        hidden = set(UNKNOWN_TO_SEGMENTS)
        hidden.update(
            name
            for name, _ in self.out.definitions
            if self.out.closure[name] & UNKNOWN_TO_SEGMENTS
            or self.out.parameter_closure[name] & shifted
        )
        schema = {n: c for n, c in self.out.schema.items() if n not in hidden}
        plain = {n: c for n, c in self.out.parameters.items() if n not in shifted}
        for segment in self.bundle.segments:
            what = f"segment {segment.name}"
            circular = _circular(segment.when, {*hidden, *(f"${name}" for name in shifted)})
            if circular:
                self.problems.append(
                    Problem(
                        segment.place.path,
                        segment.place.line,
                        "segment.circular",
                        f"{what} uses {circular}, which itself depends on the segment or stance",
                        "use features and parameters that no segment or stance shifts",
                    )
                )
                continue
            found = self.parse(
                segment.when, segment.place, what, Kind.BOOL, schema=schema, parameters=plain
            )
            if found is not None:
                self.out.segments.append((segment.name, found))

    def _rule(self, rule: Rule) -> None:
        out = self.out
        what = f"rule {rule.id}"

        def read(text: str | None, key: str, kind: Kind, into: dict[str, Expression]) -> None:
            place = Place(rule.place.path, rule.at(key))
            found = self.parse(text or "", place, f"{what}, `{key}`", kind)
            if found is not None:
                into[rule.id] = found

        read(rule.when, "when", Kind.BOOL, out.conditions)
        read(rule.until, "until", Kind.BIGINT, out.untils)
        if rule.hold is not None:
            read(rule.hold.lasts, "hold", Kind.BIGINT, out.lengths)
            read(rule.hold.cap, "hold", Kind.BIGINT, out.caps)


def _words(text: str, dollar: bool = False) -> set[str]:
    """Return the names in an expression, `$parameters` too if `dollar`."""
    found = set(_WORD.findall(_QUOTED.sub("''", text)))
    return found if dollar else {word for word in found if not word.startswith("$")}


def _circular(text: str, hidden: set[str]) -> str:
    """Return the first name (or `$name`) in the text that a segment may not use, or ""."""
    return min(_words(text, dollar=True) & hidden, default="")


def _ordered(texts: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """Return the names so that each comes after those it uses, and one cycle ([] if none).

    What rests on a cycle is left out of the order.
    """
    sorter = TopologicalSorter({name: _words(text) & texts.keys() for name, text in texts.items()})
    cycle: list[str] = []
    try:
        sorter.prepare()
    except CycleError as error:
        cycle = list(reversed(error.args[1]))
    order: list[str] = []
    while ready := sorter.get_ready():
        order += ready
        sorter.done(*ready)
    return order, cycle
