"""What a person should know first, in two or three sentences: what stands in the way, what helps.

Every sentence is of this person's own figures under the reference policy. Dates are those on which
records leave a count; never the day or the amount of anybody's lending.
"""

from __future__ import annotations

from collections.abc import Iterator

from xindeng.decision.answer import Light
from xindeng.repair.checkup.checkup import CheckUp
from xindeng.repair.checkup.reasons import blind_areas
from xindeng.repair.checkup.say import Say
from xindeng.repair.checkup.way import half_known, needless, ratio_after, relief_of, step_text
from xindeng.repair.plans.plan import Plans

_MOST_STEPS = 3
_SAID = frozenset({"wait", "settle_overdue", "show_income"})
_MOST_MONTHS = 6
"""Who would have to pay off more than so many months' income at once has no such money."""
_WINDOW = 180
_ANSWERS = frozenset({"fixed", "verify_first", "review", "hardship", "no_plan"})
"""Where no act of one's own changes the answer, that is what has to be known first."""


def headline(found: CheckUp, plans: Plans, say: Say) -> tuple[str, ...]:
    """Return the sentences that stand above all; none where help or verification comes first."""
    if found.has_income is False or found.safety:
        return ()
    said = (*_stands(found, say), *_helps(found, plans, say), *_enough(found, plans, say))
    bills = tuple(_bills(found, say))
    return (*bills, *said) if found.since.old else (*said, *bills)


def _bills(found: CheckUp, say: Say) -> Iterator[str]:
    """Yield how far the bills reach, where that is not today."""
    since = found.since
    if since.until is not None and (since.old or since.gone_on):
        key = "h_bills" if since.gone_on else "h_bills_old"
        yield say(key, day=say.day_of(since.until), days=since.days)


def _stands(found: CheckUp, say: Say) -> Iterator[str]:
    """Yield what stands in the way, with the figure behind it, or what is not known yet."""
    red = [area for area, light in found.lights.items() if light is Light.RED]
    watch = [area for area, light in found.lights.items() if light is Light.YELLOW]
    if red:
        told = [say.area(area) + _figure(found, area, say) for area in red]
        yield say("h_red", areas=say.joined(told))
    elif watch:
        yield say("h_watch", areas=say.joined([say.area(area) for area in watch]))
    blind = blind_areas(found)
    if blind:
        yield say("h_blind", areas=say.joined([say.area(area) for area in blind]))
    elif not red and not watch:
        yield say("all_fine")


def _figure(found: CheckUp, area: str, say: Say) -> str:
    most = say.parameter("max_payment_to_income")
    if area == "debt":
        name = "payment_to_income_after_draw" if found.asked else "payment_to_income"
        ratio = found.figures.get(name)
        if isinstance(ratio, float) and isinstance(most, float) and ratio > most:
            key = "h_ratio_after" if found.asked else "h_ratio"
            return say(key, ratio=say.share(ratio), most=say.share(most))
    if area == "applications" and (over := _over(found, say)):
        count, limit, _ = over
        return say("h_count", count=count, window=_WINDOW, most=limit)
    return ""


def _over(found: CheckUp, say: Say) -> tuple[int, int, int] | None:
    """Return the enquiries counted, the policy's most, and the day when no more are counted."""
    most = say.parameter("hard_inquiries_180d_max")
    if found.review is None or found.old_report or type(most) is not int:
        return None
    leaving = sorted(
        one.leaves[_WINDOW]
        for one in found.review.enquiries
        if one.hard and _WINDOW in one.leaves and one.day <= say.today < one.leaves[_WINDOW]
    )
    over = len(leaving) - most
    return (len(leaving), most, leaving[over - 1]) if over > 0 else None


def _helps(found: CheckUp, plans: Plans, say: Say) -> Iterator[str]:
    """Yield what helps most: what is overdue before all else, then the one thing that weighs."""
    overdue = list(_overdue(found, say))
    yield from overdue
    ratio = ratio_after(found, 0)
    if plans.status == "plan":
        yield from _lever(found, plans, say)
    elif ratio is not None and ratio >= 1:
        yield say("h_over_income", due=say.money(int(found.figures["monthly_due"] or 0)))
    elif not overdue and plans.status in _ANSWERS and not half_known(found):
        yield say(f"w_{plans.status}")
    if over := _over(found, say):
        yield say("h_leave", day=say.day(over[2]), window=_WINDOW, most=over[1])


def _overdue(found: CheckUp, say: Say) -> Iterator[str]:
    if found.review is None or found.old_report:
        return
    late = [one for one in found.review.findings if one.kind == "overdue_now"]
    amounts = [one.facts.get("amount") for one in late]
    owed = sum(amount for amount in amounts if type(amount) is int)
    if owed:
        lenders = list(dict.fromkeys(str(one.facts.get("lender")) for one in late))
        yield say("h_overdue", lenders=say.joined(lenders), amount=say.money(owed))


def _lever(found: CheckUp, plans: Plans, say: Say) -> Iterator[str]:
    """Yield the least that has to be paid off, or the acts of the plan that comes first."""
    if plans.rungs and found.lights.get("debt") is Light.RED:
        rung = plans.rungs[0]
        if rung.cash > _MOST_MONTHS * int(found.figures.get("monthly_income") or 0):
            yield say("h_heavy", cash=say.money(rung.cash))
            return
        closed = [debt for debt in found.debts if debt.id in rung.closes]
        names = [f"{debt.lender} {say.money(debt.balance or 0)}" for debt in closed]
        before, after = ratio_after(found, 0), ratio_after(found, relief_of(closed))
        yield say("h_close", names=say.joined(names), cash=say.money(rung.cash),
                  before=say.share(before), after=say.share(after))  # fmt: skip
        return
    steps = [one for plan in plans.plans[:1] for one in plan.steps if one.action not in _SAID]
    if steps:
        told = [step_text(one, say) for one in steps[:_MOST_STEPS]]
        yield say("h_helps", steps=say.joined(told))


def _enough(found: CheckUp, plans: Plans, say: Say) -> Iterator[str]:
    """Yield that borrowing may not be needed, where the person asked and an own plan says so."""
    if not found.asked or plans.status != "plan":
        return
    cash = [
        plan.cash_total
        for plan in plans.plans
        if needless(found, plan)
        # A plan for a smaller amount tells nothing of the one that was asked for.
        and all(step.action != "borrow_less" for step in plan.steps)
    ]
    if cash:
        yield say("h_enough", cash=say.money(min(cash)), amount=say.money(found.request.amount))
