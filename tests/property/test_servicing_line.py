"""Random lives of a line, reviewed day by day: what must hold whatever happens.

Each rule is also put to a servicing room with a bug planted in it, which it must catch.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest

from tests.line_life import ZONE, Life, day, sound
from xindeng.events.line import HoldExtended, LimitChange, LimitWarning
from xindeng.kernel.errors import XindengError
from xindeng.kernel.time import DAY, HOUR
from xindeng.servicing import holds as holds_room
from xindeng.servicing import limits as limits_room
from xindeng.servicing.holds import extend, place, review
from xindeng.servicing.limits import reevaluate

START = "2026-06-01"
DAYS = 150
KINDS = ("cash_flow", "security", "bureau", "delinquency", "platform", "manual")


class Broken(AssertionError):
    """A rule of the line does not hold."""


def need(holds: bool, what: str) -> None:
    if not holds:
        raise Broken(what)


def live(seed: int) -> Life:
    dice = Random(seed)
    life = sound(
        START, limit=dice.choice((5_000, 30_000, 60_000)), income=dice.choice((6_000, 15_000))
    )
    life.tell("disbursement", START, draw="l1", amount=300_000, term_months=12, monthly_due=26_000)
    for number in range(DAYS):
        morning = ZONE.midnight(day(START) + number) + 8 * HOUR
        happens(life, dice, morning)
        before = life.at(morning + HOUR)
        owed = [before.value(name) for name in ("exposure", "own_monthly_due", "open_draws")]
        orders = life.carry(review(before, life.holds))
        need(not review(life.at(life.now), life.holds), f"reviewing twice does more: {orders}")
        weighed = reevaluate(life.at(life.now), life.book)
        check_change(life, weighed.payloads)
        life.carry(weighed)
        need(not reevaluate(life.at(life.now), life.book), f"weighing twice does more: {weighed}")
        after = life.at(life.now)
        need(owed == [after.value(name) for name in ("exposure", "own_monthly_due", "open_draws")],
             "what is lent was touched")  # fmt: skip
        check_holds(life)
    return life


def happens(life: Life, dice: Random, at: int) -> None:
    match dice.randrange(14):
        case 0:
            life.tell("payment", at, direction="in", amount=dice.randrange(2_000_000, 50_000_000),
                      category="unknown")  # fmt: skip
            life.asks(str(ZONE.local(at + 60_000_000).strftime("%Y-%m-%d %H:%M")), 1_000)
        case 1:
            life.tell("flow_explained", at, document="contract", accepted=dice.random() < 0.7)
        case 2:
            life.tell("delinquency", at, dpd=dice.choice((0, 0, 5, 40)), overdue_amount=0)
        case 3:
            life.tell("repayment", at, loan="l1", amount=26_000, principal=20_000,
                      days_late=dice.choice((0, 0, 3)))  # fmt: skip
        case 4:
            view = life.at(at)
            life.carry(
                place(view, dice.choice(KINDS), hold=life.new_id(), reason="TRIAL", by="ana")
            )
        case 5 if life.holds:
            try:
                made = extend(life.at(at), dice.choice(life.holds), days=dice.randrange(1, 20),
                              evidence=life.new_id(), by="ana")  # fmt: skip
            except XindengError:
                return
            life.carry(made)
        case 6:
            life.tell("security_clearance", at, method="branch")


def check_change(life: Life, payloads: tuple) -> None:
    book, today = life.book, ZONE.day(life.now)
    for payload in payloads:
        if not isinstance(payload, LimitChange):
            continue
        since = today - ZONE.day(book.changed_at or 0)
        need(since >= 60, f"changed again after {since} days")
        if payload.limit >= (book.limit or 0):
            continue
        warnings = [e for e in life.events if isinstance(e.payload, LimitWarning)]
        need(bool(warnings), "cut without a warning")
        told = warnings[-1]
        lead = told.payload.effective_day - ZONE.day(told.occurred_at)
        need(lead >= 14 and today >= told.payload.effective_day, "cut before its day")
        need(payload.limit >= (told.payload.limit or 0), "cut deeper than announced")


def check_holds(life: Life) -> None:
    view = life.at(life.now)
    for hold in life.holds:
        most = view.policy.line.length(hold.kind, "max_days", view.parameters)
        count = view.policy.line.length(hold.kind, "max_extensions", view.parameters)
        need(hold.review_at - hold.placed_at <= most * DAY, f"{hold.kind} lasts too long")
        need(hold.extensions <= count, f"{hold.kind} extended too often")
        need(hold.review_at > life.now or hold.escalated, "a review date passed and nothing came")
    told = sum(notice.kind == "hold_extended" for notice in life.notices)
    made = sum(isinstance(event.payload, HoldExtended) for event in life.events)
    need(told == made, "extended without a notice")


SEEDS = range(8)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_line_keeps_its_rules(seed: int) -> None:
    live(seed)


def test_the_lives_are_eventful() -> None:
    seen = {type(e.payload).__name__ for seed in SEEDS for e in live(seed).events}
    assert {"LimitWarning", "LimitChange", "LimitWarningWithdrawn", "HoldExtended", "HoldReleased",
            "HoldReviewed"} <= seen  # fmt: skip


def _no_caps(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(holds_room, "_beyond_caps", lambda *_: "")


def _cut_at_once(patch: pytest.MonkeyPatch) -> None:
    def cut(view, book, aim):
        return limits_room._change(view, book, aim.next_down(book.limit), "decreased", "policy")

    patch.setattr(limits_room, "_cut", cut)


def _no_lead(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(limits_room, "_lead", lambda view: 1)


def _forgets_to_escalate(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(holds_room, "_escalation", lambda *_: holds_room.NOTHING)


def _silent_extension(patch: pytest.MonkeyPatch) -> None:
    kept = holds_room._extension

    def silent(*parts):
        orders = kept(*parts)
        return holds_room.Orders(payloads=orders.payloads)

    patch.setattr(holds_room, "_extension", silent)


def _no_gap(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(limits_room, "raise_day", lambda *_: 0)


@pytest.mark.parametrize(
    "bug", [_no_caps, _cut_at_once, _no_lead, _forgets_to_escalate, _silent_extension, _no_gap]
)
def test_a_planted_bug_is_caught(bug: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    bug(monkeypatch)
    with pytest.raises(Broken):
        for seed in SEEDS:
            live(seed)
