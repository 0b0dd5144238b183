"""A line: limit, available, borrowable now, always together; what stands on it; its history."""

from __future__ import annotations

from msgspec import Struct

from xindeng.api.resources.holds import HoldTold, told
from xindeng.api.resources.wishes import Lang
from xindeng.api.route import Call
from xindeng.api.shapes import Instant, PageQuery, day_text
from xindeng.kernel.errors import InputError
from xindeng.service import line as lines
from xindeng.servicing.history import NumberChange
from xindeng.servicing.history_words import history_lines
from xindeng.servicing.three_numbers import ThreeNumbers


class Numbers(Struct, frozen=True, kw_only=True):
    """The three numbers, minor units, and what stands between them. `borrowable` is None where a
    borrower is told only that the account must be verified; `gate` is told to staff."""

    limit: int | None
    available: int | None
    borrowable: int | None
    area: str | None = None
    whose: str | None = None
    until: Instant | None = None
    gate: str | None = None


class OnItsWay(Struct, frozen=True, kw_only=True):
    """A draw on its way."""

    draw: str
    amount: int
    state: str
    reserved_at: Instant


class LoanTold(Struct, frozen=True, kw_only=True):
    """A loan as of today."""

    loan: str
    opened_on: str
    lent: int
    principal: int
    payoff: int
    due_now: int
    days_past_due: int
    tier: str
    status: str
    credit: int
    next_due_on: str | None = None
    next_due: int | None = None


class TaskTold(Struct, frozen=True, kw_only=True):
    """Something a person of ours must do."""

    kind: str
    subject: str
    due_on: str


class LineAnswer(Struct, frozen=True, kw_only=True):
    """A line in full; `tasks` are told to staff."""

    borrower: str
    at: Instant
    currency: str
    numbers: Numbers
    holds: tuple[HoldTold, ...]
    draws: tuple[OnItsWay, ...]
    loans: tuple[LoanTold, ...]
    tasks: tuple[TaskTold, ...] = ()


class HistoryQuery(PageQuery):
    """From when on, and in which language."""

    since: str | None = None
    lang: Lang = "zh"


class ChangeTold(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One change in words; when, why and from what to what as data for staff."""

    text: str
    at: Instant | None = None
    cause: str = ""
    before: Numbers | None = None
    after: Numbers | None = None


class HistoryAnswer(Struct, frozen=True, kw_only=True):
    """Changes of the three numbers, oldest first."""

    items: tuple[ChangeTold, ...]
    next: str | None


def show(call: Call) -> LineAnswer:
    """Return the line; a borrower is told no more than their own pages may show."""
    theirs, own = call.theirs, call.own
    seen, policy = lines.show(theirs, call.borrower, veil=own), theirs.policy
    zone = policy.zone
    return LineAnswer(
        borrower=seen.borrower,
        at=Instant.of(seen.now, zone),
        currency=policy.currency,
        numbers=_numbers(call, seen.numbers),
        holds=tuple(told(call, one) for one in seen.holds if one.pauses_draws or not own),
        draws=tuple(
            OnItsWay(draw=one.draw, amount=one.amount, state=one.state,
                     reserved_at=Instant.of(one.reserved_at, zone))
            for one in seen.draws
        ),
        loans=tuple(map(_loan, seen.loans)),
        tasks=() if own else tuple(
            TaskTold(kind=kind, subject=subject, due_on=day_text(day))
            for kind, subject, day in seen.tasks
        ),
    )  # fmt: skip


def history(call: Call) -> HistoryAnswer:
    """Return every change of the three numbers with its cause: an event, our side, or time."""
    query: HistoryQuery = call.query
    theirs = call.theirs
    since = None if query.since is None else _instant(call, query.since)
    found = lines.changes(theirs, call.borrower, since=since)
    audience = "borrower" if call.own else "support"
    texts = history_lines(theirs.policy, found, query.lang, audience=audience)
    if call.own:
        items = [ChangeTold(text=text) for text in texts]
    else:
        items = [_change(call, one, text) for one, text in zip(found, texts, strict=True)]
    page, after = query.cut(items)
    return HistoryAnswer(items=tuple(page), next=after)


def _change(call: Call, one: NumberChange, text: str) -> ChangeTold:
    return ChangeTold(
        text=text,
        at=Instant.of(one.at, call.engine.policy.zone),
        cause=one.cause,
        before=None if one.before is None else _numbers(call, one.before),
        after=_numbers(call, one.after),
    )


def _numbers(call: Call, found: ThreeNumbers) -> Numbers:
    return Numbers(
        limit=found.limit, available=found.available, borrowable=found.borrowable,
        area=found.area, whose=found.whose,
        until=Instant.maybe(found.until, call.engine.policy.zone),
        gate=None if call.own else found.gate,
    )  # fmt: skip


def _loan(one: lines.LoanLine) -> LoanTold:
    due = one.next_due
    return LoanTold(
        loan=one.loan, opened_on=day_text(one.opened), lent=one.lent, principal=one.principal,
        payoff=one.payoff, due_now=one.due_now, days_past_due=one.dpd, tier=one.tier,
        status=one.status, credit=one.credit,
        next_due_on=None if due is None else day_text(due[0]),
        next_due=None if due is None else due[1],
    )  # fmt: skip


def _instant(call: Call, text: str) -> int:
    try:
        return call.engine.policy.zone.parse(text)
    except (InputError, OverflowError) as error:
        raise InputError(
            "not a date or time", where="query.since",
            next_step="write 2026-07-01 or 2026-07-01T09:30+08:00", code="request.time",
        ) from error  # fmt: skip
