"""Whether several debts are worth merging into one loan, judged by all that is paid."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from xindeng.lending.terms import Terms
from xindeng.repair.alternatives.offers import Offer
from xindeng.repair.checkup.blocks import Block, Table, Text
from xindeng.repair.checkup.say import Say
from xindeng.repair.debt import Debt
from xindeng.repair.debts.consolidate import Consolidation, NewLoan, Side, consolidate
from xindeng.repair.debts.walk import Budget
from xindeng.repair.debts.words import percent, say_consolidation


def merged(
    debts: Sequence[Debt], offers: Sequence[Offer], budget: Budget, say: Say
) -> Iterator[Block]:
    """Yield, for each loan on offer, what merging the dearer debts into it would change.

    Only debts whose balance and rate are known and whose rate is above the loan's are taken.
    """
    for offer in offers:
        if offer.kind != "bank_loan":
            continue
        dearer = [
            debt
            for debt in debts
            if debt.balance
            and debt.kind != "person"
            and (debt.annual_rate_bp or 0) * 100 > offer.rate_ppm
        ]
        owed = sum(debt.balance or 0 for debt in dearer)
        if dearer and offer.low <= owed <= offer.high:
            yield from _judged(dearer, offer, owed, budget, say)


def _judged(
    debts: Sequence[Debt], offer: Offer, owed: int, budget: Budget, say: Say
) -> Iterator[Block]:
    found = {months: consolidate(debts, _loan(offer, months), budget) for months in offer.months}
    if not found:
        return
    names = say.joined([debt.lender for debt in debts])
    about = {"names": names, "amount": say.money(owed), "offer": offer.name[say.lang]}
    yield Text(title=say("c_title"), lines=(say("c_what", **about),))
    now = next(iter(found.values())).old
    rows = [(say("c_now"), *_side(now, 0, say))]
    rows += [
        (say("c_term", months=months), *_side(one.new, one.dearer, say))
        for months, one in found.items()
    ]
    best = _best(list(found.values()))
    yield Table(
        caption=offer.name[say.lang],
        head=say.head("c_head"),
        rows=tuple(rows),
        numbers=(1, 2, 3, 4),
        best=None if best is None else best + 1,
        note=say("c_note"),
    )
    last = max(found)
    told = [
        f"{say('c_term', months=last)}: {line}" for line in say_consolidation(found[last], say.lang)
    ]
    yield Text(lines=(*told, offer.catch[say.lang]))


def _loan(offer: Offer, months: int) -> NewLoan:
    terms = Terms(rate_ppm=offer.rate_ppm, months=months, method=offer.method, fees=offer.fees)
    return NewLoan(lender=offer.id, lender_kind=offer.lender_kind, terms=terms)


def _side(side: Side, dearer: int | None, say: Say) -> tuple[str, ...]:
    if dearer is None:
        than = say("unknown")
    elif not dearer:
        than = "—"
    else:
        than = say("c_more" if dearer > 0 else "c_less", amount=say.money(abs(dearer)))
    rate = say("unknown") if side.simple_ppm is None else percent(side.simple_ppm)
    return say.money(side.total), than, say.money(side.instalment), rate


def _best(found: Sequence[Consolidation]) -> int | None:
    """Return the place of the cheapest merging that may be proposed at all."""
    good = [place for place, one in enumerate(found) if one.proposed]
    return min(good, key=lambda place: found[place].new.total) if good else None
