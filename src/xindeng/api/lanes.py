"""How much may be in hand: lanes, so that nobody starves the others.

Each lane takes so many requests at once; one more is turned away before anything of it is read,
which costs little, and told when to come back.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import Final, Literal

from xindeng.service.groups import overloaded

LaneName = Literal["draws", "events", "money_in", "rest"]

MOST: Final[dict[LaneName, int]] = {"draws": 64, "events": 32, "money_in": 100, "rest": 200}
"""Requests in hand at once, by process: what is answered in a fraction of a second. Of 64 draws one
group is written while the next gathers; more would only make everybody's answer later."""

_LESS: Final = 5 / 8
"""The part of a lane that is given up when all are refused. Measured at five times what a process
can do: 1.5 to 3 times the usual p99 with the whole lane, 1.0 to 1.6 times with half of it."""
_LATELY_S: Final = 0.1


@dataclass(slots=True)
class Refused:
    """Which part of the requests was refused in the last tenth of a second that is over."""

    clock: Callable[[], float] = monotonic
    any: bool = False
    """Whether anybody was, as far as was counted."""
    _part: float = 0.0
    _since: float = 0.0
    _all: int = 0
    _refused: int = 0

    def count(self, refused: bool) -> None:
        """Count one more request."""
        self._all += 1
        if refused:
            self._refused += 1
            self.any = True

    def lately(self) -> float:
        """Return it; zero where nobody has asked for a while."""
        now = self.clock()
        if (apart := now - self._since) > _LATELY_S:
            soon = self._all and apart < 2 * _LATELY_S
            self._part = self._refused / self._all if soon else 0.0
            self._since, self._all, self._refused = now, 0, 0
            self.any = self._part > 0
        return self._part


@dataclass(slots=True)
class Lane:
    """How many requests of a kind are in hand, and how many may be.

    Refusing costs time too, which those in hand wait for. So the larger the part that is refused,
    the fewer are taken: in a storm of refusals hardly more than a third of `most`.
    """

    most: int
    here: int = 0
    coming: int = 0
    """Let in at the door, in the turn of the event loop that is not over: none of them is in hand
    before the next, and by then a hundred may have come."""
    refused: Refused = field(default_factory=Refused)

    @property
    def stormy(self) -> bool:
        """Say whether somebody was refused lately, or would be now."""
        return self.here >= self.most or self.refused.any

    def full(self) -> bool:
        """Say whether one more could not be answered soon."""
        full = self.here + self.coming >= self.most * (1 - _LESS * self.refused.lately())
        self.refused.count(full)
        return full

    def expect(self) -> None:
        """Count one that was let in at the door until its task has begun."""
        if not self.coming:
            asyncio.get_running_loop().call_soon(self._begun)
        self.coming += 1

    def _begun(self) -> None:
        self.coming = 0

    def __enter__(self) -> None:
        if self.here >= self.most:
            raise overloaded()
        self.here += 1

    def __exit__(self, *_: object) -> None:
        self.here -= 1
