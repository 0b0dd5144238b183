"""What people would ask for, whatever the answers: occasions, tries, and what a plan asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
import pyarrow as pa

from xindeng.kernel.time import HOUR, MINUTE, SECOND, Zone
from xindeng.lab.draws import TERMS

STEP: Final = 50_000
MOST: Final = 4_000_000
TRIES: Final = 3
_HAMMERED: Final = 8
_COLUMNS: Final = ("borrower", "limit", "tries", "scheme", "scheme_day")
Wish = Mapping[str, Any]
_Note = Callable[..., None]


def wishes(
    truth: pa.Table, zone: Zone, window: tuple[int, int], occasions: float, seed: int
) -> list[dict[str, Any]]:
    """Return what each borrower would ask for on local days of `window`, in order of borrower and
    time: `id`, `borrower`, `now`, `amount`, `months`, `attempt` (0: of its own accord, above it
    only after a refusal) and `thief` (it is not the borrower who asks)."""
    found: list[dict[str, Any]] = []
    for place, person in enumerate(truth.select(list(_COLUMNS)).to_pylist()):

        def note(at: int, amount: int, months: int, attempt: int = 0, *, thief: bool = False,
                 who: str = person["borrower"]) -> None:  # fmt: skip
            found.append({"id": len(found), "borrower": who, "now": at, "amount": amount,
                          "months": months, "attempt": attempt, "thief": thief})  # fmt: skip

        dice = np.random.default_rng([seed, place, 0xA5])
        _occasions(person, dice, zone, window, occasions, note)
        if window[0] <= person["scheme_day"] < window[1]:
            _planned(person, np.random.default_rng([seed, place, 0xA6]), zone, note)
    return sorted(found, key=lambda wish: (wish["borrower"], wish["now"]))


def _occasions(
    person: Wish, dice: np.random.Generator, zone: Zone, window: tuple[int, int], mean: float,
    note: _Note,
) -> None:  # fmt: skip
    tries = max(TRIES, min(person["tries"], _HAMMERED))
    days = np.sort(dice.integers(*window, dice.poisson(mean)))
    for day in np.unique(days):
        share = dice.uniform(0.3, 0.9) if dice.random() < 0.125 else dice.uniform(0.02, 0.15)
        amount = min(max(int(person["limit"] * share) // STEP * STEP, STEP), MOST)
        months = int(dice.choice(TERMS))
        at = zone.midnight(int(day)) + 8 * HOUR + int(dice.integers(0, 13 * 3600)) * SECOND
        for attempt in range(tries):
            note(at, amount, months, attempt)
            at += int(dice.integers(2, 25)) * MINUTE
            amount = max(amount * 3 // 4 // STEP * STEP, STEP)


def _planned(person: Wish, dice: np.random.Generator, zone: Zone, note: _Note) -> None:
    """A thief asks at once for most of the line; who busts out empties it in a day of draws; who
    never means to repay asks for a good deal, once."""
    night = zone.midnight(person["scheme_day"]) + 4 * HOUR + int(dice.integers(0, 3600)) * SECOND
    morning = night + 5 * HOUR
    part = {"account_takeover": 0.6, "bust_out": 0.28, "first_party": 0.5}.get(person["scheme"])
    if part is None:
        return
    amount = min(max(int(person["limit"] * part) // STEP * STEP, STEP), MOST)
    if person["scheme"] == "account_takeover":
        note(night, amount, max(TERMS), thief=True)
    elif person["scheme"] == "first_party":
        note(morning, amount, max(TERMS))
    else:
        for draw in range(4):
            note(morning + draw * 2 * HOUR, amount, max(TERMS))
