"""A million feature values of a simulated population: DuckDB's against the online kernel's."""

from __future__ import annotations

import msgspec
import pyarrow as pa

from xindeng.features.offline import event_fields
from xindeng.history import facts
from xindeng.history.tables import tables_of
from xindeng.service.policies import load_policy

POLICY = load_policy("consumer_line")


def computed(events, rows):
    con = facts.connect()
    sources = {}
    for name, table in tables_of(events, POLICY.zone).items():
        con.register(f"raw_{name}", table)
        sources[name] = f"raw_{name}"
    facts.load_events(con, sources, event_fields(POLICY.book.base))
    facts.load_requests(con, pa.Table.from_pylist(rows, schema=facts.REQUESTS), POLICY.zone)
    facts.make_features(con, POLICY.book, "found")
    return [row[1:] for row in con.execute("FROM found ORDER BY id").fetchall()]


def differing(found, wanted):
    names = list(POLICY.book.columns)
    return {
        names[place]
        for row, values in zip(found, wanted, strict=True)
        for place, (a, b) in enumerate(zip(row, values, strict=True))
        if type(a) is not type(b) or a != b
    }


def test_a_million_values_are_equal_bit_for_bit(population):
    events, rows, wanted = population
    assert len(rows) * len(POLICY.book.base) >= 1_000_000
    assert differing(computed(events, rows), wanted) == set()


def test_one_changed_amount_is_noticed(population):
    """A single payment of many thousands, one fen off, must show."""
    events, rows, wanted = population
    place = next(n for n, e in enumerate(events) if e.type == "payment" and e.seq > 20)
    other = msgspec.structs.replace(events[place].payload, amount=events[place].payload.amount + 1)
    changed = [*events]
    changed[place] = msgspec.structs.replace(events[place], payload=other)
    assert differing(computed(changed, rows), wanted)
