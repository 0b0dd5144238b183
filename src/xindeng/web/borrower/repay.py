"""Repay: what falls due when, what paying early would save, in part or in full, what was paid."""

from __future__ import annotations

from xindeng.intake.note_words import refusals_in
from xindeng.kernel.errors import InputError
from xindeng.kernel.money import BEYOND, MAX_AMOUNT
from xindeng.service.schedule import Schedule, pay_early, schedules
from xindeng.servicing.coming import Early
from xindeng.servicing.line_words import LOAN_STATES
from xindeng.web.borrower.amount import minor_of
from xindeng.web.borrower.frame import shown
from xindeng.web.route import Shown, Visit


def page(visit: Visit) -> Shown:
    """Show every loan with its schedule, and of one of them what a part paid today would do.

    Reckoning it out books nothing and leaves no mark.
    """
    found = schedules(visit.engine, visit.borrower)
    states = {name: words.by(visit.lang) for name, words in LOAN_STATES.items()}
    open_ = [one for one in found if one.standing.status == "open"]
    asked, amount = visit.query.get("loan", "")[:64], visit.query.get("amount", "").strip()[:20]
    loan = next((one for one in open_ if one.loan == asked), None)
    told, problem = _early(visit, loan, amount) if loan is not None and amount else (None, "")
    return shown(
        visit, "/me/repay", status=422 if problem else 200, open=open_,
        closed=[one for one in found if one.standing.status != "open"], states=states,
        asked=asked, amount=amount, early=told, problem=problem,
    )  # fmt: skip


def _early(visit: Visit, loan: Schedule, amount: str) -> tuple[Early | None, str]:
    """Return what the payment would do, or what is wrong with the amount."""
    stands = loan.standing
    try:
        with refusals_in(visit.lang):
            wish = minor_of(visit, amount)
    except InputError as error:
        if error.code != BEYOND:
            return None, visit.say("Please write an amount such as 8000.")
        wish = MAX_AMOUNT
    try:
        return pay_early(visit.engine, visit.borrower, loan.loan, wish), ""
    except InputError:
        most = visit.look.money(stands.payoff, visit.engine.policy.currency)
        least = visit.look.money(stands.due_now, visit.engine.policy.currency)
        if stands.due_now:
            return None, visit.say("Please name more than {least}, which is due, and at most "
                                   "{most}, which ends the loan.",
                                   least=least, most=most)  # fmt: skip
        return None, visit.say("Please name at most {most}, which ends the loan.", most=most)
