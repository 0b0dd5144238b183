"""A scorecard of integer points: compiled to expressions of the policy, and explained by them.

Every characteristic becomes one derived column `points_NAME`; their sum, held inside the bounds,
is `score`, and `score_band` names its band. So the score runs wherever the language runs, and the
points that a borrower lost are ordinary columns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from xindeng.language import Value


@dataclass(frozen=True, slots=True)
class Bin:
    """Points for values below `lt`, or equal to one of `members`, or (neither) for the rest."""

    points: int
    lt: int | float | None = None
    members: tuple[str | bool, ...] = ()


@dataclass(frozen=True, slots=True)
class Characteristic:
    """One column of the card; `missing` are the points of NULL."""

    column: str
    bins: tuple[Bin, ...]
    missing: int
    label: Mapping[str, str] = field(default_factory=dict)

    @property
    def best(self) -> int:
        """Return the most points it can give."""
        return max(self.missing, *(b.points for b in self.bins))

    @property
    def points_column(self) -> str:
        """Return the name of the derived column that holds its points."""
        return f"points_{self.column}"


@dataclass(frozen=True, slots=True)
class Band:
    """A named stretch of scores, from `at_least` up to the band above; None: all below."""

    name: str
    at_least: int | None


@dataclass(frozen=True, slots=True)
class About:
    """What is to be known of a card before it is trusted; texts by language.

    `made` is by_hand or fitted, `day` the local day; `auc` and `ks` are those of the sample that
    `data` names, if any.
    """

    made: str
    day: int | None
    by: Mapping[str, str]
    purpose: Mapping[str, str]
    data: Mapping[str, str]
    limits: Mapping[str, str]
    auc: float | None = None
    ks: float | None = None


@dataclass(frozen=True, slots=True)
class Scorecard:
    """The whole card; `bands` fall from the best."""

    name: str
    base: int
    low: int
    high: int
    characteristics: tuple[Characteristic, ...]
    bands: tuple[Band, ...]
    about: About | None = None


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one characteristic gave, and the `lost` points to its best bin."""

    characteristic: Characteristic
    value: Value
    points: int

    @property
    def lost(self) -> int:
        """Return the points missing to the best bin."""
        return self.characteristic.best - self.points


def expressions(card: Scorecard) -> list[tuple[str, str]]:
    """Return (column, expression) pairs in the order in which they must be evaluated."""
    pairs = [(c.points_column, _points(c)) for c in card.characteristics]
    total = _balanced([str(card.base), *(name for name, _ in pairs)])
    pairs.append(("score", f"LEAST(GREATEST({total}, {card.low}), {card.high})"))
    whens = "".join(
        f" WHEN score >= {band.at_least} THEN '{band.name}'" for band in card.bands[:-1]
    )
    last = f"'{card.bands[-1].name}'"
    pairs.append(("score_band", f"CASE{whens} ELSE {last} END" if whens else last))
    return pairs


def contributions(card: Scorecard, values: Mapping[str, Value]) -> list[Contribution]:
    """Return what every characteristic gave, most points lost first.

    `values` maps column names, the characteristics' own and their `points_NAME`, to values.
    """
    found = [
        Contribution(c, values.get(c.column), int(values[c.points_column] or 0))
        for c in card.characteristics
    ]
    return sorted(found, key=lambda c: -c.lost)


def _points(characteristic: Characteristic) -> str:
    column = characteristic.column
    whens = [f"WHEN {column} IS NULL THEN {characteristic.missing}"]
    for found in characteristic.bins[:-1]:
        whens.append(f"WHEN {_test(column, found)} THEN {found.points}")
    return f"CASE {' '.join(whens)} ELSE {characteristic.bins[-1].points} END"


def _test(column: str, found: Bin) -> str:
    if found.lt is not None:
        return f"{column} < {found.lt!r}"
    if all(isinstance(member, bool) for member in found.members):
        return column if True in found.members else f"NOT {column}"
    return f"{column} IN ({', '.join(repr(str(m)) for m in found.members)})"


def _balanced(terms: Sequence[str]) -> str:
    # A sum of thirty terms in a row would be a tree thirty deep; halves keep it shallow.
    if len(terms) == 1:
        return terms[0]
    middle = len(terms) // 2
    return f"({_balanced(terms[:middle])} + {_balanced(terms[middle:])})"
