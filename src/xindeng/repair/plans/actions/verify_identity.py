"""Complete what is left of the identity check; it takes effect as soon as it passes.

Binding a card in one's own name and taking off one's own lock are such checks too, each with its
own wait. None of them is anybody else's decision.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from xindeng.events.fields import Payload
from xindeng.events.line import UnlockAsked
from xindeng.events.security import IdentityStep, PayoutCard
from xindeng.kernel.time import HOUR
from xindeng.repair.ahead.course import Act
from xindeng.repair.plans.case import Case
from xindeng.repair.plans.option import Action, Option
from xindeng.repair.plans.plan import Params, Step

NAME: Final = "verify_identity"


def _offers(case: Case) -> Iterator[Params]:
    if _steps(case):
        yield {"what": "steps"}
    if case.value("payout_own_name") is False:
        yield {"what": "own_card"}
    if any(hold.kind == "own_lock" for hold in case.held):
        yield {"what": "unlock"}


def _steps(case: Case) -> tuple[Payload, ...]:
    """Return the steps that are not passed, or not since something changed."""
    changed, passed = case.value("id_field_changed_at"), case.value("id_name_passed_at")
    stale = isinstance(changed, int) and (not isinstance(passed, int) or changed > passed)
    asleep = "activity.idle_check_owner" in case.gates
    found: list[Payload] = []
    if case.value("id_name_result") != "passed" or stale:
        found.append(IdentityStep(step="name_and_id", result="passed"))
    if case.value("id_document_result") in ("failed", "expired") or stale:
        found.append(IdentityStep(step="document", result="passed"))
    failed = case.value("id_face_result") == "failed"
    if failed or asleep or case.value("face_check_due") is True:
        found.append(IdentityStep(step="face", result="passed"))
    return tuple(found)


def _make(case: Case, params: Params, day: int) -> Option | None:
    at = case.moment(day)
    match params.get("what"):
        case "own_card":
            if case.value("payout_own_name") is not False:
                return None
            card = PayoutCard(action="changed", card="own card", own_name=True)
            step = Step(action=NAME, day=day, shows_at=at, params=params,
                        side_effects=("card_cooldown",))  # fmt: skip
            return Option(step, (Act(at, (card,)),))
        case "unlock":
            return _unlock(case, params, day, at)
    steps = _steps(case)
    if not steps:
        return None
    named = ",".join(one.step for one in steps if isinstance(one, IdentityStep))
    step = Step(action=NAME, day=day, shows_at=at, params={**params, "steps": named})
    return Option(step, (Act(at, steps),))


def _unlock(case: Case, params: Params, day: int, at: int) -> Option | None:
    lock = next((hold for hold in case.held if hold.kind == "own_lock"), None)
    if lock is None:
        return None
    hours = case.setting("unlock_wait_hours")
    face = IdentityStep(step="face", result="passed")
    asked = UnlockAsked(hold=lock.id, opens_at=at + hours * HOUR)
    # The lock is looked at again when the wait is over, and lets go by its own rule.
    opened = Act(at + hours * HOUR)
    step = Step(action=NAME, day=day, shows_at=opened.at, params=params,
                side_effects=("unlock_wait",))  # fmt: skip
    return Option(step, (Act(at, (face, asked)), opened))


ACTION: Final = Action(NAME, _offers, _make)
