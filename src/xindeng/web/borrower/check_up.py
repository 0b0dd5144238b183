"""Report and bills: one's own papers, read once, told what was understood, and kept by nobody."""

from __future__ import annotations

from typing import Annotated, Any, Final, get_args

from msgspec import Meta, Struct

from xindeng.decision.request import Request
from xindeng.intake.note_words import refusals_in
from xindeng.kernel.errors import InputError, TooManyError
from xindeng.kernel.money import Money
from xindeng.repair.checkup.papers import PaperKind
from xindeng.repair.flows.kinds import Meaning
from xindeng.repair.flows.parties import MOST, parties
from xindeng.repair.flows.words import MEANINGS
from xindeng.service import agents
from xindeng.service.checkup_sent import MOST_PAPERS, Paper, check_up_sent, reference
from xindeng.web.borrower.frame import shown
from xindeng.web.borrower.trial import Text
from xindeng.web.route import Shown, Visit

MOST_BYTES: Final = 10_500_000
"""Of a form with its papers."""
_KINDS: Final[tuple[PaperKind, ...]] = ("report", "bills", "statement", "debts")


_Name = Annotated[str, Meta(max_length=200)]
_Names = _Name | Annotated[list[_Name], Meta(max_length=2 * MOST)]


class PapersForm(Struct):
    """What is stated beside the papers: a month's income, an amount one has in mind, and who
    somebody in them really is: written a line each, or chosen, each `party` with its `meaning`."""

    income: Text = ""
    amount: Text = ""
    corrections: Annotated[str, Meta(max_length=4_000)] = ""
    party: _Names = ""
    meaning: _Names = ""

    def corrected(self) -> str:
        """Return all corrections, a line each; what was chosen stands after what was written."""
        chosen = zip(_listed(self.party), _listed(self.meaning), strict=False)
        return "\n".join([self.corrections, *(f"{who} = {what}" for who, what in chosen if what)])


def form(visit: Visit) -> Shown:
    """Show what may be handed in."""
    return _form(visit, PapersForm())


def _form(visit: Visit, sent: PapersForm, **problem: Any) -> Shown:
    around = {"problem": "", "detail": "", "most": MOST_BYTES, **problem}
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
            corrections=sent.corrected(),
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
    place = 0 if visit.lang == "zh" else 1
    return shown(
        visit, "/me/check-up", "borrower/checked.html", report=done.report, sent=sent,
        parties=parties(done.read.flows, done.read.papers.names, done.read.events),
        meanings=[(one, MEANINGS[one][place]) for one in get_args(Meaning)], most=MOST_BYTES,
    )  # fmt: skip


def _listed(sent: str | list[str]) -> list[str]:
    return [sent] if isinstance(sent, str) else sent


def _amount(text: str, currency: str) -> int | None:
    return Money.parse(text, currency).minor if text.strip() else None
