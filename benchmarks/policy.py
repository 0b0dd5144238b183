"""60 rules of the reference policy with full trace, against two public engines, in one run."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence

from benchmarks.facts import population
from benchmarks.peers import Cel, Row, Zen, cel_engine, translatable, zen_engine
from benchmarks.report import Figure, finish, versions
from xindeng.decision.decide import decide
from xindeng.decision.facts import Facts
from xindeng.decision.request import Request
from xindeng.language import Expression, Value, compile_program
from xindeng.policy.policy import Policy
from xindeng.service.policies import load_policy

RULES = 60


def run(*, quick: bool = False) -> int:
    """Measure; `quick` takes fewer rows and rounds."""
    policy = load_policy("consumer_line")
    rounds, borrowers = (15, 100) if quick else (60, 300)
    chosen, rows, given = _setting(policy, borrowers)
    names = sorted(set().union(*(expression.columns for _, expression in chosen)))
    parameters = sorted(set().union(*(expression.parameters for _, expression in chosen)))
    ours = compile_program(inputs=names, parameters=parameters, conditions=chosen)
    constants = tuple(given[name] for name in parameters)
    vectors = [tuple(row[name] for name in names) for row in rows]
    texts = [expression for _, expression in chosen]
    zen = zen_engine([Zen(given).text(one) for one in texts])
    cel = cel_engine([Cel(given).text(one) for one in texts])

    def trace(vector: Sequence[Value]) -> tuple[list[str], list[str], Sequence[Value]]:
        _, fired, missing = ours.run(vector, constants)
        return _named(fired, ours.conditions), _named(missing, ours.conditions), vector

    agreement = _agreement(ours.run, constants, vectors, rows, [zen, cel])
    runs: list[Callable[[], object]] = [
        lambda: [trace(vector) for vector in vectors],
        lambda: [zen.raw(row) for row in rows],  # type: ignore[attr-defined]
        lambda: [cel.raw(row) for row in rows],  # type: ignore[attr-defined]
    ]
    times = _interleaved(runs, rounds, len(rows))
    mine, theirs_zen, theirs_cel = (statistics.median(series) for series in times)
    ratio_zen = statistics.median(z / o for o, z in zip(times[0], times[1], strict=True))
    ratio_cel = statistics.median(c / o for o, c in zip(times[0], times[2], strict=True))
    return finish(
        "policy",
        [
            Figure("ratio_vs_zen", ratio_zen, "times", ">=10"),
            Figure("ratio_vs_cel", ratio_cel, "times", ">=10"),
            Figure("agreement", agreement, "share", "==1"),
            Figure("xindeng_us", mine, "us"),
            Figure("zen_us", theirs_zen, "us"),
            Figure("cel_us", theirs_cel, "us"),
        ],
        rules=len(chosen),
        columns=len(names),
        rows=len(rows),
        rounds=rounds,
        nulls=round(sum(v.count(None) for v in vectors) / sum(map(len, vectors)), 3),
        hits_a_row=round(sum(_hits(ours.run, v, constants) for v in vectors) / len(vectors), 2),
        ours="each rule TRUE, FALSE or NULL: ids that fired, ids without data, the inputs used",
        zen="expression node, ZenDecisionContent through a loader, dict in, dict out, no trace",
        cel="60 programs compiled once, one shared Context a row, only hits, no trace",
        peers=versions("zen-engine", "common-expression-language"),
    )


def _setting(
    policy: Policy, borrowers: int
) -> tuple[list[tuple[str, Expression]], list[Row], dict[str, Value]]:
    """Return 60 rules spread over the areas, real rows with every column, and the parameters."""
    crowd = population(policy, borrowers)
    rows: list[Row] = []
    day = policy.zone.day(crowd.requests[0].at)
    given = dict(
        zip(policy.parameter_names, policy.parameters(day, "neutral", "seasoned"), strict=True)
    )
    for wish in crowd.requests:
        if wish.attempt > 1:
            continue
        state = crowd.states[wish.borrower]
        facts = Facts(policy.kernel.vector(state, wish.at), policy.kernel.holds(state))
        made = decide(policy, facts, Request(wish.amount, wish.term_months, wish.purpose), wish.at)
        definitions, _, _ = policy.run(made.inputs, tuple(given.values()))
        row = dict(zip(policy.inputs, made.inputs, strict=True))
        row.update(zip(policy.definitions, definitions, strict=True))
        rows.append(row)
    able = [
        (rule.id, policy.compiled.conditions[rule.id])
        for rule in policy.rules
        if translatable(policy.compiled.conditions[rule.id], given)
    ]
    step = len(able) / RULES
    return [able[int(k * step)] for k in range(RULES)], rows, given


def _named(mask: int, names: Sequence[str]) -> list[str]:
    """Return the rules whose bits are set."""
    found = []
    while mask:
        low = mask & -mask
        found.append(names[low.bit_length() - 1])
        mask ^= low
    return found


def _hits(run: Callable[..., tuple[object, int, int]], vector: object, constants: object) -> int:
    return run(vector, constants)[1].bit_count()


def _agreement(
    run: Callable[..., tuple[object, int, int]],
    constants: Sequence[Value],
    vectors: Sequence[Sequence[Value]],
    rows: Sequence[Row],
    peers: Sequence[Callable[[Row], list[bool]]],
) -> float:
    """Return the share of (row, rule, peer) on which the hits are equal."""
    same = total = 0
    for vector, row in zip(vectors, rows, strict=True):
        fired = run(vector, constants)[1]
        for peer in peers:
            theirs = peer(row)
            total += len(theirs)
            same += sum(hit == bool(fired >> k & 1) for k, hit in enumerate(theirs))
    return same / total


def _interleaved(runs: Sequence[Callable[[], object]], rounds: int, rows: int) -> list[list[float]]:
    """Return per contender the µs a row of each round, measured in turn."""
    times: list[list[float]] = [[] for _ in runs]
    for contender in runs:
        contender()  # warm up
    for _ in range(rounds):
        for place, contender in enumerate(runs):
            started = time.perf_counter()
            contender()
            times[place].append((time.perf_counter() - started) / rows * 1e6)
    return times
