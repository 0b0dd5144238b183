"""A draw: asked for once, its cost read, confirmed once, and how it ended."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from xindeng.decision.answer import Outcome
from xindeng.decision.words import PURPOSE_WORDS
from xindeng.kernel.errors import ConflictError, InputError, UnavailableError, XindengError
from xindeng.service import decisions, disburse, offers
from xindeng.service import line as lines
from xindeng.service.disburse import Ports
from xindeng.service.draw import draw as deciding
from xindeng.service.product import offer_lasts, request_of
from xindeng.service.quote import OWN_FUNDS, quote, seconds_left
from xindeng.servicing.line_words import DRAW_STATES
from xindeng.web.borrower.amount import minor_of, wrong_amount
from xindeng.web.borrower.frame import gate_name, shown, waits
from xindeng.web.borrower.trial import Text, terms
from xindeng.web.route import Go, Shown, Visit

_BARRED = ("property", "securities", "equity", "repay_loans")


class DrawForm(Struct):
    """A wish: an amount as people write it, months, what it is for, which product."""

    amount: Text = ""
    months: Annotated[int, Meta(ge=1, le=600)] = 12
    purpose: Annotated[str, Meta(max_length=40)] = "consumption"
    product: Annotated[str, Meta(max_length=60)] = ""


class ConfirmForm(Struct):
    """The press of the button under a cost sheet that was read."""


class DropForm(Struct):
    """The press of the button that lets go of an offer."""


def form(visit: Visit) -> Shown:
    """Show what is asked before a draw; the key of the form survives a new sign-in."""
    query = visit.query
    sent = DrawForm(
        amount=query.get("amount", "")[:40], purpose=query.get("purpose", "consumption")
    )
    sent.product = query.get("product", "")[:60]
    if query.get("months", "").isdigit():
        sent.months = int(query["months"][:3])
    return _form(visit, sent)


def _form(visit: Visit, sent: DrawForm, problem: str = "") -> Shown:
    engine, policy = visit.engine, visit.engine.policy
    view = lines.show(engine, visit.borrower, veil=True)
    purposes = PURPOSE_WORDS[visit.lang]
    return shown(
        visit, "/me/draw", status=422 if problem else 200, sent=sent, problem=problem,
        key=visit.key or visit.new_key(), numbers=view.numbers, gate=gate_name(visit, view),
        waits=waits(visit, view), terms=terms(visit),
        purposes=[(name, word) for name, word in purposes.items() if name not in _BARRED],
        products=[(one.id, one.title.get(visit.lang, one.id)) for one in policy.products.all],
        funder=lender(visit.service.ports), offers=offers.standing(engine, visit.borrower),
    )  # fmt: skip


def decide(visit: Visit) -> Go | Shown:
    """Decide the draw for real, once under the form's key, and go where its answer leads."""
    sent: DrawForm = visit.form
    engine = visit.engine
    if not visit.key:
        return _form(visit, sent, visit.say("Please send the form again."))
    try:
        request = request_of(
            engine, minor_of(visit, sent.amount), sent.months, sent.purpose,
            product=sent.product or None,
        )  # fmt: skip
    except InputError as error:
        if error.code == "request.product":
            said = visit.say("This kind of repayment is not offered over so many months.")
        else:
            said = wrong_amount(visit, sent.amount)
        return _form(visit, sent, said)
    stored = deciding(engine, visit.borrower, request, visit.key)
    if stored.decision.outcome is Outcome.APPROVE:
        return Go(f"/me/decisions/{stored.id}/cost")
    return Go(f"/me/decisions/{stored.id}")


def cost(visit: Visit) -> Shown | Go:
    """Show what the draw costs; its time to read runs from the first showing.

    Where it was drawn already (the back button, a second tab) show the draw instead.
    """
    engine, ident = visit.engine, visit.names["decision"]
    stored = decisions.read(engine, visit.borrower, ident)
    if made := disburse.drawn_on(engine, visit.borrower, ident):
        return Go(f"/me/draws/{made}")
    sheet = quote(engine, visit.borrower, ident, lender=lender(visit.service.ports))
    return shown(
        visit, "/me/draw", sheet=sheet, decision=ident, key=visit.new_key(),
        left=seconds_left(engine, visit.borrower, ident, sheet),
        less=stored.decision.outcome is Outcome.APPROVE_LESS, asked=stored.request.amount,
        until=stored.decision.now + offer_lasts(engine, stored.decision.now),
        funder=lender(visit.service.ports), early=visit.query.get("early") == "1",
    )  # fmt: skip


def confirm(visit: Visit) -> Go:
    """Draw: reserve, ask the lender, pay out; once under the form's key."""
    ports = visit.service.ports
    if ports is None:
        raise UnavailableError("no payment rail is configured", code="rail.none")
    ident = visit.names["decision"]
    made = disburse.confirm(visit.engine, ports, visit.borrower, ident, visit.key)
    return Go(f"/me/draws/{made.draw}")


def drop(visit: Visit) -> Go:
    """Let go of an offer: the room it kept is free again."""
    offers.drop(visit.engine, visit.borrower, visit.names["decision"])
    return Go("/me")


def gone(visit: Visit, error: XindengError) -> Go | None:
    """Go to what was drawn on the offer meanwhile, or home where its time was over anyway."""
    if not isinstance(error, ConflictError) or error.code != "draw.not_open":
        return None
    made = disburse.drawn_on(visit.engine, visit.borrower, visit.names["decision"])
    return Go(f"/me/draws/{made}" if made else "/me")


def unread(visit: Visit, error: XindengError) -> Go | None:
    """Go back to the cost sheet where it was not read for long enough; nothing was paid out.

    Where it was drawn already, from another tab, go to that draw: who is told that nothing was done
    would ask again.
    """
    if not isinstance(error, ConflictError):
        return None
    ident = visit.names["decision"]
    if made := disburse.drawn_on(visit.engine, visit.borrower, ident):
        return Go(f"/me/draws/{made}")
    if error.code not in ("draw.unread", "draw.not_shown"):
        return None
    return Go(f"/me/decisions/{ident}/cost?early=1")


def result(visit: Visit) -> Shown:
    """Show how a draw stands; one still on its way is asked about when the page is loaded."""
    engine, ports = visit.engine, visit.service.ports
    made = disburse.of(engine, visit.borrower, visit.names["draw"])
    if made.open and ports is not None:
        try:
            made = disburse.advance(engine, ports, made)
        except UnavailableError:
            made = disburse.of(engine, visit.borrower, made.draw)
    return shown(visit, "/me/draw", made=made, state=DRAW_STATES[made.state].by(visit.lang),
                 dropped=made.cause == offers.DROPPED)  # fmt: skip


def lender(ports: Ports | None) -> str:
    """Return who lends: the partner lender of this process, or ourselves."""
    return ports.funder.name if ports is not None and ports.funder else OWN_FUNDS
