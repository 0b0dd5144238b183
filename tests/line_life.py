"""A borrower's line without a store: events folded in order, orders carried out as events."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

from msgspec.structs import replace

from xindeng.decision.decide import decide
from xindeng.decision.explain import Explanation, explain
from xindeng.decision.facts import PlatformState
from xindeng.decision.request import Request
from xindeng.events.envelope import Event, payload_to_builtins
from xindeng.events.expand import expand
from xindeng.events.fields import Payload
from xindeng.events.line import DecisionMade, DrawAttempt
from xindeng.events.read import read_event
from xindeng.kernel.time import DAY, MINUTE, from_date, zone
from xindeng.policy.policy import Policy
from xindeng.service.policies import load_policy
from xindeng.servicing.hold_book import StandingHold, standing_holds
from xindeng.servicing.holds import place_decided, review
from xindeng.servicing.limit_book import LimitBook, limit_book
from xindeng.servicing.orders import Orders
from xindeng.servicing.view import View, view_of

ZONE = zone("Asia/Shanghai")
STEPS = ("name_and_id", "document", "face", "bank_card", "mobile")


@cache
def consumer_line() -> Policy:
    return load_policy("consumer_line")


def day(text: str) -> int:
    return from_date(date.fromisoformat(text))


class Life:
    """Time only moves forward; `say` returns all notices that were sent."""

    def __init__(self, policy: Policy | None = None) -> None:
        self.policy = policy or consumer_line()
        self.state = self.policy.kernel.empty()
        self.events: list[Event] = []
        self.notices: list[Any] = []
        self.tasks: list[Any] = []
        self.platform = PlatformState()
        self.now = 0
        self.ids = 0

    def new_id(self) -> str:
        self.ids += 1
        return f"id{self.ids}"

    def tell(self, kind: str, when: str | int, /, **payload: Any) -> None:
        at = ZONE.parse(when) if isinstance(when, str) else when
        self.now = max(self.now, at)
        raw = {
            "type": kind,
            "id": self.new_id(),
            "version": 1,
            "occurred_at": at,
            "payload": payload,
        }
        for event in expand(
            read_event(raw, borrower="b", received_at=self.now, zone=ZONE, own=True), ZONE
        ):
            made = replace(event, seq=self.state.seq + 1)
            self.policy.kernel.fold(self.state, made)
            self.events.append(made)

    def put(self, *payloads: Payload) -> None:
        for payload in payloads:
            self.tell(str(payload.__struct_config__.tag), self.now, **payload_to_builtins(payload))

    def carry(self, orders: Orders) -> Orders:
        self.put(*orders.payloads)
        self.notices += orders.notices
        self.tasks += orders.tasks
        return orders

    def at(self, when: str | int) -> View:
        self.now = max(self.now, ZONE.parse(when) if isinstance(when, str) else when)
        return view_of(self.policy, self.state, self.platform, self.now)

    @property
    def holds(self) -> tuple[StandingHold, ...]:
        return standing_holds(self.events)

    @property
    def book(self) -> LimitBook:
        return limit_book(self.events)

    def reviewed(self, when: str | int) -> Orders:
        return self.carry(review(self.at(when), self.holds))

    def asks(self, when: str | int, yuan: int, **more: Any) -> Any:
        """A draw as the service makes it: attempt, decision, the holds it asks for."""
        view = self.at(when)
        request = Request(yuan * 100, **more)
        self.put(DrawAttempt(amount=request.amount, term_months=12, sitting=self.new_id()))
        view = view_of(self.policy, self.state, self.platform, self.now)
        made = decide(self.policy, view.facts, request, view.now)
        self.put(
            DecisionMade(
                decision_id=self.new_id(), outcome=made.outcome.value, amount=made.amount_offered or 0,
                sitting="s", counted=made.counted,
            )
        )  # fmt: skip
        self.carry(place_decided(view, made.holds_to_place, self.new_id))
        return made

    def explained(self, made: Any, lang: str = "zh") -> Explanation:
        return explain(self.policy, made, lang=lang)


def sound(
    today: str, *, limit: int = 20_000, income: int = 9_000, opened: str = "2025-01-10"
) -> Life:
    """A borrower of whom everything is green on `today`, paid on the 10th of each month."""
    life = Life()
    life.tell("account_opened", opened, birth_day=9000)
    life.tell("limit_change", opened, limit=limit * 100, change="granted")
    life.tell("payout_card", opened, action="bound", card="c1")
    for step in STEPS:
        life.tell("identity_step", opened, step=step, result="passed")
    end = ZONE.parse(today)
    facts: list[tuple[int, str, dict[str, Any]]] = []
    for month in range(1, 10):
        paid = end - month * 30 * DAY + 10 * 60 * MINUTE
        facts.append((paid, "payment", {"direction": "in", "amount": income * 100 + month,
                                        "category": "salary", "counterparty": "e"}))  # fmt: skip
        facts += [(paid + 3 * k * DAY, "purchase", {"amount": 4_000, "merchant": f"m{k}"})
                  for k in range(9)]  # fmt: skip
    report = {"report_day": ZONE.day(end) - 5, "accounts": [
        {"account": "old", "kind": "R2", "lender": "bank", "limit": 1_000_000, "balance": 100_000,
         "grid": "N" * 48}]}  # fmt: skip
    facts.append((end - 5 * DAY, "credit_report", report))
    for at, kind, payload in sorted(facts, key=lambda fact: fact[0]):
        if at < end:
            life.tell(kind, at, **payload)
    return life
