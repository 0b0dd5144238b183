"""A borrower's state: two parts made of lists, stored as MessagePack and copied on write."""

from __future__ import annotations

from typing import Any, Final

import msgspec

_ENCODE: Final = msgspec.msgpack.Encoder().encode
_DECODE: Final = msgspec.msgpack.Decoder().decode

Part = list[Any]
"""Slot 0: last instant by event type; 1: holds; 2: current sitting; 3: ended holds; then
the accumulators."""


class Hold(msgspec.Struct, frozen=True):
    """A hold that stands: draws are monitored, capped (`cap`, fen) or blocked until reviewed."""

    id: str
    kind: str
    mode: str
    reason: str
    review_at: int
    cap: int | None = None


class EndedHold(msgspec.Struct, frozen=True):
    """The last hold that was placed for `reason` and has ended, and when (µs)."""

    reason: str
    kind: str
    ended_at: int


class State:
    """What a borrower's events up to `seq` amount to.

    `hot` is what a draw writes; `buckets` what only ingest writes, shared with copies until one
    of them changes it. `buckets_dirty` is set when a fold changed them since they were stored.
    """

    __slots__ = ("_shared", "buckets", "buckets_dirty", "hot", "last_known_at", "seq")

    def __init__(self, seq: int, last_known_at: int, hot: Part, buckets: Part) -> None:
        self.seq = seq
        self.last_known_at = last_known_at
        self.hot = hot
        self.buckets = buckets
        self.buckets_dirty = False
        self._shared = False

    def copy(self) -> State:
        """Return an independent copy; cheap, because buckets are shared until written to."""
        twin = State(self.seq, self.last_known_at, clone(self.hot), self.buckets)
        twin.buckets_dirty = self.buckets_dirty
        twin._shared = self._shared = True
        return twin

    def glimpse(self) -> State:
        """Return a copy to fold one event into and look at; outdated once this state folds."""
        twin = State(self.seq, self.last_known_at, clone(self.hot), self.buckets)
        twin._shared = True
        return twin

    def own_buckets(self) -> Part:
        """Return the buckets for writing: this state's own, marked as changed."""
        if self._shared:
            self.buckets = clone(self.buckets)
            self._shared = False
        self.buckets_dirty = True
        return self.buckets


def pack(value: Any) -> bytes:
    """Return plain lists as MessagePack."""
    return _ENCODE(value)


def unpack(data: bytes) -> Any:
    """Read what `pack` wrote; raises msgspec.DecodeError on damage."""
    return _DECODE(data)


def clone(part: Part) -> Part:
    """Return a deep copy; the round trip is the fastest way for nested lists."""
    copied: Part = _DECODE(_ENCODE(part))
    return copied
