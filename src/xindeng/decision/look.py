"""One evaluation of all rules under one stance, and the verdict that follows from it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from xindeng.decision.answer import Outcome
from xindeng.decision.board import Board
from xindeng.decision.burden import burden
from xindeng.decision.facts import NEUTRAL
from xindeng.decision.frontier import Frontier, find_frontier
from xindeng.decision.request import Request
from xindeng.language import Value
from xindeng.policy.policy import Policy

_NO_ROOM = Frontier(0, None, 0)


class Verdict(NamedTuple):
    """What the rules amount to; the last three are bit masks of blocking rules.

    `stops` stand in the way of the amount asked; `soft` are those of them that a smaller amount
    avoids, `hard` the others. `gates` are the rules that keep the frontier where it is.
    """

    outcome: Outcome
    frontier: Frontier
    stops: int
    soft: int
    hard: int
    gates: int


class Look:
    """All rules evaluated once: `definitions`, and bit masks of the rules that `fired` or whose
    condition was `missing` data, for the inputs and parameters given."""

    __slots__ = ("barred", "board", "definitions", "fired", "inputs", "least", "missing", "monthly",
                 "parameters", "policy", "quiet", "referred", "request", "step")  # fmt: skip

    def __init__(
        self,
        policy: Policy,
        board: Board,
        inputs: list[Value],
        parameters: Sequence[Value],
        request: Request,
    ) -> None:
        self.policy, self.board, self.request = policy, board, request
        self.inputs, self.parameters = inputs, parameters
        self.monthly = burden(policy, request.product, request.rate_bp, request.term_months)
        self.definitions, self.fired, self.missing = policy.run(inputs, parameters)
        self.quiet = self.referred = self.barred = 0
        self.least = _positive(self.parameter("min_draw"))
        self.step = _positive(self.parameter("amount_step"))

    def rest(self, quiet: int, referred: int, barred: int) -> Look:
        """Silence rules that are `quiet`, refer others to a person (see lapsed.py), and let those
        lack data that are `barred` (see consent.py)."""
        self.quiet, self.referred, self.barred = quiet, referred, barred & ~quiet
        self.fired &= ~(quiet | barred)
        self.missing = (self.missing | barred) & ~quiet
        return self

    def under_neutral(self) -> Look:
        """Return the same request looked at as if our stance were neutral."""
        board, policy, inputs = self.board, self.policy, self.inputs.copy()
        inputs[board.stance_at] = NEUTRAL
        inputs[board.stance_review_at] = None
        day, segment = self.inputs[board.today_at], self.inputs[board.segment_at]
        parameters = policy.parameters(int(day or 0), NEUTRAL, str(segment))
        found = Look(policy, board, inputs, parameters, self.request)
        return found.rest(self.quiet, self.referred, self.barred)

    def value(self, name: str) -> Value:
        """Return an input or definition by name, None where the policy has no such name."""
        place = self.board.place.get(name)
        if place is None:
            return None
        derived, index = place
        return self.definitions[index] if derived else self.inputs[index]

    def whole(self, name: str) -> int | None:
        """Return `value(name)` where it is an integer, else None."""
        value = self.value(name)
        return value if type(value) is int else None

    def parameter(self, name: str) -> Value:
        """Return the value of a parameter in force."""
        return self.parameters[self.board.parameter_at[name]]

    def until(self, index: int) -> int | None:
        """Return when rule `index` says that it lets go, in µs; None if it does not know."""
        if self.board.rules[index].until is None:
            return None
        return self.policy.until(index, self.inputs, self.definitions, self.parameters)

    def review_at(self, index: int, now: int) -> int:
        """Return the review instant (µs) of the hold that rule `index` places at `now`."""
        return self.policy.review_at(index, now, self.inputs, self.definitions, self.parameters)

    def hold_cap(self, index: int) -> int | None:
        """Return the cap of the hold that rule `index` places, in minor units, if it has one."""
        return self.policy.hold_cap(index, self.inputs, self.definitions, self.parameters)

    def stops_at(self, amount: int, ignored: int = 0) -> int:
        """Return the amount-dependent blocking rules that fire, or lack data, at `amount`."""
        return self.rules_at(amount) & self.board.blocking & ~ignored

    def rules_at(self, amount: int) -> int:
        """Return all amount-dependent rules that fire, or lack data, at `amount`."""
        board = self.board
        inputs = self.inputs.copy()
        inputs[board.amount_at] = amount
        inputs[board.instalment_at] = self.monthly(amount)
        _, fired, missing = self.policy.run_amount(inputs, self.parameters)
        return (fired | missing | self.barred) & board.amount & ~self.quiet

    def judge(self, away: int, ignored: int = 0) -> Verdict:
        """Return the verdict; `away` are rules whose missing data is our side's doing, `ignored`
        rules are treated as if the policy did not have them."""
        board, request = self.board, self.request
        stops = (self.fired | self.missing) & board.blocking & ~ignored
        steady = stops & ~board.amount
        room = self.whole("available") if board.limited else request.amount
        top = room or 0
        if steady:
            frontier, gates = _NO_ROOM, steady
        else:
            passed = 0 if stops or request.amount > top else request.amount
            frontier = find_frontier(
                lambda amount: self.stops_at(amount, ignored),
                least=self.least,
                top=top,
                step=self.step,
                passed=passed,
            )
            gates = frontier.blockers
        soft = stops & board.amount
        if soft and not frontier.amount:
            # Nothing passes, so what still stops the smallest draw is no matter of amount.
            soft &= ~self.stops_at(self.least, ignored)
        hard = stops & ~soft
        outcome = self._outcome(stops, soft, hard, away, board.declining)
        if outcome is Outcome.APPROVE and request.amount > top:
            # The line rules say so themselves; this holds for a policy that forgot them.
            outcome = Outcome.APPROVE_LESS if room is not None else Outcome.REVIEW
        if outcome is Outcome.APPROVE_LESS and not frontier.amount:
            outcome = Outcome.DECLINE
        return Verdict(outcome, frontier, stops, soft, hard, gates or hard)

    def eased(self, verdict: Verdict, away: int, stance_only: int) -> Verdict:
        """Return the verdict when rules that only our stance made fire refuse for now at most.

        What the borrower would pass on an ordinary day is never a decline.
        """
        outcome = self._outcome(
            verdict.stops, verdict.soft, verdict.hard, away, self.board.declining & ~stance_only
        )
        return verdict._replace(outcome=outcome)

    def _outcome(self, stops: int, soft: int, hard: int, away: int, declining: int) -> Outcome:
        """Decline before review before retry_later before approve_less before approve."""
        if not stops:
            return Outcome.APPROVE
        board, fired = self.board, self.fired
        no_data = stops & ~fired
        if hard & fired & declining:
            return Outcome.DECLINE
        if (
            fired & (hard & (board.reviewing | self.referred) | stops & board.human)
            or no_data & ~away
        ):
            return Outcome.REVIEW
        return Outcome.RETRY_LATER if hard else Outcome.APPROVE_LESS


def _positive(value: Value) -> int:
    return value if type(value) is int and value > 0 else 1
