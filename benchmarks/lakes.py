"""Lakes to measure on: a simulated life with requests spread over half a year, and a skewed one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from xindeng.features.offline import event_fields
from xindeng.history import decisions as rows
from xindeng.history import facts
from xindeng.history.lake import DECISIONS, Lake, events_table
from xindeng.history.tables import schema_of
from xindeng.lab.economy import life_of, life_types, read_life
from xindeng.lab.simulate import simulate
from xindeng.policy.policy import Policy

REQUESTS_EACH = 13
TWELVE = (
    "income_35d", "income_90d", "inflow_180d", "inflow_count_180d", "outflow_7d", "outflow_90d",
    "spending_90d", "purchases_90d", "merchants_90d", "counterparties_90d", "failed_logins_24h",
    "hard_inquiries_90d",
)  # fmt: skip
"""Twelve windowed features of the reference book: sums, counts, two distinct counts, hours."""


def simulated(folder: Path, policy: Policy, borrowers: int, seed: int = 7) -> Lake:
    """Write a lake of `borrowers` × 12 months with 13 requests each that the record refused."""
    made = simulate(folder / "raw", borrowers=borrowers, seed=seed)
    con = facts.connect()
    read_life(con, made.events_path, policy.zone)
    lake = Lake.create(
        folder / "lake", zone=policy.zone.name, currency=policy.currency, source="simulation"
    )
    tables = {
        events_table(name): con.sql(f"FROM {life_of(name)} ORDER BY borrower, seq")
        .to_arrow_table()
        .cast(schema_of(name))
        for name in life_types(con)
    }
    tables[DECISIONS] = _requests(con, seed)
    lake.add(tables, upto=policy.zone.midnight(made.day))
    con.close()
    return lake


def _requests(con: Any, seed: int) -> pa.Table:
    """Return requests at random instants of the last half year, seen behind what was known then."""
    con.execute(
        "CREATE TABLE told AS SELECT borrower, seq, max(GREATEST(known_at, occurred_at)) OVER"
        " (PARTITION BY borrower ORDER BY seq ROWS UNBOUNDED PRECEDING) AS instant FROM life"
    )
    con.execute(f"SELECT setseed({seed / 100})")
    con.execute(
        "CREATE TABLE wishes AS SELECT borrower, k, CAST(upto - random() * 180 * 86400000000.0 AS"
        f" BIGINT) AS now FROM (SELECT borrower, max(instant) AS upto FROM told GROUP BY borrower),"
        f" range({REQUESTS_EACH}) r(k)"
    )
    found = con.sql(
        "SELECT w.borrower, w.borrower || '.' || w.k AS id, COALESCE(t.seq, 0) + 1 AS seq, w.now"
        " FROM wishes w ASOF LEFT JOIN told t ON t.borrower = w.borrower AND t.instant <= w.now"
        " ORDER BY w.now"
    ).to_arrow_table()
    dice, count = np.random.default_rng(seed), found.num_rows
    columns: dict[str, pa.Array] = {}
    for field in rows.SCHEMA:
        columns[field.name] = pa.nulls(count, field.type)
    for name, value in _RESTING.items():
        columns[name] = pa.array([value] * count, rows.SCHEMA.field(name).type)
    for name in found.column_names:
        columns[name] = found[name].combine_chunks().cast(rows.SCHEMA.field(name).type)
    amounts = dice.integers(2, 60, count) * 50_000
    columns["request_amount"] = pa.array(amounts, pa.int64())
    columns["request_instalment"] = pa.array(amounts // 11, pa.int64())
    return pa.table(columns, schema=rows.SCHEMA)


_RESTING: dict[str, Any] = {
    "policy_hash": "", "semantics": 1, "currency": "CNY", "outcome": "decline", "counted": False,
    "fired": "0", "missing": "0", "lights": "{}", "reasons": "", "platform_seq": 0,
    "request_term_months": 12, "request_purpose": "consumption", "request_rate_bp": 1460,
    "request_after_hold": False, "block_hold": False, "security_hold": False, "own_lock": False,
    "overdue_hold": False, "maintenance": False, "model_available": True, "hour_of_day": 12,
    "bureau_available": True, "funder_available": True, "stance": "neutral", "segment": "seasoned",
}  # fmt: skip


def skewed(con: Any, policy: Policy, borrowers: int, events: int, requests: int) -> None:
    """Load `borrowers` with `events` each, ten minutes apart, and `requests` each, at random."""
    names = ("payment", "purchase", "login", "credit_inquiry")
    con.execute("SELECT setseed(0.5)")
    con.execute(
        f"""CREATE OR REPLACE TABLE many AS SELECT 'b' || (i % {borrowers}) AS borrower,
          i // {borrowers} + 1 AS seq, (i // {borrowers}) * 600000000 + 1735660800000000 AS instant,
          random() AS kind, random() AS a, random() AS b
        FROM range({borrowers * events}) t(i)"""
    )
    shares = {"payment": (0, 0.4), "purchase": (0.4, 0.75), "login": (0.75, 0.95),
              "credit_inquiry": (0.95, 1.0)}  # fmt: skip
    con.execute("CREATE OR REPLACE VIEW raw AS " + _raw("*"))
    bodies = {
        "payment": "CASE WHEN a < 0.3 THEN 'in' ELSE 'out' END AS direction,"
        " ['salary', 'transfer', 'dining', 'rent', 'unknown'][CAST(a * 50 AS INT) % 5 + 1] AS"
        " category, CAST(b * 100000 AS BIGINT) + 1 AS amount,"
        " 'party' || CAST(a * 4000 AS INT) AS counterparty",
        "purchase": "CAST(b * 100000 AS BIGINT) + 1 AS amount, b < 0.97 AS settled,"
        " 'shop' || CAST(a * 4000 AS INT) AS merchant",
        "login": "a > 0.05 AS success",
        "credit_inquiry": "'loan_approval' AS reason",
    }
    sources = {
        name: f"(SELECT borrower, seq, occurred_at, known_at, day, hour, {bodies[name]} FROM raw"
        f" WHERE kind >= {shares[name][0]} AND kind < {shares[name][1]})"
        for name in names
    }
    facts.load_events(con, sources, event_fields(twelve(policy)))
    given = con.sql(
        f"SELECT row_number() OVER () AS id, borrower, seq, instant AS now FROM many"
        f" WHERE hash(seq, borrower) % {events} < {requests}"
    ).to_arrow_table()
    facts.load_requests(con, given.cast(facts.REQUESTS), policy.zone)


def _raw(columns: str) -> str:
    return (
        f"SELECT {columns}, instant AS occurred_at, instant AS known_at,"
        " CAST((instant + 28800000000) // 86400000000 AS INTEGER) AS day,"
        " CAST((instant + 28800000000) % 86400000000 // 3600000000 AS TINYINT) AS hour FROM many"
    )


def twelve(policy: Policy) -> list[Any]:
    """Return the twelve features."""
    return [feature for feature in policy.book.base if feature.name in TWELVE]
