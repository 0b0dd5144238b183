"""The online kernel: events fold into a state, a state and an instant give the vector."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from itertools import groupby
from typing import Any, Final

import msgspec

from xindeng.events.catalogue import CATALOGUE
from xindeng.events.envelope import Event
from xindeng.events.line import DrawAttempt, HoldExtended, HoldPlaced, HoldReleased
from xindeng.features.algebra import Op
from xindeng.features.book import FeatureBook
from xindeng.features.boundaries import boundaries
from xindeng.features.fold import Fold, compile_fold
from xindeng.features.layout import HOT_LIMIT, Accumulator, Store
from xindeng.features.state import EndedHold, Hold, Part, State, pack, unpack
from xindeng.features.vector import compile_vector
from xindeng.kernel.errors import ConflictError, EventError, XindengError
from xindeng.kernel.time import MIN_INSTANT, MINUTE, Zone
from xindeng.language import Value

SITTING_GAP: Final = 30 * MINUTE
"""Attempts less than half an hour after the last one belong to its sitting."""

_FORMAT: Final = 2
# Holds beyond these wait in the buckets, so that no number of them outgrows the hot part.
_HOT_HOLDS: Final = 3
_HOT_HOLD_BYTES: Final = 96
# Reasons of rules are few; this many bounds what staff may write.
_MOST_ENDED: Final = 64
_AS_OF, _HOLDS, _SITTING, _ENDED = range(4)


class Kernel:
    """A feature book compiled for one time zone; `reads` are the event types of its features."""

    def __init__(self, book: FeatureBook, zone: Zone) -> None:
        self.book = book
        self.zone = zone
        self._types = _types(hot=True), _types(hot=False)
        self._place = {name: i for names in self._types for i, name in enumerate(names)}
        self.version = _version(book, zone)
        self.reads = frozenset(feature.event for feature in book.base)
        accumulators = sorted(book.layout.accumulators, key=lambda one: one.event)
        self._folds: dict[str, Fold] = {
            event: compile_fold(event, list(mine), zone)
            for event, mine in groupby(accumulators, key=lambda one: one.event)
        }
        self._vector = compile_vector(book.base, book.layout, zone, self._types)
        self._empty = tuple(pack(self._blank(hot)) for hot in (True, False))

    def empty(self) -> State:
        """Return the state of a borrower of whom nothing is known."""
        return State(0, MIN_INSTANT, *map(unpack, self._empty))

    def fold(self, state: State, event: Event) -> None:
        """Take one event into the state, in place.

        `event.seq` must be `state.seq + 1`, else ConflictError; duplicates are the caller's to
        drop by id. Occurrence may be in any order.
        """
        if event.seq != state.seq + 1:
            raise ConflictError(
                f"event {event.id} has sequence {event.seq}; {state.seq + 1} comes next",
                where=f"borrower {event.borrower}",
                next_step="fold the events of a borrower in sequence, each once",
                code="conflict.sequence",
            )
        entry = CATALOGUE.get(event.type)
        if entry is None or type(event.payload) is not entry.payload:
            raise EventError(f"no event of type {event.type!r}", where=f"event {event.id}")
        known = max(state.last_known_at, event.known_at, event.occurred_at)
        part = state.hot if entry.hot else state.own_buckets()
        last = part[_AS_OF][self._place[event.type]]
        if last is None or event.occurred_at > last:
            part[_AS_OF][self._place[event.type]] = event.occurred_at
        fold = self._folds.get(event.type)
        if fold is not None:
            fold(part, event, known)
        if entry.hot:
            _fold_native(state, event)
        state.seq = event.seq
        state.last_known_at = known

    def rebuild(self, events: Iterable[Event]) -> State:
        """Return the state folded from all of a borrower's events, given in sequence."""
        state = self.empty()
        for event in events:
            self.fold(state, event)
        return state

    def vector(self, state: State, now: int) -> list[Value]:
        """Return the base features' values at `now` (µs), in the order of `book.base`.

        A `now` before the last `known_at` is lifted to it: nothing known is in the future.
        """
        return self._vector(state.hot, state.buckets, max(now, state.last_known_at))

    def copy(self, state: State) -> State:
        """Return an independent copy, for pre-checks and projections."""
        return state.copy()

    def dump_hot(self, state: State) -> bytes:
        """Return the hot part as stored: at most `HOT_LIMIT` bytes."""
        data = pack([self.version, state.seq, state.last_known_at, state.hot])
        if len(data) > HOT_LIMIT:
            raise XindengError(
                f"a hot state of {len(data)} bytes; {HOT_LIMIT} are allowed",
                next_step="report this: the caps of the feature book should prevent it",
            )
        return data

    def dump_buckets(self, state: State) -> bytes:
        """Return the buckets as stored."""
        return pack([self.version, state.buckets])

    def load(self, hot: bytes, buckets: bytes) -> State:
        """Read both parts; raises ConflictError `state.version` if another book wrote them."""
        try:
            version, seq, known, hot_part = unpack(hot)
            other, bucket_part = unpack(buckets)
        except (msgspec.DecodeError, ValueError, TypeError) as error:
            raise self._stale("the stored state cannot be read") from error
        if not version == other == self.version:
            raise self._stale("the stored state was written under another feature book")
        return State(seq, known, hot_part, bucket_part)

    def holds(self, state: State) -> tuple[Hold, ...]:
        """Return the holds that stand, earliest review first; past reviews do not release."""
        rows = state.hot[_HOLDS] + state.buckets[_HOLDS]
        return tuple(sorted((Hold(*row) for row in rows), key=lambda h: (h.review_at, h.id)))

    def ended(self, state: State) -> tuple[EndedHold, ...]:
        """Return, for each reason, the last hold that has ended."""
        return tuple(EndedHold(*row) for row in state.buckets[_ENDED])

    def sitting(self, state: State, now: int) -> str | None:
        """Return the id of the sitting that an attempt at `now` belongs to, if one is open."""
        last = state.hot[_SITTING]
        return last[1] if last is not None and now - last[0] < SITTING_GAP else None

    def as_of(self, state: State, event_type: str) -> int | None:
        """Return when the last event of that type occurred (µs), or None."""
        part = state.hot if CATALOGUE[event_type].hot else state.buckets
        found: int | None = part[_AS_OF][self._place[event_type]]
        return found

    def boundaries(self, state: State, now: int, horizon_us: int, hours: int = 0) -> list[int]:
        """Return the instants in (now, now + horizon_us] at which a window drops an event.

        Whole days since something change at midnights, which the caller adds. With `hours`, the
        next so many whole hours of each hours_since feature are included.
        """
        since = [
            self.book.layout.sources[feature.name]
            for feature in self.book.base
            if feature.form == "hours_since" and feature.enabled
        ]
        return boundaries(
            self.book.layout.accumulators, state, self.zone,
            now=now, until=now + horizon_us, since=since, hours=hours,
        )  # fmt: skip

    def _blank(self, hot: bool) -> Part:
        """Return an empty part, with a store for each accumulator."""
        mine = [one for one in self.book.layout.accumulators if one.hot == hot]
        types = self._types[0 if hot else 1]
        return [[None] * len(types), [], None, [], *map(_blank_store, mine)]

    @staticmethod
    def _stale(what: str) -> ConflictError:
        return ConflictError(
            what, next_step="rebuild it from the borrower's events", code="state.version"
        )


def _types(*, hot: bool) -> list[str]:
    return sorted(name for name, entry in CATALOGUE.items() if entry.hot == hot)


def _version(book: FeatureBook, zone: Zone) -> str:
    """Return 16 hex digits over all that decides what a stored state means."""
    features = [
        (f.name, f.event, f.op, f.field, f.where, str(f.window), f.form, f.bin, f.over,
         f.requires, repr(f.default), f.enabled)
        for f in book.base
    ]  # fmt: skip
    types = [(name, entry.version, entry.hot) for name, entry in sorted(CATALOGUE.items())]
    return hashlib.sha256(pack([_FORMAT, zone.name, features, types])).hexdigest()[:16]


def _blank_store(one: Accumulator) -> Any:
    match one.store:
        case Store.TABLE:
            return [[], *([0] if c.op in (Op.COUNT, Op.SUM) else [] for c in one.cells)]
        case Store.TOTAL:
            return [0 if cell.op in (Op.COUNT, Op.SUM) else None for cell in one.cells]
        case Store.NEWEST | Store.OLDEST:
            return None
        case Store.DISTINCT:
            return [[], []]
        case Store.VALUES:
            return []
        case Store.TOP:
            return {}
    return [[], [], None, None]


def _fold_native(state: State, event: Event) -> None:
    """Keep what is no feature: the current sitting and the holds that stand."""
    payload = event.payload
    if isinstance(payload, DrawAttempt):
        last = state.hot[_SITTING]
        if last is None or event.occurred_at >= last[0]:
            state.hot[_SITTING] = [event.occurred_at, payload.sitting]
    elif isinstance(payload, HoldPlaced):
        _release(state, payload.hold)
        held = [payload.hold, payload.kind, payload.mode, payload.reason, payload.review_at,
                payload.cap]  # fmt: skip
        small = len((payload.hold + payload.reason).encode()) <= _HOT_HOLD_BYTES
        roomy = len(state.hot[_HOLDS]) < _HOT_HOLDS
        part = state.hot if small and roomy else state.own_buckets()
        part[_HOLDS].append(held)
    elif isinstance(payload, HoldExtended):
        _extend(state, payload)
    elif isinstance(payload, HoldReleased):
        _end(state, payload.hold, event.occurred_at)
        _release(state, payload.hold)


def _end(state: State, hold: str, at: int) -> None:
    """Remember when a hold ended: its rule may not place it again on the same evidence."""
    rows = state.hot[_HOLDS] + state.buckets[_HOLDS]
    for _, kind, _, reason, *_ in (row for row in rows if row[0] == hold):
        part = state.own_buckets()
        before = [row[2] for row in part[_ENDED] if row[0] == reason]
        others = [row for row in part[_ENDED] if row[0] != reason]
        part[_ENDED] = [*others, [reason, kind, max([at, *before])]][-_MOST_ENDED:]


def _release(state: State, hold: str) -> None:
    state.hot[_HOLDS] = [row for row in state.hot[_HOLDS] if row[0] != hold]
    if any(row[0] == hold for row in state.buckets[_HOLDS]):
        part = state.own_buckets()
        part[_HOLDS] = [row for row in part[_HOLDS] if row[0] != hold]


def _extend(state: State, payload: HoldExtended) -> None:
    """Move the review of a standing hold; only ever later, whatever order the news comes in."""
    held = any(row[0] == payload.hold for row in state.buckets[_HOLDS])
    part = state.own_buckets() if held else state.hot
    part[_HOLDS] = [
        [*row[:4], max(row[4], payload.review_at), *row[5:]] if row[0] == payload.hold else row
        for row in part[_HOLDS]
    ]
