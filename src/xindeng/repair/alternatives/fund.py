"""An emergency fund of one's own, so that a line is not the only lifeline.

First a small reserve, beside the debts; then, once the debts that matter are done, the money that
their dues took goes into the fund until it covers some months of necessary outgoings.
"""

from __future__ import annotations

from msgspec import Struct

from xindeng.kernel.errors import InputError
from xindeng.kernel.money import MAX_AMOUNT
from xindeng.lending.calendar import months_after


class FundStep(Struct, frozen=True):
    """Put by `monthly` fen a month for `months` months from local day `begins`; then `saved` fen
    are there, enough for `covers` whole months of necessary outgoings."""

    begins: int
    months: int
    monthly: int
    saved: int
    covers: int


class FundPlan(Struct, frozen=True):
    """The way to `target` fen. `have` is what is there today; `steps` () if it is enough already.

    `reached` is the local day from which the target is there, None if nothing can be put by.
    """

    target: int
    have: int
    steps: tuple[FundStep, ...]
    reached: int | None

    @property
    def missing(self) -> int:
        """Return what is still to be put by, in fen."""
        return max(self.target - self.have, 0)


def plan_fund(
    *,
    outgoings: int,
    months: int,
    have: int,
    day: int,
    first_step: int = 0,
    before: int = 0,
    wait_months: int = 0,
    after: int = 0,
) -> FundPlan:
    """Return how to save `months` months of necessary `outgoings` (fen a month).

    For `wait_months` months, until the debts that matter are done, `before` fen a month go into a
    first reserve of `first_step` fen and no more; afterwards `after` fen a month go into the fund.
    All amounts in fen; `day` is the local day today. Raises InputError for what is no amount.
    """
    for name, value in (("outgoings", outgoings), ("have", have), ("before", before),
                        ("after", after), ("first_step", first_step)):  # fmt: skip
        if not 0 <= value <= MAX_AMOUNT:
            raise InputError(f"{name} is {value}", next_step="give fen, not negative",
                             code="fund.amount")  # fmt: skip
    target = outgoings * months
    steps: list[FundStep] = []
    saved, begins = have, day
    early = min(first_step, target)
    if wait_months and before and saved < early:
        count = min(-(-(early - saved) // before), wait_months)
        saved = min(saved + count * before, early)
        steps.append(_step(begins, count, before, saved, outgoings))
    begins = months_after(day, wait_months)
    if saved < target and after:
        count = -(-(target - saved) // after)
        saved = target
        steps.append(_step(begins, count, after, saved, outgoings))
        return FundPlan(target, have, tuple(steps), months_after(begins, count))
    return FundPlan(target, have, tuple(steps), day if have >= target else None)


def _step(begins: int, months: int, monthly: int, saved: int, outgoings: int) -> FundStep:
    return FundStep(begins, months, monthly, saved, saved // outgoings if outgoings else 0)
