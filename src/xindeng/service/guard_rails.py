"""Guard rails: what is known of a challenger held against the bounds it was approved with.

Shares are tested so that they may be looked at each minute (see evidence.py), one borrower counting
once, for the draws of one person are no independent observations. Amounts have plain bounds. A
challenger that hits one is ended at once; nobody needs to be awake.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log
from typing import Final

from xindeng.adapters.ports import Message, Notifier
from xindeng.events.catalogue import PLATFORM
from xindeng.service import books
from xindeng.service.arms import Challenger
from xindeng.service.challenger_terms import Money, Rail, Rate
from xindeng.service.challengers import AUTOMATIC, ended
from xindeng.service.engine import Engine
from xindeng.service.evidence import chance, evidence, evidence_of_share
from xindeng.servicing import loan as rules
from xindeng.store import challengers, loans, proposals, trial_counts
from xindeng.store.connect import Conn

OVER: Final = "its time is over"
REPLACED: Final = "another policy was published: its champion is no longer in force"
_FPD: Final = {"fpd1": 1, "fpd7": 7}


@dataclass(frozen=True, slots=True)
class Reading:
    """What a rail reads: `value` is a share or an amount in minor units, over `count` borrowers,
    loans or decisions; `chance` how probable it is at most for a challenger within its bound, None
    for an amount. `hit` where that stops the challenger."""

    rail: Rail
    value: float
    count: int
    chance: float | None
    hit: bool


def readings(engine: Engine, conn: Conn, one: Challenger) -> list[Reading]:
    """Return what the rails of a challenger read now."""
    pairs, today = None, engine.policy.zone.day(engine.clock())
    found, lent = [], None
    for rail in one.terms.rails:
        if isinstance(rail, Money) or rail.rail in _FPD:
            lent = _Lent.of(conn, one.row.name) if lent is None else lent
            found.append(lent.read(rail, today))
        elif rail.rail in ("approval", "review"):
            pairs = trial_counts.pairs(conn, one.row.name) if pairs is None else pairs
            found.append(_paired(rail, pairs))
        else:
            total, slow, failed = trial_counts.pace(conn, one.row.name, rail.ms)
            found.append(_share(rail, slow if rail.rail == "slow" else failed, total))
    return found


def look_at_all(engine: Engine) -> list[str]:
    """End every challenger that hit a rail, whose time is over or whose champion is no longer in
    force; return their names."""
    with engine.store.snapshot() as conn:
        running = [Challenger(row) for row in challengers.listed(conn, ended=False)]
    gone = []
    for one in running:
        with engine.store.transaction(pipelined=False) as conn:
            why = _why(engine, conn, one)
            if why is not None and ended(engine, conn, one.row.name, AUTOMATIC, why):
                gone.append(one.row.name)
    return gone


def tell(engine: Engine, notifier: Notifier) -> int:
    """Tell the people of the platform of every challenger that ended by itself, at least once;
    return of how many. Raises UnavailableError, and what was not told is told the next time."""
    with engine.store.snapshot() as conn:
        waiting = challengers.untold(conn, AUTOMATIC)
    for row in waiting:
        texts = {
            "zh": f"挑战者策略 {row.name} 已自动停止，此后均按现行策略决定。原因：{row.why_ended}",
            "en": f"Challenger {row.name} was ended automatically; every draw is the champion's "
                  f"from now on. Why: {row.why_ended}",
        }  # fmt: skip
        message = Message(
            f"challenger-{row.name}", PLATFORM, "challenger_ended", texts, to=("staff",)
        )
        notifier.deliver(message)
        with engine.store.transaction() as conn:
            challengers.told(conn, row.name, engine.clock())
    return len(waiting)


def said(reading: Reading) -> str:
    """Return a reading in words: which rail, what it reads, and its bound."""
    rail = reading.rail
    if isinstance(rail, Money):
        return f"{rail.rail} {int(reading.value):,} fen of at most {rail.most:,}"
    return (
        f"{rail.rail} {reading.value:+.2%} of at most {rail.most:.2%} over {reading.count:,} "
        f"(probability {reading.chance:.2g} if it were within, limit {rail.risk:g})"
    )


def _why(engine: Engine, conn: Conn, one: Challenger) -> str | None:
    row, now = one.row, engine.clock()
    if now >= row.ends_at:
        return OVER
    if proposals.replaced(conn, row.champion, row.started_at, now):
        return REPLACED
    hit = [reading for reading in readings(engine, conn, one) if reading.hit]
    return "guard rail: " + "; ".join(map(said, hit)) if hit else None


def _paired(rail: Rate, pairs: trial_counts.Pairs) -> Reading:
    """Read a change against the champion on the same facts; approvals may change in two
    directions, each of which gets half of the risk."""
    if rail.rail == "review":
        plus, minus = pairs.to_review, pairs.from_review
    else:
        plus, minus = pairs.approved, pairs.refused
    zero = pairs.count - plus - minus
    found = evidence(plus, zero, minus, rail.most)
    if rail.rail == "approval":
        found = max(found, evidence(minus, zero, plus, rail.most)) - log(2)
    return _judged(rail, plus - minus, pairs.count, found)


def _share(rail: Rate, hits: int, count: int) -> Reading:
    return _judged(rail, hits, count, evidence_of_share(hits, count, rail.most))


def _judged(rail: Rate, net: int, count: int, found: float) -> Reading:
    hit = count >= rail.least and found >= -log(rail.risk)
    return Reading(rail, net / count if count else 0.0, count, chance(found), hit)


@dataclass(frozen=True, slots=True)
class _Lent:
    """What was lent on a live challenger's approvals."""

    on_the_way: int
    loans: list[tuple[loans.LoanRow, list[loans.TransactionRow]]]

    @classmethod
    def of(cls, conn: Conn, name: str) -> _Lent:
        rows = trial_counts.loans(conn, name)
        told = loans.transactions(conn, [row.loan for row in rows])
        return cls(trial_counts.on_the_way(conn, name), [(row, told[row.loan]) for row in rows])

    def read(self, rail: Rail, today: int) -> Reading:
        if isinstance(rail, Rate):
            late = self._first_late(_FPD[rail.rail], today)
            return _share(rail, sum(late.values()), len(late))
        lost = sum(
            row.posted.get("write_off", 0)
            + (row.posted.get("principal", 0) if row.dpd >= rail.days else 0)
            for row, _ in self.loans
        )
        owed = self.on_the_way + sum(row.posted.get("principal", 0) for row, _ in self.loans)
        value = lost if rail.rail == "loss" else owed
        return Reading(rail, value, len(self.loans), None, value > rail.most)

    def _first_late(self, days: int, today: int) -> dict[str, bool]:
        """Return, by borrower, whether the first instalment of their first loan was so many days
        late, of those where that can be known."""
        found: dict[str, bool] = {}
        for row, told in sorted(self.loans, key=lambda one: (one[0].opened, one[0].loan)):
            loan = books.loan_of(row, told)
            plan = rules.standing(loan, row.opened).plan
            if row.borrower in found or not plan or plan[0].day + days > today:
                continue
            then = rules.standing(loan, plan[0].day + days)
            found[row.borrower] = any(due.day == plan[0].day for due in then.dues)
        return found
