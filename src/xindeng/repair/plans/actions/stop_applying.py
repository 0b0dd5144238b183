"""Apply nowhere for now: nothing happens, which is the point.

Left out means that one more application is made on the next day, at a lender never asked before;
the enquiry is what the step keeps away.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from xindeng.events.credit import CreditInquiry, LoanApplication
from xindeng.repair.ahead.course import Act
from xindeng.repair.plans.case import Case
from xindeng.repair.plans.option import Action, Option
from xindeng.repair.plans.plan import Params, Step

NAME: Final = "stop_applying"
ANOTHER: Final = "another lender"


def _offers(case: Case) -> Iterator[Params]:
    yield {}


def _make(case: Case, params: Params, day: int) -> Option | None:
    step = Step(action=NAME, day=day, shows_at=case.now, params=params)
    return Option(step, otherwise=(applied(case, day + 1),))


def applied(case: Case, day: int) -> Act:
    """Return one more application on local `day`, which leaves a hard enquiry at once."""
    told = (
        LoanApplication(lender=ANOTHER, lender_kind="bank"),
        CreditInquiry(lender=ANOTHER, reason="loan_approval"),
    )
    return Act(case.moment(day), told)


ACTION: Final = Action(NAME, _offers, _make)
