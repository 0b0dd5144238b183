"""Is a backtest right? A challenger's predicted swap set, held against what it would really do.

Both policies are let loose on the same simulated people, with the same wishes and luck. The
backtest sees the champion's lake alone and predicts whom the challenger lets in and how many of
them go bad; the challenger's own economy tells what happens.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from xindeng.history import facts, outcomes
from xindeng.history.backtest import Spec, backtest
from xindeng.history.figures import Rate, rate
from xindeng.history.lake import DECISIONS, Lake
from xindeng.lab.economy import economy
from xindeng.lab.generators import CALIBRATED, Generator
from xindeng.policy.policy import Policy

_NAMES = ("champion", "challenger")
_GRANTED = "('approve', 'approve_less')"
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class SwapStudy:
    """`predicted` borrowers get their first other answer by being let in, `real` ones really do,
    and `right` are both, at the very same request: up to there both lives are one, so this is to
    be exact. `risk` is the predicted share of all let in that goes bad, with the interval in which
    what is seen of so few should lie; `truth` is the share that did of those really lent.

    `profit` is what each policy really earned in its own world, by the one formula, minor units;
    `gain` is what the backtest expected the challenger to add, None where no loan of the record
    has an end yet; `bets` is its range."""

    generator: str
    predicted: int
    right: int
    real: int
    risk: dict[str, Any]
    truth: Rate
    outcome: str
    profit: tuple[float, float]
    gain: float | None
    bets: tuple[float, float]

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
        """Return whether the true share lies between the bounds that the backtest stated for what
        would be seen."""
        return self.truth.share is not None and (
            self.risk["seen_low"] <= self.truth.share <= self.risk["seen_high"]
        )

    @property
    def real_gain(self) -> float:
        """Return what the challenger really earned above the champion, minor units."""
        return self.profit[1] - self.profit[0]

    def told(self) -> dict[str, Any]:
        """Return everything as plain data."""
        return {
            "generator": self.generator, "outcome": self.outcome, "predicted": self.predicted,
            "right": self.right, "real": self.real, "precision": asdict(self.precision),
            "recall": asdict(self.recall), "risk": self.risk, "truth": asdict(self.truth),
            "within": self.within, "profit": list(self.profit), "real_gain": self.real_gain,
            "expected_gain": self.gain, "expected_range": list(self.bets),
        }  # fmt: skip


def swap_study(
    folder: Path, champion: Policy, challenger: Policy, *, borrowers: int, seed: int = 7,
    generator: Generator = CALIBRATED, spec: Spec | None = None,
    progress: Progress = lambda what, done, total: None,
) -> SwapStudy:  # fmt: skip
    """Simulate both economies into a new or empty folder, and compare."""
    lakes = []
    for name, policy in (("champion", champion), ("challenger", challenger)):

        def told(done: int, total: int, name: str = name) -> None:
            progress(f"{generator.name}: living under the {name}", done, total)

        made = economy(
            folder / name, policy, borrowers=borrowers, seed=seed, generator=generator,
            progress=told,
        )  # fmt: skip
        lakes.append(made)
    spec = spec or Spec(mode="feedback")
    return compare(lakes[0], lakes[1], champion, challenger, spec, progress, generator.name)


def compare(
    recorded: Lake, real: Lake, champion: Policy, challenger: Policy, spec: Spec,
    progress: Progress = lambda what, done, total: None, generator: str = CALIBRATED.name,
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
    books = [found["policies"][name]["profit"]["expected"]["all"] for name in _NAMES]
    wins = [one["profit"] for one in books]
    return SwapStudy(
        generator=generator, predicted=swap_in["first"], real=len(firsts),
        right=len(firsts & set(swap_in["first_ids"])), risk=swap_in["risk"],
        truth=rate(bad, judged), outcome=spec.outcome,
        profit=(_earned(recorded, champion, spec), _earned(real, challenger, spec)),
        gain=None if None in wins else wins[1] - wins[0],
        bets=(books[1]["profit_low"] - books[0]["profit_low"],
              books[1]["profit_high"] - books[0]["profit_high"]),
    )  # fmt: skip


def _earned(lake: Lake, policy: Policy, spec: Spec) -> float:
    """Return what a policy really earned in the world that lived under it: nothing in that lake is
    supposed, so this is its real cost and gain."""
    own = replace(spec, mode="static", sample=1)
    found = backtest(lake, policy, policy, own)["policies"]["champion"]["profit"]["realised"]
    return float(found["all"]["profit"])


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
