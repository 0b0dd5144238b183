"""Whether what is decided on has moved: features and scores of late, held against those before.

Both samples are the newest decisions of their span, as far as their policies had the column. The
index is a convention, so its bounds are parameters; beside it stands what chance alone would give.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import median_low
from typing import Final, Literal

from xindeng.decision.answer import Decision
from xindeng.kernel.time import DAY, HOUR
from xindeng.language import Value
from xindeng.policy.policy import Policy
from xindeng.scoring.measures import Shift, shift
from xindeng.service.engine import Engine
from xindeng.store import borrowers, decisions, recorded

SPANS: Final = (7, 30, 90)
BEFORE: Final = 3
"""The span before is so many times as long, and ends where the span of late begins."""
MOST: Final = 1_000
LEAST: Final = 100
"""Decisions that each sample must have before anything is said of it."""
_WATCH, _ACT = ("psi_watch", 0.10), ("psi_act", 0.25)
_CONTEXT: Final = ("request_amount", "request_term_months", "request_rate_bp", "request_purpose",
                   "stance", "segment")  # fmt: skip
_DATES: Final = ("_day", "_at")
"""Columns so called hold a day or an instant, which move by nature."""
_INSTANT: Final = 10**14
"""Numbers as large as this are instants, whatever the column is called."""
Verdict = Literal["few", "stable", "watch", "act"]


@dataclass(frozen=True, slots=True)
class Moved:
    """One column in both samples: its index, its middle or commonest value, its share of NULL."""

    name: str
    shift: Shift
    verdict: Verdict
    typical: tuple[Value, Value]
    nulls: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Drift:
    """All columns, the farthest first; instants in µs. `bands` counts score bands in both samples,
    best first."""

    since: int
    middle: int
    until: int
    counts: tuple[int, int]
    columns: tuple[Moved, ...]
    bands: tuple[tuple[str, int, int], ...]
    watch: float
    act: float


def drift(engine: Engine, days: int) -> Drift:
    """Return how the last `days` days, up to the full hour, differ from those before.

    What was measured is kept until the hour is over.
    """
    until = engine.clock() // HOUR * HOUR
    return _measured(engine, engine.policy, days, until)


@lru_cache(maxsize=16)
def _measured(engine: Engine, policy: Policy, days: int, until: int) -> Drift:
    middle = until - days * DAY
    since = middle - BEFORE * days * DAY
    before, now = _sample(engine, since, middle), _sample(engine, middle, until)
    day = policy.zone.day(until)
    watch, act = _bound(policy, *_WATCH, day), _bound(policy, *_ACT, day)
    names = [one for one in policy.inputs if one in _CONTEXT
             or (one in policy.book.columns and not one.endswith(_DATES))]  # fmt: skip
    pairs = [(name, before.column(name), now.column(name)) for name in names]
    pairs.append(("score", before.scores, now.scores))
    columns = [found for name, one, other in pairs
               if (found := _moved(name, one, other, watch, act)) is not None]  # fmt: skip
    bands = [one.name for one in policy.card.bands] if policy.card is not None else []
    counted = tuple((band, before.in_band(band), now.in_band(band)) for band in bands)
    columns.sort(key=lambda one: -one.shift.psi)
    counts = (len(before.made), len(now.made))
    return Drift(since, middle, until, counts, tuple(columns), counted, watch, act)


@dataclass(frozen=True, slots=True)
class _Sample:
    """Decisions, and of each policy among them where a column stands in its inputs."""

    made: Sequence[Decision]
    places: Mapping[str, Mapping[str, int]]

    def column(self, name: str) -> list[Value]:
        """Return a column, of those decisions whose policy had it."""
        found = ((one, self.places[one.policy_hash].get(name)) for one in self.made)
        return [one.inputs[place] for one, place in found if place is not None]

    @property
    def scores(self) -> list[Value]:
        return [one.score for one in self.made if one.score is not None]

    def in_band(self, band: str) -> int:
        return sum(one.score_band == band for one in self.made)


def _sample(engine: Engine, since: int, until: int) -> _Sample:
    with engine.store.snapshot() as conn:
        names = recorded.between(conn, since, until, MOST)
        keys = borrowers.read_keys(conn, engine.store.keys, {one for _, one in names})
        sealed = decisions.read_all(conn, [ident for ident, name in names if name in keys])
        made = [one.unseal(keys[one.borrower]).decision for one in sealed]
        hashes = {one.policy_hash for one in made}
        places = {hash_: engine.policy_of(conn, hash_).input_index for hash_ in hashes}
    return _Sample(made, places)


def _moved(
    name: str, before: Sequence[Value], now: Sequence[Value], watch: float, act: float
) -> Moved | None:
    if not before or not now or _is_instant(before) or _is_instant(now):
        return None
    found = shift(before, now)
    verdict: Verdict = "stable"
    if min(len(before), len(now)) < LEAST:
        verdict = "few"
    elif found.psi >= watch and found.psi > 2 * found.chance:
        verdict = "act" if found.psi >= act else "watch"
    return Moved(name, found, verdict, (_typical(before), _typical(now)),
                 (_nulls(before), _nulls(now)))  # fmt: skip


def _is_instant(values: Sequence[Value]) -> bool:
    return any(isinstance(one, int) and abs(one) > _INSTANT for one in values)


def _typical(values: Sequence[Value]) -> Value:
    known = [one for one in values if one is not None]
    if not known:
        return None
    if isinstance(known[0], str | bool):
        return max(set(known), key=known.count)
    return median_low([one for one in known if isinstance(one, int | float)])


def _nulls(values: Sequence[Value]) -> float:
    return sum(one is None for one in values) / len(values)


def _bound(policy: Policy, name: str, otherwise: float, day: int) -> float:
    if name not in policy.parameter_names:
        return otherwise
    found = policy.parameter(name, day)
    return float(found) if isinstance(found, int | float) else otherwise
