"""Whether several debts are worth merging into one loan, judged by all that is paid."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from xindeng.lending.terms import Terms
from xindeng.repair.alternatives.offers import Offer
from xindeng.repair.checkup.blocks import Block, Table, Text
from xindeng.repair.checkup.say import Say
from xindeng.repair.debt import Debt
from xindeng.repair.debts.consolidate import NewLoan, Side, consolidate
from xindeng.repair.debts.walk import Budget
from xindeng.repair.debts.words import percent, say_consolidation


def merged(
    debts: Sequence[Debt], offers: Sequence[Offer], budget: Budget, say: Say
) -> Iterator[Block]:
    """Yield, for each loan on offer, what merging the dearer debts into it would change.

    Only debts whose balance and rate are known and whose rate is above the loan's are taken. The
    row that is marked costs least of those that take no more a month than the debts do today;
    paying on at today's pace is one of them, because a new loan must beat that too.
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
    before = next(iter(found.values()))
    now, monthly, pace = before.old, before.monthly, before.pace
    known = now.simple_ppm is not None
    first = _side(now, 0, say) if known else (say("unknown"), "—", say.money(now.instalment), "—")
    rows = [(say("c_now"), *first)]
    fit: dict[int, int] = {}
    if pace is not None and pace < now.total:
        less = say("c_less", amount=say.money(now.total - pace))
        fit[len(rows)] = pace
        rows.append(
            (say("c_faster"), say.money(pace), less, say.money(monthly), say("c_same_rate"))
        )
    for months, one in found.items():
        if one.proposed and one.new.instalment <= monthly:
            fit[len(rows)] = one.new.total
        rows.append((say("c_term", months=months), *_side(one.new, one.dearer, say)))
    yield Table(
        caption=offer.name[say.lang],
        head=say.head("c_head"),
        rows=tuple(rows),
        numbers=(1, 2, 3, 4),
        best=min(fit, key=lambda row: fit[row], default=None),
        note=say("c_note", monthly=say.money(monthly)),
    )
    last = max(found)
    told = say_consolidation(found[last], say.lang)
    yield Text(title=say("c_last", months=last), lines=(*told, offer.catch[say.lang]))


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
