"""Dispute a record that is wrong: the bureau decides, within the days that the law gives it.

Useful only where the record really is wrong, which nobody but the borrower can know; so it is
conditional, and looked at where nothing that is in the borrower's own hands helps.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from xindeng.events.credit import BureauSummary
from xindeng.events.fields import Payload
from xindeng.events.life import Dispute
from xindeng.repair.ahead.course import Act
from xindeng.repair.plans.case import Case
from xindeng.repair.plans.option import Action, Option
from xindeng.repair.plans.plan import Params, Step

NAME: Final = "dispute"
_RECORD: Final = "bureau"


def _offers(case: Case) -> Iterator[Params]:
    if case.value("bureau_has_record") is True:
        yield {}


def _make(case: Case, params: Params, day: int) -> Option | None:
    opened = case.moment(day)
    answered = case.shows_at(NAME, day)
    step = Step(
        action=NAME, day=day, shows_at=answered, decider="bureau",
        side_effects=("marked_meanwhile",), params=params,
    )  # fmt: skip
    asked = Act(opened, (Dispute(record=_RECORD, stage="opened"),))
    corrected = Dispute(record=_RECORD, stage="corrected")
    upheld = Dispute(record=_RECORD, stage="upheld")
    return Option(
        step,
        (asked, Act(answered, (corrected,), amends=_corrected)),
        refused=(asked, Act(answered, (upheld,))),
    )


def _corrected(payload: Payload) -> Payload:
    if isinstance(payload, BureauSummary):
        return replace(
            payload, overdue_accounts=0, overdue_amount=0, overdue_months_24m=0,
            max_consecutive_overdue=0, worst_code_24m=0, bad_debt_accounts=0,
            special_status_accounts=0, disputed_accounts=0,
        )  # fmt: skip
    return payload


ACTION: Final = Action(NAME, _offers, _make)
