"""What a draft of a policy would have hit among the newest recorded decisions, before it is saved.

Rules alone are run, over the feature vectors that the decisions stored: what a hit would have
changed later is a backtest's question (see history/).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from xindeng.decision.board import board_of
from xindeng.policy.policy import Policy
from xindeng.service.engine import Engine
from xindeng.store import borrowers, decisions, recorded
from xindeng.store.decisions import StoredDecision

MOST: Final = 1_000
BAD_DPD: Final = 30
"""Days late from which a loan counts as bad; a loan that is open and less late is not known yet."""


@dataclass(slots=True)
class Fates:
    """What became of the loans of some hits; `unknown` counts decisions that led to none, too."""

    good: int = 0
    bad: int = 0
    unknown: int = 0

    def add(self, fate: tuple[str, int, bool] | None) -> None:
        """Count one: (state, days late now, written off?) of its loan, None without one."""
        if fate is not None and (fate[2] or fate[1] >= BAD_DPD):
            self.bad += 1
        elif fate is not None and fate[0] == "closed":
            self.good += 1
        else:
            self.unknown += 1


@dataclass(slots=True)
class Hits:
    """One rule over the recorded decisions: hit before, hit by the draft, and what is new in it.

    `alone` of the draft's hits are stopped by this rule and no other; `overridden` are those where
    a person let the rule pass. `matches` is what became of all its hits, `new` of those gained.
    """

    rule: str
    before: int = 0
    after: int = 0
    gained: int = 0
    lost: int = 0
    alone: int = 0
    missing: int = 0
    overridden: int = 0
    matches: Fates = field(default_factory=Fates)
    new: Fates = field(default_factory=Fates)


@dataclass(slots=True)
class Rehearsal:
    """What the draft did to each rule asked about; `seen` decisions could be run, `apart` not."""

    seen: int = 0
    apart: int = 0
    hits: dict[str, Hits] = field(default_factory=dict)
    bad_dpd: int = BAD_DPD


def rehearse(engine: Engine, draft: Policy, rules: list[str], count: int = MOST) -> Rehearsal:
    """Run the draft over the newest `count` decisions whose features are those of the draft.

    Decisions of another feature book, and of erased borrowers, are counted apart. A feature of the
    same name that was switched off then, or counted something else, is another: its value is not
    what the draft would have been given, and may be a NULL that its rules do not reckon with.
    """
    made = Rehearsal(hits={rule: Hits(rule) for rule in rules})
    with engine.store.snapshot() as conn:
        names = recorded.newest(conn, count)
        keys = borrowers.read_keys(conn, engine.store.keys, {one for _, one in names})
        sealed = decisions.read_all(conn, [ident for ident, name in names if name in keys])
        stored = [one.unseal(keys[one.borrower]) for one in sealed]
        fates = recorded.fates(conn, [one.id for one in stored])
        policies = {one.decision.policy_hash: None for one in stored}
        known: Mapping[str, Policy] = {hash_: engine.policy_of(conn, hash_) for hash_ in policies}
    made.apart = len(names) - len(stored)
    for one in stored:
        before = known[one.decision.policy_hash]
        if before.book.base != draft.book.base or not _in_force(draft, one):
            made.apart += 1
            continue
        made.seen += 1
        _run(made, draft, before, one, fates.get(one.id))
    return made


def _in_force(draft: Policy, one: StoredDecision) -> bool:
    return draft.zone.day(one.decision.now) >= draft.book_of_parameters.first_day


def _run(
    made: Rehearsal, draft: Policy, before: Policy, stored: StoredDecision,
    fate: tuple[str, int, bool] | None,
) -> None:  # fmt: skip
    answer = stored.decision
    fired, missing = answer.fired, answer.missing
    if draft.hash != before.hash:
        params = draft.parameters(draft.zone.day(answer.now), answer.stance, answer.segment)
        _, fired, missing = draft.run(answer.inputs, params)
    blocking = board_of(draft).blocking
    for name, hits in made.hits.items():
        index, old = draft.rule_index.get(name), before.rule_index.get(name)
        now = index is not None and bool(fired >> index & 1)
        then = old is not None and bool(answer.fired >> old & 1)
        hits.before += then
        hits.after += now
        hits.missing += index is not None and bool(missing >> index & 1)
        hits.lost += then and not now
        if not now:
            continue
        assert index is not None
        others = (fired | missing) & blocking & ~(1 << index)
        hits.alone += not others and bool(blocking >> index & 1)
        hits.overridden += name in (stored.request.cleared or ())
        hits.matches.add(fate)
        if not then:
            hits.gained += 1
            hits.new.add(fate)
