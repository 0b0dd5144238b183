"""Other ways to have the money at their true cost, and a fund so that none is needed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from xindeng.events.envelope import Event
from xindeng.repair.alternatives.fund import plan_fund
from xindeng.repair.alternatives.offers import Reference
from xindeng.repair.alternatives.price import Priced, price_all
from xindeng.repair.alternatives.spending import Spending
from xindeng.repair.alternatives.words import say_fund, say_priced
from xindeng.repair.checkup.blocks import Block, Section, Table, Text
from xindeng.repair.checkup.checkup import CheckUp
from xindeng.repair.checkup.outgoings import outgoings
from xindeng.repair.checkup.say import Say
from xindeng.repair.debts.words import percent


def alternatives(found: CheckUp, reference: Reference, say: Say) -> Section | None:
    """Return every offer priced for the amount and months asked; None where none was asked for.

    Without any income help in hard times is the way, and no other loan is held out.
    """
    if not found.asked or found.has_income is False:
        return None
    request = found.request
    priced = price_all(reference.offers, request.amount, request.term_months, say.today)
    return Section(
        name="alternatives", title=say("s_alternatives"), blocks=tuple(_blocks(found, priced, say))
    )


def _blocks(found: CheckUp, priced: tuple[Priced, ...], say: Say) -> Iterator[Block]:
    fits = [one for one in priced if one.misfit is None and one.offer.kind != "savings"]
    about = {"amount": say.money(found.request.amount), "months": found.request.term_months}
    if fits:
        best = next((place for place, one in enumerate(fits) if one.cheapest), None)
        yield Table(
            caption=say("a_title"),
            head=say.head("a_head"),
            rows=tuple(
                (
                    one.offer.name[say.lang],
                    say.money(one.total),
                    say.money(one.cost),
                    say.money(one.largest),
                    percent(one.simple_ppm),
                    percent(one.compound_ppm),
                    say("a_yes" if one.offer.enquiry else "a_no"),
                )
                for one in fits
            ),
            numbers=(1, 2, 3, 4, 5),
            best=best,
            note=say("a_note", **about),
        )
    for one in priced:
        if one.misfit is None:
            yield Text(title=one.offer.name[say.lang], lines=tuple(say_priced(one, say.lang)))
    misfits = [line for one in priced if one.misfit for line in say_priced(one, say.lang)]
    if misfits:
        yield Text(lines=tuple(misfits))


def fund(
    found: CheckUp, reference: Reference, say: Say, debt_months: int | None, events: Iterable[Event]
) -> Section:
    """Return the way to an emergency fund, as far as spending and income are known.

    `events` are the person's own, from which an ordinary month is known.
    """
    month = outgoings(events, found.flows, say.policy.zone, say.lang)
    lines = list(_fund_lines(found, reference, say, debt_months, month))
    return Section(name="fund", title=say("s_fund"), blocks=(Text(lines=tuple(lines)),))


def _fund_lines(
    found: CheckUp,
    reference: Reference,
    say: Say,
    debt_months: int | None,
    month: Sequence[Spending],
) -> Iterator[str]:
    first = reference.on("emergency_fund_first_step", say.today)
    if found.debts:
        yield say("fu_first", amount=say.money(first))
    income, due = found.figures.get("monthly_income"), int(found.figures.get("monthly_due") or 0)
    necessary = sum(one.amount for one in month if one.need == "necessary")
    if necessary and income:
        over = max(int(income) - sum(one.amount for one in month) - due, 0)
        plan = plan_fund(
            outgoings=necessary,
            months=reference.on("emergency_fund_months", say.today),
            have=0,
            day=say.today,
            first_step=first,
            before=over,
            wait_months=debt_months or 0,
            after=over + due if debt_months else over,
        )
        yield from say_fund(plan, say.lang)
    if found.debts:
        yield say("fu_then")
    yield say("fu_where")
