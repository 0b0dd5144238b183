"""A person's debts in a check-up: the list, the ways to pay side by side, month by month."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from msgspec.structs import replace

from xindeng.kernel.money import divide_half_away
from xindeng.repair.alternatives.offers import Reference
from xindeng.repair.checkup.blocks import Block, Chart, Notice, Section, Series, Table, Text
from xindeng.repair.checkup.checkup import CheckUp
from xindeng.repair.checkup.merging import merged
from xindeng.repair.checkup.say import Say
from xindeng.repair.checkup.together import Together
from xindeng.repair.debt import Debt, counted_due
from xindeng.repair.debts.compare import Comparison, Guard, Way, WayName, compare
from xindeng.repair.debts.running import CardRule
from xindeng.repair.debts.walk import Budget
from xindeng.repair.debts.words import COLUMNS, WAYS, say_guard

_FIRST: Final = "budget_below_dues"
_GROWS: Final = "minimum_below_interest"
_MOST_ROUNDINGS: Final = 3
_LITTLE: Final = 20
_MOST_MONTHS: Final = 60
_CHART_MONTHS: Final = 60
_HARDLY: Final = 50
_COLUMNS: Final = ("month", "paid", "interest", "fees", "balance", "counted")


def ways_of(found: CheckUp, reference: Reference, say: Say) -> Comparison | None:
    """Return the ways to pay the debts whose balance is known; None where there are none."""
    payable = [debt for debt in found.debts if debt.balance]
    if not payable:
        return None
    return _compared(payable, budget_of(found, say, reference.card_rule(say.today)))


def debt_section(
    found: CheckUp, together: Together, ways: Comparison | None, reference: Reference, say: Say
) -> Section:
    """Return the list of debts, how the ways to pay them differ, and whether merging pays."""
    blocks = tuple(_blocks(found, together, ways, reference, say))
    return Section(name="debts", title=say("s_debts"), blocks=blocks)


def budget_of(found: CheckUp, say: Say, card: CardRule) -> Budget:
    """Return what is paid now each month, and the policy's line for it where income is known."""
    counted = sum(map(counted_due, found.debts))
    contractual = sum(debt.monthly_due for debt in found.debts)
    income, most = found.figures.get("monthly_income"), say.parameter("max_payment_to_income")
    gate = None
    if income and isinstance(most, float):
        gate = int(float(income) * most) - (found.request.instalment if found.asked else 0)
    return Budget(
        start=say.today,
        monthly=max(counted, contractual),
        gate=gate if gate is not None and gate > 0 else None,
        card=card,
    )


def _blocks(
    found: CheckUp, together: Together, ways: Comparison | None, reference: Reference, say: Say
) -> Iterator[Block]:
    if not found.debts:
        yield Text(lines=(say("d_none"),))
        return
    yield _list(found.debts, say)
    if found.old_report and found.review is not None:
        about = {"day": say.day(found.review.report_day), "days": found.review.age_days}
        yield Notice(lines=(say("d_old", **about),))
    if together.added:
        names = say.joined([debt.lender for debt in together.added])
        yield Text(lines=(say("d_added", count=len(together.added), names=names),))
    if together.unsure:
        pairs = [_pair(*pair, say) for pair in together.unsure]
        yield Notice(lines=(say("d_unsure"), *pairs, say("d_unsure_how")))
    unlisted = [debt.lender for debt in found.debts if debt.id.startswith("flow ")]
    if unlisted:
        yield Text(lines=(say("d_unlisted", names=say.joined(unlisted)),))
    if ways is None:
        return
    payable = [debt for debt in found.debts if debt.balance]
    yield from _guards(ways.guards, found.debts, say)
    if ways.ways:
        yield _ways(ways, payable, found.debts, say)
        ways = replace(ways, ways=_distinct(ways.ways))
        yield _chart(ways, payable, say)
        yield from _months(ways, say)
    if found.has_income is not False:
        yield from merged(payable, reference.offers, ways.budget, say)


def _pair(row: Debt, reported: Debt, say: Say) -> str:
    def told(debt: Debt) -> str:
        owed = say("unknown") if debt.balance is None else say.money(debt.balance)
        return f"{debt.lender} {owed}"

    place = say.papers.places.get(reported.source, reported.source)
    return say("d_unsure_pair", row=told(row), at=row.source, reported=told(reported), record=place)


def _compared(debts: Sequence[Debt], budget: Budget) -> Comparison:
    """Return the ways to pay; where the last instalment of a loan is a little more than the
    others (its rounding, some days of interest), that little is added to the budget."""
    ways = compare(debts, budget)
    for _ in range(_MOST_ROUNDINGS):
        short = next((one.amount for one in ways.guards if one.code == "budget_below_dues"), None)
        if not short or short * _LITTLE > budget.monthly:
            break
        budget = replace(budget, monthly=budget.monthly + short)
        ways = compare(debts, budget)
    return ways


def _list(debts: Sequence[Debt], say: Say) -> Table:
    return Table(
        caption=say("d_list"),
        head=say.head("d_list_head"),
        rows=tuple(
            (
                debt.lender,
                say(f"d_kind_{debt.kind}"),
                say("unknown") if debt.balance is None else say.money(debt.balance),
                say.share(debt.annual_rate_bp),
                say.money(debt.monthly_due) if _due_known(debt) else say("unknown"),
                say.money(counted_due(debt)),
                say.papers.places.get(debt.source, debt.source),
            )
            for debt in debts
        ),
        numbers=(2, 3, 4, 5),
        note=say("d_list_note"),
    )


def _due_known(debt: Debt) -> bool:
    """Say whether a monthly due was told: of a debt that ends at once none is due before."""
    return debt.monthly_due > 0 or debt.kind == "bullet"


def _guards(guards: Sequence[Guard], debts: Sequence[Debt], say: Say) -> Iterator[Block]:
    lenders = {debt.id: debt.lender for debt in debts}
    for guard in guards:
        line = say_guard(guard, lenders, say.lang)
        if guard.code in (_FIRST, _GROWS):
            first = guard.code == _FIRST and not guard.later
            yield Notice(lines=(line,), tone="first" if first else "warning")
        else:
            yield Text(lines=(line,))


def _name(way: Way, say: Say) -> str:
    return WAYS[way.name].by(say.lang)


def _distinct(ways: Sequence[Way]) -> tuple[Way, ...]:
    """Return the ways that come to different things, for a chart; of equals the first."""
    seen: dict[tuple[int, int | None, int | None], Way] = {}
    for way in ways:
        seen.setdefault((way.cost, way.course.months, way.course.gate_month), way)
    return tuple(seen.values())


def _ways(ways: Comparison, debts: Sequence[Debt], counted: Sequence[Debt], say: Say) -> Table:
    """Return what each way to pay `debts` comes to; of `counted` the policy counts the dues."""
    known = [debt for debt in debts if debt.annual_rate_bp is not None]
    best = min(range(len(ways.ways)), key=lambda place: ways.ways[place].dearer) if known else None

    def cost(fen: int) -> str:
        """Return interest as far as it is known: what no rate tells is never made up."""
        if not known:
            return say("unknown")
        return say("d_at_least" if len(known) < len(debts) else "d_exact", amount=say.money(fen))

    return Table(
        caption=say("d_ways"),
        head=say.head("d_ways_head"),
        rows=tuple(
            (
                _name(way, say),
                _over(way, say),
                cost(way.cost),
                say("d_cheapest") if known and not way.dearer else cost(way.dearer),
                _gate(way, ways, say),
            )
            for way in ways.ways
        ),
        numbers=(1, 2, 3),
        best=best,
        note=_budget_told(ways.budget.monthly, sum(map(counted_due, counted)), say),
    )


def _budget_told(monthly: int, counted: int, say: Say) -> str:
    """Return with what a month all ways are reckoned, and why it is not the due counted today."""
    key = "d_ways_note" if monthly == counted else "d_ways_more"
    return say(key, monthly=say.money(monthly), counted=say.money(counted),
               more=say.money(monthly - counted))  # fmt: skip


def _over(way: Way, say: Say) -> str:
    months = way.course.months
    return say("d_never") if months is None else say("d_months", months=months)


def _gate(way: Way, ways: Comparison, say: Say) -> str:
    if ways.budget.gate is None:
        return say("d_gate_none")
    month = way.course.gate_month
    if month is None:
        return say("d_gate_never")
    return say("d_gate_now") if month == 0 else say("d_gate_month", months=month)


def _chart(ways: Comparison, debts: Sequence[Debt], say: Say) -> Chart:
    start = sum(debt.balance or 0 for debt in debts)
    longest = max(len(way.course.rows) for way in ways.ways)
    months = min(_CHART_MONTHS, longest)
    owed = {way.name: _owed(way, start, months) for way in ways.ways}
    names = {way.name: _name(way, say) for way in ways.ways}
    ends = [say("d_chart_part", name=names[way.name], end=_end(way, owed[way.name], say))
            for way in ways.ways]  # fmt: skip
    places = sorted({*range(0, months + 1, 6), months})
    return Chart(
        title=say("d_chart"),
        alternative=say(
            "d_chart_alt",
            start=say.money(start),
            ways=("；" if say.lang == "zh" else "; ").join(ends),
        ),
        kind="lines",
        labels=tuple(str(month) for month in range(months + 1)),
        series=tuple(
            Series(name=names[name], values=tuple(fen / 100 for fen in balances))
            for name, balances in _apart(owed, start).items()
        ),
        unit=say("yuan"),
        table=Table(
            caption=say("d_chart"),
            head=(say("d_total"), *(names[name] for name in owed)),
            rows=tuple(
                (str(place), *(_yuan(balances[place], say) for balances in owed.values()))
                for place in places
            ),
            numbers=tuple(range(len(owed) + 1)),
        ),
    )


def _apart(owed: dict[WayName, list[int]], start: int) -> dict[WayName, list[int]]:
    """Return the courses that can be told apart on a chart; the table has them all."""
    shown: dict[WayName, list[int]] = {}
    for name, balances in owed.items():
        gaps = [
            max(abs(a - b) for a, b in zip(balances, other, strict=True))
            for other in shown.values()
        ]
        if all(gap * _HARDLY > start for gap in gaps):
            shown[name] = balances
    return shown


def _owed(way: Way, start: int, months: int) -> list[int]:
    """Return what is owed after each month, 0 once all is over."""
    after = {row.month: sum(row.balances) for row in way.course.rows}
    owed, last = [], start
    for month in range(months + 1):
        last = after.get(month, last if way.course.months is None else 0) if month else start
        owed.append(last)
    return owed


def _end(way: Way, owed: Sequence[int], say: Say) -> str:
    """Return how a course ends as the table of ways says it: a card's last interest is billed in
    the month after its balance is gone."""
    if owed[-1] or way.course.months is None:
        return say("d_open", months=len(owed) - 1, left=_yuan(owed[-1], say))
    return say("d_end", months=way.course.months)


def _yuan(fen: int, say: Say) -> str:
    return say.money(divide_half_away(fen, 100) * 100)


def _months(ways: Comparison, say: Say) -> Iterator[Table]:
    """Yield each way month by month, folded; minimum only is long and says little."""
    for way in ways.ways:
        if way.name == "minimum":
            continue
        rows = [row for row in way.course.rows if row.month][:_MOST_MONTHS]
        yield Table(
            caption=say("d_table", name=_name(way, say)),
            head=tuple(COLUMNS[name].by(say.lang) for name in _COLUMNS),
            rows=tuple(
                (
                    str(row.month),
                    say.money(sum(row.paid)),
                    say.money(row.interest),
                    say.money(row.fees),
                    say.money(sum(row.balances)),
                    say.money(row.counted),
                )
                for row in rows
            ),
            numbers=(0, 1, 2, 3, 4, 5),
            folded=True,
        )
