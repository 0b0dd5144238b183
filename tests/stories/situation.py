"""A borrower's situation as a test writes it: dated events in, decision and explanation out.

Everything goes the way real input goes: raw JSON → reader → expansion → fold → `decide()` →
`explain()`; nothing is put into the state by hand.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec

from xindeng.decision.decide import Decision, decide
from xindeng.decision.explain import Explanation, explain
from xindeng.decision.facts import Facts, PlatformState
from xindeng.decision.request import Request
from xindeng.events.expand import expand
from xindeng.events.read import read_event
from xindeng.policy.policy import Policy
from xindeng.repair.wait import WaitResult, earliest_yes


class Situation:
    """One borrower under one policy, with the platform in a given state."""

    def __init__(self, policy: Policy, platform: PlatformState | None = None) -> None:
        self.policy = policy
        self.platform = platform or PlatformState()
        self.state = policy.kernel.empty()
        self._seen: set[str] = set()

    def at(self, when: str) -> int:
        return self.policy.zone.parse(when)

    def happened(self, when: str, kind: str, **payload: Any) -> Situation:
        """Fold one event; `when` is local, duplicates by id are dropped as the store drops them."""
        at = self.at(when)
        raw = {"borrower": "b1", "type": kind, "occurred_at": at, "payload": payload}
        event = read_event(raw, received_at=at, zone=self.policy.zone, currency=self.policy.currency)
        for one in expand(event, self.policy.zone):
            if one.id in self._seen:
                continue
            self._seen.add(one.id)
            numbered = msgspec.structs.replace(one, seq=self.state.seq + 1)
            self.policy.kernel.fold(self.state, numbered)
        return self

    def facts(self, now: int) -> Facts:
        kernel = self.policy.kernel
        return Facts(
            values=kernel.vector(self.state, now),
            holds=kernel.holds(self.state),
            platform=self.platform,
        )

    def asks(self, when: str, yuan: int, **request: Any) -> Decision:
        now = self.at(when)
        wanted = Request(amount=yuan * 100, **request)
        return decide(self.policy, self.facts(now), wanted, now)

    def waits(self, when: str, yuan: int, **request: Any) -> WaitResult:
        wanted = Request(amount=yuan * 100, **request)
        return earliest_yes(self.policy, self.state, self.platform, wanted, self.at(when))

    def told(self, decision: Decision, lang: str, audience: str = "borrower", **more: Any) -> str:
        """Everything the audience reads, as one text."""
        explanation: Explanation = explain(
            self.policy, decision, audience=audience, lang=lang, **more
        )
        return "\n".join(explanation.lines())

    def under(self, **changes: Any) -> Situation:
        """Change the platform's state from here on."""
        self.platform = replace(self.platform, **changes)
        return self
