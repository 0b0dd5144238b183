"""Is a backtest right? A challenger's predicted swap set, held against what it would really do.

Both policies are let loose on the same simulated people, with the same wishes and luck. The
backtest sees the champion's lake alone and predicts whom the challenger lets in and how many of
them go bad; the challenger's own economy tells what happens.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xindeng.history import facts, outcomes
from xindeng.history.backtest import Spec, backtest
from xindeng.history.figures import Rate, rate
from xindeng.history.lake import DECISIONS, Lake
from xindeng.lab.economy import economy
from xindeng.policy.policy import Policy

_GRANTED = "('approve', 'approve_less')"
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class SwapStudy:
    """`predicted` borrowers get their first other answer by being let in, `real` ones really do,
    and `right` are both, at the very same request: up to there both lives are one, so this is to
    be exact. `risk` is the predicted share of all let in that goes bad, `truth` the share that did
    of those really lent; `within`: it lies in the interval stated."""

    predicted: int
    right: int
    real: int
    risk: dict[str, Any]
    truth: Rate
    outcome: str

    @property
    def precision(self) -> Rate:
        """Return how many of those predicted were really let in."""
        return rate(self.right, self.predicted)

    @property
    def recall(self) -> Rate:
        """Return how many of those really let in were predicted."""
        return rate(self.right, self.real)

    @property
    def within(self) -> bool:
        """Return whether the true share lies between the bounds that the backtest stated."""
        return self.truth.share is not None and (
            self.risk["low"] <= self.truth.share <= self.risk["high"]
        )


def swap_study(
    folder: Path, champion: Policy, challenger: Policy, *, borrowers: int, seed: int = 7,
    spec: Spec | None = None, progress: Progress = lambda what, done, total: None,
) -> SwapStudy:  # fmt: skip
    """Simulate both economies into a new or empty folder, and compare."""
    lakes = []
    for name, policy in (("champion", champion), ("challenger", challenger)):

        def told(done: int, total: int, name: str = name) -> None:
            progress(f"living under the {name}", done, total)

        made = economy(folder / name, policy, borrowers=borrowers, seed=seed, progress=told)
        lakes.append(made)
    return compare(
        lakes[0], lakes[1], champion, challenger, spec or Spec(mode="feedback"), progress
    )


def compare(
    recorded: Lake, real: Lake, champion: Policy, challenger: Policy, spec: Spec,
    progress: Progress = lambda what, done, total: None,
) -> SwapStudy:  # fmt: skip
    """Hold the backtest of `recorded` (the champion's lake) against `real` (the challenger's)."""
    found = backtest(recorded, champion, challenger, spec, all_swaps=True, progress=progress)
    swap_in = found["swap"]["in"]
    con = facts.connect()
    firsts = set(_first_let_in(con, recorded, real))
    con.execute("CREATE TABLE predicted (id VARCHAR)")
    con.executemany("INSERT INTO predicted VALUES (?)", [[i] for i in swap_in["ids"]] or [[""]])
    outcomes.load_loans(con, real, champion.zone)
    bad, judged = con.execute(
        f"SELECT count(*) FILTER ({spec.outcome} = 'bad'), count(*) FROM {outcomes.LOANS} l"
        f" JOIN predicted p ON p.id = l.decision WHERE {spec.outcome} IN ('good', 'bad')"
    ).fetchone()
    con.close()
    return SwapStudy(
        predicted=swap_in["first"], right=len(firsts & set(swap_in["first_ids"])),
        real=len(firsts), risk=swap_in["risk"], truth=rate(bad, judged), outcome=spec.outcome,
    )  # fmt: skip


def _first_let_in(con: Any, recorded: Lake, real: Lake) -> list[str]:
    """Return the requests at which a borrower's life first parts from the record by a yes."""
    rows = con.execute(
        f"""SELECT id FROM (
          SELECT b.id, a.outcome NOT IN {_GRANTED} AND b.outcome IN {_GRANTED} AS let_in,
            row_number() OVER (PARTITION BY b.borrower ORDER BY b.now, b.id) AS place
          FROM {real.relation(DECISIONS)} b JOIN {recorded.relation(DECISIONS)} a USING (id)
          WHERE a.outcome <> b.outcome OR a.amount_offered IS DISTINCT FROM b.amount_offered)
        WHERE place = 1 AND let_in"""
    ).fetchall()
    return [ident for (ident,) in rows]
