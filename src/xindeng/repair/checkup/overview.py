"""The first parts of a check-up: what comes first, the lights, the numbers, the ranges."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from xindeng.decision.answer import Light
from xindeng.decision.board import bits, board_of
from xindeng.decision.trace import events_behind
from xindeng.events.dues import DEFAULT_DUES
from xindeng.repair.checkup.blocks import (
    Figure,
    Figures,
    LightLine,
    Lights,
    Notice,
    Section,
    Table,
    Text,
)
from xindeng.repair.checkup.checkup import CheckUp
from xindeng.repair.checkup.gates import GateRange
from xindeng.repair.checkup.say import Say

_OF_REPORT: Final = frozenset({"bureau", "applications", "score"})
_OF_BILLS: Final = frozenset({"activity", "cash_flow", "consumption"})


def lead(found: CheckUp, say: Say) -> tuple[str, ...]:
    """Return the lines that stand above everything: an estimate, made here, for what request."""
    request = found.request
    about = {
        "amount": say.money(request.amount),
        "months": request.term_months,
        "rate": say.share(request.rate_bp),
        "instalment": say.money(request.instalment),
    }
    return (
        say("estimate"),
        say("asked" if found.asked else "not_asked", **about),
        say("as_of", day=say.day(say.today), policy=policy_title(say), version=found.version),
        say("local"),
    )


def policy_title(say: Say) -> str:
    """Return the policy's title in the language, or its name."""
    return say.policy.title.get(say.lang) or say.policy.name


def first(found: CheckUp, say: Say, headline: Sequence[str] = ()) -> Section:
    """Return what comes before all else: help where there is no income, what stands in the way
    and what helps most, safety, swindlers."""
    blocks: list[Notice] = [Notice(lines=tuple(headline), tone="top")] if headline else []
    if found.has_income is False:
        hard = tuple(say(f"hardship_{n}") for n in (1, 2, 3))
        lines = (say("income_zero"), *hard, say("hardship_4", lines=say.lines()))
        blocks.append(Notice(lines=lines, tone="first"))
    if found.safety:
        text = say("safety", fraud=say.parameter("fraud_line"))
        blocks.append(Notice(lines=(text,), tone="first"))
    blocks.append(Notice(lines=(say("repayment"),)))
    blocks.append(Notice(lines=(say("scam"),), tone="warning"))
    return Section(name="first", title=say("s_first"), blocks=tuple(blocks))


def overview(found: CheckUp, say: Say) -> Section:
    """Return the lights of all areas, each with what it rests on or which paper would tell."""
    rows = tuple(
        LightLine(
            light=light,
            word=say.light(light),
            title=say.area(area),
            text=_rests_on(found, say, area),
        )
        for area, light in found.lights.items()
    )
    return Section(
        name="overview",
        title=say("s_overview"),
        blocks=(Lights(items=rows), Text(lines=(say("three_numbers"),))),
    )


def _rests_on(found: CheckUp, say: Say, area: str) -> str:
    if area not in found.known or found.lights[area] is Light.NO_DATA:
        key = f"paper_{area}"
        if found.old_report and found.review is not None and area in _OF_REPORT:
            return say("paper_old", day=say.day(found.review.report_day))
        if found.since.old and found.since.until is not None and area in _OF_BILLS:
            return say("paper_old_bills", day=say.day_of(found.since.until))
        return say("paper_tells", paper=say(key if say.has(key) else "paper_other"))
    types = {
        kind
        for rule in say.policy.rules
        if rule.area == area
        for kind in events_behind(say.policy, rule.id)
    }
    files = say.papers.telling(types)
    told = say("known_from", facts=say.joined(files)) if files else ""
    board = board_of(say.policy)
    # A light may be lit by what the papers leave open, of which no rule tells.
    quiet = found.lights[area] is Light.GREEN and not any(
        board.rules[index].area == area
        for index in bits(found.decision.fired & ~board.platform & ~board.withheld)
    )
    parts = [say("no_fact")] if quiet else []
    return ("；" if say.lang == "zh" else "; ").join([*parts, *([told] if told else [])])


def figures(found: CheckUp, say: Say) -> Section:
    """Return the main numbers with the policy's own lines beside them."""
    items = tuple(_figures(found, say))
    return Section(name="figures", title=say("s_figures"), blocks=(Figures(items=items),))


def _figures(found: CheckUp, say: Say) -> Iterator[Figure]:
    value = found.figures

    def money(name: str) -> str:
        amount = value.get(name)
        return say("unknown") if amount is None else say.money(round(float(amount)))

    watch, most = say.parameter("payment_to_income_watch"), say.parameter("max_payment_to_income")
    bounds = say("n_ratio", watch=say.share(watch), most=say.share(most))
    stated = not found.flows.income and found.has_income is not None
    yield Figure(
        label=say("f_due"),
        value=money("monthly_due"),
        note=say("n_due", card=DEFAULT_DUES.card_percent),
    )
    source = "n_income_stated" if stated else "n_income_flows"
    yield Figure(
        label=say("f_income"),
        value=money("monthly_income"),
        note=say(source) if found.has_income is not None else "",
    )
    yield Figure(label=say("f_ratio"), value=say.share(value.get("payment_to_income")), note=bounds)
    if found.asked:
        yield Figure(
            label=say("f_ratio_after"),
            value=say.share(value.get("payment_to_income_after_draw")),
            note=bounds,
        )
    yield Figure(label=say("f_balance"), value=money("ext_balance"))
    if value.get("ext_lenders") is not None:
        yield Figure(
            label=say("f_lenders"),
            value=say("v_lenders", count=value["ext_lenders"]),
            note=say(
                "n_lenders",
                nonbank=value.get("ext_nonbank_lenders"),
                watch=say.parameter("nonbank_lenders_watch"),
                most=say.parameter("nonbank_lenders_max"),
            ),
        )
    yield from _from_report(found, say)


def _from_report(found: CheckUp, say: Say) -> Iterator[Figure]:
    if found.review is None:
        return
    value, review = found.figures, found.review
    yield Figure(
        label=say("f_utilisation"),
        value=say.share(value.get("card_utilisation")),
        note=say("n_utilisation", watch=say.share(say.parameter("card_utilisation_watch"))),
    )
    counts = [value.get(f"hard_inquiries_{days}d") for days in (30, 90, 180)]
    told = say("v_enquiries", a=counts[0], b=counts[1], c=counts[2])
    yield Figure(
        label=say("f_enquiries"),
        # An old report knows nothing of what was asked since.
        value=say("unknown") if found.old_report else told,
        note=say("n_enquiries", most=say.parameter("hard_inquiries_180d_max")),
    )
    watch = say.parameter("report_age_watch_days")
    old = isinstance(watch, int) and review.age_days > watch
    about = {"day": say.day(review.report_day), "days": review.age_days, "watch": watch}
    yield Figure(
        label=say("f_report_age"),
        value=say("v_days", days=review.age_days),
        note=say("n_report_old" if old else "n_report_age", **about),
        light=Light.YELLOW if old else None,
    )


def ranges(found: CheckUp, say: Say) -> Section | None:
    """Return what each gate would hold, looked at alone: never an amount anybody would lend.

    None where the papers tell of no gate.
    """
    if not found.ranges:
        return None
    rows = tuple(_range_row(one, found.lights.get(one.area), say) for one in found.ranges)
    grid = say.parameter("precheck_step")
    table = Table(
        caption=say("range_caption"),
        head=say.head("range_head"),
        rows=rows,
        numbers=(1, 2),
        note=say("range_lead", grid=say.money(grid if isinstance(grid, int) else 50_000)),
    )
    return Section(name="ranges", title=say("s_ranges"), blocks=(table,))


def _range_row(one: GateRange, light: Light | None, say: Say) -> tuple[str, ...]:
    def amount(minor: int) -> str:
        return say("range_top", amount=say.money(minor)) if minor >= one.top else say.money(minor)

    if one.calm >= one.top:
        return say.area(one.area), say("range_free"), say("range_free"), say("range_any")
    if not one.most:
        # Where the light is not red, it is a person who must look, not the area that fails.
        meaning = "range_closed" if light is Light.RED else "range_person"
    else:
        meaning = "range_watch" if one.most >= one.top else "range_part"
    return say.area(one.area), amount(one.calm), amount(one.most), say(meaning)
