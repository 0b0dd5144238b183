"""Trial: try an amount without leaving a mark; the largest that passes today and by month."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct
from msgspec.structs import replace

from xindeng.decision.answer import Outcome
from xindeng.decision.precheck import explain_precheck, grid_of
from xindeng.kernel.errors import InputError, TooManyError
from xindeng.repair.plans.told import tell_falls
from xindeng.service import line as lines
from xindeng.service.months import by_month
from xindeng.service.precheck import precheck
from xindeng.service.product import request_of
from xindeng.web.borrower.amount import minor_of, wrong_amount
from xindeng.web.borrower.frame import shown
from xindeng.web.route import Shown, Visit

Text = Annotated[str, Meta(max_length=40)]


class TrialForm(Struct):
    """An amount as people write it, and over how many months."""

    amount: Text = ""
    months: Annotated[int, Meta(ge=1, le=600)] = 12


def form(visit: Visit) -> Shown:
    """Show the slider; nothing is tried yet."""
    months = visit.query.get("months", "")
    over = int(months) if months.isdigit() and len(months) < 4 else 12
    around = _around(visit, visit.query.get("amount", "")[:20], over)
    return shown(visit, "/me/try", **around, result=None, problem="", ahead=())


def tried(visit: Visit) -> Shown:
    """Try what was asked. The answer is shown once, on this very page, and kept nowhere."""
    sent: TrialForm = visit.form
    around = _around(visit, sent.amount, sent.months)
    engine = visit.engine
    try:
        request = request_of(engine, minor_of(visit, sent.amount), sent.months, "consumption")
        found = precheck(engine, visit.borrower, request)
        result = explain_precheck(engine.policy, found, visit.lang)
    except TooManyError as error:
        wait = -(-(error.retry_after_s or 60) // 60)
        said = visit.say("That was often enough for this hour. It changes nothing about any "
                         "decision; try again in {minutes} minutes.", minutes=wait)  # fmt: skip
        return shown(visit, "/me/try", status=429, **around, result=None, problem=said, ahead=())
    except InputError:
        said = wrong_amount(visit, sent.amount, least=grid_of(engine.policy, engine.clock()))
        return shown(visit, "/me/try", status=422, **around, result=None, problem=said, ahead=())
    ahead = () if found.verify_first else by_month(engine, visit.borrower, request)
    grid = grid_of(engine.policy, engine.clock())
    months = [replace(one, idle=one.idle // grid * grid) for one in ahead]
    around["passes"] = found.decision is not None and found.decision.outcome is Outcome.APPROVE
    return shown(visit, "/me/try", **around, result=result, problem="", ahead=months,
                 falls=tell_falls(engine.policy, months, visit.lang))  # fmt: skip


def _around(visit: Visit, amount: str, months: int = 12) -> dict[str, Any]:
    engine = visit.engine
    view = lines.show(engine, visit.borrower, veil=True)
    policy, most = engine.policy, view.numbers.available or view.numbers.limit or 0
    step = grid_of(policy, engine.clock())
    top = max(most // step * step, step)
    start = min(top, max(step, top // 2 // step * step))
    try:
        told = minor_of(visit, amount) if amount else start
    except InputError:
        told = start
    return {
        "amount": amount or f"{start // 100:,}", "months": months, "step": step // 100,
        "top": top // 100, "at": min(max(told, step), top) // 100,
        "terms": terms(visit), "passes": False,
    }  # fmt: skip


def terms(visit: Visit) -> list[int]:
    """Return the months over which the policy's products are offered."""
    offered = {month for one in visit.engine.policy.products.all for month in one.months}
    return sorted(offered) or [3, 6, 12]
