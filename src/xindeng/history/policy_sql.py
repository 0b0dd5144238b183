"""A whole policy as one query: segment, parameters, definitions and every rule, row by row.

The facts are a relation with the policy's inputs as columns: base features, then context. Rules
come out as words of `WORD` bits, of those that fired and of those whose condition is NULL.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import pyarrow as pa

from xindeng.language import Expression, Given, Kind, Spelled, quote, to_duckdb
from xindeng.language.sql import constant
from xindeng.policy.policy import Policy

WORD: Final = 60
PARAMETERS: Final = "policy_parameters"
_ARROW: Final = {Kind.BIGINT: pa.int64(), Kind.DOUBLE: pa.float64(), Kind.BOOL: pa.bool_(),
                 Kind.TEXT: pa.string()}  # fmt: skip


class PolicySql:
    """The query of one policy for the days and stances that occur.

    `parameters` is the table that the query joins under the name `PARAMETERS`. Raises InputError
    for a day on which the policy has no parameters yet.
    """

    def __init__(self, policy: Policy, days: Iterable[int], stances: Iterable[str]) -> None:
        self.policy = policy
        self.words = -(-len(policy.rules) // WORD)
        keys = [(d, s, g) for d in sorted(set(days)) for s in sorted(set(stances))
                for g in policy.segments]  # fmt: skip
        rows = [policy.parameters(*key) for key in keys]
        names = policy.parameter_names
        self._given: dict[str, Given] = {}
        columns: dict[str, pa.Array] = {
            "p_day": pa.array([key[0] for key in keys], pa.int32()),
            "p_stance": pa.array([key[1] for key in keys], pa.string()),
            "p_segment": pa.array([key[2] for key in keys], pa.string()),
        }
        for place, name in enumerate(names):
            values = [row[place] for row in rows]
            if len(set(values)) == 1:
                self._given[name] = values[0]
                continue
            self._given[name] = Spelled(quote(f"${name}"))
            kind = policy.compiled.parameters[name].kind
            columns[f"${name}"] = pa.array(values, _ARROW[kind])
        self.parameters = pa.table(columns)

    def query(self, facts: str, wanted: Sequence[str] = ()) -> str:
        """Return the query over the relation `facts`: id, segment, masks f0 … and m0 …, and the
        definitions or inputs `wanted`; the day of its parameters is `today`."""
        tables = [
            f"s AS (SELECT * EXCLUDE (segment), {self._segment()} AS segment FROM {facts})",
            f"l0 AS (SELECT s.*, p.* FROM s JOIN {PARAMETERS} p ON p.p_day = s.today"
            " AND p.p_stance = s.stance AND p.p_segment = s.segment)",
        ]
        levels = self._levels()
        for number, level in enumerate(levels, start=1):
            columns = ", ".join(f"{self._sql(e)} AS {quote(name)}" for name, e in level)
            tables.append(f"l{number} AS (SELECT *, {columns} FROM l{number - 1})")
        conditions = ", ".join(
            f"{self._sql(self.policy.compiled.conditions[rule.id])} AS r{k}"
            for k, rule in enumerate(self.policy.rules)
        )
        kept = "".join(f", {quote(name)}" for name in wanted)
        tables.append(f"c AS (SELECT id, segment{kept}, {conditions} FROM l{len(levels)})")
        fired = ", ".join(
            f"{self._word('COALESCE({}, FALSE)', w)} AS f{w}" for w in range(self.words)
        )
        missing = ", ".join(f"{self._word('{} IS NULL', w)} AS m{w}" for w in range(self.words))
        return f"WITH {', '.join(tables)} SELECT id, segment{kept}, {fired}, {missing} FROM c"

    def _sql(self, expression: Expression) -> str:
        return to_duckdb(expression, parameters=self._given)

    def _segment(self) -> str:
        # What a segment may read is shifted by nothing, so its parameters differ by day alone;
        # definitions it rests on are written out, for they are computed only afterwards.
        definitions = dict(self.policy.compiled.definitions)
        days = {name: self._by_day(name) for name in self.policy.parameter_names}

        def spell(name: str) -> str:
            made = definitions.get(name)
            return quote(name) if made is None else to_duckdb(made, spell, days)

        branches = " ".join(
            f"WHEN {to_duckdb(condition, spell, days)} THEN '{name}'"
            for name, condition in self.policy.compiled.segments
        )
        return f"CASE {branches} END"

    def _by_day(self, name: str) -> Given:
        days = sorted(set(self.parameters["p_day"].to_pylist()))
        parameter = self.policy.parameter_spec(name)
        values = {day: parameter.on(day, "neutral", None) for day in days}
        if len(set(values.values())) <= 1:
            return next(iter(values.values()), None)
        cases = " ".join(
            f"WHEN {day} THEN {constant(value, parameter.kind)}" for day, value in values.items()
        )
        return Spelled(f"CASE today {cases} END")

    def _levels(self) -> list[list[tuple[str, Expression]]]:
        """Return the definitions in layers, each resting only on earlier ones."""
        level: dict[str, int] = {}
        layers: list[list[tuple[str, Expression]]] = []
        for name, expression in self.policy.compiled.definitions:
            level[name] = 1 + max(
                (level.get(column, -1) for column in expression.columns), default=-1
            )
            if level[name] == len(layers):
                layers.append([])
            layers[level[name]].append((name, expression))
        return layers

    def _word(self, test: str, word: int) -> str:
        bits = range(word * WORD, min((word + 1) * WORD, len(self.policy.rules)))
        return " + ".join(
            f"CASE WHEN {test.format(f'r{bit}')} THEN CAST({1 << (bit - word * WORD)} AS UBIGINT)"
            " ELSE 0 END"
            for bit in bits
        )


def words_of(mask: int, words: int) -> list[int]:
    """Return a bit mask over rules as words of `WORD` bits, lowest first."""
    return [mask >> (word * WORD) & ((1 << WORD) - 1) for word in range(words)]


def mask_of(words: Sequence[int]) -> int:
    """Return the bit mask that words make."""
    return sum(value << (place * WORD) for place, value in enumerate(words))


def register(con: Any, sql: PolicySql, extra: Mapping[str, pa.Table] | None = None) -> None:
    """Make the tables that a policy's query joins."""
    con.register("given_parameters", sql.parameters)
    con.execute(f"CREATE OR REPLACE TABLE {PARAMETERS} AS FROM given_parameters")
    con.unregister("given_parameters")
    for name, table in (extra or {}).items():
        con.register(name, table)
