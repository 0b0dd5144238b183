"""The simulation itself: chunk by chunk into one wide Parquet file, and the truth into another.

    folder/events.parquet   the wide table (`xindeng.intake.wide`), by borrower and time known
    folder/truth.parquet    the hidden truth (`xindeng.lab.population.truth`), one row a borrower

The same seed, number of borrowers, months and economy give the same content, event for event.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from xindeng.kernel.errors import InputError
from xindeng.kernel.time import zone
from xindeng.lab import credit, everyday, schemes, trouble
from xindeng.lab.blocks import Block, Ints, assemble, hexadecimal, schema
from xindeng.lab.parameters import Economy
from xindeng.lab.population import CHUNK, People, Window, archetypes, people, truth

EVENTS_FILE: Final = "events.parquet"
TRUTH_FILE: Final = "truth.parquet"

EMITTERS: Final[tuple[Callable[[People], list[Block]], ...]] = (
    everyday.opening, everyday.income, everyday.bills, everyday.transfers, everyday.sign_ins,
    credit.bureau, credit.enquiries, credit.earlier_draws,
    trouble.identity, trouble.security, trouble.inflows, trouble.over_spending, trouble.contacts,
    trouble.rings_and_mules, trouble.line, schemes.takeovers, schemes.bust_outs,
)  # fmt: skip
"""What a life is made of; a new signal is one more function here. Spending comes last, topped up
to the least number of events."""

Progress = Callable[[int, int], None]
"""Called with (borrowers done, borrowers in all) after each chunk."""


@dataclass(frozen=True, slots=True)
class Simulation:
    """What was written: the two files, how many borrowers and events, and the day of requests."""

    events_path: Path
    truth_path: Path
    borrowers: int
    events: int
    day: int


def simulate(
    folder: Path,
    *,
    borrowers: int,
    months: int = 12,
    seed: int = 7,
    economy: Economy | None = None,
    zone_name: str = "Asia/Shanghai",
    progress: Progress = lambda done, total: None,
) -> Simulation:
    """Simulate a population into `folder` (created), a few hundred borrowers at a time.

    Memory is that of one chunk, whatever `borrowers` is. Raises InputError for numbers that make
    no population. A broken run leaves no half-written file under the final names.
    """
    if not 1 <= borrowers <= 10_000_000:
        raise InputError(f"cannot simulate {borrowers} borrowers", next_step="choose 1 or more")
    if seed < 0:
        raise InputError("the seed is negative", next_step="choose 0 or more")
    economy = economy or Economy()
    window = Window.ending(economy, months, zone(zone_name))
    folder.mkdir(parents=True, exist_ok=True)
    partial = folder / (EVENTS_FILE + ".partial")
    rows, truths = 0, []
    with pq.ParquetWriter(partial, schema(), compression="zstd", compression_level=1) as writer:
        for folk in chunks(borrowers, seed=seed, window=window, economy=economy):
            table = events_of(folk)
            writer.write_table(table)
            rows += table.num_rows
            truths.append(_truth_table(folk))
            progress(min((folk.chunk + 1) * CHUNK, borrowers), borrowers)
    shutil.move(partial, folder / EVENTS_FILE)
    pq.write_table(pa.concat_tables(truths), folder / TRUTH_FILE)
    return Simulation(
        folder / EVENTS_FILE, folder / TRUTH_FILE, borrowers, rows, window.first + window.days
    )


def chunks(borrowers: int, *, seed: int, window: Window, economy: Economy) -> Iterator[People]:
    """Yield the population chunk by chunk."""
    codes = archetypes(borrowers, economy, seed)
    for chunk, start in enumerate(range(0, borrowers, CHUNK)):
        yield people(
            codes[start : start + CHUNK], seed=seed, chunk=chunk, window=window, economy=economy
        )


def events_of(folk: People) -> pa.Table:
    """Return all events of one chunk as a wide table."""
    blocks = [block for emit in EMITTERS for block in emit(folk)]
    counts = _counts(blocks, len(folk))
    blocks += everyday.spending(folk, counts)
    # Hard-up people live close to zero; the others keep a few weeks of spending.
    weeks = np.where(folk.has("over_spending", "over_indebted", "hardship", "mule"), 0, 3)
    return assemble(blocks, folk.borrower, folk.living * weeks // 4 + 500)


def _counts(blocks: list[Block], borrowers: int) -> Ints:
    who = np.concatenate([block.who for block in blocks])
    return np.bincount(who, minlength=borrowers)


def _truth_table(folk: People) -> pa.Table:
    columns = {**truth(folk), "debt": credit.owed_elsewhere(folk)}
    return pa.table({**columns, "borrower": hexadecimal(folk.borrower)})
