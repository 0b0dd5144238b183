"""Who lives in the simulated economy: people with a hidden truth, drawn in chunks from one seed.

The truth (ability to pay, propensity to default, fraud) decides which events a person leaves but
is itself no event: it goes to `truth.parquet`, for judging decisions afterwards.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from xindeng.events.dues import DEFAULT_DUES
from xindeng.kernel.errors import InputError
from xindeng.kernel.time import SECOND, Zone, from_date
from xindeng.lab import hidden
from xindeng.lab.blocks import Bools, Hashes, Ints, Reals, mix
from xindeng.lab.parameters import ARCHETYPES, OCCUPATIONS, Economy

CHUNK: Final = 500
"""Borrowers simulated at a time; part of the seed, so changing it changes the population."""

_CODE: Final = {name: code for code, name in enumerate(ARCHETYPES)}
_FRAUD: Final = ("fraud_ring", "mule")
Of = Callable[..., Bools]
"""Which of a chunk's people are of the named archetypes."""


@dataclass(frozen=True, slots=True)
class Window:
    """The simulated days [first, first + days) in a zone; requests come on day `first + days`."""

    zone: Zone
    first: int
    days: int

    @classmethod
    def ending(cls, economy: Economy, months: int, zone: Zone) -> Window:
        """Return the window of `months` that ends at midnight of the economy's date."""
        if not 1 <= months <= 60:
            raise InputError(f"{months} months cannot be simulated", next_step="choose 1 to 60")
        days = round(months * 365 / 12)
        return cls(zone, from_date(economy.as_of) - days, days)

    def midnights(self, before: int = 0) -> Ints:
        """Return the instants at which days first − before … first + days begin, in µs."""
        days = range(self.first - before, self.first + self.days + 1)
        return np.array([self.zone.midnight(day) for day in days], dtype=np.int64)

    @property
    def end(self) -> int:
        """Return the instant at which the window ends and the day of requests begins."""
        return self.zone.midnight(self.first + self.days)


@dataclass(frozen=True, slots=True)
class People:
    """One chunk of n borrowers as columns of shape (n,); money in fen, days from window start."""

    seed: int
    chunk: int
    window: Window
    economy: Economy
    borrower: Hashes
    archetype: Ints
    occupation: Ints
    stability: Ints
    birth_day: Ints
    income: Ints
    income_from: Ints
    rent: Ints
    living: Ints
    monthly_due: Ints
    months_left: Reals
    lenders: Ints
    nonbank: Ints
    card_limit: Ints
    card_used: Ints
    limit: Ints
    opened: Ints
    first: Ints
    last: Ints
    ring: Ints
    drew: Bools
    taste: Reals
    scheme: Ints
    scheme_day: Ints

    def __len__(self) -> int:
        """Return the number of borrowers in the chunk."""
        return len(self.borrower)

    def has(self, *archetypes: str) -> Bools:
        """Return which people are of one of these archetypes."""
        return np.isin(self.archetype, [_CODE[name] for name in archetypes])

    def dice(self, purpose: str) -> np.random.Generator:
        """Return the randomness of one purpose; adding a purpose never disturbs another."""
        return np.random.default_rng([self.seed, self.chunk, zlib.crc32(purpose.encode())])


def archetypes(borrowers: int, economy: Economy, seed: int) -> Ints:
    """Return an archetype code for every borrower: shares kept to the person, order by seed.

    With at least as many borrowers as archetypes every archetype appears at least once.
    """
    shares = np.array([economy.archetype_shares[name] for name in ARCHETYPES])
    wanted = shares / shares.sum() * borrowers
    counts = np.floor(wanted).astype(np.int64)
    if borrowers >= len(shares):
        counts = np.maximum(counts, 1)
    while counts.sum() < borrowers:
        counts[np.argmax(wanted - counts)] += 1
    while counts.sum() > borrowers:
        counts[np.argmax(counts)] -= 1
    codes = np.repeat(np.arange(len(shares)), counts)
    dice = np.random.default_rng([seed, zlib.crc32(b"archetypes")])
    return dice.permutation(codes).astype(np.int64)


def people(codes: Ints, *, seed: int, chunk: int, window: Window, economy: Economy) -> People:
    """Draw one chunk of people whose archetypes are `codes` (n,)."""
    dice = np.random.default_rng([seed, chunk, zlib.crc32(b"people")])
    n = len(codes)
    number = chunk * CHUNK + np.arange(n)

    def of(*names: str) -> Bools:
        return np.isin(codes, [_CODE[name] for name in names])

    student, thin = of("student"), of("thin_file")
    occupation = dice.choice(len(OCCUPATIONS), n, p=economy.occupation_shares)
    occupation[student] = OCCUPATIONS.index("student")
    occupation[thin | of("all_green", "hammering", "hardship")] = 0
    age = np.clip(dice.normal(36, 9, n), 19, 68)
    age[student], age[thin] = dice.uniform(18.5, 22.5, student.sum()), 22.3
    wage = dice.lognormal(np.log(economy.income_median), economy.income_sigma, n)
    wage[student] = dice.lognormal(np.log(economy.student_allowance_median), 0.2, student.sum())
    wage[thin] = dice.uniform(480_000, 600_000, thin.sum())
    wage[occupation == OCCUPATIONS.index("unemployed")] *= 0.3
    income = _round(wage, 100)
    stability = _stability(dice, occupation, codes, economy)
    burden = _burden(dice, of, n, economy)
    due = (income * burden).astype(np.int64)
    lenders, nonbank = _lenders(dice, of, due)
    card_limit = _round(np.where(student | thin, 0, income * dice.uniform(1.0, 3.0, n)), 100_000)
    use = np.where(of("over_indebted", "over_spending"), dice.uniform(0.7, 0.95, n),
                   dice.uniform(0.02, 0.45, n))  # fmt: skip
    card_used = (card_limit * use).astype(np.int64)
    # Cards are no more than three quarters of what is due each month; a card is a bank's.
    due = np.maximum(due, -(-card_used * DEFAULT_DUES.card_percent // 75))
    nonbank = np.clip(nonbank, 0, np.maximum(lenders - (card_used > 0), 0))
    first, last, opened = _activity(dice, of, n, window)
    income_from = np.where(thin, window.days - 61, 0)
    rent = income * dice.uniform(*economy.rent_share, n) * ~student
    scheme, scheme_day = hidden.drawn(seed, chunk, of("all_green"), window.days, economy)
    return People(
        seed=seed, chunk=chunk, window=window, economy=economy,
        borrower=mix(seed, 0xB0, number), archetype=codes, occupation=occupation,
        stability=stability, income=income, income_from=income_from,
        birth_day=window.first + window.days - (age * 365.25).astype(np.int64),
        rent=_round(rent, 10_000),
        living=(income * dice.uniform(*economy.living_share, n)).astype(np.int64),
        monthly_due=due, months_left=dice.uniform(6, 18, n),
        lenders=lenders, nonbank=nonbank, card_limit=card_limit,
        card_used=card_used,
        limit=_limit(income, student | thin, economy), opened=opened, first=first, last=last,
        ring=np.where(of(*_FRAUD), number % 7, -1),
        drew=of("hardship")
        | (dice.random(n) < economy.drawn_before) & ~of("idle", "thin_file", "student"),
        taste=dice.normal(0, 1, n), scheme=scheme, scheme_day=scheme_day,
    )  # fmt: skip


def _round(money: Reals | Ints, step: int) -> Ints:
    return np.round(money / step).astype(np.int64) * step


def _limit(income: Ints, starter: Bools, economy: Economy) -> Ints:
    low, high = economy.limit_bounds
    limit = _round((income * economy.limit_incomes).astype(np.int64), economy.limit_step)
    return np.where(starter, low + 100_000, np.clip(limit, low, high)).astype(np.int64)


def _stability(dice: np.random.Generator, occupation: Ints, codes: Ints, economy: Economy) -> Ints:
    salaried = np.isin(occupation, (0, 5))
    bonus = dice.random(len(codes)) < economy.bonus_share
    stability = np.where(salaried, np.where(bonus, 1, 0), 2)
    stability[np.isin(occupation, (3, 4))] = 3
    # A thirteenth month just before the requests would look like a strange inflow.
    stability[codes == _CODE["strange_inflow"]] = 0
    return stability.astype(np.int64)


def _burden(dice: np.random.Generator, of: Of, n: int, economy: Economy) -> Reals:
    burden = dice.uniform(*economy.green_burden, n)
    # People who press the button again and again are people who were refused.
    heavy = of("over_indebted", "zeroing", "hammering")
    burden[heavy] = dice.uniform(*economy.indebted_burden, heavy.sum())
    middling = of("many_lenders", "bad_record", "over_spending")
    burden[middling] = dice.uniform(0.15, 0.45, middling.sum())
    burden[of("thin_file", "student")] = 0.0
    return burden


def _lenders(dice: np.random.Generator, of: Of, due: Ints) -> tuple[Ints, Ints]:
    n = len(due)
    lenders = np.where(due > 0, dice.integers(1, 4, n), 0)
    nonbank = np.minimum(lenders, dice.integers(0, 2, n))
    heavy = of("over_indebted", "many_lenders")
    lenders[heavy] = dice.integers(6, 12, heavy.sum())
    nonbank[heavy] = np.minimum(lenders[heavy], dice.integers(3, 9, heavy.sum()))
    return lenders.astype(np.int64), nonbank.astype(np.int64)


def _activity(dice: np.random.Generator, of: Of, n: int, window: Window) -> tuple[Ints, Ints, Ints]:
    """Return first and last day of activity and the opening day; all may be before the window."""
    first = np.zeros(n, dtype=np.int64)
    last = np.full(n, window.days, dtype=np.int64)
    opened = -dice.integers(30, 1500, n)
    young = of("thin_file", "student", "fraud_ring", "mule")
    opened[young] = -dice.integers(2, 30, young.sum())
    idle = of("idle")
    last[idle] = (window.days * dice.uniform(0.35, 0.5, idle.sum())).astype(np.int64)
    # Every second idle account fell asleep before the window began.
    asleep = idle & (np.cumsum(idle) % 2 == 0)
    first[asleep], last[asleep] = -250, -20
    opened[asleep] = -dice.integers(300, 1500, asleep.sum())
    return first, last, opened


def truth(folk: People) -> dict[str, Ints | Reals | Bools | list[str] | Hashes]:
    """Return the hidden truth of a chunk as columns.

    `ability_to_pay`: fen a month left after rent, living and dues. `default_propensity`: chance of
    90 days' delay within a year if granted ¥10,000. `default_month`: 1–12, −1 when it would not
    happen. `fraud`: none, ring, mule or victim. `scheme`: none, account_takeover, bust_out or
    first_party, on local day `scheme_day`. `tries`: presses of the button on the last day.
    """
    economy, dice = folk.economy, folk.dice("truth")
    income_now = np.where(folk.has("hardship"), 0, folk.income)
    ability = income_now - folk.rent - folk.living - folk.monthly_due
    ability = ability - np.where(folk.has("over_spending"), folk.living, 0)
    burden = (folk.monthly_due + folk.rent) / np.maximum(folk.income, 1)
    weights = economy.pd_weights
    log_odds = (
        economy.pd_intercept + weights[0] * burden + weights[1] * (folk.stability >= 2)
        + weights[2] * folk.taste + 1.6 * folk.has("bad_record", "over_spending", "zeroing")
        + 1.2 * folk.has("over_indebted", "many_lenders") + 3.0 * folk.has("hardship")
        + 6.0 * folk.has(*_FRAUD)
    )  # fmt: skip
    propensity = 1 / (1 + np.exp(-log_odds))
    falls = dice.random(len(folk)) < propensity
    tries = np.where(folk.has("hammering"), dice.integers(6, 15, len(folk)), 1)
    fraud = np.select(
        [folk.has("fraud_ring"), folk.has("mule"), folk.has("account_theft")],
        ["ring", "mule", "victim"], "none",
    )  # fmt: skip
    return {
        "borrower": folk.borrower,
        "archetype": [ARCHETYPES[code] for code in folk.archetype],
        "occupation": [OCCUPATIONS[code] for code in folk.occupation],
        "birth_day": folk.birth_day, "income": folk.income, "rent": folk.rent,
        "living": folk.living, "monthly_due": folk.monthly_due,
        "lenders": folk.lenders, "limit": folk.limit, "ability_to_pay": ability,
        "default_propensity": propensity,
        "default_month": np.where(falls, dice.integers(1, 13, len(folk)), -1),
        "fraud": fraud.tolist(), "ring": folk.ring, "tries": tries,
        "scheme": [hidden.NAMES[code] for code in folk.scheme],
        "scheme_day": folk.window.first + folk.scheme_day,
    }  # fmt: skip


def spread(dice: np.random.Generator, folk: People, counts: Ints, *,
           hours: tuple[float, float] = (8.0, 23.0)) -> tuple[Ints, Ints]:  # fmt: skip
    """Return (who, at): `counts` (n,) instants for each person over their active days."""
    who = np.repeat(np.arange(len(folk)), counts)
    first, last = folk.first[who], folk.last[who]
    day = first + (dice.random(len(who)) * (last - first)).astype(np.int64)
    return who, moment(dice, folk, day, hours=hours)


def moment(dice: np.random.Generator, folk: People, day: Ints, *,
           hours: tuple[float, float] = (8.0, 23.0)) -> Ints:  # fmt: skip
    """Return random instants (µs, whole seconds) within local `hours` of days from window start.

    Days may lie before the window, back to 1,600 days.
    """
    midnights = folk.window.midnights(before=1600)
    seconds = dice.integers(int(hours[0] * 3600), int(hours[1] * 3600), len(day))
    at: Ints = midnights[day + 1600] + seconds * SECOND
    return np.minimum(at, folk.window.end - SECOND)
