"""What a borrower wishes to draw: tried without a mark, or decided for real."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from xindeng.api.route import Call, Drawing
from xindeng.api.shapes import Amount, Instant, Name, Sent
from xindeng.decision.explanation import Explanation
from xindeng.decision.precheck import explain_precheck
from xindeng.decision.request import MAX_RATE_BP, MAX_TERM_MONTHS, Request
from xindeng.service.engine import Engine
from xindeng.service.explain import verify_first
from xindeng.service.precheck import precheck
from xindeng.service.product import offer_lasts, request_of
from xindeng.store.decisions import StoredDecision

Lang = Literal["zh", "en"]
Answer = Literal["decline", "review", "retry_later", "approve_less", "approve", "verify_first"]
"""What is told of a decision: its outcome, or to its borrower, where safety stops it, no more than
that the account is to be verified first."""
Months = Annotated[int, Meta(ge=1, le=MAX_TERM_MONTHS)]


class WishSent(Sent):
    """A draw as asked. `product` is one that the policy offers; a rate (basis points a year) is
    taken only under a policy that offers none."""

    amount: Amount
    term_months: Months = 12
    purpose: Name = "consumption"
    product: Name | None = None
    rate_bp: Annotated[int, Meta(ge=0, le=MAX_RATE_BP)] | None = None

    def request(self, engine: Engine) -> Request:
        """Return what is asked of the engine; raises InputError."""
        return request_of(
            engine, self.amount, self.term_months, self.purpose, product=self.product,
            rate_bp=self.rate_bp,
        )  # fmt: skip


class LangQuery(Sent):
    """In which language texts are wanted."""

    lang: Lang = "zh"


class TrialAnswer(Struct, frozen=True, kw_only=True):
    """A trial calculation: nothing was stored, counted or promised."""

    explanation: Explanation
    trial: bool = True


class DecisionAnswer(Struct, frozen=True, kw_only=True):
    """A decision as stored. An offer may be confirmed until `confirm_by`, None where there is none.

    To its borrower, where safety stops it, `outcome` is "verify_first" and `retry_at` None.
    Why, is told by its explanation; what turns a refusal, by a plan.
    """

    id: str
    borrower: str
    made_at: Instant
    outcome: Answer
    amount_asked: int
    amount_offered: int | None
    currency: str
    term_months: int
    purpose: str
    product: str | None
    confirm_by: Instant | None
    retry_at: Instant | None
    policy_hash: str


def try_out(call: Call) -> TrialAnswer:
    """Try an amount without leaving a mark: nothing is stored, counted or seen by anyone.

    The credit bureau is not queried. Amounts are rounded down; 30 trials an hour.
    """
    sent: WishSent = call.body
    theirs = call.theirs
    found = precheck(theirs, call.borrower, sent.request(theirs))
    return TrialAnswer(explanation=explain_precheck(theirs.policy, found, call.query.lang))


def decide(call: Call) -> Drawing:
    """Decide a draw for real and store it for good, with all it rests on."""
    sent: WishSent = call.body

    def tell(stored: StoredDecision) -> DecisionAnswer:
        call.service.metrics.drawn(stored)
        return answer_of(call, stored)

    return Drawing(sent.request(call.engine), tell)


def answer_of(call: Call, stored: StoredDecision) -> DecisionAnswer:
    """Return a stored decision as it is told."""
    engine, made, asked = call.engine, stored.decision, stored.request
    zone = engine.policy.zone
    veiled = call.own and verify_first(engine, stored)
    ends = made.now + offer_lasts(engine, made.now) if made.amount_offered else None
    return DecisionAnswer(
        id=stored.id,
        borrower=stored.borrower,
        made_at=Instant.of(made.now, zone),
        outcome="verify_first" if veiled else made.outcome.value,
        amount_asked=made.amount_asked,
        amount_offered=made.amount_offered,
        currency=asked.currency,
        term_months=asked.term_months,
        purpose=asked.purpose,
        product=asked.product,
        confirm_by=Instant.maybe(ends, zone),
        retry_at=None if veiled else Instant.maybe(made.retry_at, zone),
        policy_hash=made.policy_hash,
    )
