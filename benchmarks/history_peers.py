"""The peers of the history benchmark: the same twelve features as others would write them."""

from __future__ import annotations

from typing import Any

DAY_SUMS: dict[str, tuple[str, str, str, int]] = {
    "income_35d": ("payment", "i", "amount", 35), "income_90d": ("payment", "i", "amount", 90),
    "inflow_180d": ("payment", "p", "amount", 180), "inflow_count_180d": ("payment", "p", "1", 180),
    "outflow_7d": ("payment", "o", "amount", 7), "outflow_90d": ("payment", "o", "amount", 90),
    "spending_90d": ("payment", "s", "amount", 90),
    "purchases_90d": ("purchase", "u", "amount", 90),
    "hard_inquiries_90d": ("credit_inquiry", "h", "1", 90),
}  # fmt: skip
"""Feature → event type, the condition's letter below, what is summed, days."""
WHERE = {
    "i": "direction = 'in' AND category IN ('salary', 'other_income')",
    "p": "direction = 'in'",
    "o": "direction = 'out' AND category NOT IN ('self_transfer', 'investment')",
    "s": "direction = 'out' AND category NOT IN ('self_transfer', 'investment', 'loan_repayment',"
    " 'card_repayment', 'refund')",
    "u": "settled",
    "h": "reason IN ('loan_approval', 'card_approval', 'guarantee_check')",
    "f": "NOT success",
    "t": "category IN ('transfer', 'unknown')",
}
_HOURS = 24 * 3_600_000_000


def window_frames(con: Any) -> None:
    """Make `window_found`: events and decisions in one table, a RANGE frame a feature."""
    parts = {
        "payment": [n for n, s in DAY_SUMS.items() if s[0] == "payment"] + ["counterparties_90d"],
        "purchase": ["purchases_90d", "merchants_90d"],
        "credit_inquiry": ["hard_inquiries_90d"],
    }
    made = []
    for event, names in parts.items():
        columns = ", ".join(f"{_frame(name)} AS {name}" for name in names)
        made.append(
            f"SELECT id, {columns} FROM (SELECT NULL AS id, e.* FROM events_{event} e"
            " UNION ALL BY NAME SELECT id, who, today AS day, seq FROM requests) e"
            " QUALIFY id IS NOT NULL"
        )
    made.append(
        f"SELECT id, COALESCE(sum(CASE WHEN {WHERE['f']} THEN 1 ELSE 0 END) OVER (PARTITION BY who"
        f" ORDER BY occurred_at RANGE BETWEEN {_HOURS - 1} PRECEDING AND CURRENT ROW), 0)"
        " AS failed_logins_24h FROM (SELECT NULL AS id, e.* FROM events_login e"
        " UNION ALL BY NAME SELECT id, who, now AS occurred_at FROM requests) e"
        " QUALIFY id IS NOT NULL"
    )
    tables = " JOIN ".join(
        f"({sql}) t{n}" + (" USING (id)" if n else "") for n, sql in enumerate(made)
    )
    con.execute(f"CREATE OR REPLACE TABLE window_found AS SELECT * FROM {tables}")


def _frame(name: str) -> str:
    if name in DAY_SUMS:
        _, letter, value, days = DAY_SUMS[name]
        inner = f"sum(CASE WHEN {WHERE[letter]} THEN {value} ELSE 0 END)"
    else:
        days = 90
        merchant = name == "merchants_90d"
        column, letter = ("merchant", "u") if merchant else ("counterparty", "t")
        inner = f"count(DISTINCT CASE WHEN {WHERE[letter]} THEN {column} END)"
    return (
        f"{inner} OVER (PARTITION BY who ORDER BY day RANGE BETWEEN {days} PRECEDING AND"
        " CURRENT ROW)"
    )


def polars_join(con: Any) -> None:
    """Make `polars_found`: a join on the borrower, filtered, then sums by condition."""
    import polars as pl

    ask = pl.from_arrow(
        con.sql("SELECT id, who, seq AS dseq, now, today FROM requests").to_arrow_table()
    )
    assert isinstance(ask, pl.DataFrame)
    frames = []
    plans: list[tuple[str, str, int]] = [
        ("payment", "direction, category, amount, counterparty", 180),
        ("purchase", "settled, amount, merchant", 90), ("credit_inquiry", "reason", 90),
        ("login", "success, occurred_at", 2),
    ]  # fmt: skip
    for event, fields, days in plans:
        table = con.sql(f"SELECT who, seq, day, {fields} FROM events_{event}").to_arrow_table()
        events = pl.from_arrow(table)
        assert isinstance(events, pl.DataFrame)
        pairs = (
            ask.lazy()
            .join(events.lazy(), on="who")
            .filter(pl.col("seq") < pl.col("dseq"), pl.col("day") >= pl.col("today") - days)
        )
        frames.append(pairs.group_by("id").agg(_sums(pl, event)).collect())
    found = ask.select("id")
    for frame in frames:
        found = found.join(frame, on="id", how="left")
    con.register("polars_result", found.to_arrow())
    con.execute("CREATE OR REPLACE TABLE polars_found AS FROM polars_result")
    con.unregister("polars_result")


def _sums(pl: Any, event: str) -> list[Any]:
    condition = {letter: pl.sql_expr(text) for letter, text in WHERE.items()}
    found = []
    for name, (of, letter, value, days) in DAY_SUMS.items():
        if of == event:
            inside = condition[letter] & (pl.col("day") >= pl.col("today") - days)
            summed = inside if value == "1" else pl.when(inside).then(pl.col(value)).otherwise(0)
            found.append(summed.sum().cast(pl.Int64).alias(name))
    if event == "login":
        inside = condition["f"] & (pl.col("occurred_at") > pl.col("now") - _HOURS)
        found.append(inside.sum().cast(pl.Int64).alias("failed_logins_24h"))
    distinct = (("purchase", "merchant", "u", "merchants_90d"),
                ("payment", "counterparty", "t", "counterparties_90d"))  # fmt: skip
    for of, column, letter, name in distinct:
        if of == event:
            inside = condition[letter] & (pl.col("day") >= pl.col("today") - 90)
            found.append(pl.col(column).filter(inside).drop_nulls().n_unique().alias(name))
    return found
