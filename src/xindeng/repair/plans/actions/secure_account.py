"""Make the account safe, where the borrower can see what is wrong.

A new password only where one leaked: it starts a cool-down, and without any suspicion it is a wait
for nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from xindeng.events.security import CallForwarding, CredentialChange
from xindeng.repair.ahead.course import Act
from xindeng.repair.plans.case import Case
from xindeng.repair.plans.option import Action, Option
from xindeng.repair.plans.plan import Params, Step

NAME: Final = "secure_account"


def _offers(case: Case) -> Iterator[Params]:
    if case.value("leak_open") is True:
        yield {"what": "password"}
    if case.value("call_forwarding_state") == "on":
        yield {"what": "forwarding"}


def _make(case: Case, params: Params, day: int) -> Option | None:
    at = case.moment(day)
    if params.get("what") == "password":
        if case.value("leak_open") is not True:
            return None
        change = CredentialChange(kind="password", after_incident=True)
        step = Step(action=NAME, day=day, shows_at=at, params=params,
                    side_effects=("password_cooldown",))  # fmt: skip
        return Option(step, (Act(at, (change,)),))
    if case.value("call_forwarding_state") != "on":
        return None
    step = Step(action=NAME, day=day, shows_at=at, params=params)
    return Option(step, (Act(at, (CallForwarding(state="off"),)),))


ACTION: Final = Action(NAME, _offers, _make)
