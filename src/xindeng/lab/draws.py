"""What people ask for on the day after the simulated window: the input of the demo."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from xindeng.kernel.errors import ImportFileError
from xindeng.kernel.time import MINUTE, SECOND, Zone

TERMS: Final = (3, 6, 12)
_PURPOSES: Final = ("consumption", "education", "medical", "travel", "renovation", "repay_loans")
_STEP: Final = 50_000
_BOLD: Final = 0.125
_STARTER: Final = 500_000
_MOST: Final = 4_000_000
"""At most ¥40,000 a draw, as users report."""


@dataclass(frozen=True, slots=True)
class DrawRequest:
    """One press of the button: amount in fen, instant in µs; `attempt` counts from 1 a day."""

    borrower: str
    amount: int
    term_months: int
    purpose: str
    at: int
    attempt: int


def read_truth(path: Path) -> pa.Table:
    """Read `truth.parquet`; raises ImportFileError when it is none."""
    try:
        table = pq.read_table(path)
    except (OSError, pa.ArrowException) as error:
        raise ImportFileError(
            f"not a truth table: {str(error).splitlines()[0]}", where=str(path),
            next_step="run the simulation again",
        ) from error  # fmt: skip
    if missing := {"borrower", "limit", "tries"} - set(table.column_names):
        raise ImportFileError(
            f"no column {', '.join(sorted(missing))}", where=str(path),
            next_step="run the simulation again",
        )  # fmt: skip
    return table


def draw_requests(truth: pa.Table, day: int, seed: int, *, zone: Zone) -> list[DrawRequest]:
    """Return the requests of local `day`, in order of time: one a borrower, many of a hammerer.

    Amounts are 2–15 % of the limit in steps of ¥500; one in eight asks for 30–90 %, and holders of
    a starter's small limit for nearly all of it. Hammerers press again after 1 to 40 minutes,
    asking less and less, until midnight.
    """
    dice = np.random.default_rng([seed, day, zlib.crc32(b"draws")])
    rows: list[dict[str, Any]] = truth.select(["borrower", "limit", "tries"]).to_pylist()
    count = len(rows)
    share = dice.uniform(0.02, 0.15, count)
    bold = dice.random(count) < _BOLD
    share = np.where(bold, dice.uniform(0.3, 0.9, count), share)
    term = dice.integers(0, len(TERMS), count)
    purpose = dice.choice(len(_PURPOSES), count, p=[0.6, 0.08, 0.06, 0.1, 0.1, 0.06])
    opening, closing = zone.midnight(day) + 8 * 60 * MINUTE, zone.midnight(day + 1)
    second = dice.integers(0, 13 * 3600, count)
    requests: list[DrawRequest] = []
    for place, row in enumerate(rows):
        wish = 1 - share[place] if row["limit"] <= _STARTER else share[place]
        amount = min(max(int(row["limit"] * wish) // _STEP * _STEP, _STEP), _MOST)
        at = opening + int(second[place]) * SECOND
        for attempt in range(1, int(row["tries"]) + 1):
            requests.append(
                DrawRequest(
                    row["borrower"], amount, TERMS[term[place]], _PURPOSES[purpose[place]],
                    at, attempt,
                )
            )  # fmt: skip
            at += int(dice.integers(1, 40)) * MINUTE
            amount = max(amount * 3 // 4 // _STEP * _STEP, _STEP)
            if at >= closing:
                break
    return sorted(requests, key=lambda request: (request.at, request.borrower, request.attempt))
