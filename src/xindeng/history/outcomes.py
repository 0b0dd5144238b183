"""What became of loans, by declared definitions: first payment default, ever and at months on book.

A loan is judged on the dues and payments told of it, up to the lake's horizon. `dpd` is the number
of days since the due day of the oldest due that was not met. A definition whose performance window
has not ended is `immature` for that loan: it is neither good nor bad, whatever has happened so far.
A loan that an investigation found to be fraud (`loan_finding`) is `fraud` by every definition: it
says nothing about credit, so it is never a credit bad, and its losses are counted apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from xindeng.history import facts
from xindeng.history.lake import OUTCOMES, Lake
from xindeng.kernel.errors import InputError
from xindeng.kernel.time import Zone

LOANS: Final = "loans"
FRAUD: Final = "fraud"
STATES: Final = ("good", "bad", "indeterminate", "immature", FRAUD)
MONTH: Final = 30.4375
"""Days of a month on book."""


@dataclass(frozen=True, slots=True)
class Definition:
    """One definition of bad, from the day of the loan as observation point.

    `kind`: `fpd`, the first instalment is `dpd` days late; `ever`, any was at some time by `mob`
    months on book; `at`, one is at `mob`. Less than that but `grey` days or more late is
    indeterminate, where `grey` is not 0.
    """

    name: str
    kind: str
    dpd: int
    mob: int = 0
    grey: int = 0


DEFINITIONS: Final = (
    Definition("fpd_1", "fpd", 1),
    Definition("fpd_7", "fpd", 7, grey=4),
    Definition("fpd_30", "fpd", 30, grey=15),
    Definition("ever_30_mob_3", "ever", 30, 3, grey=15),
    Definition("ever_30_mob_6", "ever", 30, 6, grey=15),
    Definition("at_90_mob_12", "at", 90, 12, grey=30),
)
"""The definitions that a report gives; the choice of days is the field's custom."""


def definition(name: str) -> Definition:
    """Return a definition by name; raises InputError."""
    for one in DEFINITIONS:
        if one.name == name:
            return one
    raise InputError(
        f"no outcome {name!r}", code="backtest.outcome",
        next_step=f"use one of: {', '.join(one.name for one in DEFINITIONS)}",
    )  # fmt: skip


def load_loans(con: Any, lake: Lake, zone: Zone) -> None:
    """Make the table `loans`, one row a loan that a decision led to, with a state a definition.

    Columns: borrower, loan, decision, amount, months, day, horizon, due, paid, principal_left,
    received (interest and fees), worst_dpd, dpd (at the horizon), found (the kind of fraud, or
    NULL), and one of `STATES` for each definition.
    """
    source = lake.events()
    needed = ("draw_reserved", "disbursement", "instalment_due", "repayment")
    if any(name not in source for name in needed[:2]):
        con.execute(_EMPTY)
        return
    nothing = "(SELECT NULL::VARCHAR AS borrower, NULL::VARCHAR AS loan, 0 AS due_day, 0 AS day,"
    nothing += " 0::BIGINT AS amount, 0::BIGINT AS principal, 0::BIGINT AS seq, '' AS found"
    nothing += " WHERE FALSE)"
    names = {
        name: source.get(name, nothing)
        for name in (*needed, "repayment_reversed", "dues_moved", "loan_finding")
    }
    horizon = zone.day(lake.manifest.upto) - 1
    states = ", ".join(f"{_state(one)} AS {one.name}" for one in DEFINITIONS)
    con.execute(f"CREATE OR REPLACE TABLE {LOANS} AS {_loans(names, horizon, states)}")


_EMPTY: Final = (
    f"CREATE OR REPLACE TABLE {LOANS} AS SELECT NULL::VARCHAR AS borrower, NULL::VARCHAR AS loan,"
    " NULL::VARCHAR AS decision, 0::BIGINT AS amount, 0 AS months, 0 AS day, 0 AS horizon,"
    " 0::BIGINT AS due, 0::BIGINT AS paid, 0::BIGINT AS principal_left, 0::BIGINT AS received,"
    " 0 AS worst_dpd, 0 AS dpd, NULL::VARCHAR AS found, "
    + ", ".join(f"NULL::VARCHAR AS {one.name}" for one in DEFINITIONS)
    + " WHERE FALSE"
)


def write(lake: Lake, zone: Zone) -> int:
    """Put what became of all loans so far into the lake's table `outcomes`; return how many."""
    con = facts.connect()
    load_loans(con, lake, zone)
    table = con.sql(f"FROM {LOANS} ORDER BY borrower, loan").to_arrow_table()
    con.close()
    if table.num_rows or lake.manifest.of(OUTCOMES):
        lake.replace(OUTCOMES, table)
    return int(table.num_rows)


def _loans(names: dict[str, str], horizon: int, states: str) -> str:
    """Return the query: dues in order against money paid in order, the oldest due met first."""
    return f"""
    WITH lent AS (
      SELECT d.borrower, d.draw AS loan, any_value(r.decision_id) AS decision,
        any_value(d.amount) AS amount, any_value(d.term_months) AS months, min(d.day) AS day
      FROM {names["disbursement"]} d JOIN {names["draw_reserved"]} r
        ON r.borrower = d.borrower AND r.draw = d.draw AND r.decision_id IS NOT NULL
      WHERE d.day <= {horizon} GROUP BY d.borrower, d.draw),
    due AS (
      SELECT borrower, loan, due_day, sum(amount) AS amount FROM {names["instalment_due"]}
      WHERE due_day <= {horizon} GROUP BY borrower, loan, due_day),
    money AS (
      SELECT borrower, loan, day, sum(amount) AS amount, sum(principal) AS principal,
        sum(received) AS received FROM (
        SELECT borrower, loan, day, amount, principal, amount - principal AS received
        FROM {names["repayment"]}
        UNION ALL SELECT borrower, loan, day, -amount, -principal, principal - amount
        FROM {names["repayment_reversed"]}
        UNION ALL SELECT borrower, loan, day, amount, 0, 0 FROM {names["dues_moved"]})
      WHERE day <= {horizon} GROUP BY borrower, loan, day),
    owed AS (
      SELECT *, sum(amount) OVER w AS upto, row_number() OVER w AS number FROM due
      WINDOW w AS (PARTITION BY borrower, loan ORDER BY due_day ROWS UNBOUNDED PRECEDING)),
    -- What was met once and taken back again was not met: the least that is ever left afterwards.
    met AS (
      SELECT *, min(running) OVER (PARTITION BY borrower, loan ORDER BY day DESC
        ROWS UNBOUNDED PRECEDING) AS lasting
      FROM (SELECT *, sum(amount) OVER (PARTITION BY borrower, loan ORDER BY day
        ROWS UNBOUNDED PRECEDING) AS running FROM money)),
    steps AS (
      SELECT borrower, loan, lasting, min(day) AS day FROM met GROUP BY borrower, loan, lasting),
    each AS (
      SELECT o.*, m.day AS met_day, COALESCE(m.day, {horizon} + 1) - o.due_day AS late
      FROM owed o ASOF LEFT JOIN steps m
        ON m.borrower = o.borrower AND m.loan = o.loan AND m.lasting >= o.upto),
    lateness AS (
      SELECT l.*, e.number, e.due_day, e.late, e.met_day, e.amount AS asked FROM lent l
      LEFT JOIN each e ON e.borrower = l.borrower AND e.loan = l.loan),
    judged AS (
      SELECT borrower, loan, any_value(decision) AS decision, any_value(amount) AS amount,
        any_value(months) AS months, any_value(day) AS day, {horizon} AS horizon,
        COALESCE(sum(asked), 0) AS due,
        GREATEST(COALESCE(max(LEAST(late, {horizon} - due_day)), 0), 0) AS worst_dpd,
        GREATEST(COALESCE(max({horizon} - due_day) FILTER (met_day IS NULL), 0), 0) AS dpd,
        {_measures()}
      FROM lateness GROUP BY borrower, loan)
    SELECT j.* EXCLUDE ({_measured()}), COALESCE(p.paid, 0) AS paid,
      CAST(j.amount - COALESCE(p.principal, 0) AS BIGINT) AS principal_left,
      CAST(COALESCE(p.received, 0) AS BIGINT) AS received,
      NULLIF(f.found, 'credit') AS found, {states}
    FROM judged j LEFT JOIN (SELECT borrower, loan, sum(amount) AS paid,
      sum(principal) AS principal, sum(received) AS received
      FROM money GROUP BY borrower, loan) p USING (borrower, loan)
    LEFT JOIN (SELECT borrower, loan, arg_max(found, seq) AS found FROM {names["loan_finding"]}
      WHERE day <= {horizon} GROUP BY borrower, loan) f USING (borrower, loan)"""


def _window(one: Definition) -> int:
    return round(one.mob * MONTH)


def _measures() -> str:
    """Return, for each definition, the days late that count and the end of its window."""
    found = []
    for one in DEFINITIONS:
        if one.kind == "fpd":
            found.append(f"max(late) FILTER (number = 1) AS l_{one.name}")
            found.append(f"max(due_day) FILTER (number = 1) + {one.dpd} AS e_{one.name}")
            continue
        end = f"(day + {_window(one)})"
        within = f"LEAST(late, {end} - due_day)"
        open_then = f" FILTER (met_day IS NULL OR met_day > {end})" if one.kind == "at" else ""
        found.append(f"max({within}){open_then} AS l_{one.name}")
        found.append(f"any_value({end}) AS e_{one.name}")
    return ", ".join(found)


def _measured() -> str:
    return ", ".join(f"{letter}_{one.name}" for one in DEFINITIONS for letter in "le")


def _state(one: Definition) -> str:
    late, end = f"COALESCE(l_{one.name}, 0)", f"e_{one.name}"
    grey = f" WHEN {late} >= {one.grey} THEN 'indeterminate'" if one.grey else ""
    return (
        f"CASE WHEN f.found <> 'credit' THEN '{FRAUD}'"
        f" WHEN {end} IS NULL OR {end} > horizon THEN 'immature'"
        f" WHEN {late} >= {one.dpd} THEN 'bad'{grey} ELSE 'good' END"
    )
