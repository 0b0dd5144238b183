"""What every page of a borrower has around it."""

from __future__ import annotations

from typing import Any

from xindeng.decision.explanation import Explanation
from xindeng.decision.words import WORDS
from xindeng.service.line import LineView
from xindeng.servicing.three_numbers import area_title
from xindeng.web.route import Shown, Visit

_LINES = ("complaint_line_finance", "complaint_line_credit")


def shown(visit: Visit, here: str, /, template: str = "", status: int = 200, **what: Any) -> Shown:
    """Return a page of the borrower's room; `here` is its place in the list of pages."""
    around = {
        "here": here,
        "currency": visit.engine.policy.currency,
        "complaint_lines": complaint_lines(visit),
        "scam": WORDS[visit.lang]["scam"],
        "home": visit.engine.policy.zone.name,
    }
    return Shown({**around, **what}, template, status)


def complaint_lines(visit: Visit) -> str:
    """Return the public telephone lines for complaints, as the policy dates them."""
    policy = visit.engine.policy
    day = policy.zone.day(visit.engine.clock())
    known = [name for name in _LINES if name in policy.parameter_names]
    found = [str(policy.parameter(name, day)) for name in known]
    return " / ".join(found) or visit.say("the public complaint lines")


def gate_light(view: LineView, told: Explanation) -> str:
    """Return the light of what stands in the way: that of its area, at least ▲."""
    numbers = view.numbers
    if numbers.whose == "platform":
        return "our_side"
    if numbers.area is None:
        return "red" if numbers.borrowable is None else "yellow"
    other = "no_data" if numbers.area == "consent" else "yellow"
    light = next((row.light.value for row in told.lights if row.area == numbers.area), other)
    return "yellow" if light == "green" else light


def gate_name(visit: Visit, view: LineView) -> str:
    """Return what stands in the way, in a word or two; "" where nothing does."""
    numbers = view.numbers
    if numbers.borrowable is None:
        return visit.say("The account needs to be verified first")
    if numbers.area is None:
        return ""
    return area_title(visit.engine.policy, numbers.area, visit.lang)


def waits(visit: Visit, view: LineView) -> list[str]:
    """Return until when each thing stands in the way of any draw, as a time, where that is known:
    a cool-down is told as one even beside a gate that no time opens."""
    numbers, policy = view.numbers, visit.engine.policy
    if numbers.borrowable is None:
        return []
    ends: dict[str, int] = {}
    for one in view.decision.reasons:
        if one.gate and one.whose != "withheld" and one.until and one.until > view.now:
            ends[one.area] = max(one.until, ends.get(one.area, 0))
    return [
        visit.say("“{area}” opens or is looked at again: {when}.",
                  area=area_title(policy, area, visit.lang), when=visit.look.moment(at))
        for area, at in sorted(ends.items(), key=lambda one: -one[1])
    ]  # fmt: skip
