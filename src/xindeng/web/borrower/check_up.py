"""Report and bills: one's own papers, read once, told what was understood, and kept by nobody."""

from __future__ import annotations

from typing import Annotated, Any, Final

from msgspec import Meta, Struct

from xindeng.decision.request import Request
from xindeng.intake.note_words import refusals_in
from xindeng.kernel.errors import InputError, TooManyError
from xindeng.kernel.money import Money
from xindeng.repair.checkup.papers import PaperKind
from xindeng.service import agents
from xindeng.service.checkup_sent import MOST_PAPERS, Paper, check_up_sent, reference
from xindeng.web.borrower.frame import shown
from xindeng.web.borrower.trial import Text
from xindeng.web.route import Shown, Visit

MOST_BYTES: Final = 10_500_000
_KINDS: Final[tuple[PaperKind, ...]] = ("report", "bills", "statement", "debts")


class PapersForm(Struct):
    """What is stated beside the papers: a month's income, an amount one has in mind."""

    income: Text = ""
    amount: Text = ""
    corrections: Annotated[str, Meta(max_length=4_000)] = ""


def form(visit: Visit) -> Shown:
    """Show what may be handed in."""
    return _form(visit, PapersForm())


def _form(visit: Visit, sent: PapersForm, **problem: Any) -> Shown:
    around = {"problem": "", "detail": "", **problem}
    status = 422 if around["problem"] else 200
    return shown(visit, "/me/check-up", "borrower/papers.html", status, sent=sent, **around)


def check(visit: Visit) -> Shown:
    """Read the papers and show the report; nothing of them is stored, and no mark is left."""
    sent: PapersForm = visit.form
    papers = [
        Paper(kind, one.name, one.data)
        for kind in _KINDS for one in visit.files.get(kind, ()) if one.data
    ][:MOST_PAPERS]  # fmt: skip
    policy = reference()
    try:
        with refusals_in(visit.lang):
            income = _amount(sent.income, policy.currency)
            amount = _amount(sent.amount, policy.currency)
        agents.seen(visit.engine, visit.borrower, {})
        visit.service.checkups.enter(visit.borrower)
        done = check_up_sent(
            papers, visit.engine.clock(), visit.lang, income=income,
            request=None if amount is None else Request(amount=amount, currency=policy.currency),
            corrections=sent.corrections,
        )  # fmt: skip
    except TooManyError:
        said = visit.say("That was often enough for this hour. Please try again later.")
        return _form(visit, sent, problem=said)
    except InputError as error:
        if error.code == "checkup.nothing":
            said = visit.say("Please choose at least one paper, or say what you earn.")
            return _form(visit, sent, problem=said)
        said = visit.say("One of the papers or figures could not be read, so nothing was done "
                         "with any of them.")  # fmt: skip
        return _form(visit, sent, problem=said, detail=str(error))
    return shown(visit, "/me/check-up", "borrower/checked.html", report=done.report, sent=sent)


def _amount(text: str, currency: str) -> int | None:
    return Money.parse(text, currency).minor if text.strip() else None
