"""A backtest: two policies over the decisions of a lake, and everything that can be said of it.

`static`: both judge the recorded facts, in one query each. `feedback`: each is lived through again
borrower by borrower, since attempts, balances and holds follow from what it approved itself; that
is done in this process whatever the engine, which gives the features that no decision feeds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

from xindeng.history import asked, compare, economics, facts, lift, money, outcomes
from xindeng.history.economics import Economics
from xindeng.history.engines import ENGINES, Engine, engine_of
from xindeng.history.feedback import replay
from xindeng.history.figures import numbers, texts
from xindeng.history.lake import Lake, same_zone
from xindeng.history.leakage import check_facts, check_new_features, reproduced
from xindeng.history.page_show import FORMAT
from xindeng.history.risk import REFUSED_RISK, expected_bad, risk_seen
from xindeng.history.sides import GRANTED, Requests, Side
from xindeng.history.static import judge
from xindeng.kernel.errors import InputError
from xindeng.kernel.time import MINUTE, Zone, to_date
from xindeng.language import quote
from xindeng.policy.policy import Policy
from xindeng.policy.reader import nearest

QUARTER: Final = 15 * MINUTE
"""Clocks change at quarters of an hour at the finest, so few instants need the calendar."""
GROUPS: Final = ("age", "occupation_kind")
AGES: Final = ((0, "under 25"), (25, "25 to 39"), (40, "40 to 59"), (60, "60 and over"))
_AGE: Final = "birth_day"
Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much is done, and how much there is."""


@dataclass(frozen=True, slots=True)
class Spec:
    """What to compare: decisions from day `first` to before day `last` (local days); None: all.

    `outcome` judges swap sets and rules. `groups` are features whose values, or "age", are the
    declared groups of the fairness ratio; None: those of `GROUPS` that there are.
    `sample` decisions are computed again by the kernel.
    `engine` computes facts and answers; `master` is where Spark runs, see `spark.session`.
    """

    first: int | None = None
    last: int | None = None
    mode: str = "static"
    engine: str = "duckdb"
    master: str | None = None
    outcome: str = "at_90_mob_12"
    groups: Sequence[str] | None = None
    sample: int = 200
    threads: int = 2
    memory: str = "2GB"
    economics: Economics = field(default_factory=economics.shipped)


def backtest(
    lake: Lake,
    champion: Policy,
    challenger: Policy,
    spec: Spec,
    *,
    work: Path | None = None,
    all_swaps: bool = False,
    progress: Progress = lambda what, done, total: None,
) -> dict[str, Any]:
    """Return the whole report as plain data (see `page.report` for how it is shown).

    `work` is a folder in which a replay keeps what it has done, to go on from; with `all_swaps` the
    swap sets name every decision (`ids`), not examples alone. Raises InputError
    for a range without decisions, a day without parameters, a feature that did not exist then;
    ImportFileError for a damaged lake; LeakageError where a fact cannot have been known.
    """
    outcomes.definition(spec.outcome)
    check_groups(spec, champion)
    check_mode(spec)
    for policy in (champion, challenger):
        same_zone(lake, policy.zone.name)
    lake.check()
    zone = champion.zone
    first = 0 if spec.first is None else zone.midnight(spec.first)
    last = 2**62 if spec.last is None else zone.midnight(spec.last)
    con = facts.connect(threads=spec.threads, memory=spec.memory)
    count = asked.load(con, lake, first, last)
    check_new_features(lake, champion, challenger, first, zone)
    progress("reading events", 0, count)
    with engine_of(
        spec.engine, con, work, master=spec.master, threads=spec.threads, memory=spec.memory
    ) as engine:
        sides, checks = _answers(
            con, engine, lake, (champion, challenger), spec, work, progress
        )  # fmt: skip
        outcomes.load_loans(con, lake, zone)
        requests = _requests(con, spec.groups, champion, zone)
    con.close()
    return {
        "format": FORMAT, "mode": spec.mode, "engine": spec.engine,
        "lake": {"folder": str(lake.folder), "source": lake.manifest.source,
                 "upto": str(to_date(zone.day(max(lake.manifest.upto, 0))))},
        "range": _range(requests, zone),
        "champion": _named(champion), "challenger": _named(challenger),
        "checks": checks,
        **_report(requests, sides, spec, all_swaps),
    }  # fmt: skip


def _answers(
    con: Any, engine: Engine, lake: Lake, policies: Sequence[Policy], spec: Spec,
    work: Path | None, progress: Progress,
) -> tuple[list[Side], dict[str, Any]]:  # fmt: skip
    """Return both policies' answers, and what was checked of the facts they rest on."""
    engine.load(lake, policies)
    holds = asked.HoldHistory(con, lake, policies[0].zone)
    # Facts follow from the features alone: a challenger that moves a parameter has its champion's.
    alike = policies[0].book.base == policies[1].book.base
    both = list(zip(policies, ("facts_a", "facts_a" if alike else "facts_b"), strict=True))
    sides: list[Side] = []
    checked, one_by_one = [], []
    for policy, table in both:
        if not (sides and alike):
            engine.make_facts(lake, policy, table)
        checked.append(check_facts(con, lake, policy, table, spec.sample))

        def told(done: int, total: int, name: str = policy.name) -> None:
            progress(f"deciding one by one under {name}", done, total)

        made = judge(con, policy, table, holds, engine=engine, progress=told)
        one_by_one.append(made.asked_one_by_one)
        sides.append(compare.side(policy, made.answers, made.words))
    checks: dict[str, Any] = {
        "computed_again": checked, "reproduced": reproduced(con, sides[0]),
        "decided_one_by_one": one_by_one, "replayed": {},
    }  # fmt: skip
    if spec.mode == "feedback":
        lived = [replay(con, lake, policy, table, spec, work, progress) for policy, table in both]
        static = sides[0]
        sides = [
            compare.side(policy, answers, words)
            for policy, (answers, words, _) in zip(policies, lived, strict=True)
        ]
        like = (static.outcome == sides[0].outcome) & (static.offered == sides[0].offered)
        checks["replayed"] = {
            "champion_as_recorded": int(like.sum()), "loans": [one[2] for one in lived],
        }  # fmt: skip
    return sides, checks


def check_groups(spec: Spec, policy: Policy) -> None:
    """Raise InputError for a declared group that is neither "age" nor a feature of the policy."""
    for name in spec.groups or ():
        if (_AGE if name == "age" else name) not in policy.book.columns:
            raise InputError(
                f"no feature {name[:40]!r} to group by", where="--group", code="backtest.group",
                next_step=nearest(name, ["age", *policy.book.columns]),
            )  # fmt: skip


def check_mode(spec: Spec) -> None:
    """Raise InputError for a mode or engine that there is not."""
    for what, value, known in (("mode", spec.mode, ("static", "feedback")),
                               ("engine", spec.engine, ENGINES)):  # fmt: skip
        if value not in known:
            raise InputError(
                f"no {what} {value!r}", where=f"--{what}", code=f"backtest.{what}",
                next_step=f"use {' or '.join(known)}",
            )  # fmt: skip


def _report(
    requests: Requests, sides: Sequence[Side], spec: Spec, all_swaps: bool
) -> dict[str, Any]:
    a, b = sides
    ruled = [compare.rules(requests, one, spec.outcome) for one in sides]
    risk = risk_seen(requests, a, spec.outcome)
    kept = [money.books(requests, one, a, risk, spec.economics) for one in sides]
    return {
        "policies": {
            name: {
                "totals": compare.totals(requests, one),
                "outcomes": compare.bad_rates(requests, one.granted),
                "accounts": compare.account_rates(requests, one.granted),
                "vintages": compare.vintages(requests, one.granted),
                "rules": ruled[place],
                "fairness": compare.fairness(requests, one),
                "profit": money.accounts(one, kept[place]),
                "expected_bad": expected_bad(requests, a, one.granted, risk),
            }
            for place, (name, one) in enumerate(zip(("champion", "challenger"), sides, strict=True))
        },
        "definitions": [asdict(one) for one in outcomes.DEFINITIONS],
        "economics": spec.economics.told(int(requests.day.max())),
        "swap": compare.swap(requests, a, b, risk, (kept[0], kept[1]), all_ids=all_swaps),
        "lights_moved": compare.lights_moved(a, b),
        "reasons_moved": compare.reasons_moved(*ruled),
        "fraud": _fraud(requests),
        "learning": lift.learning(requests, a, risk, kept[0]),
        "censoring": _censoring(requests, a, b),
    }  # fmt: skip


def _fraud(requests: Requests) -> dict[str, Any]:
    """Return the loans found to be fraud by kind, with what is left of their principal."""
    kinds = requests.found[requests.observed & (requests.found != "")]
    return {
        str(kind): {"loans": int((kinds == kind).sum()),
                    "left": int(requests.left[requests.found == kind].sum())}
        for kind in np.unique(kinds)
    }  # fmt: skip


def _censoring(requests: Requests, a: Side, b: Side) -> dict[str, Any]:
    unseen = b.granted & ~requests.observed
    return {
        "requests": len(requests.ids), "without_outcome": int((~requests.observed).sum()),
        "challenger_grants_without_outcome": int(unseen.sum()),
        "of_these_granted_by_champion": int((unseen & a.granted).sum()),
        "refused_risk": list(REFUSED_RISK),
    }  # fmt: skip


def _range(requests: Requests, zone: Zone) -> dict[str, Any]:
    first, last = int(requests.now.min()), int(requests.now.max())
    return {
        "first": str(to_date(zone.day(first))), "last": str(to_date(zone.day(last))),
        "decisions": len(requests.ids), "borrowers": int(requests.whose.max()) + 1,
    }  # fmt: skip


def _named(policy: Policy) -> dict[str, Any]:
    return {"name": policy.name, "version": policy.version, "hash": policy.hash,
            "rules": len(policy.rules)}  # fmt: skip


def _requests(con: Any, groups: Sequence[str] | None, policy: Policy, zone: Zone) -> Requests:
    """Return the requests with the loans that followed, in the order of `asked`."""
    states = ", ".join(f"l.{one.name}" for one in outcomes.DEFINITIONS)
    rows = con.sql(
        f"""SELECT a.row, a.id, a.borrower, a.now, a.request_amount, a.request_term_months,
          a.request_rate_bp, a.product, a.outcome, CAST(a.learning AS BIGINT) AS learning,
          l.amount AS lent, l.worst_dpd, l.principal_left, l.received, l.found, {states}
        FROM {asked.ASKED} a LEFT JOIN {outcomes.LOANS} l
          ON l.borrower = a.borrower AND l.decision = a.id ORDER BY a.row"""
    ).to_arrow_table()
    now, borrower = numbers(rows, "now"), texts(rows, "borrower")
    _, whose = np.unique(borrower.astype(str), return_inverse=True)
    quarters, place = np.unique(now // QUARTER, return_inverse=True)
    days = np.array([zone.day(int(one) * QUARTER) for one in quarters], dtype=np.int64)
    return Requests(
        ids=texts(rows, "id"), borrower=borrower, whose=whose, now=now,
        day=days[place], asked=numbers(rows, "request_amount"),
        months=numbers(rows, "request_term_months"),
        rate_bp=numbers(rows, "request_rate_bp"), product=texts(rows, "product"),
        refused=~np.isin(texts(rows, "outcome"), GRANTED), drawn=numbers(rows, "learning") > 0,
        lent=numbers(rows, "lent"),
        worst_dpd=numbers(rows, "worst_dpd"), left=numbers(rows, "principal_left"),
        received=numbers(rows, "received"), found=texts(rows, "found"),
        state={one.name: texts(rows, one.name) for one in outcomes.DEFINITIONS},
        groups=_groups(con, groups, policy, zone),
    )  # fmt: skip


def _groups(con: Any, groups: Sequence[str] | None, policy: Policy, zone: Zone) -> dict[str, Any]:
    """Return the value of each declared group on every request; those without one are "unknown"."""
    found: dict[str, Any] = {}
    columns = policy.book.columns
    for name in dict.fromkeys(GROUPS if groups is None else groups):
        source = _AGE if name == "age" else name
        if source not in columns:
            continue
        table = con.sql(
            f"SELECT {quote(source)} AS v, today FROM facts_a ORDER BY id"
        ).to_arrow_table()
        values = table["v"].to_pylist()
        if name == "age":
            years = [None if v is None else (t - v) / 365.25
                     for v, t in zip(values, table["today"].to_pylist(), strict=True)]  # fmt: skip
            values = [None if y is None else [n for age, n in AGES if y >= age][-1] for y in years]
        found[name] = np.array(["unknown" if v is None else str(v) for v in values], dtype=object)
    return found
