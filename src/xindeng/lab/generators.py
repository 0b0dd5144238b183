"""Two economies: the one that challengers are tuned on, and another that judges what was tuned.

A challenger that is good only where the makers of the simulation were right is not good. The second
differs in its distributions and in what causes what; see docs/explanation/calibration.md for which
published figure, if any, each follows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from xindeng.kernel.errors import InputError
from xindeng.kernel.lots import PLACES, lot
from xindeng.kernel.time import Zone
from xindeng.lab.parameters import Economy
from xindeng.lab.world import MONTH_DAYS, Habits, World


@dataclass(frozen=True, slots=True)
class Generator:
    """Who lives in an economy, how they behave, and by which laws their loans end."""

    name: str
    people: Economy = field(default_factory=Economy)
    habits: Habits = field(default_factory=Habits)
    world: type[World] = World


class OtherWorld(World):
    """The same events by other laws.

    Defaults follow from unsteady income and many lenders, not from the burden that the policy
    reads; they come early and are spread evenly over no months; whoever is more likely to default
    is also more likely to take the money; an instalment hurts by its share of income, whatever
    else is due; and a shock common to an occupation lets its people fall together.
    """

    _BY_INCOME: Final = {"employed": 0.02, "retired": 0.03, "self_employed": 0.07,
                         "freelance": 0.09, "student": 0.08, "unemployed": 0.20}  # fmt: skip

    def __init__(self, truth: dict[str, Any], zone: Zone, seed: int, habits: Habits) -> None:
        super().__init__(truth, zone, seed, habits)
        base = self._BY_INCOME[truth["occupation"]] + 0.012 * max(truth["lenders"] - 2, 0)
        self.chance: float = min(base, 0.6)

    def _takes(self, whole: bool) -> float:
        return min(super()._takes(whole) * (0.8 + 2 * self.chance), 0.99)

    def _fate(self, now: int, today: int, months: int, instalment: int) -> None:
        luck = self._luck(now, "fate")
        # One shock for all of an occupation in a quarter, whoever they are.
        quarter = f"{self.seed} {self.truth['occupation']} {today // 91}"
        shock = 2.0 if _share(quarter) < 0.15 else 0.85
        hurts = 1 + 3 * min(instalment / max(self.truth["income"], 1), 0.5)
        if luck.random() < min(self.chance * shock * hurts * self.strain(today), 0.95):
            number = 1 + int(min(luck.expovariate(0.6), months - 1))
            self._stop(today + MONTH_DAYS * number)


def _share(text: str) -> float:
    """Return a number in [0, 1) that follows from a text alone."""
    return float(lot("economy", text)) / PLACES


CALIBRATED: Final = Generator("calibrated")
MISSPECIFIED: Final = Generator(
    "misspecified",
    people=Economy(
        income_median=620_000, income_sigma=0.65,
        occupation_shares=(0.52, 0.14, 0.26, 0.0, 0.05, 0.03),
        green_burden=(0.0, 0.34), indebted_burden=(0.40, 1.10), limit_incomes=1.6,
        bonus_share=0.15, interest_only=0.30,
    ),
    habits=Habits(
        takes_approved=0.80, takes_less=0.80, careless=0.14, goes_elsewhere=0.55,
        lent_elsewhere=0.20, found_out=0.60, swing=0.55, cycle_days=900,
    ),
    world=OtherWorld,
)  # fmt: skip
GENERATORS: Final = {one.name: one for one in (CALIBRATED, MISSPECIFIED)}


def generator(name: str) -> Generator:
    """Return a generator by name; raises InputError."""
    found = GENERATORS.get(name)
    if found is None:
        raise InputError(
            f"no generator {name[:40]!r}", where="--generator", code="lab.generator",
            next_step=f"use {' or '.join(GENERATORS)}",
        )  # fmt: skip
    return found
