"""What a visitor is told when something goes wrong: what happened, what was done, what to do.

The words are chosen by the error's code, then by its status; the engine's own text is shown to
staff alone, for it may name things that a borrower is not told.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from xindeng.api.problems import RequestError
from xindeng.kernel.errors import XindengError


def _(text: str) -> str:
    """Mark a text for the catalogues."""
    return text


@dataclass(frozen=True, slots=True)
class Told:
    """An error in words; `kind` chooses what the page offers to do."""

    status: int
    title: str
    happened: str
    do: str
    kind: str = ""


_NOTHING: Final = _("Nothing was done and nothing was recorded.")
_BY_CODE: Final[dict[str, tuple[str, str, str]]] = {
    "forbidden.form": (
        _("This form came from another site"),
        _("It was not sent from a page of ours, so we did not take it. Nothing was done and "
          "nothing was recorded."),
        _("Go back, open the page again and send it from there."),
    ),
    "forbidden.form_holder": (
        _("Somebody has signed in or out here since"),
        _("This page is from before you, or somebody else, last signed in or out in this browser, "
          "so we did not act on it. Nothing was done and nothing was recorded."),
        _("Open the page again and send it from there, once you have made sure who is signed in."),
    ),
    "request.too_large": (
        _("This file is too large"),
        _("We take files up to 10 MB. Nothing of it was kept."),
        _("Choose a smaller file, for example a shorter period of the bill."),
    ),
    "not_found.borrower": (
        _("No line is known here"),
        _("Nothing has been told to us about a line under this name."),
        _("If you have just opened it, try again in a few minutes, or ask your lender."),
    ),
    "overdue": (
        _("The answer did not come in time"),
        _("This is our side, not you. If you sent a form it may still be carried out, and never "
          "twice, however often it is sent."),
        _("Wait a minute and load the page again; it shows how things stand."),
    ),
    "idempotency.in_flight": (
        _("Your first press is still on its way"),
        _("The same request arrived twice. It is done once, however often the button is pressed."),
        _("Wait a few seconds, then look at the page again."),
    ),
    "idempotency.other_request": (
        _("This form was already sent with other figures"),
        _("What you sent first counts. What you sent now was not taken."),
        _("Open the page again if you want to ask for something else."),
    ),
    "not_found.policy": (
        _("No such version is stored here"),
        _("Versions are named by their hash, at least six of its digits."),
        _("Choose one under Policy, Versions."),
    ),
    "not_found.rule": (
        _("This version has no such rule"),
        _("It may stand in another version, or under another name."),
        _("Choose one under Policy, Bundle."),
    ),
    "not_found.file": (
        _("This version has no such file"),
        _("It may stand in another version, or under another name."),
        _("Choose one under Policy, Bundle."),
    ),
    "unauthenticated.sign_in": (
        _("The name or the password is not right"),
        _NOTHING,
        _("Try again, or ask an administrator to set a new password."),
    ),
}  # fmt: skip
_AT_DESK: Final[dict[str, tuple[str, str, str]]] = {
    "not_found.borrower": (
        _("No customer has this number"),
        _("Nothing is stored here under it. Upper and lower case count."),
        _("Look for the customer under Find somebody: by their number, or by that of a decision, a "
          "draw, a loan or a matter."),
    ),
    "not_found.decision": (
        _("There is no such decision"),
        _("It may belong to another customer, or its number is not whole."),
        _("Look for its number under Find somebody, or open it from the customer's page."),
    ),
    "not_found.matter": (
        _("There is no such matter"),
        _("It may belong to another customer, or its number is not whole."),
        _("Open it from Waiting for a person, or look for its number under Find somebody."),
    ),
    "not_found.proposal": (
        _("There is no such proposal"),
        _("Its number may not be whole."),
        _("Open it from Four eyes; those that are over stand there, too."),
    ),
    "forbidden.action": (
        _("This is not open to you"),
        _("None of your roles opens it. Nothing was done."),
        _("What is open to you stands above. If this should be, too, ask whoever manages access."),
    ),
}  # fmt: skip
"""What staff is told in words of the desk instead of a borrower's."""
_BY_STATUS: Final[dict[int, tuple[str, str, str]]] = {
    400: (_("We could not read that"), _NOTHING,
          _("Go back, open the page again and send it from there.")),
    401: (_("Please sign in again"),
          _("Your session is over, so we did not act on this. Nothing was lost and nothing was "
            "done twice."),
          _("Sign in again; you come back to where you were.")),
    403: (_("This is not open to you"), _NOTHING,
          _("If you think it should be, ask whoever manages access.")),
    404: (_("There is nothing here"),
          _("The page may have moved, or what it was about belongs to somebody else."),
          _("Start again from the first page.")),
    405: (_("This page cannot be used like that"), _NOTHING,
          _("Start again from the first page.")),
    409: (_("Things have moved on meanwhile"), _NOTHING,
          _("Look at the page again; it shows how things stand now.")),
    410: (_("These data were erased"),
          _("They were erased on request and cannot be read any more."),
          _("Start again from the first page.")),
    413: (_("This is too large"), _("We did not take it. Nothing of it was kept."),
          _("Send less at once.")),
    422: (_("Something in the form is not right"), _NOTHING,
          _("Go back, look at what you filled in, and send it again.")),
    429: (_("That was often enough for now"),
          _("To protect everybody there is a limit on how often this can be done in an hour. "
            "It has no effect on any decision."),
          _("Try again a little later.")),
    503: (_("A part of our system is away"),
          _("This is our side, not you. Nothing was done and nothing was recorded; repayments that "
            "you have made are safe."),
          _("Wait a minute and load the page again.")),
}  # fmt: skip
_FAULT: Final = (
    _("Something went wrong on our side"),
    _("This is a fault of ours, not of yours. What you sent was not carried out."),
    _("Wait a minute and try again. If it stays so, tell us the number below."),
)


def told(error: XindengError, say: Callable[[str], str], *, desk: bool = False) -> Told:
    """Return an error in the words of a visitor: a borrower or a stranger, else staff at a desk."""
    status = error.http_status if isinstance(error, RequestError) else error.status
    known = (_AT_DESK.get(error.code) if desk else None) or _BY_CODE.get(error.code)
    title, happened, do = known or _BY_STATUS.get(status) or _FAULT
    return Told(status, say(title), say(happened), say(do), error.code)
