"""Plans for a borrower: made on the facts of now, kept, read again, their steps ticked off.

Making one leaves no mark on the borrower: no event, nothing that a feature or a rule could read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from xindeng.decision.answer import Outcome
from xindeng.decision.facts import facts_of
from xindeng.decision.pricing import priced
from xindeng.decision.request import Request
from xindeng.events.catalogue import PLATFORM
from xindeng.events.envelope import Event
from xindeng.kernel.errors import ConflictError, InputError, NotFoundError
from xindeng.policy.policy import Policy
from xindeng.repair.dossier import Dossier, dossier_of
from xindeng.repair.plans.offer import LoanOffer
from xindeng.repair.plans.search import find_plans
from xindeng.service.engine import Engine
from xindeng.store import borrowers, decisions, plans, states
from xindeng.store.borrowers import Chain
from xindeng.store.connect import Conn
from xindeng.store.plans import OPEN, PlanLook, StoredLook, StoredPlans


@dataclass(frozen=True, slots=True)
class KeptPlans:
    """Stored plans, what later looks found, and the steps said to be done: (choice, step) → µs.

    A choice is one of the plans, numbered from 1 as they are shown.

    `kept` is False for an answer without any plan, which is told but not stored.
    """

    made: StoredPlans
    looks: tuple[StoredLook, ...] = ()
    done: Mapping[tuple[int, int], int] = field(default_factory=dict)
    kept: bool = True

    @property
    def standing(self) -> dict[int, PlanLook]:
        """Return how each plan stood when last looked at."""
        return standing(self.made, self.looks)

    @property
    def open(self) -> bool:
        """Return whether any of the plans still holds."""
        return any(look.fate in OPEN for look in self.standing.values())


@dataclass(frozen=True, slots=True)
class Known:
    """All that is known of a borrower, read at one instant; `now` (µs) is not before it."""

    chain: Chain
    events: tuple[Event, ...]
    dossier: Dossier
    platform_seq: int
    now: int


def make(
    engine: Engine, borrower: str, request: Request, *, offers: Sequence[LoanOffer] = ()
) -> KeptPlans:
    """Make plans for a wish; they are stored if there are any.

    `offers` are loans that a lender really offers to merge debts into. Raises TooManyError after 30
    trials in an hour, pre-checks included, NotFoundError, ErasedError, InputError,
    UnavailableError, ConflictError under a policy of another currency.
    """
    if borrower == PLATFORM:
        raise borrowers.unknown(borrower)
    with engine.store.snapshot() as conn:
        chain = borrowers.read(conn, engine.store.keys, borrower)
        engine.limiter.enter(borrower)
        known = facts(engine, conn, chain)
    return _made(engine, known, request, None, offers)


def make_for(
    engine: Engine,
    decision: str | None,
    borrower: str | None = None,
    *,
    offers: Sequence[LoanOffer] = (),
) -> KeptPlans:
    """Make plans for what a stored decision did not approve, on the facts of now.

    Without a decision it is the last one of `borrower`. Raises as `make` does, NotFoundError for a
    decision that is unknown, not this borrower's, or was never made, and ConflictError for one
    that approved: its own room on the line would look like what stands in the way.
    """
    with engine.store.snapshot() as conn:
        if borrower is not None:
            borrowers.read(conn, engine.store.keys, borrower)
        ident = decision or (decisions.latest(conn, borrower) if borrower is not None else None)
        if ident is None:
            raise NotFoundError(
                "this borrower has asked for nothing yet",
                where=f"borrower {borrower}",
                next_step="give an amount: xindeng plan BORROWER AMOUNT",
                code="not_found.decision",
            )
        sealed = decisions.read(conn, ident)
        chain = borrowers.read(conn, engine.store.keys, sealed.column("borrower"))
        if borrower not in (None, chain.borrower):
            raise decisions.unknown(ident)
        stored = sealed.unseal(chain.key)
        if stored.decision.outcome is Outcome.APPROVE:
            raise _approved(stored.id)
        engine.limiter.enter(chain.borrower)
        # What a person let pass then is no rule of the days ahead.
        request = replace(stored.request, cleared=None)
        known = facts(engine, conn, chain)
    return _made(engine, known, request, sealed.column("id"), offers)


def read(engine: Engine, plan: str) -> KeptPlans:
    """Return stored plans; raises NotFoundError, ErasedError, "store.integrity" if changed."""
    with engine.store.snapshot() as conn:
        chain = borrowers.read(conn, engine.store.keys, plans.owner(conn, plan))
        return _kept(conn, chain, plans.read(conn, plan, chain.key))


def of_borrower(engine: Engine, borrower: str) -> list[KeptPlans]:
    """Return all stored plans of a borrower, oldest first; raises as `read` does."""
    with engine.store.snapshot() as conn:
        chain = borrowers.read(conn, engine.store.keys, borrower)
        return [_kept(conn, chain, made) for made in plans.of_borrower(conn, borrower, chain.key)]


def told_by(engine: Engine, kept: KeptPlans) -> Policy:
    """Return the policy version that plans were made under: its words are theirs, and a rule that
    they name may be gone by now. Raises NotFoundError, "store.integrity" for changed bytes."""
    with engine.store.snapshot() as conn:
        return engine.policy_of(conn, kept.made.policy_hash)


def done(engine: Engine, plan: str, choice: int, step: int) -> bool:
    """Note that the borrower says step number `step` is done; False if it was noted before.

    It proves nothing and moves nothing: what counts are the events. Raises NotFoundError,
    ErasedError, InputError for a step that is not in the plan, ConflictError where the plan no
    longer holds.
    """
    kept = read(engine, plan)
    offered = kept.made.plans.plans
    if not 1 <= choice <= len(offered) or not 1 <= step <= len(offered[choice - 1].steps):
        raise InputError(
            f"no step {step} in plan {choice}",
            where=f"plan {kept.made.id}",
            next_step="use " + ", ".join(
                f"plan {n}, step 1–{len(one.steps)}" for n, one in enumerate(offered, start=1)
            ),
        )  # fmt: skip
    if kept.standing[choice].fate not in OPEN:
        raise ConflictError(
            "this plan no longer holds",
            where=f"plan {kept.made.id}, plan {choice}",
            next_step="make a new one on the facts of now: xindeng plan BORROWER AMOUNT",
            code="plan.over",
        )
    with engine.store.transaction(pipelined=False) as conn:
        return plans.mark(conn, kept.made.id, choice, step, engine.clock())


def facts(engine: Engine, conn: Conn, chain: Chain) -> Known:
    """Return what is known of a borrower as of a snapshot; raises ConflictError for another
    currency, "store.integrity" for changed events."""
    engine.check_currency(chain)
    past = tuple(engine.history(conn, chain))
    state = engine.state(conn, chain, states.read(conn, [chain.borrower]).get(chain.borrower))
    platform_seq, platform = engine.platform.now(conn)
    dossier = dossier_of(engine.policy, past, platform=platform, state=state)
    return Known(chain, past, dossier, platform_seq, max(engine.clock(), state.last_known_at))


def standing(made: StoredPlans, looks: tuple[StoredLook, ...]) -> dict[int, PlanLook]:
    """Return how each of the plans stood at the last look, or when it was made."""
    found = looks[-1].found if looks else tuple(
        PlanLook(choice=number, fate="good", yes_at=plan.yes_at)
        for number, plan in enumerate(made.plans.plans, start=1)
    )  # fmt: skip
    return {look.choice: look for look in found}


def _approved(decision: str) -> ConflictError:
    return ConflictError(
        "this request was approved, so there is nothing to turn",
        where=f"decision {decision}",
        next_step=f"draw on it: xindeng confirm {decision}; for another wish give an amount: "
        "xindeng plan BORROWER AMOUNT",
        code="plan.approved",
    )


def _made(
    engine: Engine,
    known: Known,
    request: Request,
    decision: str | None,
    offers: Sequence[LoanOffer],
) -> KeptPlans:
    policy, state = engine.policy, known.dossier.state
    request = priced(
        policy, request, known.now,
        lambda: facts_of(policy.kernel, state, known.dossier.platform, known.now),
    )  # fmt: skip
    found = find_plans(policy, known.dossier, request, known.now, offers=offers)
    made = StoredPlans(
        id=engine.new_id(known.now),
        borrower=known.chain.borrower,
        made_at=known.now,
        seq=known.chain.seq,
        platform_seq=known.platform_seq,
        policy_hash=engine.policy.hash,
        decision=decision,
        request=request,
        plans=found,
    )
    if not found.plans:
        return KeptPlans(made, kept=False)
    with engine.store.transaction() as conn:
        # Read again: data that were erased meanwhile have no key that could seal a plan.
        chain = borrowers.read(conn, engine.store.keys, made.borrower)
        plans.insert(conn, chain, made, engine.policy.zone.day(engine.clock()))
    return KeptPlans(made)


def _kept(conn: Conn, chain: Chain, made: StoredPlans) -> KeptPlans:
    return KeptPlans(made, tuple(plans.looks(conn, made, chain.key)), plans.marks(conn, made.id))
