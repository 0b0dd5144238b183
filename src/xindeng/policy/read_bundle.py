"""All files of a bundle → one Bundle of what they say, with every problem of form collected."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from xindeng.features import FeatureBook, load_book
from xindeng.kernel.errors import PolicyError, Problem
from xindeng.lending.calendar import PLAIN, Calendar
from xindeng.policy.model import (
    AREAS,
    Head,
    HoldKindSpec,
    Learning,
    Limits,
    RepairAction,
    Rule,
    Segment,
    Stance,
)
from xindeng.policy.parameters import Parameter
from xindeng.policy.products import ProductSpecs
from xindeng.policy.read_calendar import read_calendar
from xindeng.policy.read_card import read_limits, read_scorecard
from xindeng.policy.read_head import read_head, read_repair, read_segments, read_stances
from xindeng.policy.read_holds import read_holds
from xindeng.policy.read_learning import read_learning
from xindeng.policy.read_parameters import read_parameters
from xindeng.policy.read_products import read_products
from xindeng.policy.read_rules import read_rules
from xindeng.policy.reader import Sink, nearest
from xindeng.policy.source import Table, read_yaml, too_many
from xindeng.policy.steering.model import Steering
from xindeng.policy.steering.read import read_steering
from xindeng.scoring.scorecard import Scorecard

_NEEDED = ("policy.yaml", "stances.yaml", "segments.yaml", "features.yaml", "repair.yaml")
_OPTIONAL = ("scorecard.yaml", "limits.yaml", "holds.yaml", "products.yaml",
             "calendar.yaml", "learning.yaml", "steering.yaml")  # fmt: skip
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Bundle:
    """Everything a bundle says. `feature_lines` are the lines of features.yaml by name.

    `broken` holds names (`$` before parameters) whose own problems are reported already;
    `incomplete` is true if a whole file could not be read, so that unknown names prove nothing.
    """

    head: Head
    parameters: tuple[Parameter, ...]
    stances: tuple[Stance, ...]
    segments: tuple[Segment, ...]
    rules: tuple[Rule, ...]
    book: FeatureBook
    broken: frozenset[str]
    incomplete: bool
    feature_lines: Mapping[str, int]
    card: Scorecard | None
    card_lines: Mapping[str, int]
    limits: Limits | None
    repair: Mapping[str, RepairAction]
    holds: Mapping[str, HoldKindSpec]
    products: ProductSpecs
    calendar: Calendar
    learning: Learning | None
    steering: Steering


class _Files:
    """The parsed files; an absent or broken one reads as empty and is reported once."""

    def __init__(self, files: Mapping[str, bytes], problems: list[Problem]) -> None:
        self._problems = problems
        self._trees: dict[str, Any] = {}
        self.broken: set[str] = set()
        for path in sorted(files):
            if not _known(path):
                problems.append(
                    Problem(path, 1, "bundle.file", "not a file of a bundle", _where_to(path))
                )
                continue
            before = len(problems)
            self._trees[path] = read_yaml(path, files[path], problems)
            if len(problems) > before:
                self.broken.add(path)

    def tree(self, path: str) -> Any:
        return self._trees.get(path)

    def usable(self, path: str) -> bool:
        return path in self._trees and path not in self.broken

    def under(self, folder: str) -> list[str]:
        return [p for p in self._trees if p.startswith(f"{folder}/") and p not in self.broken]

    def sink(self, path: str) -> Sink:
        return Sink(path, self._problems)


def read_bundle(files: Mapping[str, bytes], problems: list[Problem]) -> Bundle | None:
    """Return what the files say, or None if problems leave nothing to compile."""
    flood = too_many(files)
    if flood is not None:
        problems.append(flood)
        return None
    found = _Files(files, problems)
    for path in _NEEDED:
        if path not in files:
            problems.append(
                Problem(path, 1, "bundle.missing_file", f"{path} is missing", "add the file")
            )
    if not found.usable("policy.yaml"):
        return None
    head = read_head(found.tree("policy.yaml"), found.sink("policy.yaml"))
    rules, inline = _rules(found, head)
    parameters = [*_parameters(found), *inline]
    features = found.tree("features.yaml")
    lines = features.lines if isinstance(features, Table) else {}
    book, broken = _book(features, lines, problems)
    broken |= {f"${name}" for name in parameters if isinstance(name, str)}
    card, limits = _card(found), None
    if card is None and "scorecard.yaml" in files:
        broken |= {"score", "score_band"}
    bands = frozenset(band.name for band in card.bands) if card else frozenset[str]()
    products = ProductSpecs()
    if found.usable("products.yaml"):
        products = read_products(found.tree("products.yaml"), found.sink("products.yaml"), bands)
    if found.usable("limits.yaml"):
        limits = read_limits(found.tree("limits.yaml"), found.sink("limits.yaml"), bands)
    return Bundle(
        head=head,
        parameters=tuple(_unique([p for p in parameters if isinstance(p, Parameter)], problems)),
        stances=_read(found, "stances.yaml", read_stances, ()),
        segments=_read(found, "segments.yaml", read_segments, ()),
        rules=rules,
        book=book,
        broken=broken,
        incomplete=bool(found.broken) or any(path not in files for path in _NEEDED),
        feature_lines=lines,
        card=card,
        card_lines=_card_lines(found),
        limits=limits,
        repair=_read(found, "repair.yaml", read_repair, {}),
        holds=_read(found, "holds.yaml", read_holds, {}),
        products=products,
        calendar=_read(found, "calendar.yaml", read_calendar, PLAIN),
        learning=_read(found, "learning.yaml", read_learning, None),
        steering=_read(found, "steering.yaml", read_steering, Steering()),
    )


def _read(found: _Files, path: str, read: Callable[[Any, Sink], _T], absent: _T) -> _T:
    return read(found.tree(path), found.sink(path)) if found.usable(path) else absent


def _card(found: _Files) -> Scorecard | None:
    return _read(found, "scorecard.yaml", read_scorecard, None)


def _card_lines(found: _Files) -> Mapping[str, int]:
    card = found.tree("scorecard.yaml")
    characteristics = card.get("characteristics") if isinstance(card, Table) else None
    return characteristics.lines if isinstance(characteristics, Table) else {}


def _rules(found: _Files, head: Head) -> tuple[tuple[Rule, ...], list[Parameter | str]]:
    rules: list[Rule] = []
    inline: list[Parameter | str] = []
    declared = [area.name for area in head.areas]
    for path in found.under("areas"):
        name = path.removeprefix("areas/").removesuffix(".yaml")
        if name not in declared:
            found.sink(path).add(
                1,
                "area.undeclared",
                f"area {name} is not declared in policy.yaml",
                f"add `{name}: {{}}` under `areas`, or remove the file"
                if name in AREAS
                else nearest(name, AREAS),
            )
    for area in head.areas:
        path = f"areas/{area.name}.yaml"
        if path in found.broken:
            continue
        if found.tree(path) is None:
            found.sink("policy.yaml").add(
                area.line, "area.no_rules", f"area {area.name} has no rules", f"add {path}"
            )
            continue
        for rule, parameters in read_rules(found.tree(path), area.name, found.sink(path)):
            twin = next((r for r in rules if r.id == rule.id), None)
            if twin is not None and rule.id:
                found.sink(path).add(
                    rule.place.line,
                    "rule.twice",
                    f"rule {rule.id} stands twice (first at {twin.place})",
                    "rename one of them",
                )
                continue
            inline += parameters
            rules.append(rule)
    return tuple(rules), inline


def _parameters(found: _Files) -> list[Parameter | str]:
    return [
        parameter
        for path in found.under("parameters")
        for parameter in read_parameters(found.tree(path), 1, found.sink(path), path)
    ]


def _unique(parameters: list[Parameter], problems: list[Problem]) -> list[Parameter]:
    seen: dict[str, Parameter] = {}
    for parameter in parameters:
        first = seen.setdefault(parameter.name, parameter)
        if first is not parameter:
            problems.append(
                Problem(
                    parameter.path,
                    parameter.line,
                    "parameter.twice",
                    f"parameter {parameter.name} stands twice (first at {first.path}:{first.line})",
                    "rename one of them",
                )
            )
    return list(seen.values())


def _book(
    table: Any, lines: Mapping[str, int], problems: list[Problem]
) -> tuple[FeatureBook, frozenset[str]]:
    """Return the book without its faulty features, and the names of those."""
    data = table if isinstance(table, Table) else {}
    if table is not None and data is not table:
        problems.append(
            Problem(
                "features.yaml",
                1,
                "bundle.shape",
                "features.yaml must be a mapping",
                "write `name: {event: …}` lines",
            )
        )
    try:
        return load_book(data, path="features.yaml", lines=lines), frozenset()
    except PolicyError as error:
        problems += error.problems
        at = {problem.line for problem in error.problems}
        broken = frozenset(name for name in data if lines[name] in at)
        sound = {name: spec for name, spec in data.items() if name not in broken}
        return load_book(sound if broken else {}, path="features.yaml", lines=lines), broken


def _known(path: str) -> bool:
    if path in _NEEDED or path in _OPTIONAL:
        return True
    folder, _, name = path.partition("/")
    return folder in ("parameters", "areas") and name.endswith(".yaml") and "/" not in name


def _where_to(path: str) -> str:
    return f"{nearest(path, [*_NEEDED, *_OPTIONAL])}; or put it in parameters/ or areas/"
