"""One borrower lived through again, decision by decision, under any policy.

What a decision changes comes back to the next one: attempts, refusals, holds, balances, dues and
repayments. Only such events are folded here; every other feature was computed beforehand at the
decision's own place in the past.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from typing import Final, Protocol

from xindeng.decision.answer import Decision, Outcome
from xindeng.decision.decide import decide
from xindeng.decision.facts import Facts, PlatformState
from xindeng.decision.request import Request
from xindeng.events.catalogue import CATALOGUE
from xindeng.events.envelope import Event
from xindeng.events.fields import Payload
from xindeng.events.line import (
    DecisionMade,
    DrawAttempt,
    HoldExtended,
    HoldPlaced,
    HoldReleased,
    HoldReviewed,
)
from xindeng.features.algebra import Feature
from xindeng.features.book import FeatureBook
from xindeng.features.kernel import Kernel
from xindeng.features.layout import plan
from xindeng.features.offline import BackendGap
from xindeng.language import Value
from xindeng.policy.policy import Policy
from xindeng.servicing.hold_book import standing_holds
from xindeng.servicing.holds import place_decided, review
from xindeng.servicing.view import view

FEEDBACK: Final = frozenset({
    "draw_attempt", "decision", "cost_sheet_shown", "draw_reserved", "draw_released",
    "funder_request", "funder_response", "disbursement", "instalment_due", "repayment",
    "repayment_reversed", "dues_moved", "delinquency", "loan_finding", "hold_placed",
    "hold_extended", "hold_released", "hold_reviewed",
})  # fmt: skip
"""Types of events that would not be there, or be others, had a decision come out differently."""
_HOLDS: Final = (HoldPlaced, HoldExtended, HoldReleased, HoldReviewed)


@dataclass(frozen=True, slots=True)
class Ask:
    """A request at its place: `plain` are the values of the policy's plain features there."""

    id: int
    ident: str
    now: int
    request: Request
    plain: Sequence[Value]
    platform: PlatformState = field(default_factory=PlatformState)


class Life(Protocol):
    """What becomes of the answers: it is told of each and yields what happens, in order of time."""

    def answered(self, ask: Ask, decision: Decision) -> None:
        """Take note of an answer; an approval may become a loan."""

    def until(self, at: int) -> Iterator[tuple[int, Payload]]:
        """Yield what happened up to `at` (µs) and was not yielded before."""


class Split:
    """A policy's features in two: plain ones, and those that its own decisions feed, which read
    events of the types `feeding`."""

    def __init__(self, policy: Policy, feeding: Set[str] = FEEDBACK) -> None:
        self.policy = policy
        book = policy.book
        fed = [f for f in book.base if f.event in feeding]
        self.plain: list[Feature] = [f for f in book.base if f.event not in feeding]
        for feature in book.base:
            if feature.requires and (feature.requires in feeding) != (feature.event in feeding):
                raise BackendGap(
                    f"it counts {feature.event} only where there was a {feature.requires}",
                    where=f"feature {feature.name}",
                    next_step="a replay folds only what decisions feed: use --mode static",
                )
        columns = {f.name: f.column for f in fed}
        self.kernel = Kernel(FeatureBook(tuple(fed), (), columns, plan(fed)), policy.zone)
        places = {f.name: n for n, f in enumerate([*self.plain, *fed])}
        self._order = [places[f.name] for f in book.base]

    def merged(self, plain: Sequence[Value], fed: Sequence[Value]) -> list[Value]:
        """Return the values in the order of the policy's book."""
        both = [*plain, *fed]
        return [both[place] for place in self._order]


class Rehearsal:
    """One borrower; `events` are all that happened here, in order, with their own numbering."""

    def __init__(self, split: Split, borrower: str) -> None:
        self.split, self.borrower = split, borrower
        self.state = split.kernel.empty()
        self.events: list[Event] = []
        self._holds: list[Event] = []

    def tell(self, at: int, payload: Payload, ident: str = "") -> None:
        """Fold one event that happened at `at` (µs)."""
        name, seq = str(payload.__struct_config__.tag), self.state.seq + 1
        event = Event(
            ident or f"{self.borrower[:40]}.own{seq}", self.borrower, name,
            CATALOGUE[name].version, at, at, payload, seq,
        )  # fmt: skip
        self.split.kernel.fold(self.state, event)
        self.events.append(event)
        if isinstance(payload, _HOLDS):
            self._holds.append(event)

    def live(self, asks: Iterable[Ask], life: Life, end: int) -> Iterator[tuple[Ask, Decision]]:
        """Answer the requests in order, with what happens between them, up to `end` (µs)."""
        for ask in asks:
            for at, payload in life.until(ask.now):
                self.tell(at, payload)
            decision = self.ask(ask)
            life.answered(ask, decision)
            yield ask, decision
        for at, payload in life.until(end):
            self.tell(at, payload)

    def ask(self, ask: Ask) -> Decision:
        """Decide one request as a draw is decided: look at holds, note the attempt, decide."""
        split, state, now = self.split, self.state, ask.now
        policy, kernel = split.policy, split.kernel
        if kernel.holds(state) and policy.line.kinds:
            seen = view(policy, self._facts(ask), now)
            kinds = policy.line.kinds
            held = [one for one in standing_holds(self._holds) if one.kind in kinds]
            for payload in review(seen, held).payloads:
                self.tell(now, payload)
        sitting = kernel.sitting(state, now) or ask.ident
        request = ask.request
        self.tell(now, DrawAttempt(request.amount, request.term_months, sitting,
                                   request.currency, request.purpose), f"{ask.ident}.a")  # type: ignore[arg-type]  # fmt: skip
        facts = self._facts(ask)
        decision = decide(policy, facts, request, now)
        made = DecisionMade(
            decision_id=ask.ident, outcome=decision.outcome.value,
            amount=decision.amount_offered or 0, sitting=sitting, counted=decision.counted,
        )  # fmt: skip
        self.tell(now, made, ask.ident)
        if decision.holds_to_place:
            number = iter(range(len(decision.holds_to_place)))
            orders = place_decided(
                view(policy, facts, now), decision.holds_to_place,
                lambda: f"{ask.ident}.h{next(number)}",
            )  # fmt: skip
            for placed in orders.payloads:
                self.tell(now, placed)
        return decision

    def _facts(self, ask: Ask) -> Facts:
        kernel, state = self.split.kernel, self.state
        values = self.split.merged(ask.plain, kernel.vector(state, ask.now))
        return Facts(values, kernel.holds(state), ask.platform, kernel.ended(state))


def lent(decision: Decision) -> int:
    """Return the amount (minor units) that an answer offers, 0 where it offers none."""
    granted = decision.outcome in (Outcome.APPROVE, Outcome.APPROVE_LESS)
    return (decision.amount_offered or 0) if granted else 0
