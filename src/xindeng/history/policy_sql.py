"""A whole policy as one query: segment, parameters, definitions and every rule, row by row.

The facts are a relation with the policy's inputs as columns: base features, then context. Rules
come out as words of `WORD` bits, of those that fired and of those whose condition is NULL.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Final

from xindeng.language import DUCKDB, Dialect, Expression, Given, Kind, Spelled, Value, quote, to_sql
from xindeng.language.nulls import nullable
from xindeng.language.sql import constant
from xindeng.policy.policy import Policy

WORD: Final = 60


class PolicySql:
    """The query of one policy for the days and stances that occur.

    A parameter that is the same throughout stands as a constant, any other as a column worked out
    from day, stance and segment. Raises InputError for a day on which the policy has no parameters
    yet.
    """

    def __init__(
        self,
        policy: Policy,
        days: Iterable[int],
        stances: Iterable[str],
        dialect: Dialect = DUCKDB,
    ) -> None:
        self.policy, self.dialect = policy, dialect
        self.words = -(-len(policy.rules) // WORD)
        self._days = sorted(set(days))
        keys = [(s, g) for s in sorted(set(stances)) for g in policy.segments]
        rows = {key: [policy.parameters(day, *key) for day in self._days] for key in keys}
        self._given: dict[str, Given] = {}
        self._varying: dict[str, str] = {}
        for place, name in enumerate(policy.parameter_names):
            series = {key: [row[place] for row in found] for key, found in rows.items()}
            first = next((values[0] for values in series.values() if values), None)
            if all(value == first for values in series.values() for value in values):
                self._given[name] = first
                continue
            self._given[name] = Spelled(quote(f"${name}"))
            kind = policy.compiled.parameters[name].kind
            self._varying[name] = self._case(series, kind)

    def _case(self, series: Mapping[tuple[str, str], Sequence[Value]], kind: Kind) -> str:
        """Return the value of a parameter by stance, segment and runs of days."""
        runs: list[tuple[Value, str]] = []
        for (stance, segment), values in series.items():
            for value, group in groupby(enumerate(values), key=lambda pair: pair[1]):
                places = [place for place, _ in group]
                low, high = self._days[places[0]], self._days[places[-1]]
                runs.append((value, f"stance = '{stance}' AND segment = '{segment}'"
                             f" AND today BETWEEN {low} AND {high}"))  # fmt: skip
        most = Counter(value for value, _ in runs).most_common(1)[0][0]
        branches = "".join(
            f" WHEN {condition} THEN {self._constant(value, kind)}"
            for value, condition in runs
            if value != most
        )
        return f"CASE{branches} ELSE {self._constant(most, kind)} END"

    def query(self, facts: str, wanted: Sequence[str] = ()) -> str:
        """Return the query over the relation `facts`: id, segment, `least` (the smallest draw),
        masks f0 … and m0 …, and the definitions or inputs `wanted`; `today` is the day of its
        parameters."""
        given = "".join(f", {sql} AS {quote(f'${name}')}" for name, sql in self._varying.items())
        tables = [
            f"s AS (SELECT * {self.dialect.without} (segment), {self._segment()} AS segment"
            f" FROM {facts})",
            f"l0 AS (SELECT *{given} FROM s)",
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
        least = self._least()
        tables.append(
            f"c AS (SELECT id, segment, {least} AS least{kept}, {conditions} FROM l{len(levels)})"
        )
        # A condition that is NULL falls to ELSE, as one that is FALSE does.
        fired = ", ".join(
            f"{self._word('{}', w, self._bits(w))} AS f{w}" for w in range(self.words)
        )
        missing = ", ".join(
            f"{self._word('{} IS NULL', w, self._nullable(w))} AS m{w}" for w in range(self.words)
        )
        return (
            f"WITH {', '.join(tables)} SELECT id, segment, least{kept}, {fired}, {missing} FROM c"
        )

    def _sql(self, expression: Expression) -> str:
        return to_sql(expression, parameters=self._given, dialect=self.dialect)

    def _constant(self, value: Value, kind: Kind) -> str:
        return constant(value, kind, self.dialect)

    def _least(self) -> str:
        """Return the smallest draw, 1 where the policy names none."""
        given = self._given.get("min_draw", 1)
        return given.sql if isinstance(given, Spelled) else self._constant(given, Kind.BIGINT)

    def _segment(self) -> str:
        # What a segment may read is shifted by nothing, so its parameters differ by day alone;
        # definitions it rests on are written out, for they are computed only afterwards.
        definitions = dict(self.policy.compiled.definitions)
        days = {name: self._by_day(name) for name in self.policy.parameter_names}

        def spell(name: str) -> str:
            made = definitions.get(name)
            return quote(name) if made is None else to_sql(made, spell, days, self.dialect)

        branches = " ".join(
            f"WHEN {to_sql(condition, spell, days, self.dialect)} THEN '{name}'"
            for name, condition in self.policy.compiled.segments
        )
        return f"CASE {branches} END"

    def _by_day(self, name: str) -> Given:
        parameter = self.policy.parameter_spec(name)
        values = {day: parameter.on(day, "neutral", None) for day in self._days}
        if len(set(values.values())) <= 1:
            return next(iter(values.values()), None)
        cases = " ".join(
            f"WHEN {day} THEN {self._constant(value, parameter.kind)}"
            for day, value in values.items()
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

    def _bits(self, word: int) -> list[int]:
        return list(range(word * WORD, min((word + 1) * WORD, len(self.policy.rules))))

    def _nullable(self, word: int) -> list[int]:
        """Return the rules of a word whose condition may be NULL; of the others none ever is."""
        conditions, rules = self.policy.compiled.conditions, self.policy.rules
        return [bit for bit in self._bits(word) if nullable(conditions[rules[bit].id].tree)]

    def _word(self, test: str, word: int, bits: Sequence[int]) -> str:
        parts = [
            f"CASE WHEN {test.format(f'r{bit}')} THEN CAST({1 << (bit - word * WORD)} AS BIGINT)"
            " ELSE 0 END"
            for bit in bits
        ]
        return " + ".join(parts) or "CAST(0 AS BIGINT)"


def words_of(mask: int, words: int) -> list[int]:
    """Return a bit mask over rules as words of `WORD` bits, lowest first."""
    return [mask >> (word * WORD) & ((1 << WORD) - 1) for word in range(words)]


def mask_of(words: Sequence[int]) -> int:
    """Return the bit mask that words make."""
    return sum(value << (place * WORD) for place, value in enumerate(words))
