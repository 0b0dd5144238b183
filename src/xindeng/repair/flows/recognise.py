"""What a person's payments tell: income and its stability, rent, lenders, and what is no income.

Rules, not a model: each finding names its rule, its events and its reason (`flows.income` and
`flows.debts` state the rules). What a person says in a correction comes before every rule. Refunds,
redemptions, moves between own accounts and loan proceeds are never income, and a flow never
becomes an application or an enquiry: nothing in it says that anybody asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec.structs import replace

from xindeng.events.envelope import Event
from xindeng.events.life import InstalmentPurchase, Payment, Purchase
from xindeng.kernel.time import Zone
from xindeng.repair.flows import debts, income
from xindeng.repair.flows.kinds import (
    NO_FLOWS,
    Corrected,
    Correction,
    Flows,
    IncomeSource,
    InstalmentFlow,
    LenderFlow,
    OwnMove,
    Regular,
    SetAside,
)
from xindeng.repair.flows.ledger import DEFAULT_RULES, FlowRules, Ledger, ledger_of, whole_months
from xindeng.repair.flows.words import why

__all__ = [
    "NO_FLOWS", "Corrected", "Correction", "FlowRules", "Flows", "IncomeSource", "InstalmentFlow",
    "LenderFlow", "OwnMove", "Regular", "SetAside", "recognise", "relabelled",
]  # fmt: skip


def recognise(
    events: Iterable[Event],
    now: int,
    zone: Zone,
    *,
    corrections: Sequence[Correction] = (),
    currency: str = "CNY",
    rules: FlowRules = DEFAULT_RULES,
) -> Flows:
    """Return what the payments and purchases up to `now` (µs) tell.

    Of two corrections of one party the later stands. Payments in another currency are left out.
    """
    past = [event for event in events if event.occurred_at <= now]
    said = {correction.party: correction for correction in corrections}
    ledger = ledger_of(past, now, zone, corrections=said, currency=currency, rules=rules)
    told, unused = _told(ledger, said)
    instalments = tuple(_instalments(past, zone, currency))
    if not ledger.moves:
        ignored = income.set_aside(ledger, ())
        return Flows(instalments=instalments, corrections=told, unused=unused, set_aside=ignored)
    patterns = debts.explain(ledger)
    earned = income.income(ledger)
    sure = [source for source in earned if source.counted]
    usual = sum(source.usual for source in sure if source.ongoing)
    return Flows(
        first_day=ledger.first,
        last_day=ledger.moves[-1].day,
        whole=tuple(whole_months(ledger)),
        monthly_income=usual if sure else None,
        stability=income.together(ledger, sure) if sure else None,
        income=earned,
        rent=debts.rent(ledger),
        subscriptions=debts.subscriptions(ledger),
        lenders=debts.lenders(ledger, patterns),
        instalments=instalments,
        own=debts.own_moves(ledger, patterns),
        set_aside=income.set_aside(ledger, earned),
        corrections=told,
        unused=unused,
        labels=dict(ledger.labels),
    )


def relabelled(events: Iterable[Event], flows: Flows) -> list[Event]:
    """Return the events with the categories that were recognised, ignored ones left out.

    The facts of a decision are folded from these, so that it reads income as it was recognised.
    """
    ignored = {
        source for one in flows.set_aside if one.reason == "ignored" for source in one.sources
    }
    found = []
    for event in events:
        category = flows.labels.get(event.id)
        if event.id in ignored:
            continue
        if category and isinstance(event.payload, Payment | Purchase):
            found.append(replace(event, payload=replace(event.payload, category=category)))
        else:
            found.append(event)
    return found


def _told(
    ledger: Ledger, said: dict[str, Correction]
) -> tuple[tuple[Corrected, ...], tuple[Correction, ...]]:
    told, unused = [], []
    moves = [*ledger.moves, *ledger.ignored]
    for party, correction in said.items():
        sources = tuple(move.id for move in moves if move.party == party)
        if not sources:
            unused.append(correction)
            continue
        name = correction.name or party
        told.append(
            Corrected(
                rule="corrected", sources=sources, party=party, corrected=True,
                why=why("corrected", name=name, meaning=correction.meaning, times=len(sources)),
                meaning=correction.meaning, name=name, before=dict(ledger.before[party]),
            )
        )  # fmt: skip
    return tuple(told), tuple(unused)


def _instalments(events: Iterable[Event], zone: Zone, currency: str) -> Iterator[InstalmentFlow]:
    for event in events:
        bought = event.payload
        if (
            isinstance(bought, InstalmentPurchase)
            and bought.currency == currency
            and bought.instalments
        ):
            part = -(-bought.amount // bought.instalments)
            yield InstalmentFlow(
                rule="instalment.stated", sources=(event.id,), party=bought.merchant,
                why=why("instalment.stated", instalments=bought.instalments,
                        amount=bought.amount, monthly=part),
                amount=bought.amount, instalments=bought.instalments, monthly=part,
                day=zone.day(event.occurred_at),
            )  # fmt: skip
