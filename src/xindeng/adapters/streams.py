"""What streams ask of a broker: batches of messages that may come twice, and acknowledged topics.

The broker keeps messages of one key in order. Whoever reads gets each at least once, and whoever
writes knows when a record is safe; that every effect happens once is the engine's business.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Incoming:
    """One message as the broker gave it."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None

    @property
    def place(self) -> str:
        """Return "topic[partition]@offset", by which an operator finds it again."""
        return f"{self.topic}[{self.partition}]@{self.offset}"


@dataclass(frozen=True, slots=True)
class Record:
    """One message to publish; records of one key keep their order."""

    key: str
    value: bytes | None
    headers: Mapping[str, str] = field(default_factory=dict)


class Source(Protocol):
    """A subscription of one member of a consumer group."""

    def take(self, most: int, wait_s: float) -> list[Incoming]:
        """Return up to `most` messages, none if none came in time; raises UnavailableError."""
        ...

    def done(self, batch: Sequence[Incoming]) -> None:
        """Say that these need not come again; raises UnavailableError, and then they may."""
        ...


class Topic(Protocol):
    """A topic to publish to."""

    def publish(self, records: Sequence[Record]) -> None:
        """Publish in order and return once all are safe; raises UnavailableError, and then some of
        them, from the first on, may have been published."""
        ...
