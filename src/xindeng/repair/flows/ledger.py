"""Payments as the recognition of flows reads them: one move each, corrections applied, by month."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from statistics import median_low
from typing import Final, Literal

from xindeng.events.envelope import Event
from xindeng.events.life import Payment, PaymentCategory, Purchase
from xindeng.events.parties import PartySort, sort_of
from xindeng.kernel.time import Zone, from_date, to_date
from xindeng.repair.flows.kinds import Correction, Meaning

Direction = Literal["in", "out"]

_MEANT: Final[Mapping[Meaning, Mapping[Direction, PaymentCategory]]] = {
    "salary": {"in": "salary"},
    "other_income": {"in": "other_income"},
    "self": {"in": "self_transfer", "out": "self_transfer"},
    "lender": {"in": "loan_proceeds", "out": "loan_repayment"},
    # What a landlord gives back (a deposit, a month paid twice) is a refund.
    "rent": {"in": "refund", "out": "rent"},
    "refund": {"in": "refund"},
    "person": {"in": "transfer", "out": "transfer"},
    "ignore": {},
}


@dataclass(frozen=True, slots=True)
class FlowRules:
    """The numbers of the rules: conventions of this recognition, not of any lender.

    Amounts in fen, spreads in 1/100 %, days and months as named.
    """

    ongoing_days: int = 35
    least_months: int = 3
    least_wage: int = 100_000
    wage_spread_bp: int = 3_000
    pay_day_slack: int = 5
    steady_bp: int = 1_000
    varying_bp: int = 3_000
    usual_months: int = 12
    till_receipts: int = 20
    till_payers: int = 10
    least_rent: int = 50_000
    rent_spread_bp: int = 200
    most_subscription: int = 100_000
    mirror_least: int = 50_000
    mirror_days: int = 1
    repayment_spread_bp: int = 1_000


DEFAULT_RULES: Final = FlowRules()


@dataclass(frozen=True, slots=True)
class Move:
    """One payment or purchase: local `day`, `amount` fen, its category after corrections."""

    id: str
    day: int
    direction: Direction
    amount: int
    category: PaymentCategory
    party: str | None
    sort: PartySort
    corrected: bool
    purchase: bool

    @property
    def plain(self) -> bool:
        """Return whether the papers do not say what this money was."""
        return not self.corrected and self.category in ("transfer", "unknown")


@dataclass(slots=True)
class Ledger:
    """A person's moves in order of time, and what has been found out about them."""

    moves: list[Move]
    today: int
    rules: FlowRules
    before: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    ignored: list[Move] = field(default_factory=list)
    labels: dict[str, PaymentCategory] = field(default_factory=dict)

    @property
    def first(self) -> int:
        """Return the first day seen; there is at least one move."""
        return self.moves[0].day

    def category(self, move: Move) -> PaymentCategory:
        """Return what a move counts as by now."""
        return self.labels.get(move.id, move.category)

    def label(self, moves: Iterable[Move], category: PaymentCategory) -> None:
        """Say what moves are."""
        for move in moves:
            self.labels[move.id] = category

    def of(self, direction: Direction, *categories: PaymentCategory) -> list[Move]:
        """Return the moves of one direction that count as one of these by now."""
        return [
            move
            for move in self.moves
            if move.direction == direction and self.category(move) in categories
        ]


def ledger_of(
    events: Iterable[Event],
    now: int,
    zone: Zone,
    *,
    corrections: Mapping[str, Correction],
    currency: str,
    rules: FlowRules,
) -> Ledger:
    """Return the payments and purchases up to `now` (µs) with the corrections applied."""
    ledger = Ledger([], zone.day(now), rules)
    for event in sorted(events, key=lambda event: (event.occurred_at, event.seq, event.id)):
        paid = event.payload
        if (
            not isinstance(paid, Payment | Purchase)
            or event.occurred_at > now
            or paid.currency != currency
        ):
            continue
        is_purchase = isinstance(paid, Purchase)
        direction: Direction = "out" if isinstance(paid, Purchase) else paid.direction
        party = paid.merchant if isinstance(paid, Purchase) else paid.counterparty
        category = paid.category
        correction = corrections.get(party) if party else None
        if correction and party:
            ledger.before[party][category] += 1
            category = _MEANT[correction.meaning].get(direction, category)
        move = Move(
            event.id, zone.day(event.occurred_at), direction, paid.amount, category, party,
            sort_of(party), correction is not None, is_purchase,
        )  # fmt: skip
        if correction and correction.meaning == "ignore":
            ledger.ignored.append(move)
            continue
        if category != paid.category:
            ledger.labels[event.id] = category
        ledger.moves.append(move)
    return ledger


def by_party(moves: Iterable[Move]) -> dict[str | None, list[Move]]:
    """Gather moves by counterparty, in order of first appearance."""
    gathered: dict[str | None, list[Move]] = defaultdict(list)
    for move in moves:
        gathered[move.party].append(move)
    return gathered


def month_of(day: int) -> int:
    """Return the day number of the first day of a day's month."""
    return from_date(to_date(day).replace(day=1))


def next_month(month: int, step: int = 1) -> int:
    """Return the first day `step` months after the month that begins on `month`."""
    start = to_date(month)
    number = start.year * 12 + start.month - 1 + step
    return from_date(date(number // 12, number % 12 + 1, 1))


def monthly(moves: Sequence[Move]) -> dict[int, int]:
    """Return month → fen; a pay day at the turn of the month belongs to the nearer month.

    Wages due on the first that come on the last working day before it would otherwise make one
    month double and the next one empty.
    """
    days = [to_date(move.day).day for move in moves]
    turn = all(day <= 5 or day >= 26 for day in days) and min(days) <= 5 < max(days)
    sums: dict[int, int] = defaultdict(int)
    for move in moves:
        sums[month_of(move.day + 6 if turn else move.day)] += move.amount
    return dict(sorted(sums.items()))


def whole_months(ledger: Ledger) -> list[int]:
    """Return the calendar months that lie wholly within what was seen, oldest first."""
    month = month_of(ledger.first)
    if month < ledger.first:
        month = next_month(month)
    found = []
    while next_month(month) <= ledger.today + 1:
        found.append(month)
        month = next_month(month)
    return found


def spread_bp(amounts: Sequence[int]) -> int:
    """Return the median distance from the (lower) median, in 1/100 % of it; 0 for nothing."""
    if not amounts or (middle := median_low(amounts)) <= 0:
        return 0
    return median_low([abs(amount - middle) for amount in amounts]) * 10_000 // middle


def pay_day(moves: Sequence[Move]) -> tuple[int, int]:
    """Return the usual day of the month and the largest distance from it (the month is a ring)."""
    days = [to_date(move.day).day for move in moves]

    def away(day: int, centre: int) -> int:
        return min(abs(day - centre), 30 - min(30, abs(day - centre)))

    centre = min(sorted(set(days)), key=lambda one: (sum(away(day, one) for day in days), one))
    return centre, max(away(day, centre) for day in days)


def ongoing(ledger: Ledger, last_day: int, every: int = 1) -> bool:
    """Return whether something that comes each `every` months may come again."""
    return ledger.today - last_day <= ledger.rules.ongoing_days + 31 * (every - 1)
