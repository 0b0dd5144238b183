"""What can be changed, and what time alone does, told without a lender's policy.

The plans are proven under the reference policy, so what is told of them is which acts help and
what they cost: never the day or the amount of an approval, which only a lender could mean.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from xindeng.decision.answer import Light
from xindeng.decision.board import SEVERITY
from xindeng.repair.checkup.blocks import Block, Notice, Section, Table, Text
from xindeng.repair.checkup.checkup import CheckUp
from xindeng.repair.checkup.say import Say
from xindeng.repair.debt import Debt, after_payment, counted_due
from xindeng.repair.debts.compare import Comparison
from xindeng.repair.plans.notes import NOTE_WORDS
from xindeng.repair.plans.plan import Plan, Plans, Projection, Rung, Step

_MONTH_DAYS: Final = 30
_MOST_TIMES: Final = 3
_OWN_LIGHTS: Final = frozenset({Light.GREEN, Light.YELLOW, Light.RED})
_TOLD_ASSUMPTIONS: Final = frozenset({"debts_as_known", "part_lowers_card_due", "record_is_wrong"})
"""What a plan rests on that is the person's own matter, and not a platform's."""


def plan_section(found: CheckUp, plans: Plans, say: Say) -> Section:
    """Return what helps: the debts that relieve most, and each plan's steps and cost."""
    return Section(name="plan", title=say("s_plan"), blocks=tuple(_plan_blocks(found, plans, say)))


def _plan_blocks(found: CheckUp, plans: Plans, say: Say) -> Iterator[Block]:
    yield Text(lines=(say("w_estimate"),))
    if plans.status == "plan":
        if any(needless(found, plan) for plan in plans.plans):
            yield Notice(lines=(say("w_enough"),))
    elif plans.status in ("no_plan", "review") and half_known(found):
        yield Text(lines=(say("w_unknown"),))
    else:
        yield Text(lines=(say(f"w_{plans.status}"),))
    if plans.need is not None:
        need = plans.need
        about = {"due": need.due_now, "most": need.due_most, "cut": need.cut}
        told = {name: say.money(value) for name, value in about.items()}
        yield Text(lines=(say("w_need", **told),))
    if plans.rungs and found.lights.get("debt") is not Light.GREEN:
        yield _rungs(found, plans.rungs, say)
    for plan in _told_once(plans.plans):
        yield _plan(found, plan, say)


def needless(found: CheckUp, plan: Plan) -> bool:
    """Say whether the money that a plan takes may make the loan needless: it is about what was
    asked for, and not so much more that nobody who asks for this has it."""
    return plan.enough and 0 < plan.cash_total <= found.request.amount * _MOST_TIMES


def half_known(found: CheckUp) -> bool:
    """Return whether what stands in the way may only be that something is not known."""
    return found.has_income is None or not found.debts


def _told_once(plans: tuple[Plan, ...]) -> Iterator[Plan]:
    """Yield the plans whose acts differ by more than their days."""
    seen = set()
    for plan in plans:
        acts = frozenset(
            (step.action, str(step.params.get("debt")), step.cash, step.day) for step in plan.steps
        )
        if acts not in seen and any(step.action != "wait" for step in plan.steps):
            seen.add(acts)
            yield plan


def _rungs(found: CheckUp, rungs: tuple[Rung, ...], say: Say) -> Table:
    grid = say.parameter("precheck_step")
    grid = grid if isinstance(grid, int) else 50_000
    return Table(
        caption=say("w_rungs"),
        head=say.head("w_rungs_head"),
        rows=tuple(_rung_row(found, rung, grid, say) for rung in rungs),
        numbers=(1, 2, 3, 4),
        note=say("w_rungs_note", grid=say.money(grid)),
    )


def _rung_row(found: CheckUp, rung: Rung, grid: int, say: Say) -> tuple[str, ...]:
    closed = [debt for debt in found.debts if debt.id in rung.closes]
    relief = relief_of(closed)
    low = rung.frontier // grid * grid
    names = say.joined([f"{debt.lender} {say.money(debt.balance or 0)}" for debt in closed])
    return (
        names,
        say.money(rung.cash),
        say.money(relief),
        say.share(ratio_after(found, relief)),
        say("w_range", low=say.money(low), high=say.money(low + grid)),
    )


def relief_of(closed: Iterable[Debt]) -> int:
    """Return what the counted due falls by once these debts are paid off."""
    return sum(counted_due(debt) for debt in closed)


def ratio_after(found: CheckUp, relief: int) -> float | None:
    """Return payments to income once `relief` fen a month are gone; None where unknown."""
    due, income = found.figures.get("monthly_due"), found.figures.get("monthly_income")
    return (float(due) - relief) / float(income) if due is not None and income else None


def _plan(found: CheckUp, plan: Plan, say: Say) -> Text:
    lines = [_step(step, say) for step in plan.steps if step.action != "wait"]
    closed = {
        str(step.params.get("debt")): int(step.params.get("amount", 0))
        for step in plan.steps
        if step.action == "pay_down"
    }
    relief = sum(_relief(debt, closed[debt.id]) for debt in found.debts if debt.id in closed)
    if relief and found.figures.get("monthly_income"):
        before, after = say.share(ratio_after(found, 0)), say.share(ratio_after(found, relief))
        lines.append(say("w_ratio", before=before, after=after))
    if plan.interest_delta:
        key = "w_saves" if plan.interest_delta < 0 else "w_costs"
        lines.append(say(key, amount=say.money(abs(plan.interest_delta))))
    if plan.fees:
        lines.append(say("w_fees", amount=say.money(plan.fees)))
    notes = [effect for step in plan.steps for effect in step.side_effects]
    notes += [one for one in plan.assumptions if one in _TOLD_ASSUMPTIONS]
    words = NOTE_WORDS[say.lang]
    lines += [words[note] for note in dict.fromkeys(notes) if note in words]
    goals = [goal for goal in ("cheapest", "fastest", plan.goal) if goal in (plan.goal, *plan.also)]
    title = say(f"w_plan_{goals[0]}", cash=say.money(plan.cash_total))
    return Text(title=title if plan.cash_total else say("w_plan_free"), lines=tuple(lines))


def _relief(debt: Debt, paid: int) -> int:
    """Return what the counted due falls by if `paid` fen of the principal are repaid."""
    if debt.balance is None:
        return 0
    return counted_due(debt) - counted_due(after_payment(debt, min(paid, debt.balance)))


def _step(step: Step, say: Say) -> str:
    months = (step.day - say.today) // _MONTH_DAYS
    text = step_text(step, say)
    third = say("w_third") if step.decider is not None else ""
    if not months or step.action == "borrow_less":
        return say("w_when_now", step=text) + third
    return say("w_when_months", months=months, step=text) + third


def step_text(step: Step, say: Say) -> str:
    """Return what a step asks of a person, without its day."""
    if step.action == "pay_down" and step.params.get("lender"):
        key = "w_close" if step.params.get("closes") else "w_part"
        return say(key, lender=step.params["lender"], amount=say.money(step.cash - step.fees))
    if step.action == "borrow_less":
        return say("w_borrow_less")
    if step.action == "show_income":
        return say("w_show_income", income=say.money(int(step.params["income"])))
    return say.policy.repair[step.action].texts[say.lang]


def projection_section(
    found: CheckUp, ahead: Projection, say: Say, ways: Comparison | None = None
) -> Section:
    """Return which lights change by waiting alone, on which day, and which do not.

    The forecast leaves debts as they are; what paying them on time does comes from `ways`.
    """
    rows = [
        (say.day_of(one.at), say.area(one.area), say.light(one.before), say.light(one.after))
        for place, one in enumerate(ahead.changes)
        if one.area in found.known
        and _lasts(ahead, place, say)
        # A gap of data that ends, or our own side, is no light of this person's.
        and {one.before, one.after} <= _OWN_LIGHTS
    ]
    days = ahead.until_day - say.policy.zone.day(ahead.asked_at)
    bad = {area for area in found.known if found.lights[area] in (Light.RED, Light.YELLOW)}
    still = bad - {one.area for one in ahead.changes if one.after is Light.GREEN}
    blocks: list[Block] = [Text(lines=(say("t_lead"),))]
    if rows:
        caption = say("t_caption", days=days)
        blocks.append(
            Table(caption=caption, head=say.head("t_head"), rows=tuple(rows),
                  note=say("t_boundary"))
        )  # fmt: skip
    elif bad:
        blocks.append(Text(lines=(say("t_none", days=days),)))
    if still:
        names = [say.area(area) for area in say.policy.areas if area in still]
        blocks.append(Text(lines=(say("t_stays", areas=say.joined(names)), *_paid_on(ways, say))))
    return Section(name="projection", title=say("s_projection"), blocks=tuple(blocks))


def _lasts(ahead: Projection, place: int, say: Say) -> bool:
    """Say whether a light gets better and stays so: one that comes and goes with each month's bills
    has to be better for a whole month."""
    one = ahead.changes[place]
    if SEVERITY[one.after] >= SEVERITY[one.before]:
        return False
    same = [other for other in ahead.changes if other.area == one.area]
    later = [other for other in ahead.changes[place + 1 :] if other.area == one.area]
    worse = any(SEVERITY[other.after] > SEVERITY[other.before] for other in same)
    if any(SEVERITY[other.after] > SEVERITY[one.after] for other in later):
        return False
    return not worse or ahead.until_day - say.policy.zone.day(one.at) > _MONTH_DAYS


def _paid_on(ways: Comparison | None, say: Say) -> Iterator[str]:
    """Yield what the dues do while nothing but they is paid, where that comes under the line."""
    least = ways.way("minimum") if ways is not None else None
    month = least.course.gate_month if least is not None else None
    if month:
        yield say("t_paid_on", months=month)
