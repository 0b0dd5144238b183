"""How a loan stands at the end of a day: every figure derived from terms and transactions.

A `Standing` is a value: the functions of this room return new ones and never change one that was
handed out. All amounts are minor units. Interest and penalty run in whole units and a rest in
grains (see accrual.py), and are charged as their rounded sum, so that no rounding is ever added to
another.
"""

from __future__ import annotations

from copy import copy
from typing import Literal, NamedTuple

import msgspec
from msgspec import Struct

from xindeng.lending.accrual import HALF, parts, whole_units
from xindeng.lending.schedule import Planned
from xindeng.lending.terms import Terms

Status = Literal["open", "settled", "written_off", "void"]


class Due(NamedTuple):
    """What fell due on `day` and is still unpaid."""

    day: int
    fee: int
    interest: int
    principal: int


class Arrears(NamedTuple):
    """A spell past due that ended: from the first unpaid due day to the day it was cleared.

    `peak` is the most days past due in it; `dues_before` and `dues_then` count the instalments
    that had fallen due when it began and when it ended.
    """

    since: int
    peak: int
    cleared: int
    dues_before: int
    dues_then: int


class Restructured(NamedTuple):
    """A restructuring: its day, its first due day, and the instalments fallen due before it."""

    day: int
    first_due_day: int
    fallen_due: int


class Tally(Struct):
    """What became of one part of the debt: paid, waived, written off."""

    paid: int = 0
    waived: int = 0
    lost: int = 0


class Standing(Struct):
    """A loan at the end of local day `day`; see the properties for what people ask."""

    terms: Terms
    amount: int
    opened: int
    day: int
    dom: int
    """Day of the month on which instalments fall due."""
    level: int
    """The instalment, or the principal of each, that "shorten" keeps."""
    principal: int
    plan: tuple[Planned, ...]
    dues: tuple[Due, ...] = ()
    status: Status = "open"
    paused: bool = False
    interest_run: int = 0
    interest_grains: int = 0
    interest_billed: int = 0
    penalty_run: int = 0
    penalty_grains: int = 0
    fee_charged: int = 0
    repaid: Tally = msgspec.field(default_factory=Tally)
    interest: Tally = msgspec.field(default_factory=Tally)
    penalty: Tally = msgspec.field(default_factory=Tally)
    fee: Tally = msgspec.field(default_factory=Tally)
    credit: int = 0
    recovered: int = 0
    moved: int = 0
    """What had fallen due and stopped being due unpaid: deferred, restructured or waived."""
    fallen_due: int = 0
    """Instalments that fell due so far."""
    arrears_since: int | None = None
    arrears_dues: int = 0
    arrears_peak: int = 0
    spells: tuple[Arrears, ...] = ()
    restructured: tuple[Restructured, ...] = ()

    def copy(self) -> Standing:
        """Return a copy that may be changed without touching this one."""
        other = copy(self)
        other.repaid, other.interest = copy(self.repaid), copy(self.interest)
        other.penalty, other.fee = copy(self.penalty), copy(self.fee)
        return other

    @property
    def closed(self) -> bool:
        """Say whether nothing runs or falls due any more."""
        return self.status != "open"

    @property
    def interest_charged(self) -> int:
        """Return all interest run so far, rounded once."""
        return self.interest_run + (self.interest_grains >= HALF)

    @property
    def penalty_charged(self) -> int:
        """Return all penalty interest run so far, rounded once."""
        return self.penalty_run + (self.penalty_grains >= HALF)

    @property
    def interest_owed(self) -> int:
        """Return the interest run and not paid, due or not."""
        return self.interest_charged - _gone(self.interest)

    @property
    def penalty_owed(self) -> int:
        """Return the penalty interest run and not paid."""
        return self.penalty_charged - _gone(self.penalty)

    @property
    def fee_owed(self) -> int:
        """Return the fees that fell due and are not paid."""
        return self.fee_charged - _gone(self.fee)

    @property
    def written_off(self) -> int:
        """Return what was written off and not recovered since."""
        lost = self.repaid.lost + self.interest.lost + self.penalty.lost + self.fee.lost
        return lost - self.recovered

    @property
    def due_now(self) -> int:
        """Return what is to be paid today: all that fell due, and penalty."""
        if self.status == "written_off":
            return self.written_off
        found = self.penalty_owed + self.fallen
        if not self.plan:  # past the last due day, what runs is due
            found += self.interest_charged - self.interest_billed
        return found

    @property
    def past_due(self) -> int:
        """Return what fell due before today beyond the days of grace, without penalty."""
        if self.status == "written_off":
            return self.written_off
        latest = self.day - self.terms.grace_days
        return sum(d.fee + d.interest + d.principal for d in self.dues if d.day < latest)

    @property
    def fallen(self) -> int:
        """Return what fell due until today and is not paid, without penalty."""
        return sum(d.fee + d.interest + d.principal for d in self.dues if d.day <= self.day)

    @property
    def payoff(self) -> int:
        """Return what ends the loan today."""
        return self.principal + self.interest_owed + self.penalty_owed + self.fee_owed

    @property
    def dpd(self) -> int:
        """Return days past due: from the oldest unpaid due day, 0 within grace."""
        if not self.dues:
            return 0
        late = self.day - self.dues[0].day
        return late if late > self.terms.grace_days else 0

    @property
    def next_due(self) -> tuple[int, int] | None:
        """Return the next due day and what falls due on it if nothing is paid before."""
        if not self.plan:
            return None
        day, principal, fee = self.plan[0]
        share = 0 if self.paused else parts(self.terms, self.dom, self.day, day)
        grains = self.interest_grains + self.principal * self.terms.rate_ppm * 100 * share
        run = self.interest_run + whole_units(grains)
        return day, principal + fee + run - self.interest_billed


def _gone(tally: Tally) -> int:
    return tally.paid + tally.waived + tally.lost


write_standing = msgspec.msgpack.Encoder().encode
"""Return a standing as bytes, to be aged another day without its transactions."""

read_standing = msgspec.msgpack.Decoder(Standing).decode
"""Return a standing from bytes that `write_standing` made."""
