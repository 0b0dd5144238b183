"""What an action offers: a step of a plan and the acts that it stands for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from xindeng.repair.ahead.course import Act
from xindeng.repair.plans.case import Case
from xindeng.repair.plans.plan import Params, Step


@dataclass(frozen=True, slots=True)
class Option:
    """One step that could be taken. `acts` follow from it; `otherwise` are what happens without
    it, `refused` what follows if the decider of the step says no."""

    step: Step
    acts: tuple[Act, ...] = ()
    otherwise: tuple[Act, ...] = ()
    refused: tuple[Act, ...] = ()

    @property
    def ready(self) -> int:
        """Return when all of it shows, in µs."""
        return max((act.at for act in self.acts), default=self.step.shows_at)


@dataclass(frozen=True, slots=True)
class Action:
    """One repair action as the search knows it.

    `offers` yields what is special about each way to take it, of which a plan takes one at most
    of the same `what` (or of all, where nothing is called that); `make` returns the option for
    one of them, done on a local day, None where there is nothing to do (any more).
    """

    name: str
    offers: Callable[[Case], Iterator[Params]]
    make: Callable[[Case, Params, int], Option | None]
