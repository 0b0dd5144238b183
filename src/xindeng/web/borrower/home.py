"""Home: the three numbers with the gate between them, the lights, what falls due or is planned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from xindeng.decision.answer import EarliestYes, Light
from xindeng.decision.explain import explain
from xindeng.decision.explanation import Explanation, ReasonRow
from xindeng.decision.facts import OWN_LOCK
from xindeng.decision.words import WHOSE
from xindeng.kernel.time import MINUTE
from xindeng.service import hardship, matters, offers
from xindeng.service import line as lines
from xindeng.service.line import LineView
from xindeng.servicing.hold_words import reviewed_by
from xindeng.servicing.limits import cause, lapsed
from xindeng.web.borrower.frame import gate_light, gate_name, shown
from xindeng.web.route import Shown, Visit

_WIDE = 400
_ASKED = frozenset({"request_amount", "request_instalment"})
_WORST = (Light.RED, Light.OUR_SIDE, Light.YELLOW, Light.NO_DATA, Light.GREEN)


@dataclass(frozen=True, slots=True)
class Bar:
    """The line as a bar of 400 units: what is owed, what may be borrowed, where the gate stands."""

    owed: int
    free: int
    gate: int
    hatches: tuple[int, ...]
    owed_minor: int
    alternative: str


def home(visit: Visit) -> Shown:
    """Show how the line stands now."""
    view = lines.show(visit.engine, visit.borrower, veil=True)
    told = told_now(visit, view)
    numbers = view.numbers
    light = gate_light(view, told)
    return shown(
        visit, "/me",
        told=told,
        lights=sorted(told.lights, key=lambda row: _WORST.index(row.light)),
        numbers=numbers,
        veiled=numbers.borrowable is None,
        bar=_bar(visit, view) if numbers.limit is not None else None,
        gate=gate_name(visit, view),
        gate_light=light,
        gate_tone={"our_side": "ours", "yellow": "warning"}.get(light, "stop"),
        gate_whose=numbers.whose or "withheld",
        gate_whose_word=WHOSE[visit.lang][numbers.whose or "withheld"],
        gate_lines=_gate_lines(visit, view, told),
        more_gates=_more_gates(visit, view, told),
        offers=offers.standing(visit.engine, visit.borrower),
        due=_due(view),
        holds=_holds(visit, view, told),
        warned=_warned(visit, view),
        asked=hardship.waiting(visit.engine, visit.borrower),
        review=next_review(view),
        matter=looked_at(visit, view)["matter"],
    )  # fmt: skip


def told_now(visit: Visit, view: LineView, waiting: EarliestYes | None = None) -> Explanation:
    """Return how the policy answers the smallest draw now, in the borrower's words; with what
    waiting brings, also from when on."""
    return explain(visit.engine.policy, view.decision, audience="borrower", lang=visit.lang,
                   as_of=view.as_of, earliest_yes=waiting)  # fmt: skip


def looked_at(visit: Visit, view: LineView) -> dict[str, Any]:
    """Return by when a pause is looked at again, in words, and the matter a person looks at."""
    at, zone = view.hold_review, visit.engine.policy.zone
    waiting = matters.of_borrower(visit.engine, visit.borrower)
    return {
        "review": "" if at is None else reviewed_by(at, zone, visit.lang),
        "matter": next((one.row for one in waiting if one.row.open and one.row.way == "review"),
                       None),
    }  # fmt: skip


def next_review(view: LineView) -> int | None:
    """Return when somebody or something next looks at this line by itself, if that is known."""
    known = [] if view.hold_review is None else [view.hold_review]
    if view.numbers.until is not None:
        known.append(view.numbers.until)
    return min((at for at in known if at > view.now), default=None)


def _bar(visit: Visit, view: LineView) -> Bar:
    numbers, money = view.numbers, visit.look.money
    limit, available = numbers.limit or 0, numbers.available or 0
    borrowable = numbers.borrowable or 0
    whole = max(limit, 1)
    owed = round(_WIDE * min(max(limit - available, 0), whole) / whole)
    free = round(_WIDE * min(borrowable, whole) / whole)
    gate = min(owed + free, _WIDE)
    said = visit.say(
        "Of a limit of {limit}, {available} is available and {now} can be borrowed now.",
        limit=money(limit), available=money(available), now=money(numbers.borrowable),
    )  # fmt: skip
    hatches = tuple(range(gate + 4, _WIDE - 12, 16))
    return Bar(owed, free, min(max(gate, 2), _WIDE - 2), hatches, limit - available, said)


def _gate_lines(visit: Visit, view: LineView, told: Explanation) -> list[str]:
    """Return the fact behind the gate, and when it opens by itself where that is known."""
    numbers = view.numbers
    if numbers.borrowable is None:
        return [row.fact for row in told.reasons[:1]]
    title = gate_name(visit, view)
    rows = sorted((row for row in told.reasons if row.title == title), key=lambda row: not row.gate)
    said = [row.fact for row in rows[:1]]
    if said and not numbers.borrowable and _weighs_the_amount(visit, numbers.gate):
        said.insert(
            0,
            visit.say(
                "Even for the smallest draw, {amount}:",
                amount=visit.look.money(view.decision.amount_asked),
            ),
        )
    if numbers.until is not None and numbers.until > view.now:
        said.append(visit.say("Opens or is looked at again: {when}.",
                              when=visit.look.moment(numbers.until)))  # fmt: skip
    return said


def _more_gates(visit: Visit, view: LineView, told: Explanation) -> list[ReasonRow]:
    """Return what else stands in the way beside the gate whose fact is told first."""
    title = gate_name(visit, view)
    gates = sorted((row for row in told.reasons if row.gate), key=lambda row: row.title != title)
    return gates[1:]


def _weighs_the_amount(visit: Visit, gate: str | None) -> bool:
    """Return whether a rule's answer, and so the figures in it, hang on what is asked for."""
    compiled = visit.engine.policy.compiled
    found = compiled.conditions.get(gate or "")
    return found is not None and not _ASKED.isdisjoint(compiled.columns_of(found))


def _due(view: LineView) -> dict[str, Any] | None:
    """Return the next instalment of all loans, or what is late, None where nothing falls due."""
    late = [loan for loan in view.loans if loan.due_now and loan.dpd]
    if late:
        return {"late": max(loan.dpd for loan in late), "day": 0,
                "amount": sum(loan.due_now for loan in late)}  # fmt: skip
    coming = sorted(loan.next_due for loan in view.loans if loan.next_due and loan.status == "open")
    if not coming:
        return None
    first = coming[0][0]
    return {"late": 0, "day": first, "amount": sum(due for day, due in coming if day == first)}


def _holds(visit: Visit, view: LineView, told: Explanation) -> list[dict[str, Any]]:
    """Return the holds that pause or cap draws, with what their notice said and no more; and from
    when on waiting alone is enough, where Why and Plan tell that, too."""
    kinds = visit.engine.policy.line.kinds
    stopping = [one for one in view.holds if one.pauses_draws and one.kind != OWN_LOCK]
    waiting = lines.waiting(visit.engine, view) if stopping and not told.veiled else None
    opens = None if waiting is None or waiting.at is None else -(-waiting.at // MINUTE) * MINUTE
    return [
        {
            "title": _heading(kinds[one.kind].title.get(visit.lang, ""))
            if one.kind in kinds else visit.say("A pause on draws"),
            "mode": one.mode, "since": one.placed_at,
            "review": None if one.kind == OWN_LOCK else one.review_at,
            "opens": opens if one.kind != OWN_LOCK and opens != one.review_at else None,
        }
        for one in view.holds if one.pauses_draws
    ]  # fmt: skip


def _heading(text: str) -> str:
    return text[:1].upper() + text[1:]


def _warned(visit: Visit, view: LineView) -> dict[str, Any] | None:
    """Return the early warning that stands: what may happen when, why, what it rests on."""
    warned, policy = view.warned, visit.engine.policy
    if warned is None or lapsed(policy, warned, policy.zone.day(view.now)):
        return None
    why, evidence = cause(warned.reason, visit.lang), warned.evidence.get(visit.lang, "")
    return {
        "day": warned.day, "limit": warned.limit, "why": why, "told": policy.zone.day(warned.at),
        "evidence": "" if evidence == why else evidence,
        "remedy": warned.remedy.get(visit.lang, ""),
    }  # fmt: skip
