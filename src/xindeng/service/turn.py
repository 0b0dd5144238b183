"""One draw as a pure step: fold the attempt, decide, and say which events follow from it.

Draws, pre-checks and replays share these functions; none of them reads a clock or a store.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from msgspec.structs import replace

from xindeng.decision.answer import Decision
from xindeng.decision.decide import decide
from xindeng.decision.facts import PlatformState, facts_of
from xindeng.decision.pricing import priced
from xindeng.decision.request import Request
from xindeng.events.catalogue import CATALOGUE
from xindeng.events.envelope import Event
from xindeng.events.fields import Payload
from xindeng.events.line import DecisionMade, DrawAttempt, HoldPlaced
from xindeng.features.kernel import Kernel
from xindeng.features.state import State
from xindeng.policy.policy import Policy
from xindeng.servicing.former_contact import hears_too
from xindeng.servicing.holds import place_decided
from xindeng.servicing.orders import Notice
from xindeng.servicing.view import view_of

NewId = Callable[[int], str]
"""Returns a fresh identifier for an instant in µs."""
_WARM: Final[set[str]] = set()
"""The hashes of the policies that have decided in this process."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A decided draw: its events in sequence, of which `events[0]` is the attempt and `events[1]`
    the decision; holds follow. `request` is the one decided, at its price. The state given to
    `take` has taken in all of them. `notices` tell the borrower of the holds."""

    decision_id: str
    request: Request
    decision: Decision
    events: tuple[Event, ...]
    notices: tuple[Notice, ...] = ()


def take(
    policy: Policy,
    state: State,
    borrower: str,
    *,
    platform: PlatformState,
    request: Request,
    clock: int,
    new_id: NewId,
) -> Turn:
    """Decide a draw on `state`, which is changed in place, at the price of its product.

    The instant is `clock` (µs) or, if later, the last thing known of the borrower.
    """
    now = max(clock, state.last_known_at)
    kernel = policy.kernel
    request = priced(policy, request, now, lambda: facts_of(kernel, state, platform, now))
    attempt = attempt_at(kernel, state, borrower, request, now=now, new_id=new_id)
    kernel.fold(state, attempt)
    decision = judge(policy, state, platform, request, now)
    decision_id = new_id(now)
    assert isinstance(attempt.payload, DrawAttempt)
    offered = decision.amount_offered or 0
    payloads: list[tuple[str, Payload]] = [
        (
            decision_id,
            DecisionMade(
                decision_id=decision_id,
                outcome=decision.outcome.value,
                amount=offered,
                sitting=attempt.payload.sitting,
                # Asked again by a person of ours, it is no try of the borrower's.
                counted=decision.counted and request.cleared is None,
            ),
        )
    ]
    notices: tuple[Notice, ...] = ()
    if decision.holds_to_place:
        view = view_of(policy, state, platform, now)
        orders = place_decided(view, decision.holds_to_place, lambda: new_id(now))
        too = hears_too(view)
        notices = tuple(replace(one, old_contact=too or one.old_contact) for one in orders.notices)
        for placed in orders.payloads:
            assert isinstance(placed, HoldPlaced)
            payloads.append((placed.hold, placed))
    events = [attempt]
    for ident, payload in payloads:
        event = _event(borrower, ident, payload, now, state.seq + 1)
        kernel.fold(state, event)
        events.append(event)
    return Turn(decision_id, request, decision, tuple(events), notices)


def attempt_at(
    kernel: Kernel, state: State, borrower: str, request: Request, *, now: int, new_id: NewId
) -> Event:
    """Return the draw attempt that comes next; it joins the sitting that is still open."""
    ident = new_id(now)
    payload = DrawAttempt(
        amount=request.amount,
        term_months=request.term_months,
        sitting=kernel.sitting(state, now) or ident,
        currency=request.currency,  # type: ignore[arg-type]
        purpose=request.purpose,
    )
    return _event(borrower, ident, payload, now, state.seq + 1)


def judge(
    policy: Policy, state: State, platform: PlatformState, request: Request, now: int
) -> Decision:
    """Decide on a state that has taken in the attempt already."""
    return decide(policy, facts_of(policy.kernel, state, platform, now), request, now)


def warm(
    policy: Policy, state: State, platform: PlatformState, request: Request, clock: int
) -> bool:
    """Have a policy decide once, for nothing, where it has not yet in this process; say whether it
    did. Its expressions are compiled at their first use, which is no property of the policy:
    whoever measures how long it takes warms it first."""
    if policy.hash in _WARM:
        return False
    now = max(clock, state.last_known_at)
    asked = priced(policy, request, now, lambda: facts_of(policy.kernel, state, platform, now))
    judge(policy, state, platform, asked, now)
    _WARM.add(policy.hash)
    return True


def _event(borrower: str, ident: str, payload: Payload, now: int, seq: int) -> Event:
    name = str(payload.__struct_config__.tag)
    return Event(ident, borrower, name, CATALOGUE[name].version, now, now, payload, seq)
