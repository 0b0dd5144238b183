"""robust_z: the newest event scored against those before it, for whatever had arrived.

Events that pass are numbered by (occurred_at, seq). Of the m that a decision sees, the newest has
a number of at least m; between them lie only as many events that had not arrived as the two
differ. So the newest `over` + 1 are found among the numbers from m − over on, late events or not.
"""

from __future__ import annotations

from collections.abc import Callable

from xindeng.features.algebra import RING_MINIMUM, Feature
from xindeng.features.offline.parts import Parts, inside, value_of

_BUCKETS = (
    "CASE WHEN {v} = 0 THEN 0 ELSE (CASE WHEN {v} < 0 THEN -1 ELSE 1 END) * (8 * {octave}"
    " + (((ABS({v}) * 8) >> CAST({octave} AS INT)) & 7) + 1) END"
)


def ring(parts: Parts, feature: Feature, total: Callable[[str, str], str]) -> None:
    """Add the tables of one robust_z; `total` adds a running column and returns its name."""
    value = value_of(feature)
    known = f"({parts.holds(feature)} AND {value} IS NOT NULL)"
    number = (
        f"CASE WHEN {known} THEN row_number() OVER (PARTITION BY who, {known} ORDER BY pos) END"
    )
    count, top = total("count", number), total("max", number)
    place = sum(1 for one in parts.features[: parts.features.index(feature)] if one.over)
    numbered = parts.add(
        f"q{place}",
        f"SELECT who, seq, occurred_at, day, {value} AS v, row_number() OVER"
        f" (PARTITION BY who ORDER BY pos) AS q FROM {parts.base} WHERE {known}",
    )
    sp = parts.spelling
    each = sp.count_up(f"GREATEST({count} - {feature.over}, 1)", top)
    wanted = parts.add(
        f"p{place}",
        f"SELECT id, who, seq, {each} AS q FROM a_{parts.event} WHERE {count} > {RING_MINIMUM}",
    )
    octave = "(length(bin(ABS(q.v))) - 1)"
    bucket = _BUCKETS.format(v="q.v", octave=octave)
    table = parts.add(
        f"z{place}",
        f"""SELECT id, occurred_at, day, CASE WHEN mad <> 0 THEN
            CAST(6745 * (newest - middle) AS DOUBLE) / CAST(10000 * mad AS DOUBLE) END AS z
        FROM (SELECT *, {sp.middle(sp.each("before", "b", "ABS(b - middle)"))} AS mad
          FROM (SELECT *, {sp.middle("before")} AS middle
            FROM (SELECT id, occurred_at, day, {sp.newest("held")} AS newest,
                {sp.others("held", feature.over + 1)} AS before
              FROM (SELECT p.id, {sp.latest(f"CAST({bucket} AS BIGINT)", "q.q")} AS held,
                    max(q.occurred_at) AS occurred_at, max(q.day) AS day
                FROM {wanted} p JOIN {numbered} q ON q.who = p.who AND q.q = p.q AND q.seq < p.seq
                GROUP BY p.id))))""",
        joined=True,
    )
    parts.values[feature.name] = (
        f"CASE WHEN {inside(feature.window, f'{table}.', 'r.')} THEN {table}.z END"
    )
