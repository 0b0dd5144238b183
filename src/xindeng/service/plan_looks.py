"""Prove kept plans anew: when the policy changed, when something happened, and once a day.

What is due follows from the list of watched plans alone, so this can be broken off and taken up
anywhere; several workers share the list, each taking what no other has in hand.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

from xindeng.decision.facts import PlatformState
from xindeng.kernel.errors import ErasedError, XindengError
from xindeng.policy.policy import Policy
from xindeng.repair.dossier import dossier_of
from xindeng.repair.plans import news as plan_news
from xindeng.repair.plans.plan import Plan
from xindeng.repair.plans.reprove import Because, Reproved, reprove
from xindeng.service.engine import Engine
from xindeng.service.plan import Known, facts, standing
from xindeng.service.trying import deciding, engine_of
from xindeng.store import borrowers, notices, plans
from xindeng.store.connect import Conn
from xindeng.store.plans import OPEN, PlanLook, StoredLook, StoredPlans, Watched

TOLD: Final = frozenset({"moved", "broken"})
"""Fates that a borrower is told of when they come about."""
_ANSWER_DAYS: Final = "kept_plan_answer_days"


@dataclass(slots=True)
class Looked:
    """What became of a run: how many sets of plans were looked at and in how many one broke;
    `failed` tells of those that could not be, which stay on the list."""

    done: int = 0
    broken: int = 0
    failed: list[str] = field(default_factory=list)


def look_at_all(engine: Engine, *, borrower: str | None = None, most: int | None = None) -> Looked:
    """Prove what is due, `most` sets of plans at a time or all, each in a transaction of its own.

    Running it again, or twice at once, looks at nothing a second time.
    """
    run, today = Looked(), engine.policy.zone.day(engine.clock())
    failed: dict[str, str] = {}
    while most is None or run.done < most:
        with engine.store.transaction(pipelined=False) as conn:
            watched = plans.next_due(
                conn, deciding(engine, conn), today, borrower=borrower, passed=frozenset(failed)
            )
            if watched is None:
                break
            try:
                run.broken += _look(engine, conn, watched, today)
                run.done += 1
            except XindengError as error:
                conn.rollback()
                failed[watched.plan] = f"plan {watched.plan}: {error}"
    run.failed = list(failed.values())
    return run


def due(engine: Engine) -> tuple[int, int]:
    """Return how many sets of plans are to be looked at, and how many are watched in all."""
    with engine.store.snapshot() as conn:
        return plans.due(conn, deciding(engine, conn), engine.policy.zone.day(engine.clock()))


def _look(engine: Engine, conn: Conn, watched: Watched, today: int) -> bool:
    """Look at the plans of one answer; return whether one of them broke."""
    theirs = engine_of(engine, watched.borrower)
    try:
        # A snapshot of its own: the borrower is read whole without being locked meanwhile.
        with engine.store.snapshot() as reading:
            chain = borrowers.read(reading, engine.store.keys, watched.borrower)
            known = facts(theirs, reading, chain)
            made = plans.read(reading, watched.plan, chain.key)
            before = tuple(plans.looks(reading, made, chain.key))
            earlier = engine.policy_of(reading, watched.policy_hash)
    except ErasedError:
        plans.unwatch(conn, watched.plan)
        return False
    stood = standing(made, before)
    proof = _Proof(theirs.policy, earlier, known)
    found = tuple(
        proof.look(number, made.plans.plans[number - 1]) if old.fate in OPEN else old
        for number, old in stood.items()
    )
    news = [look for look in found if _new(look, stood[look.choice])]
    if news:
        no = before[-1].no + 1 if before else 1
        look = StoredLook(no, known.now, chain.seq, theirs.policy.hash, found)
        plans.add_look(conn, chain, made, look)
    bad = [look for look in news if look.fate in TOLD and look.fate != stood[look.choice].fate]
    if bad:
        _tell(theirs, conn, known, made, bad, found)
    if any(look.fate in OPEN for look in found):
        plans.looked(conn, made.id, theirs.policy.hash, chain.seq, today)
    else:
        plans.unwatch(conn, made.id)
    return bool(bad)


def _new(look: PlanLook, old: PlanLook) -> bool:
    """Say whether a look found something new; a step put off moves the yes each day, which is
    told once."""
    same = (look.fate, look.because) == (old.fate, old.because)
    return not same or (look.because != "not_done" and look.yes_at != old.yes_at)


class _Proof:
    """One borrower's facts, under the policy in force and under the one of the last look."""

    def __init__(self, policy: Policy, earlier: Policy, known: Known) -> None:
        self.policy, self.earlier, self.known = policy, earlier, known

    def look(self, choice: int, plan: Plan) -> PlanLook:
        """Return how an open plan stands now."""
        dossier, now = self.known.dossier, self.known.now
        found = reprove(self.policy, plan, dossier, now)
        if found.fate not in TOLD:
            return _looked(choice, found, "")
        usual = replace(dossier, platform=PlatformState())
        if dossier.platform != usual.platform:
            without = reprove(self.policy, plan, usual, now)
            if without.fate not in TOLD:
                return PlanLook(choice=choice, fate="our_side", yes_at=without.yes_at)
        if found.because not in ("policy", "facts"):
            return _looked(choice, found, found.because)
        return _looked(choice, found, "policy" if self._held_before(plan) else "facts")

    def _held_before(self, plan: Plan) -> bool:
        """Say whether the policy of the last look would still say yes on the facts of now."""
        if self.earlier.hash == self.policy.hash:
            return False
        # Folded anew, for another policy may read the events by another book.
        then = dossier_of(self.earlier, self.known.events)
        return reprove(self.earlier, plan, then, self.known.now).fate not in TOLD


def _looked(choice: int, found: Reproved, because: Because) -> PlanLook:
    return PlanLook(choice=choice, fate=found.fate, because=because, yes_at=found.yes_at)


def _tell(
    engine: Engine, conn: Conn, known: Known, made: StoredPlans, bad: list[PlanLook],
    found: tuple[PlanLook, ...],
) -> None:  # fmt: skip
    """Tell the borrower, and have a person look at what only our new policy has broken."""
    policy, zone = engine.policy, engine.policy.zone
    ours = [look for look in bad if look.because == "policy"]
    texts = plan_news.broken(
        made_day=zone.day(made.made_at), amount=made.request.amount,
        currency=made.request.currency, because=(ours or bad)[0].because,
        left=[made.plans.plans[look.choice - 1].goal for look in found
              if look.fate in OPEN and look not in bad],
    )  # fmt: skip
    notices.insert(
        conn, known.chain, engine.new_id(known.now), "plan_broken", texts,
        notices.contacts(former_too=False), known.now,
    )  # fmt: skip
    if ours:
        today = zone.day(known.now)
        known_clock = _ANSWER_DAYS in policy.parameter_names
        days = policy.parameter(_ANSWER_DAYS, today) if known_clock else 0
        assert isinstance(days, int)
        goals = ", ".join(f"plan {look.choice} {look.fate}" for look in ours)
        notices.ask_people(
            conn, known.chain, engine.new_id(known.now), "kept_plan", made.id, today + days,
            f"kept so far, but under policy {policy.hash[:12]}: {goals}", known.now,
        )  # fmt: skip
