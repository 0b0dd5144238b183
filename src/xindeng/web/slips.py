"""What is wrong with a form that was sent, in the visitor's words, at the field where it is wrong.

The form is shown again with what was typed in it, so that nobody types anything twice.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote

from xindeng.kernel.errors import PolicyError, XindengError

Say = Callable[..., str]


def _(text: str) -> str:
    """Mark a text for the catalogues."""
    return text


@dataclass(frozen=True, slots=True)
class Again:
    """A form to be shown again: where it was sent, what was typed, what is wrong.

    `slips` tells a field's fault in words; `lines` are for the head of the page; `detail` is the
    engine's own text, in English, where there are no words of ours for it; `code` is the error's.
    """

    path: str
    typed: Mapping[str, str | list[str]]
    lines: tuple[str, ...]
    slips: Mapping[str, str] = field(default_factory=dict)
    detail: str = ""
    code: str = ""

    def at(self, path: str, **same: str) -> Again | None:
        """Return itself for the form that is sent to `path` and holds the same hidden fields."""
        here = unquote(path) == unquote(self.path)
        fits = here and all(self.typed.get(name, "") == value for name, value in same.items())
        return self if fits else None


_FIELD_OF: Final = {"terms": "share", "effective_at": "from_on", "reason": "why"}
"""What the engine calls a field otherwise than the forms do."""
_BY_CODE: Final[dict[str, tuple[str, str]]] = {
    "request.day": ("", _("Write a day such as 2026-11-01.")),
    "proposal.why": ("why", _("Say why in a few words; whoever judges it reads this.")),
    "challenger.why": ("why", _("Say why in a few words; whoever judges it reads this.")),
    "loan.reason": ("note", _("Say why in a few words; the customer reads this.")),
    "policy.same": ("text", _("This draft changes nothing.")),
    "policy.cases": ("", _("Cases of this policy fail. Mend the rule or its case, or tick that it "
                           "is proposed although they fail; the reason says why.")),
    "policy.stale": ("", _("The policy has changed since this draft was begun. Open the version in "
                           "force and make the change there; what you typed stands below.")),
    "policy.from": ("from_on", _("That day is over. Name a day to come, or leave it empty.")),
    "proposal.stale": ("", _("That hold does not stand any more, so there is nothing to end.")),
    "proposal.over": ("", _("It was judged meanwhile, or its time is over.")),
    "proposal.own": ("", _("You proposed it, so somebody else judges it.")),
    "challenger.name": ("name", _("There was a challenger of that name. Choose another, so that "
                                  "figures are never mixed.")),
    "challenger.share": ("share", _("So many borrowers are not free. Take a smaller share, or stop "
                                    "a challenger first.")),
    "challenger.unfit": ("", _("This draft cannot run beside the one in force.")),
    "stance.day": ("until_on", _("Name a day to come, within the days allowed.")),
    "stance.segment": ("segment", _("Choose one of those offered.")),
    "stance.name": ("stance", _("Choose one of those offered.")),
    "hold.evidence": ("evidence", _("Say what came up since; what was known before does not "
                                    "lengthen a hold.")),
    "hold.past_review": ("days", _("Its review is over. It ends or is decided; a new cause needs a "
                                   "new hold.")),
    "hold.cap": ("days", _("That is longer, or more often, than the policy allows for this kind.")),
    "hold.length": ("days", _("That is longer than the policy allows for this kind.")),
    "hold.mode": ("cap", _("A cap needs its amount, and nothing else takes one.")),
    "hold.reason": ("reason", _("Say in a few words what it rests on.")),
    "hold.stands": ("reason", _("A hold for that reason stands already. Extend it on new evidence "
                                "instead.")),
    "hold.again": ("note", _("A hold for that reason has ended. Say what came up since, or leave "
                             "it ended.")),
    "matter.about": ("record", _("A dispute names the record that it is about; a review or an "
                                 "appeal needs a decision.")),
    "matter.open": ("", _("That is before a person already.")),
    "matter.closed": ("", _("It was answered already.")),
    "matter.not_taken": ("", _("Take it in hand first, then answer it.")),
    "matter.taken": ("", _("Somebody else has it in hand.")),
    "matter.same_person": ("", _("Whoever decided it does not answer it.")),
    "matter.cleared": ("cleared", _("Only rules that ask for a person or lack data can be let "
                                    "pass.")),
    "hardship.value": ("loan", _("Later due dates and smaller instalments need the loan and the "
                                 "first due day.")),
    "loan.deferral": ("first_due_on", _("That day is not on offer: later than today, and within "
                                        "the policy's longest delay.")),
    "loan.restructuring": ("months", _("That is longer than the policy allows.")),
    "request.amount": ("cap", _("Write an amount such as 5,000.")),
    "idempotency.other_request": ("", _("This form was sent before with other figures; the first "
                                        "counts. Send it once more if you want this, too.")),
}  # fmt: skip
_NAMED_BY_ENGINE: Final = ("challenger.unfit", "policy.cases")
"""What only the engine's own words name: what does not fit, which cases fail."""
_LONGEST: Final = re.compile(r"length <= (\d+)")
_BOUND: Final = re.compile(r"`int` (<=|>=) (\d+)")
_ABSENT: Final = re.compile(r"missing required field `(\w+)`")


def again_of(
    path: str, typed: Mapping[str, str | list[str]], error: XindengError, say: Say
) -> Again:
    """Return a form with what an error says of it."""
    if isinstance(error, PolicyError):
        return Again(path, typed, (say("The draft has problems; they are listed beside it."),))
    if error.code == "request.value":
        name, told = _unread(error, say)
    else:
        known = _BY_CODE.get(error.code)
        name, told = (known[0], say(known[1])) if known else ("", "")
        name = name or _named(error, typed)
    detail = "" if told and error.code not in _NAMED_BY_ENGINE else _engine(error)
    head = say("This was not taken; nothing was done. What you typed is still there.")
    lines = (told, head) if told else (head,)
    slips = {name: told} if name and told else {}
    return Again(path, typed, lines, slips, detail, error.code)


def words_of(error: XindengError, say: Say) -> str:
    """Return what an error says in words of ours, "" where there are none for it."""
    known = _BY_CODE.get(error.code)
    return say(known[1]) if known else ""


def _unread(error: XindengError, say: Say) -> tuple[str, str]:
    """Return the field of a form that could not be read as declared, and what to write there."""
    absent = _ABSENT.search(error.what)
    name = absent[1] if absent else error.where.rpartition("form.")[2].partition(".")[0]
    longest, bound = _LONGEST.search(error.what), _BOUND.search(error.what)
    if absent or "length >= 1" in error.what:
        return name, say("Please fill this in.")
    if longest:
        return name, say("At most {count} characters, please.", count=longest[1])
    if bound:
        least = bound[1] == ">="
        return name, (say("At least {count}.", count=bound[2]) if least
                      else say("At most {count}.", count=bound[2]))  # fmt: skip
    if "`int`" in error.what:
        return name, say("Write a whole number.")
    return name, say("Choose one of those offered.")


def _named(error: XindengError, typed: Mapping[str, str | list[str]]) -> str:
    """Return the field of the form that an error names, "" where it names none of it."""
    parts = error.where.split(".")
    names = [_FIELD_OF.get(one, one) for one in (parts[-1], parts[0])]
    return next((one for one in names if one in typed), "")


def _engine(error: XindengError) -> str:
    """Return the engine's own words, without where and without the command line's advice."""
    return error.what[:400]
