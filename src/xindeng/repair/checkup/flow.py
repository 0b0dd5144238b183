"""Income, fixed costs, spending and instalments, as recognised in a person's flows of money."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

from xindeng.decision.answer import Light
from xindeng.events.envelope import Event
from xindeng.events.life import Payment, Purchase
from xindeng.repair.alternatives.spending import review_spending
from xindeng.repair.alternatives.words import say_spending
from xindeng.repair.checkup.blocks import (
    Block,
    Chart,
    Entries,
    Entry,
    Figure,
    Figures,
    Section,
    Series,
    Table,
    Text,
)
from xindeng.repair.checkup.checkup import CheckUp
from xindeng.repair.checkup.outgoings import months_looked_at, outgoings
from xindeng.repair.checkup.say import Say
from xindeng.repair.flows.kinds import Finding, Flows, IncomeSource, Regular

_LOOK_BACK_DAYS: Final = 90
_MOST_ROWS: Final = 10
_NOT_SPENT: Final = frozenset(
    {"self_transfer", "investment", "loan_repayment", "card_repayment", "refund"}
)


def flows(found: CheckUp, say: Say) -> Section:
    """Return what was recognised: each finding with its rule and the payments behind it."""
    seen = found.flows
    if seen.first_day is None or seen.last_day is None:
        blocks: tuple[Block, ...] = (Text(lines=(say("fl_none"),)),)
    else:
        blocks = tuple(_flow_blocks(found, seen.first_day, seen.last_day, say))
    return Section(name="flows", title=say("s_flows"), blocks=blocks)


def _flow_blocks(found: CheckUp, first: int, last: int, say: Say) -> Iterator[Block]:
    seen = found.flows
    lines = [say("fl_of", first=say.day(first), last=say.day(last), months=len(seen.whole))]
    if seen.stability is not None:
        steady = seen.stability
        spread = say.share(steady.spread_bp) if steady.spread_bp is not None else "—"
        word = say(f"st_{steady.word}")
        lines.append(
            say("fl_stability", word=word, months=steady.months, paid=steady.paid, spread=spread)
        )
    yield Text(lines=tuple(lines))
    entries = tuple(_findings(found, say))
    if entries:
        yield Entries(items=entries)
    yield from _income_chart(seen, say)
    unused = [say("fl_unused", name=one.name or one.party) for one in seen.unused]
    yield Text(lines=(say("fl_correct_how"), *unused))


def _findings(found: CheckUp, say: Say) -> Iterator[Entry]:
    seen, listed = found.flows, [debt.lender for debt in found.debts]
    for source in seen.income:
        yield _entry(source, "fl_income" if source.counted else "fl_income_not", say)
    for one in seen.lenders:
        name = say.party(one.party)
        known = any(name in lender or lender in name for lender in listed)
        # A lender that no paper on debts names is worth a look; the others are in the list above.
        yield _entry(one, "fl_lender", say, Light.GREEN if known else Light.YELLOW)
    for rent in seen.rent:
        yield _entry(rent, "fl_rent", say)
    for aside in seen.set_aside:
        yield _entry(aside, "fl_set_aside", say)
    for own in seen.own:
        yield _entry(own, "fl_own", say)
    for corrected in seen.corrections:
        yield _entry(corrected, "fl_corrected", say)


def _entry(finding: Finding, key: str, say: Say, light: Light = Light.GREEN) -> Entry:
    places = [place for source in finding.sources if (place := say.papers.places.get(source))]
    first, last = (places[0], places[-1]) if places else ("—", "—")
    if isinstance(finding, IncomeSource) and not finding.counted:
        light = Light.NO_DATA
    return Entry(
        light=light,
        word=say.light(light),
        title=say(key, name=say.party(finding.party)),
        lines=(finding.why.zh if say.lang == "zh" else say.plain(finding.why.en),),
        source=say(
            "fl_rule", rule=finding.rule, count=len(finding.sources), first=first, last=last
        ),
    )


def _income_chart(seen: Flows, say: Say) -> Iterator[Chart]:
    """Yield the income of each month as bars, where there is more than one month of it."""
    total: dict[int, int] = defaultdict(int)
    for source in seen.income:
        if source.counted:
            for month in source.monthly:
                total[month.month] += month.amount
    if len(total) < 2:
        return
    months = sorted(total)
    labels = tuple(say.day(month)[:7] for month in months)
    yield Chart(
        title=say("chart_income"),
        alternative=say(
            "chart_income_alt", months=len(months), low=say.money(min(total.values())),
            high=say.money(max(total.values())),
        ),
        kind="bars",
        labels=labels,
        series=(Series(name=say("chart_income"), values=tuple(total[m] / 100 for m in months)),),
        unit=say("yuan"),
        table=Table(
            caption=say("chart_income"),
            head=(say("month"), say("amount")),
            rows=tuple((say.day(m)[:7], say.money(total[m])) for m in months),
            numbers=(1,),
            folded=True,
        ),
    )  # fmt: skip


def spending(found: CheckUp, say: Say, events: Iterable[Event]) -> Section:
    """Return the spending review: how much, where, in instalments, and what goes out by itself."""
    value, seen = found.figures, found.flows
    blocks: list[Block] = []
    spent = value.get("spend_90d")
    if spent:
        count = value.get("instalment_purchases_90d") or 0
        shares = {"sp_share": "spending_to_income", "sp_inst_share": "instalment_share",
                  "sp_borrowed": "borrowed_share_90d"}  # fmt: skip
        items = [
            Figure(label=say("sp_spent"), value=say.money(round(float(spent)))),
            Figure(label=say("sp_inst_count"), value=say("v_times", count=count)),
            *(
                Figure(label=say(label), value=say.share(value.get(name)))
                for label, name in shares.items()
            ),
        ]
        blocks.append(Figures(items=tuple(items)))
    blocks += _reviewed(found, events, say)
    blocks += _regular(seen.subscriptions, say)
    blocks += _instalments(seen, say)
    blocks += _largest(events, say)
    return Section(
        name="spending",
        title=say("s_spending"),
        blocks=tuple(blocks) or (Text(lines=(say("fl_none"),)),),
    )


def _reviewed(found: CheckUp, events: Iterable[Event], say: Say) -> Iterator[Text]:
    """Yield the review of an average month: what is necessary, and what could be spared."""
    monthly = outgoings(events, found.flows, say.policy.zone, say.lang)
    months = months_looked_at(found.flows)
    if monthly:
        income = found.figures.get("monthly_income")
        left = None if income is None else int(income) - int(found.figures.get("monthly_due") or 0)
        of = say("sp_of", first=say.day(months[0])[:7], last=say.day(months[-1])[:7])
        told = say_spending(review_spending(monthly, income=left), say.lang)
        yield Text(lines=(of, *told))


def _regular(charges: tuple[Regular, ...], say: Say) -> Iterator[Table]:
    running = [one for one in charges if one.ongoing]
    if running:
        monthly = sum(-(-one.usual // one.every) for one in running)
        yield Table(
            caption=say("sp_caption"),
            head=say.head("sp_head"),
            rows=tuple(
                (say.party(one.party), say.money(one.usual), say("sp_every", every=one.every),
                 say.day(one.last_day))
                for one in running
            ),
            numbers=(1,),
            note=say("sp_sum", amount=say.money(monthly)),
        )  # fmt: skip


def _instalments(seen: Flows, say: Say) -> Iterator[Table]:
    if seen.instalments:
        yield Table(
            caption=say("sp_inst_caption"),
            head=say.head("sp_inst_head"),
            rows=tuple(
                (
                    say.party(one.party),
                    say.day(one.day),
                    say.money(one.amount),
                    str(one.instalments),
                    say.money(one.monthly),
                )
                for one in seen.instalments[-_MOST_ROWS:]
            ),
            numbers=(2, 3, 4),
        )  # fmt: skip


def _largest(events: Iterable[Event], say: Say) -> Iterator[Table]:
    """Yield the places that took most in the last 90 days, each payment counted once."""
    since = say.policy.zone.midnight(say.today - _LOOK_BACK_DAYS)
    spent: dict[str, list[int]] = defaultdict(list)
    for event in events:
        paid = event.payload
        if not since <= event.occurred_at <= say.now:
            continue
        if isinstance(paid, Payment) and paid.direction == "out" and paid.counterparty:
            if paid.category not in _NOT_SPENT:
                spent[say.party(paid.counterparty)].append(paid.amount)
        elif isinstance(paid, Purchase) and paid.settled:
            spent[say.party(paid.merchant)].append(paid.amount)
    most = sorted(spent.items(), key=lambda one: -sum(one[1]))[:_MOST_ROWS]
    if most:
        yield Table(
            caption=say("sp_top_caption"),
            head=say.head("sp_top_head"),
            rows=tuple((name, str(len(paid)), say.money(sum(paid))) for name, paid in most),
            numbers=(1, 2),
        )
