"""A policy over recorded facts: one query for all, `decide()` for what it leaves open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from xindeng.decision.board import board_of
from xindeng.decision.decide import decide
from xindeng.decision.facts import Facts, PlatformState
from xindeng.history.asked import ASKED, HoldHistory
from xindeng.history.decisions import request_of
from xindeng.history.engines import DuckDb, Engine
from xindeng.history.policy_sql import PolicySql, words_of
from xindeng.history.verdicts import outcome_sql
from xindeng.kernel.errors import InputError
from xindeng.language import DUCKDB, Dialect, quote
from xindeng.policy.policy import Policy

Progress = Callable[[int, int], None]
_SHOWN = ("score", "score_band", "available", "limit_shown", "exposure")


@dataclass(frozen=True, slots=True)
class Judged:
    """One policy over a range: the table of answers (by `id`), and how many `decide()` gave."""

    answers: pa.Table
    words: int
    asked_one_by_one: int


def judge(
    con: Any,
    policy: Policy,
    facts: str,
    holds: HoldHistory,
    *,
    engine: Engine | None = None,
    one_by_one: bool = False,
    progress: Progress = lambda done, total: None,
) -> Judged:
    """Answer every row of the table `facts` under a policy; the columns are those of `answers`:

    id, segment, f0 …, m0 … (words of the masks), score and band where the policy has them,
    outcome, amount_offered. The query is asked of the `engine`, of the connection unless given;
    with `one_by_one` every row is put to `decide()`. Raises InputError for a day before the
    policy's first parameters.
    """
    engine = engine or DuckDb(con)
    query, words = judging(
        con, policy, facts, one_by_one=one_by_one, dialect=engine.dialect
    )  # fmt: skip
    answers = engine.answers(query)
    return _settled(con, policy, facts, holds, answers, words, progress)


def judging(
    con: Any, policy: Policy, facts: str, *, one_by_one: bool = False, dialect: Dialect = DUCKDB
) -> tuple[str, int]:
    """Return the query that answers every row of `facts`, and the number of words of a mask.

    Its outcome is NULL where it is left to `decide()`: everywhere, if `one_by_one`.
    """
    days = [row[0] for row in con.execute(f"SELECT DISTINCT today FROM {facts}").fetchall()]
    stances = [row[0] for row in con.execute(f"SELECT DISTINCT stance FROM {facts}").fetchall()]
    sql = PolicySql(policy, days, stances, dialect)
    names = {*policy.inputs, *policy.definitions}
    shown = [name for name in _SHOWN if name in names]
    consents = [policy.inputs[gate.consent_at] for gate in board_of(policy).gates]
    context = ["request_amount", "maintenance", "model_available", "bureau_available", "stance",
               "ended", "cleared", "learning", *consents]  # fmt: skip
    masks = ", ".join(f"f{w}, m{w}" for w in range(sql.words))
    outcome = "CAST(NULL AS STRING)" if one_by_one else outcome_sql(policy)
    kept = "".join(f", {quote(name)}" for name in shown)
    query = sql.query(facts, [*shown, *context])
    return (
        f"SELECT id, segment, request_amount, {masks}{kept}, {outcome} AS outcome FROM ({query})",
        sql.words,
    )


def _settled(
    con: Any, policy: Policy, facts: str, holds: HoldHistory, answers: pa.Table, words: int,
    progress: Progress,
) -> Judged:  # fmt: skip
    """Fill in what the query left open."""
    con.register("answers", answers)
    inputs = ", ".join(f"f.{quote(name)} AS {quote('in ' + name)}" for name in policy.inputs)
    open_rows = con.sql(
        f"SELECT a.*, {inputs} FROM {facts} f SEMI JOIN (FROM answers WHERE outcome IS NULL)"
        f" USING (id) JOIN {ASKED} a ON a.row = f.id ORDER BY f.id"
    ).to_arrow_table()
    con.unregister("answers")
    outcome, offered = answers["outcome"].to_pylist(), answers["request_amount"].to_pylist()
    masks = {f"{k}{w}": answers[f"{k}{w}"].to_pylist() for k in "fm" for w in range(words)}
    place = {ident: n for n, ident in enumerate(answers["id"].to_pylist())}
    base = [f"in {name}" for name in policy.book.columns]
    done = 0
    for batch in open_rows.to_batches(max_chunksize=4096):
        for row in batch.to_pylist():
            at = place[row["row"]]
            found = _decided(policy, row, base, holds)
            if found is None:
                outcome[at], offered[at] = "too_small", None
                continue
            outcome[at], offered[at] = found.outcome.value, found.amount_offered
            for kind, mask in (("f", found.fired), ("m", found.missing)):
                for word, value in enumerate(words_of(mask, words)):
                    masks[f"{kind}{word}"][at] = value
        done += batch.num_rows
        progress(done, open_rows.num_rows)
    given = {"approve", "approve_less"}
    amounts = [a if o in given else None for o, a in zip(outcome, offered, strict=True)]
    for name, values in masks.items():
        answers = _with(answers, name, pa.array(values, pa.uint64()))
    answers = _with(answers, "outcome", pa.array(outcome, pa.string()))
    answers = answers.append_column("amount_offered", pa.array(amounts, pa.int64()))
    return Judged(answers, words, open_rows.num_rows)


def _decided(policy: Policy, row: dict[str, Any], base: list[str], holds: HoldHistory) -> Any:
    """Return `decide()` of one recorded request, None where the policy does not lend so little."""
    standing, ended = holds.before(row["borrower"], row["seq"])
    stance = {"all": (row["stance"], row["stance_review_day"])}
    platform = PlatformState(
        maintenance=row["maintenance"], model_available=row["model_available"],
        bureau_available=row["bureau_available"], funder_available=row["funder_available"],
        until=row["platform_until"], stance=stance,
    )  # fmt: skip
    facts = Facts([row[name] for name in base], standing, platform, ended)
    try:
        return decide(policy, facts, request_of(row), row["now"])
    except InputError as error:
        if error.code != "request.too_small":
            raise
        return None


def _with(table: pa.Table, name: str, column: pa.Array) -> pa.Table:
    return table.set_column(table.column_names.index(name), name, column)
