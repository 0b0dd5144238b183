"""Guards against knowing too much: facts are computed again from what had arrived by then.

A feature that looks past its decision makes every rule built on it look brilliant. So a sample of
decisions is folded again by the online kernel from the events below their own, and each of its
values must be the one the study used; and a recorded decision under the same policy must come out
as it did.
"""

from __future__ import annotations

from typing import Any, Final

from msgspec.structs import replace

from xindeng.events.envelope import Event
from xindeng.features.algebra import Feature
from xindeng.history.asked import ASKED
from xindeng.history.compare import Side
from xindeng.history.lake import Lake
from xindeng.history.policy_sql import mask_of
from xindeng.history.tables import event_of
from xindeng.kernel.errors import InputError, XindengError
from xindeng.kernel.time import Zone, to_date
from xindeng.language import quote
from xindeng.policy.policy import Policy

_SHOWN: Final = 5


class LeakageError(XindengError):
    """A fact of the study is not what could be known at its decision."""

    default_code = "backtest.leakage"


def check_facts(con: Any, lake: Lake, policy: Policy, table: str, sample: int) -> dict[str, int]:
    """Fold `sample` decisions spread over the range again, and compare every feature bit by bit.

    Returns how many decisions and values were compared; raises LeakageError naming the features
    that differ and the rules that rest on them.
    """
    names = list(policy.book.columns)
    columns = ", ".join(f"f.{quote(name)}" for name in names)
    rows = con.execute(
        f"SELECT a.borrower, a.seq, f.now, {columns} FROM {table} f JOIN {ASKED} a ON a.row = f.id"
        f" ORDER BY hash(f.id) LIMIT {sample}"
    ).fetchall()
    histories = _histories(con, lake, {row[0] for row in rows}, policy)
    wrong: dict[str, int] = {}
    for borrower, seq, now, *found in rows:
        state = policy.kernel.empty()
        known = 0
        for event in histories.get(borrower, ()):
            if event.seq >= seq:
                break
            known = max(known, event.known_at, event.occurred_at)
            policy.kernel.fold(state, replace(event, seq=state.seq + 1))
        for name, value, wanted in zip(names, found, policy.kernel.vector(state, now), strict=True):
            if type(value) is not type(wanted) or value != wanted:
                wrong[name] = wrong.get(name, 0) + 1
    if wrong:
        raise _leak(policy, wrong, len(rows))
    return {"decisions": len(rows), "values": len(rows) * len(names)}


def _histories(con: Any, lake: Lake, borrowers: set[str], policy: Policy) -> dict[str, list[Event]]:
    """Return all events of some borrowers that the policy's features read, in sequence."""
    reads = policy.kernel.reads | {f.requires for f in policy.book.base if f.requires}
    con.execute("CREATE OR REPLACE TEMP TABLE sampled (borrower VARCHAR)")
    con.executemany("INSERT INTO sampled VALUES (?)", [[b] for b in sorted(borrowers)] or [[""]])
    found: dict[str, list[Event]] = {}
    for name, relation in lake.events().items():
        if name in reads:
            rows = con.sql(f"SELECT * FROM {relation} SEMI JOIN sampled USING (borrower)")
            for row in rows.to_arrow_table().to_pylist():
                found.setdefault(row["borrower"], []).append(event_of(name, row))
    for mine in found.values():
        mine.sort(key=lambda event: event.seq)
    return found


def _leak(policy: Policy, wrong: dict[str, int], count: int) -> LeakageError:
    features = sorted(wrong, key=lambda name: -wrong[name])
    rules = [
        rule.id
        for rule in policy.rules
        if policy.compiled.columns_of(policy.compiled.conditions[rule.id]) & wrong.keys()
    ]
    told = ", ".join(f"{name} ({wrong[name]} of {count})" for name in features[:_SHOWN])
    return LeakageError(
        f"facts are not those that had arrived at their decisions: {told}",
        where=f"policy {policy.name}; rules {', '.join(rules[:_SHOWN]) or 'none'}",
        next_step="compute features from events below the decision's own only; report this",
    )


def reproduced(con: Any, one: Side) -> dict[str, int]:
    """Compare recorded decisions of this very policy with what it says now.

    Returns how many there are and how many came out the same in every rule and amount; raises
    LeakageError where the facts gave others.
    """
    rows = con.execute(
        f"SELECT row, id, outcome, amount_offered, fired, missing, policy_hash FROM {ASKED}"
        " ORDER BY row"
    ).fetchall()
    count, differing = 0, []
    words = range(len(one.masks.fired))
    for at, (_, ident, outcome, offered, fired, missing, policy_hash) in enumerate(rows):
        if policy_hash != one.policy.hash:
            continue
        count += 1
        same = (
            outcome == one.outcome[at]
            and (offered or 0) == int(one.offered[at])
            and int(fired, 16) == mask_of([int(one.masks.fired[w][at]) for w in words])
            and int(missing, 16) == mask_of([int(one.masks.missing[w][at]) for w in words])
        )
        if not same:
            differing.append(ident)
    if differing:
        raise LeakageError(
            f"{len(differing):,} of {count:,} recorded decisions come out differently now",
            where=f"decision {differing[0]}",
            next_step="replay it (xindeng replay); the lake's events are not those it was made on",
        )
    return {"decisions": count, "same": count}


def check_new_features(
    lake: Lake, champion: Policy, challenger: Policy, first: int, zone: Zone
) -> None:
    """Raise InputError for a rule of the challenger on a feature that did not exist then.

    A feature that the champion does not have must read events of which the lake tells from before
    the first decision on; else its value would be "never", which nobody knew.
    """
    compiled = challenger.compiled
    old = {feature.name: _meaning(feature) for feature in champion.book.base}
    for feature in challenger.book.base:
        if not feature.enabled or old.get(feature.name) == _meaning(feature):
            continue
        parts = lake.manifest.of(f"events/type={feature.event}")
        begins = min((part.first for part in parts), default=None)
        if begins is not None and begins <= max(first, _first_decision(lake)):
            continue
        rules = [
            rule.id for rule in challenger.rules
            if feature.name in compiled.columns_of(compiled.conditions[rule.id])
        ]  # fmt: skip
        since = f"from {to_date(zone.day(begins))} on" if begins is not None else "not at all"
        raise InputError(
            f"feature {feature.name} did not exist then: {feature.event} is told of {since}",
            where=f"rule {', '.join(rules) or 'none'}", code="backtest.feature",
            next_step="choose a later --from, or test the rule without this feature",
        )  # fmt: skip


def _first_decision(lake: Lake) -> int:
    return min((part.first for part in lake.manifest.of("decisions")), default=0)


def _meaning(feature: Feature) -> tuple[object, ...]:
    return (feature.event, feature.op, feature.field, feature.where, str(feature.window),
            feature.form, feature.bin, feature.over, feature.requires, feature.default)  # fmt: skip
