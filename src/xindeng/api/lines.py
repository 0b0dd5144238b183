"""A stream of events, one a line: taken in as it comes, in order, in bounded memory.

Whoever sends faster than events are stored is simply not read. A line that is refused is told with
its number and takes no other with it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from xindeng.api.problems import RequestError, Told, told_of
from xindeng.events.envelope import Event
from xindeng.kernel.errors import BusyError, TooManyError, UnavailableError, XindengError
from xindeng.service.ingest import IngestReport
from xindeng.service.ingest_group import Batch

MOST_LINES: Final = 1_000
MOST_BYTES: Final = 2_000_000
MAX_LINE: Final = 1_000_000
MOST_TOLD: Final = 100
"""Of refused lines and of events set aside so many are told; all are counted."""

_TRIES, _PAUSE_S = 100, 0.1

Line = tuple[int, bytes]
"""Its number, counted from 1, and what stands in it."""


@dataclass(slots=True)
class Taken:
    """What became of the lines so far."""

    report: IngestReport = field(default_factory=IngestReport)
    set_aside: int = 0
    refused: int = 0
    errors: list[tuple[int, Told]] = field(default_factory=list)

    def add(self, part: IngestReport) -> None:
        """Count in what was stored."""
        self.set_aside += len(part.quarantined)
        part.quarantined = part.quarantined[: MOST_TOLD - len(self.report.quarantined)]
        self.report.add(part)

    def refuse(self, number: int, error: XindengError) -> None:
        """Count in a line that was refused."""
        self.refused += 1
        if len(self.errors) < MOST_TOLD:
            self.errors.append((number, told_of(error)))


@dataclass(frozen=True, slots=True)
class Stream:
    """Lines on their way in: `read` reads one, `take` stores a batch."""

    read: Callable[[bytes], Event]
    take: Callable[[Batch], asyncio.Future[IngestReport]]
    taken: Taken = field(default_factory=Taken)

    async def run(self, chunks: AsyncIterator[bytes]) -> Taken:
        """Take in all lines; what is raised tells how much was stored before."""
        try:
            async for group in _groups(chunks):
                await self._put(group)
        except XindengError as error:
            stored = self.taken.report.accepted + self.taken.report.duplicates
            so_far = f"{stored:,} events before it are stored; sending all again is safe"
            error.next_step = f"{error.next_step}; {so_far}".removeprefix("; ")
            raise
        return self.taken

    async def _put(self, lines: Sequence[Line]) -> None:
        """Store a group; if it is refused, half by half, until the line at fault stands alone."""
        bad: list[tuple[int, XindengError]] = []
        batch = Batch(lambda: self._good(lines, bad), len(lines))
        try:
            self.taken.add(await self._patiently(batch))
        except (BusyError, UnavailableError):
            raise
        except XindengError as error:
            if len(lines) == 1:
                self.taken.refuse(lines[0][0], error)
                return
            for half in (lines[: len(lines) // 2], lines[len(lines) // 2 :]):
                await self._put(half)
            return
        for number, refused in bad:
            self.taken.refuse(number, refused)

    def _good(self, lines: Sequence[Line], bad: list[tuple[int, XindengError]]) -> list[Event]:
        good = []
        for number, line in lines:
            try:
                good.append(self.read(line))
            except XindengError as error:
                bad.append((number, error))
        return good

    async def _patiently(self, batch: Batch) -> IngestReport:
        for _ in range(_TRIES):
            try:
                return await self.take(batch)
            except TooManyError:
                await asyncio.sleep(_PAUSE_S)
        return await self.take(batch)


async def _groups(chunks: AsyncIterator[bytes]) -> AsyncIterator[list[Line]]:
    """Cut what comes in into groups of lines; blank ones count, but say nothing."""
    rest, number, group, size = b"", 0, [], 0
    async for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        if len(rest) > MAX_LINE:
            raise RequestError(
                413, f"a line of more than {MAX_LINE:,} bytes", where="body",
                next_step="send one event a line", code="request.too_large",
            )  # fmt: skip
        for line in whole:
            number += 1
            if line.strip():
                group.append((number, line))
                size += len(line)
            if len(group) >= MOST_LINES or size >= MOST_BYTES:
                yield group
                group, size = [], 0
    if rest.strip():
        group.append((number + 1, rest))
    if group:
        yield group
