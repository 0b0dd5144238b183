"""Plans: what turns a refusal, made on the facts of now, kept, read again, ticked off."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from xindeng.api.resources.wishes import Lang, LangQuery, Months
from xindeng.api.route import Call
from xindeng.api.shapes import Amount, Instant, Name, PageQuery, Sent
from xindeng.decision.request import MAX_RATE_BP
from xindeng.events.credit import LenderKind
from xindeng.kernel.errors import InputError
from xindeng.policy.policy import Policy
from xindeng.repair.plans.offer import LoanOffer
from xindeng.repair.plans.told import PlansTold, tell
from xindeng.service import plan as planning
from xindeng.service.plan import KeptPlans
from xindeng.service.product import request_of
from xindeng.store.plans import unknown


class OfferSent(Sent):
    """A loan that a lender really offers, to merge debts into: simple yearly rate in basis points,
    and a fee in basis points of the amount, charged once."""

    lender: Name
    lender_kind: LenderKind
    annual_rate_bp: Annotated[int, Meta(ge=0, le=MAX_RATE_BP)]
    months: Months
    fee_bp: Annotated[int, Meta(ge=0, le=10_000)] = 0

    def offer(self) -> LoanOffer:
        """Return the offer as plans are made with."""
        return LoanOffer(
            lender=self.lender, lender_kind=self.lender_kind, annual_rate_bp=self.annual_rate_bp,
            months=self.months, fee_bp=self.fee_bp,
        )  # fmt: skip


class PlanSent(Sent):
    """What the plan is to reach: a decision that did not approve, or an amount; the last decision
    where neither is given."""

    decision: Name | None = None
    amount: Amount | None = None
    term_months: Months = 12
    purpose: Name = "consumption"
    product: Name | None = None
    offers: Annotated[tuple[OfferSent, ...], Meta(max_length=10)] = ()


class StepSent(Sent):
    """A step of one of the plans, both counted from 1, that the borrower says is done."""

    choice: Annotated[int, Meta(ge=1, le=100)]
    step: Annotated[int, Meta(ge=1, le=100)]


class PlansQuery(PageQuery):
    """Which part of the list, in which language."""

    lang: Lang = "zh"


class StandTold(Struct, frozen=True, kw_only=True):
    """How one of the plans stood when last looked at, and its earliest yes as of then."""

    choice: int
    fate: str
    because: str
    yes_at: Instant | None


class TickTold(Struct, frozen=True, kw_only=True):
    """A step that the borrower said is done."""

    choice: int
    step: int
    at: Instant


class PlansAnswer(Struct, frozen=True, kw_only=True):
    """Plans for a wish, in words; `id` is None for an answer without a plan, which is not kept."""

    id: str | None
    borrower: str
    made_at: Instant
    policy_hash: str
    decision: str | None
    amount: int
    currency: str
    status: str
    told: PlansTold
    standing: tuple[StandTold, ...]
    done: tuple[TickTold, ...]


class PlansPage(Struct, frozen=True, kw_only=True):
    """A borrower's plans, oldest first."""

    items: tuple[PlansAnswer, ...]
    next: str | None


class TickAnswer(Struct, frozen=True, kw_only=True):
    """Whether the step was new; it proves nothing, what counts is what the records show."""

    new: bool


def make(call: Call) -> PlansAnswer:
    """Find what turns a refusal, proven by the policy itself; it leaves no mark on the borrower."""
    sent: PlanSent = call.body
    if sent.amount is not None and sent.decision is not None:
        raise InputError(
            "both an amount and a decision", where="body", next_step="give one of them",
            code="plan.both",
        )  # fmt: skip
    offers = tuple(one.offer() for one in sent.offers)
    theirs = call.theirs
    if sent.amount is None:
        kept = planning.make_for(theirs, sent.decision, call.borrower, offers=offers)
        return _told(call, theirs.policy, kept)
    request = request_of(theirs, sent.amount, sent.term_months, sent.purpose, product=sent.product)
    kept = planning.make(theirs, call.borrower, request, offers=offers)
    return _told(call, theirs.policy, kept)


def page(call: Call) -> PlansPage:
    """Return a borrower's stored plans, oldest first."""
    query: PlansQuery = call.query
    found, after = query.cut(planning.of_borrower(call.engine, call.borrower))
    policy = call.theirs.policy
    return PlansPage(items=tuple(_told(call, policy, one) for one in found), next=after)


def one(call: Call) -> PlansAnswer:
    """Return stored plans as they were made, and how they stand."""
    return _told(call, call.theirs.policy, _own(call))


def tick(call: Call) -> TickAnswer:
    """Note that the borrower says a step is done."""
    sent: StepSent = call.body
    kept = _own(call)
    return TickAnswer(new=planning.done(call.engine, kept.made.id, sent.choice, sent.step))


def _own(call: Call) -> KeptPlans:
    kept = planning.read(call.engine, call.names["plan"])
    if kept.made.borrower != call.borrower:
        raise unknown(call.names["plan"])
    return kept


def _told(call: Call, policy: Policy, kept: KeptPlans) -> PlansAnswer:
    made = kept.made
    query: LangQuery | PlansQuery = call.query
    return PlansAnswer(
        id=made.id if kept.kept else None,
        borrower=made.borrower,
        made_at=Instant.of(made.made_at, policy.zone),
        policy_hash=made.policy_hash,
        decision=made.decision,
        amount=made.request.amount,
        currency=made.request.currency,
        status=made.plans.status,
        told=tell(planning.told_by(call.engine, kept), made.plans, query.lang),
        standing=tuple(
            StandTold(choice=look.choice, fate=look.fate, because=look.because,
                      yes_at=Instant.maybe(look.yes_at, policy.zone))
            for look in kept.standing.values()
        ),
        done=tuple(
            TickTold(choice=choice, step=step, at=Instant.of(at, policy.zone))
            for (choice, step), at in kept.done.items()
        ),
    )  # fmt: skip
