"""Dated parameters: the value in force on a local day, shifted by segment and then by stance."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, Literal

from xindeng.kernel.errors import InputError
from xindeng.kernel.time import to_date
from xindeng.language import Column, Kind, Value

UNITS: Final[Mapping[str, Kind]] = {
    "ratio": Kind.DOUBLE,
    "number": Kind.DOUBLE,
    "flag": Kind.BOOL,
    **dict.fromkeys(
        ("fen", "count", "days", "hours", "minutes", "months", "points", "bp", "ppm"), Kind.BIGINT
    ),
}
"""What a parameter may be measured in, and the kind that follows."""

STANCES: Final = ("open", "neutral", "tight", "brake")
SEGMENTS: Final = ("new", "thin_file", "seasoned", "dormant", "restructured")
# Money and µs constants fit; sums of them are still proven inside 2^53 by the language.
MAX_VALUE: Final = 10**15


@dataclass(frozen=True, slots=True)
class Shift:
    """How a stance or segment moves a parameter: replaces it, adds to it or multiplies it."""

    how: Literal["value", "add", "multiply"]
    amount: Value

    def apply(self, value: Value, kind: Kind) -> Value:
        """Return the shifted value; integers round half away from zero.

        Taken in decimals, so that 0.36 and `{add: -0.05}` give 0.31 as an analyst reckons.
        """
        if self.how == "value":
            return self.amount
        left, right = Decimal(str(value)), Decimal(str(self.amount))
        result = left + right if self.how == "add" else left * right
        if kind is Kind.BIGINT:
            return int(result.quantize(Decimal(1), ROUND_HALF_UP))
        return float(result)


@dataclass(frozen=True, slots=True)
class Parameter:
    """One lever of the policy. `days` rises; `values[i]` is in force from `days[i]`.

    No value it can take lies below `low` or above `high`, where given.
    """

    name: str
    kind: Kind
    unit: str
    days: tuple[int, ...]
    values: tuple[Value, ...]
    sources: tuple[str, ...] = ()
    description: Mapping[str, str] = field(default_factory=dict)
    convention: str = ""
    stance: Mapping[str, Shift] = field(default_factory=dict)
    segment: Mapping[str, Shift] = field(default_factory=dict)
    rule: str | None = None
    path: str = ""
    line: int = 1
    low: int | float | None = None
    high: int | float | None = None

    @property
    def shifted(self) -> bool:
        """Say whether any stance or segment moves it."""
        return bool(self.stance or self.segment)

    def on(self, day: int, stance: str = "neutral", segment: str | None = None) -> Value:
        """Return the value in force; raises InputError for a day before the first value."""
        index = bisect_right(self.days, day) - 1
        if index < 0:
            raise InputError(
                f"parameter ${self.name} has no value on {to_date(day)}",
                where=f"{self.path}:{self.line}",
                next_step=f"its first value is of {to_date(self.days[0])}: decide on a later day, "
                "or add the value that was in force then",
                code="policy.not_in_force",
            )
        return self._shifted(self.values[index], stance, segment)

    def source_on(self, day: int) -> str:
        """Return the source of the value in force on a day, or "" before the first."""
        index = bisect_right(self.days, day) - 1
        return self.sources[index] if index >= 0 else ""

    def _shifted(self, value: Value, stance: str, segment: str | None) -> Value:
        if segment is not None and segment in self.segment:
            value = self.segment[segment].apply(value, self.kind)
        if stance in self.stance:
            value = self.stance[stance].apply(value, self.kind)
        return value

    def reachable(self) -> Iterator[Value]:
        """Yield every value it can take on any day, stance and segment."""
        for value in self.values:
            yield from self._shifts_of(value)

    def reachable_on(self, day: int) -> Iterator[Value]:
        """Yield every value it can take on a day; none before its first."""
        index = bisect_right(self.days, day) - 1
        if index >= 0:
            yield from self._shifts_of(self.values[index])

    def _shifts_of(self, value: Value) -> Iterator[Value]:
        for segment in (None, *self.segment):
            for stance in ("neutral", *self.stance):
                yield self._shifted(value, stance, segment)

    @property
    def column(self) -> Column:
        """Return type and bounds for the language: the hull of all reachable values."""
        if self.kind in (Kind.BOOL, Kind.TEXT):
            return Column(self.kind, nullable=False)
        values = [v for v in self.reachable() if isinstance(v, int | float)]
        return Column(self.kind, low=min(values), high=max(values), nullable=False)


class ParameterBook:
    """All parameters of a policy in a fixed order, resolved as one tuple."""

    def __init__(self, parameters: tuple[Parameter, ...]) -> None:
        self.parameters = parameters
        self.names = tuple(p.name for p in parameters)
        self.by_name = {p.name: p for p in parameters}
        self._changes = sorted({day for p in parameters for day in p.days})
        self._cache: dict[tuple[int, str, str | None], tuple[Value, ...]] = {}
        self.first_day = max((p.days[0] for p in parameters), default=0)
        self.last_day = max((p.days[-1] for p in parameters), default=0)

    def on(self, day: int, stance: str, segment: str | None) -> tuple[Value, ...]:
        """Return every value in force, in the order of `names`; raises InputError before
        `first_day`."""
        # Between two changes nothing moves, so the cache stays small over years of history.
        index = bisect_right(self._changes, day)
        key = (index if day >= self.first_day else -1, stance, segment)
        found = self._cache.get(key)
        if found is None:
            found = tuple(p.on(day, stance, segment) for p in self.parameters)
            self._cache[key] = found
        return found
