"""What a person's own papers cannot tell, taken for granted so that the rest can be judged.

A policy asks whether the account is verified and a line was granted; a bill says nothing of it.
These events stand in for that, in a check-up only, and every one of them is told. The areas that
rest on nothing else show no light: they are unknown, not green.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from xindeng.decision.trace import events_behind
from xindeng.events.catalogue import CATALOGUE
from xindeng.events.credit import BureauSummary
from xindeng.events.envelope import Event
from xindeng.events.fields import Payload
from xindeng.events.life import AccountOpened
from xindeng.events.line import LimitChange
from xindeng.events.security import IdentityStep
from xindeng.kernel.time import DAY
from xindeng.policy.policy import Policy

ASSUMED: Final = ("adult", "verified", "account_open", "limit_enough")
CLEAN_REPORT: Final = "clean_report"
GONE_ON: Final = "gone_on"
"""What is taken for granted: without a credit report that it is in order, and of the days since the
bills end that they were as those before. The words are in `xindeng.repair.checkup.words`."""

_FLOWS: Final = frozenset({"payment", "purchase"})
_REPORT: Final = frozenset({"bureau_summary"})
_NEEDED: Final[dict[str, tuple[frozenset[str], ...]]] = {
    "bureau": (_REPORT,),
    "debt": (frozenset({"external_debt"}), frozenset({"payment", "income_evidence"})),
    "applications": (_REPORT,),
    "activity": (_FLOWS,),
    "cash_flow": (frozenset({"payment"}),),
    "consumption": (_FLOWS,),
    "score": (_REPORT,),
    "identity": (frozenset({"identity_step"}),),
}
"""Area → what must be told of before no finding means that all is fine: one of each group."""

_OPENED_DAYS_AGO: Final = 1_000
_BORN_DAYS_AGO: Final = 30 * 365
_LIMIT: Final = 20_000_000
_STEPS: Final = ("name_and_id", "document", "face", "bank_card", "mobile")


def assumed_events(policy: Policy, borrower: str, now: int, told: Iterable[str]) -> list[Event]:
    """Return the events that stand in for what no paper tells, without sequence.

    `told` are the event types that the papers hold. Without a credit report one in good order is
    taken: not to have handed it in is not to have none.
    """
    opened = now - _OPENED_DAYS_AGO * DAY
    stands: list[tuple[int, Payload]] = [
        (opened, AccountOpened(birth_day=policy.zone.day(now) - _BORN_DAYS_AGO)),
        (opened, LimitChange(limit=_LIMIT, change="granted")),
        *((now - DAY, IdentityStep(step=step, result="passed")) for step in _STEPS),
    ]
    if "bureau_summary" not in told:
        stands.append((opened, _clean(policy.zone.day(now))))
    return [_event(borrower, at, place, payload) for place, (at, payload) in enumerate(stands)]


def _clean(day: int) -> BureauSummary:
    return BureauSummary(
        report_day=day, has_record=True, accounts=1, open_accounts=1, overdue_accounts=0,
        overdue_amount=0, overdue_months_24m=0, max_consecutive_overdue=0, worst_code_24m=0,
        bad_debt_accounts=0, special_status_accounts=0, disputed_accounts=0, guarantees=0,
        public_records=0, fraud_alert=False, identity_mismatch=False, card_limit=0, card_used=0,
        oldest_account_months=24,
    )  # fmt: skip


def in_sequence(events: Iterable[Event]) -> list[Event]:
    """Return the events in order of time, each known when it happened, numbered from 1.

    An event whose id came before is left out: two papers may tell the same.
    """
    ordered = sorted(events, key=lambda event: event.occurred_at)
    once = {event.id: event for event in reversed(ordered)}
    kept = sorted(once.values(), key=lambda event: event.occurred_at)
    return [
        Event(
            id=event.id, borrower=event.borrower, type=event.type, version=event.version,
            occurred_at=event.occurred_at, known_at=event.occurred_at, payload=event.payload,
            seq=seq,
        )
        for seq, event in enumerate(kept, 1)
    ]  # fmt: skip


def complete_areas(told: Iterable[str]) -> frozenset[str]:
    """Return the areas of which the papers tell enough to call them fine; `told` are event types.

    Without debts a low burden would be a guess, without flows a quiet account would be one.
    """
    types = frozenset(told)
    return frozenset(
        area for area, needs in _NEEDED.items() if all(types & group for group in needs)
    )


def told_rules(policy: Policy, told: Iterable[str]) -> int:
    """Return the bit mask of the rules about the person that rest on something they told."""
    types = frozenset(told)
    return sum(
        1 << index
        for index, rule in enumerate(policy.rules)
        if rule.whose not in ("platform", "withheld") and events_behind(policy, rule.id) & types
    )


def _event(borrower: str, at: int, place: int, payload: Payload) -> Event:
    name = str(payload.__struct_config__.tag)
    return Event(
        id=f"assumed:{name}:{place}",
        borrower=borrower,
        type=name,
        version=CATALOGUE[name].version,
        occurred_at=at,
        known_at=at,
        payload=payload,
    )
