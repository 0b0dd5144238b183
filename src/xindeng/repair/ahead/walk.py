"""A copy of the state that walks through the days ahead, and what is known on each of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from xindeng.decision.answer import Decision
from xindeng.decision.decide import decide
from xindeng.decision.facts import SECURITY_KINDS, Facts, PlatformState
from xindeng.decision.precheck import facts_of_attempt
from xindeng.decision.request import Request
from xindeng.features.state import Hold, State
from xindeng.policy.policy import Policy
from xindeng.repair.ahead.course import STANDS_STILL, Act, course
from xindeng.repair.ahead.habits import Habit
from xindeng.repair.debt import Debt
from xindeng.servicing.hold_book import StandingHold
from xindeng.servicing.holds import is_true
from xindeng.servicing.view import View, view


class Walk:
    """One borrower, one request, a clock that only moves on.

    `state` is copied. `placed` are the holds that a refusal now places; they stand like the
    others. A hold lets go when the condition of its kind says so, and at its review where the
    policy releases it then, for holds are looked at when the button is pressed; of holds for
    safety only people do that. `held` tells since when the holds of the state stand.
    """

    def __init__(
        self,
        policy: Policy,
        state: State,
        platform: PlatformState,
        request: Request,
        now: int,
        *,
        habits: Sequence[Habit] = (),
        acts: Sequence[Act] = STANDS_STILL,
        debts: Sequence[Debt] = (),
        held: Sequence[StandingHold] = (),
        until: int,
    ) -> None:
        self.policy, self.platform, self.request = policy, platform, request
        self.now, self.state = now, state.copy()
        self.placed: tuple[Hold, ...] = ()
        self._held = {hold.id: hold for hold in held}
        self._released: set[str] = set()
        self._life = course(habits, acts, debts, state.seq, until)
        self._next = next(self._life, None)

    def facts(self, at: int) -> Facts:
        """Return what would be known if the button were pressed at `at` (µs)."""
        kernel = self.policy.kernel
        while self._next is not None and self._next.occurred_at <= at:
            kernel.fold(self.state, self._next)
            self._next = next(self._life, None)
        facts = facts_of_attempt(kernel, self.state, self.platform, self.request, at)
        holds = (*facts.holds, *self.placed)
        if not holds:
            return facts
        return self._let_go(replace(facts, holds=holds), at)

    def answer(self, at: int) -> Decision:
        """Return the answer to the request if it were made at `at` (µs)."""
        return decide(self.policy, self.facts(at), self.request, at)

    def place(self, refusal: Decision) -> None:
        """Let the holds that `refusal` asks for stand from here on."""
        self.placed = tuple(
            Hold(order.rule, order.kind, order.mode, order.rule, order.review_at, order.cap)
            for order in refusal.holds_to_place
        )

    def _let_go(self, facts: Facts, at: int) -> Facts:
        """Return the facts without the holds that have ended by now."""
        kinds = self.policy.line.kinds
        asked = [
            hold for hold in facts.holds
            if hold.kind in kinds and hold.kind not in SECURITY_KINDS
            and hold.id not in self._released
        ]  # fmt: skip
        if asked:
            seen = view(self.policy, facts, at)
            self._released |= {hold.id for hold in asked if self._ended(seen, hold, at)}
        return replace(facts, holds=tuple(h for h in facts.holds if h.id not in self._released))

    def _ended(self, seen: View, hold: Hold, at: int) -> bool:
        told = self._held.get(hold.id) or _standing(hold, self.now)
        if is_true(seen, told, "release_when"):
            return True
        over = at >= hold.review_at
        kept = self.policy.line.kind(hold.kind).on_expiry != "release"
        return over and not kept and not is_true(seen, told, "extend_when")


def _standing(hold: Hold, at: int) -> StandingHold:
    """Return a hold as the book of holds has it, placed at `at`."""
    return StandingHold(
        id=hold.id, kind=hold.kind, mode=hold.mode, reason=hold.reason, placed_at=at, judged_at=at,
        review_at=hold.review_at, owner="policy", cap=hold.cap,
    )  # fmt: skip
