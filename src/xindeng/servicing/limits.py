"""Limits: granted, raised, cut, zeroed and closed, by the policy's matrix or by hand.

A cut is warned of first, with a date, what it rests on and what would avert it; it touches only
what is not yet drawn, so nothing here knows a loan. A zeroed line has a way back.
"""

from __future__ import annotations

from typing import Literal

from xindeng.events.line import LimitChange, LimitWarning, LimitWarningWithdrawn
from xindeng.kernel.errors import ConflictError, InputError
from xindeng.kernel.money import MAX_AMOUNT
from xindeng.kernel.time import to_date
from xindeng.policy.policy import Policy
from xindeng.policy.texts import show
from xindeng.servicing.hold_words import LANGUAGES
from xindeng.servicing.limit_aim import Aim, aim_of, evidence_of, legal_cap, ways_up
from xindeng.servicing.limit_book import LimitBook, Warned
from xindeng.servicing.limit_words import LIMIT_WORDS
from xindeng.servicing.orders import NOTHING, Notice, Orders
from xindeng.servicing.view import View

Change = Literal["granted", "increased", "decreased", "zeroed", "closed"]
BY_POLICY = "policy"
LAPSE = "limit_warning_lapse_days"


def reevaluate(view: View, book: LimitBook) -> Orders:
    """Return what the policy does about the limit now; carried out and asked again: nothing.

    A line not granted, or closed, is left alone.
    """
    if book.limit is None or book.closed:
        return NOTHING
    aim = aim_of(view, book.limit)
    if aim is None:
        return NOTHING
    if aim.target >= book.limit:
        averted = _averted(view, book)
        by_hand = book.warned is not None and not averted and not _lapsed(view, book.warned)
        return averted if by_hand else averted + _raise(view, book, aim)
    return _cut(view, book, aim)


def grant(
    view: View, book: LimitBook, *, reason: str, limit: int | None = None, by: str = BY_POLICY
) -> Orders:
    """Return the orders that open the line, with the segment's first limit unless one is given.

    Raises ConflictError where a limit was granted before or the segment gets none, InputError.
    """
    if book.limit is not None:
        what = "the line is closed" if book.closed else "a limit was granted already"
        raise ConflictError(what, next_step="change the limit instead", code="limit.granted")
    limits = view.policy.line.limits
    first = (limits.starter.get(view.segment, 0) if limits else 0) if limit is None else limit
    first = min(first, legal_cap(view)) if limit is None else first
    _check(view, first, reason)
    if first == 0:
        raise ConflictError(
            f"the segment {view.segment} gets no first limit",
            next_step="grant one by hand with a reason, or wait until the segment changes",
            code="limit.none",
        )
    return _change(view, book, first, "granted", _signed(by, reason))


def change_by_hand(
    view: View,
    book: LimitBook,
    *,
    limit: int,
    by: str,
    reason: str,
    asked_by_borrower: bool = False,
    close: bool = False,
) -> Orders:
    """Return the orders of a change that a person decided on, or the borrower asked for.

    A cut that the borrower did not ask for is warned of first: the orders are then the warning,
    and the same call on or after its day makes the cut. Raises InputError without a reason, for
    an amount no limit has or above the legal cap; ConflictError for no line or a closed one.
    """
    _check(view, limit, reason)
    if close and limit:
        raise InputError("a closed line has a limit of 0", next_step="give 0", code="limit.value")
    if book.limit is None or book.closed:
        what = "the line is closed" if book.closed else "no limit was granted"
        raise ConflictError(what, next_step="grant a limit first", code="line.closed")
    signed = _signed("borrower" if asked_by_borrower else by, reason)
    if limit == book.limit and not close:
        return NOTHING
    if limit > book.limit:
        return _change(view, book, limit, "increased", signed)
    kind: Change = "closed" if close else "zeroed" if limit == 0 else "decreased"
    if asked_by_borrower or book.limit == 0 or _ripe(view, book.warned, limit):
        return _change(view, book, limit, kind, signed)
    if book.warned is not None and book.warned.limit <= limit and not _lapsed(view, book.warned):
        return NOTHING  # warned of, and its day has not come
    words = {language: LIMIT_WORDS[language]["by_hand"] for language in LANGUAGES}
    evidence = {language: words[language].format(reason=reason.strip()) for language in LANGUAGES}
    return _warning(view, book.limit, limit, view.today + _lead(view), signed, evidence, {})


def _raise(view: View, book: LimitBook, aim: Aim) -> Orders:
    limit = book.limit or 0
    columns = (*view.inputs, *view.definitions)
    if aim.target <= limit or view.today < raise_day(view, book, aim):
        return NOTHING
    if not view.policy.line.may_raise(columns, view.parameters):
        return NOTHING
    return _change(view, book, aim.next_up(limit), "increased", BY_POLICY)


def raise_day(view: View, book: LimitBook, aim: Aim) -> int:
    """Return the local day from which the limit may be raised again."""
    names = view.policy.parameter_names
    zeroed = not book.limit and "limit_review_days" in names
    gap = max(aim.gap_days, view.parameter("limit_review_days") if zeroed else 0)
    return _changed_day(view, book) + gap


def _averted(view: View, book: LimitBook) -> Orders:
    if book.warned is None or not book.warned.reason.startswith(BY_POLICY):
        return NOTHING
    texts = _say(view, ("withdrawn", "scam"), of=book.limit)
    return Orders(
        payloads=(LimitWarningWithdrawn(reason="averted"),),
        notices=(Notice(kind="limit_warning_withdrawn", texts=texts),),
    )


def _cut(view: View, book: LimitBook, aim: Aim) -> Orders:
    limit = book.limit or 0
    if not view.policy.line.may_cut((*view.inputs, *view.definitions), view.parameters):
        return NOTHING
    wanted, warned = aim.next_down(limit), book.warned
    if warned is not None and not _lapsed(view, warned):
        if view.today < warned.day:
            return NOTHING
        # Never deeper than was announced; what is still too much waits for the next warning.
        new = max(wanted, warned.limit)
        kind: Change = "zeroed" if new == 0 else "decreased"
        return _change(view, book, new, kind, warned.reason) if new < limit else NOTHING
    day = view.today + _lead(view)
    if day < _changed_day(view, book) + aim.gap_days:
        return NOTHING
    evidence = {language: evidence_of(view, aim, language) for language in LANGUAGES}
    ways = ways_up(view, limit, aim, _lead(view), wanted)
    remedies = {
        language: [
            ("averts" if way.limit >= limit else "eases", way.text(view, language), way.limit)
            for way in ways
        ]
        for language in LANGUAGES
    }
    reason = f"{BY_POLICY}: {aim.rule or f'{view.segment} {aim.band} {aim.behaviour}'}"
    return _warning(view, limit, wanted, day, reason, evidence, remedies)


def _warning(
    view: View,
    limit: int,
    new: int,
    day: int,
    reason: str,
    evidence: dict[str, str],
    remedies: dict[str, list[tuple[str, str, int]]],
) -> Orders:
    change: Literal["decrease", "zero"] = "zero" if new == 0 else "decrease"
    texts, remedy = {}, {}
    head = _say(view, (f"warn_{change}",), of=limit, to=new, day=day)
    for language in LANGUAGES:
        words, currency, zone = LIMIT_WORDS[language], view.policy.currency, view.policy.zone
        lines = [
            words[kind].format(text=text, limit=show(kept, "money", language, currency, zone))
            for kind, text, kept in remedies.get(language, [])
        ] or [words["nothing_averts"]]
        today = to_date(view.today).isoformat()
        joint = "" if language == "zh" else " "
        remedy[language] = joint.join(lines)[:500]
        texts[language] = joint.join(
            [
                head[language],
                words["evidence"].format(today=today, evidence=evidence[language]),
                *lines,
                *[words[key] for key in ("appeal", "kept", "repay", "scam")],
            ]
        )
    payload = LimitWarning(
        change=change, effective_day=day, reason=reason, limit=new,
        evidence=evidence["en"][:500], evidence_zh=evidence["zh"][:500],
        remedy=remedy["en"], remedy_zh=remedy["zh"],
    )  # fmt: skip
    return Orders(
        payloads=(payload,),
        notices=(Notice(kind="limit_warning", texts=texts, old_contact=False),),
    )


def _change(view: View, book: LimitBook, limit: int, change: Change, reason: str) -> Orders:
    payload = LimitChange(
        limit=limit,
        change=change,
        currency=view.policy.currency,  # type: ignore[arg-type]
        reason=reason,
    )
    parts = {
        "granted": ("granted",),
        "increased": ("increased",),
        "decreased": ("decreased", "cause", "kept", "repay"),
        "zeroed": ("zeroed", "cause", "kept", "repay"),
        "closed": ("closed", "cause", "kept", "repay"),
    }[change]
    texts = _say(view, (*parts, "scam"), of=book.limit or 0, to=limit, reason=reason)
    return Orders(payloads=(payload,), notices=(Notice(kind=f"limit_{change}", texts=texts),))


def cause(reason: str, language: str) -> str:
    """Return a stored reason of a limit change as a borrower reads it."""
    words = LIMIT_WORDS[language]
    who, _, why = reason.partition(": ")
    if who == BY_POLICY:
        return words["policy"]
    return words["asked"] if who == "borrower" else words["by_hand"].format(reason=why or who)


def _say(
    view: View, parts: tuple[str, ...], *, of: int | None = None, to: int | None = None,
    day: int | None = None, reason: str = "",
) -> dict[str, str]:  # fmt: skip
    currency, zone = view.policy.currency, view.policy.zone
    texts = {}
    for language in LANGUAGES:
        slots = {
            "of": show(of, "money", language, currency, zone),
            "to": show(to, "money", language, currency, zone),
            "day": show(day, "date", language, currency, zone),
            "cause": cause(reason, language) if reason else "",
        }
        said = [LIMIT_WORDS[language][part].format(**slots) for part in parts]
        texts[language] = ("" if language == "zh" else " ").join(said)
    return texts


def _ripe(view: View, warned: Warned | None, limit: int) -> bool:
    """Say whether a cut to `limit` was warned of, its day has come and it has not lapsed."""
    if warned is None or _lapsed(view, warned):
        return False
    return view.today >= warned.day and limit >= warned.limit


def _lapsed(view: View, warned: Warned) -> bool:
    return lapsed(view.policy, warned, view.today)


def lapsed(policy: Policy, warned: Warned, today: int) -> bool:
    """Say whether a warning is too old on local day `today` for any cut to rest on it."""
    names = policy.parameter_names
    days = policy.parameter(LAPSE, today) if LAPSE in names else 0
    return today > warned.day + (days if type(days) is int else 0)


def _lead(view: View) -> int:
    return view.parameter("limit_warning_lead_days")


def _changed_day(view: View, book: LimitBook) -> int:
    return view.policy.zone.day(book.changed_at) if book.changed_at is not None else view.today


def _signed(by: str, reason: str) -> str:
    return f"{by}: {reason.strip()}"[:128]


def _check(view: View, limit: int, reason: str) -> None:
    most = min(legal_cap(view), MAX_AMOUNT)
    if not reason.strip():
        raise InputError(
            "a change of the limit needs a reason",
            next_step="say why in a few words; it is shown in the history",
            code="limit.reason",
        )
    if type(limit) is not int or not 0 <= limit <= most:
        raise InputError(
            f"a limit of {limit!r} minor units",
            next_step=f"give a whole number of minor units from 0 to {most:,}",
            code="limit.value",
        )
