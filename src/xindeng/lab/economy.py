"""A lending history with a hidden truth: people ask, a policy answers, and life goes on from there.

The simulated population's own events come first; its requests are then decided one by one under a
policy, with loans, dues, repayments and defaults following from the answers. What comes out is a
lake like any other, plus the table `truth`.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from xindeng.decision.facts import Facts
from xindeng.decision.learning import Spent, drawn, was_learnt
from xindeng.decision.pricing import priced
from xindeng.decision.request import Request
from xindeng.features.offline import event_fields
from xindeng.history import decisions as rows
from xindeng.history import facts, outcomes
from xindeng.history.lake import DECISIONS, Lake, events_table
from xindeng.history.rehearsal import Ask, Rehearsal, Split
from xindeng.history.tables import HEAD, event_of, nested, schema_of, tables_of
from xindeng.intake.wide import FIELDS, NESTED
from xindeng.kernel.errors import InputError
from xindeng.kernel.time import MINUTE, Zone
from xindeng.lab.generators import CALIBRATED, Generator
from xindeng.lab.simulate import simulate
from xindeng.lab.wishes import wishes
from xindeng.lab.world import REACTIONS
from xindeng.language import quote
from xindeng.policy.policy import Policy

TRUTH: Final = "truth"
Progress = Callable[[int, int], None]


def economy(
    folder: Path,
    policy: Policy,
    *,
    borrowers: int,
    months: int = 24,
    asking_months: tuple[int, int] = (6, 12),
    occasions: float = 3.0,
    seed: int = 7,
    generator: Generator = CALIBRATED,
    progress: Progress = lambda done, total: None,
) -> Lake:
    """Write the lake of an economy under `policy` into a new or empty folder.

    People ask between months `asking_months` of `months`, on average `occasions` times; who is
    refused tries again within the hour, for less, up to three times. The same seed gives the same
    people, wishes and luck under any policy. The policy's test-and-learn arm, if it has one, lends
    too: lives are told one after another, so its budget is spent in the order of the borrowers, and
    what it lent is never counted as repaid. Raises InputError for months that do not fit.
    """
    first, last = asking_months
    if not 0 <= first < last <= months:
        raise InputError(
            f"asking from month {first} to {last} of {months}",
            next_step="let people ask within the simulated months",
        )
    if borrowers < 1:  # before there is a folder that would be in the way of the next try
        raise InputError(f"cannot simulate {borrowers} borrowers", next_step="choose 1 or more")
    lake = Lake.create(
        folder, zone=policy.zone.name, currency=policy.currency,
        source=f"simulation ({generator.name}), seed {seed}",
    )  # fmt: skip
    con = facts.connect()
    with tempfile.TemporaryDirectory(prefix="xindeng-economy-") as place:
        made = simulate(
            Path(place), borrowers=borrowers, months=months, seed=seed, economy=generator.people
        )
        truth = pq.read_table(made.truth_path)
        read_life(con, made.events_path, policy.zone)
    begin = made.day - round(months * 365 / 12)
    window = (begin + first * 30, begin + last * 30)
    asked = wishes(truth, policy.zone, window, occasions, seed)
    lived, decided = _live(con, policy, truth, asked, made.day, seed, generator, progress)
    _write(con, lake, lived, decided, policy.zone, upto=policy.zone.midnight(made.day))
    lake.add({TRUTH: truth}, policies={policy.name: policy.hash})
    outcomes.write(lake, policy.zone)
    con.close()
    return lake


def read_life(con: Any, events: Path, zone: Zone) -> None:
    """Make the table `life` of the simulated events, with their sequence and local day and hour."""
    # The file is written borrower by borrower, in order: a place in it less the borrower's first
    # is the sequence, and no sort has to carry a hundred columns.
    con.execute(
        "CREATE TEMP TABLE firsts AS SELECT borrower, min(file_row_number) - 1 AS before"
        f" FROM read_parquet('{events}', file_row_number = true) GROUP BY borrower"
    )
    con.execute(
        "CREATE TABLE life AS SELECT e.* REPLACE (CAST(borrower AS VARCHAR) AS borrower,"
        " CAST(type AS VARCHAR) AS type), e.file_row_number - f.before AS seq"
        f" FROM read_parquet('{events}', file_row_number = true) e JOIN firsts f USING (borrower)"
    )
    con.execute("DROP TABLE firsts")
    # Clocks change at quarters of an hour at the finest, so few instants need the calendar.
    quarters = con.sql(f"SELECT DISTINCT occurred_at // {15 * MINUTE} AS q FROM life").fetchall()
    table = pa.table({
        "q": pa.array([q for (q,) in quarters], pa.int64()),
        "day": pa.array([zone.day(q * 15 * MINUTE) for (q,) in quarters], pa.int32()),
        "hour": pa.array([zone.hour(q * 15 * MINUTE) for (q,) in quarters], pa.int8()),
    })  # fmt: skip
    con.register("quarters", table)
    con.execute("CREATE TABLE clock AS FROM quarters")
    con.unregister("quarters")


def life_types(con: Any) -> list[str]:
    """Return the types of the events in `life`."""
    found = con.execute("SELECT DISTINCT type FROM life ORDER BY type").fetchall()
    return [name for (name,) in found]


def life_of(event_type: str) -> str:
    """Return the relation of one type's simulated events, shaped as in a lake."""
    fields = [*sorted(FIELDS[event_type]), *([NESTED] if nested(event_type) else [])]
    columns = ", ".join(quote(name) for name in [*(name for name, _ in HEAD), *fields])
    return (
        f"(SELECT {columns} FROM life JOIN clock ON q = occurred_at // {15 * MINUTE}"
        f" WHERE type = '{event_type}')"
    )


def _live(
    con: Any, policy: Policy, truth: pa.Table, asked: list[dict[str, Any]], end_day: int,
    seed: int, generator: Generator, progress: Progress,
) -> tuple[list[Any], list[dict[str, Any]]]:  # fmt: skip
    """Let everybody live; return their own events and their decisions (`seq` not yet final)."""
    split, zone = Split(policy, REACTIONS), policy.zone
    plain = _plain(con, split, asked, zone)
    people = {row["borrower"]: row for row in truth.to_pylist()}
    earlier = _earlier(con)
    end, lived, decided = zone.midnight(end_day), [], []
    asking = {name: list(mine) for name, mine in groupby(asked, key=lambda wish: wish["borrower"])}
    by_lot: list[int] = []
    for done, (borrower, person) in enumerate(people.items(), start=1):
        mine = asking.get(borrower, [])
        world = generator.world(person, zone, seed, generator.habits)
        world.by_thief = {_ident(wish) for wish in mine if wish["thief"]}
        for at, payload in earlier.get(borrower, ()):
            world.remember(at, payload)
        rehearsal = Rehearsal(split, borrower)
        asks = _asks(policy, mine, plain, rehearsal, lambda: Spent(owed=sum(by_lot)))
        for ask, decision in rehearsal.live(asks, world, end):
            if was_learnt(policy, ask.request, decision):
                by_lot.append(ask.request.amount)
            decided.append(rows.row(ask.ident, borrower, 0, 0, ask.request, decision))
        lived += rehearsal.events
        progress(done, len(people))
    return lived, decided


def _ident(wish: Mapping[str, Any]) -> str:
    return f"{wish['borrower']}.{wish['now']}"


def _asks(
    policy: Policy, asked: list[dict[str, Any]], plain: Mapping[int, Any], rehearsal: Rehearsal,
    spent: Callable[[], Spent],
) -> Iterator[Ask]:  # fmt: skip
    """Yield the requests that are really made: the next try only after a refusal."""
    pleased = True
    for wish in asked:
        if wish["attempt"] and pleased:
            continue
        request = Request(wish["amount"], wish["months"])
        product = policy.products.of(None, wish["months"]) if policy.products else None
        if product is not None:
            request = priced(policy, request, wish["now"], lambda: Facts(()))
        request = drawn(policy, request, wish["borrower"], wish["now"], spent)
        yield Ask(wish["id"], _ident(wish), wish["now"], request, plain[wish["id"]])
        last = next(e.payload for e in reversed(rehearsal.events) if e.type == "decision")
        pleased = getattr(last, "outcome", "") in ("approve", "approve_less")


def _plain(
    con: Any, split: Split, asked: list[dict[str, Any]], zone: Zone
) -> dict[int, tuple[Any, ...]]:
    """Return the plain features of each wish, from what was known at its instant."""
    sources = {name: life_of(name) for name in life_types(con)}
    facts.load_events(con, sources, event_fields(split.plain))
    given = pa.table({
        "id": pa.array([w["id"] for w in asked], pa.int64()),
        "borrower": pa.array([w["borrower"] for w in asked], pa.string()),
        "now": pa.array([w["now"] for w in asked], pa.int64()),
    })  # fmt: skip
    con.register("wishes", given)
    seqs = con.sql(
        "SELECT w.id, w.borrower, CAST(COALESCE(k.seq, 0) + 1 AS BIGINT) AS seq, w.now"
        " FROM wishes w JOIN people USING (borrower)"
        " ASOF LEFT JOIN known k ON k.who = people.who AND k.instant <= w.now"
    ).to_arrow_table()
    facts.load_requests(con, seqs.cast(facts.REQUESTS), zone)
    facts.make_features(con, split.policy.book, "plain", split.plain)
    found = con.execute("FROM plain").fetchall()
    return {row[0]: row[1:] for row in found}


def _earlier(con: Any) -> dict[str, list[tuple[int, Any]]]:
    """Return, by borrower, the simulated events of types that decisions feed: older loans."""
    found: dict[str, list[tuple[int, Any]]] = {}
    for name in sorted(REACTIONS & set(life_types(con))):
        for row in (
            con.sql(f"SELECT * FROM {life_of(name)} ORDER BY borrower, seq")
            .to_arrow_table()
            .to_pylist()
        ):
            event = event_of(name, row)
            found.setdefault(event.borrower, []).append((event.known_at, event.payload))
    return found


def _write(
    con: Any, lake: Lake, lived: list[Any], decided: list[dict[str, Any]], zone: Zone, *, upto: int
) -> None:
    """Number everybody's events anew in the order in which they became known, and write them."""
    own = tables_of(lived, zone)
    for name, table in own.items():
        con.register(f"own_{name}", table)
    fed = ", ".join(f"'{name}'" for name in sorted(REACTIONS))
    parts = [
        "SELECT borrower, 0 AS side, seq, known_at AS instant, id FROM life"
        f" WHERE type NOT IN ({fed})"
    ]
    parts += [f"SELECT borrower, 1, seq, known_at, id FROM own_{name}" for name in own]
    con.execute(
        "CREATE TABLE final AS SELECT borrower, side, seq, id, row_number() OVER"
        f" (PARTITION BY borrower ORDER BY instant, side, seq) AS new"
        f" FROM ({' UNION ALL '.join(parts)})"
    )
    tables: dict[str, pa.Table] = {}
    for name in life_types(con):
        if name not in REACTIONS:
            tables[events_table(name)] = _numbered(con, life_of(name), 0, name)
    for name in own:
        tables[events_table(name)] = _numbered(con, f"own_{name}", 1, name)
    seqs = dict(con.execute("SELECT id, new FROM final WHERE side = 1").fetchall())
    for row in decided:
        row["seq"] = seqs[row["id"]]
    tables[DECISIONS] = rows.table(sorted(decided, key=lambda row: (row["now"], row["id"])))
    lake.add(tables, upto=upto)


def _numbered(con: Any, relation: str, side: int, event_type: str) -> pa.Table:
    table = con.sql(
        f"SELECT e.* REPLACE (f.new AS seq) FROM {relation} e JOIN final f"
        f" ON f.borrower = e.borrower AND f.side = {side} AND f.seq = e.seq"
        " ORDER BY e.borrower, f.new"
    ).to_arrow_table()
    return table.cast(schema_of(event_type))
