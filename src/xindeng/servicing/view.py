"""One line at one instant, as the policy sees it: every column, parameter and the answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property

from xindeng.decision.answer import Decision
from xindeng.decision.decide import decide, look_at
from xindeng.decision.facts import Facts, PlatformState, facts_of
from xindeng.decision.request import Request
from xindeng.features.state import State
from xindeng.language import Value
from xindeng.policy.policy import Policy


class View:
    """All that is known of a line at `now` (µs). `holds` of the facts are those that stand."""

    def __init__(self, policy: Policy, facts: Facts, now: int, request: Request) -> None:
        self.policy, self.facts, self.now, self.request = policy, facts, now, request
        self.today = policy.zone.day(now)
        look = look_at(policy, facts, request, now)
        self.inputs, self.definitions = look.inputs, look.definitions
        self.parameters, self._look = look.parameters, look
        self.fired = look.fired
        self.stance = str(look.value("stance"))
        self.segment = str(look.value("segment"))

    def value(self, name: str) -> Value:
        """Return an input or definition by name, None where the policy has no such name."""
        return self._look.value(name)

    def whole(self, name: str) -> int:
        """Return `value(name)` where it is an integer, else 0."""
        return self._look.whole(name) or 0

    def parameter(self, name: str) -> int:
        """Return a whole-number parameter in force; raises NotFoundError if there is none."""
        self.policy.parameter_spec(name)
        return int(self._look.parameter(name) or 0)

    @cached_property
    def decision(self) -> Decision:
        """Return how the policy answers the request this view was made with."""
        return decide(self.policy, self.facts, self.request, self.now)

    def supposing(self, columns: Mapping[str, Value]) -> View:
        """Return the view with some base features at other values; nothing is kept of it."""
        book = [feature.name for feature in self.policy.book.base]
        values = [
            columns.get(name, value) for name, value in zip(book, self.facts.values, strict=True)
        ]
        return View(self.policy, replace(self.facts, values=values), self.now, self.request)


def view(policy: Policy, facts: Facts, now: int, request: Request | None = None) -> View:
    """Return the line at `now`; the request is the smallest draw unless given."""
    least = policy.parameter("min_draw", policy.zone.day(now))
    smallest = Request(amount=int(least or 1), currency=policy.currency)
    return View(policy, facts, now, request or smallest)


def view_of(policy: Policy, state: State, platform: PlatformState, now: int) -> View:
    """Return the line of a folded state, at `now` or the last thing known if that is later."""
    at = max(now, state.last_known_at)
    return view(policy, facts_of(policy.kernel, state, platform, at), at)
