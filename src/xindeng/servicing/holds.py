"""The life of a hold: placed, reviewed, extended on new evidence, released or passed to a person.

Every hold has a review date from its first day, caps on its whole length and on extensions, and
a condition of the policy that ends it early. Nothing here can touch a repayment or a refund.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Literal, get_args

from xindeng.decision.answer import HoldOrder
from xindeng.events.line import HoldExtended, HoldKind, HoldMode, HoldPlaced, HoldReleased
from xindeng.events.line import HoldReviewed as Reviewed
from xindeng.kernel.errors import ConflictError, InputError
from xindeng.kernel.time import DAY, HOUR
from xindeng.language import Value
from xindeng.policy.context import BY_HAND
from xindeng.policy.model import HoldKindSpec
from xindeng.policy.texts import show
from xindeng.servicing.hold_book import StandingHold
from xindeng.servicing.hold_words import LANGUAGES, moment, told
from xindeng.servicing.orders import NOTHING, Notice, Orders, Task
from xindeng.servicing.view import View

How = Literal["expired", "condition", "review", "customer", "replaced"]
OWN_LOCK = "own_lock"


def place(
    view: View,
    kind: str,
    *,
    hold: str,
    reason: str,
    by: str = "policy",
    note: str = "",
    mode: str = "block",
    days: int | None = None,
    cap: int | None = None,
    loan: str | None = None,
    collection: bool = False,
) -> Orders:
    """Return the orders that place a hold of a kind under the fresh id `hold`.

    It lasts `days` (the kind's own unless given); `collection` stops collection whatever the kind
    says, of `loan` alone if one is named. Raises InputError for no reason, a length
    beyond the kind's cap, or a cap without an amount; NotFoundError for an unknown kind.
    """
    spec = view.policy.line.kind(kind)
    if not reason.strip():
        raise _wrong("a hold needs a reason", "name it in a few words", "hold.reason")
    length = _length(view, kind, "days") if days is None else days
    most = _length(view, kind, "max_days")
    if not 0 < length <= most:
        raise _wrong(
            f"a {kind} hold of {length} days", f"give 1 to {most} days in all", "hold.length"
        )
    return _placing(
        view, spec, hold=hold, mode=mode, reason=reason.strip(), cap=cap, owner=by, note=note,
        loan=loan, collection=collection, review_at=view.now + length * DAY,
    )  # fmt: skip


def place_decided(view: View, orders: Iterable[HoldOrder], new_id: Callable[[], str]) -> Orders:
    """Return the orders for the holds that a decision asks for, each under a fresh id.

    None lasts beyond the longest length of its kind. A policy that says nothing of how holds live
    has no words for them either: such a hold is placed without a notice.
    """
    found = NOTHING
    for order in orders:
        if not view.policy.line.kinds:
            found += Orders(payloads=(_bare(order, new_id()),))
            continue
        spec = view.policy.line.kind(order.kind)
        longest = view.now + _length(view, order.kind, "max_days") * DAY
        found += _placing(
            view, spec, hold=new_id(), mode=order.mode, reason=order.rule, cap=order.cap,
            owner=spec.owner, note="", loan=None, collection=False,
            review_at=min(order.review_at, longest),
        )  # fmt: skip
    return found


def _bare(order: HoldOrder, hold: str) -> HoldPlaced:
    return HoldPlaced(
        hold=hold, kind=order.kind, mode=order.mode, reason=order.rule,  # type: ignore[arg-type]
        review_at=order.review_at, cap=order.cap,
    )  # fmt: skip


def review(view: View, holds: Iterable[StandingHold]) -> Orders:
    """Return what the policy does about the holds now: nothing, for most of them on most days.

    A hold whose release condition is TRUE ends at once. One at its review date is extended by
    rule where the policy sees new evidence and the caps allow it, else it ends or goes to a
    person, once. Carrying the orders out and reviewing again yields nothing.
    """
    found = NOTHING
    for hold in holds:
        found += _review(view, hold)
    return found


def extend(view: View, hold: StandingHold, *, days: int, evidence: str, by: str) -> Orders:
    """Return the orders that extend a hold by `days` from its review date.

    Raises InputError without evidence that is new, ConflictError once the review and its grace
    are over, or where a cap on number or total length is reached.
    """
    fresh = evidence.strip()
    if not fresh or fresh in hold.evidence:
        raise _wrong(
            "an extension needs evidence that was not there before",
            "say what came up since, or let the hold end at its review",
            "hold.evidence",
        )
    if view.now > hold.review_at + view.parameter("hold_review_grace_hours") * HOUR:
        raise ConflictError(
            "the review date is over",
            where=f"hold {hold.id}",
            next_step="release it; a new cause needs a new hold",
            code="hold.past_review",
        )
    review_at = hold.review_at + days * DAY
    fault = _beyond_caps(view, hold, review_at)
    if days < 1 or fault:
        raise ConflictError(
            fault or f"an extension of {days} days",
            where=f"hold {hold.id}",
            next_step="release it, or have a person decide on another way",
            code="hold.cap",
        )
    return _extension(view, hold, review_at, fresh, by)


def release(view: View, hold: StandingHold, *, by: str, why: str) -> Orders:
    """Return the orders that end a hold by hand; raises InputError without a reason.

    The borrower's own lock is nobody else's to take off: ConflictError.
    """
    if not why.strip():
        raise _wrong("ending a hold needs a reason", "say what was checked", "hold.reason")
    if hold.kind == OWN_LOCK:
        raise ConflictError(
            "only the borrower can take off their own lock",
            where=f"hold {hold.id}",
            next_step="have them ask in the app; it takes a check and a wait",
            code="hold.own_lock",
        )
    note = Reviewed(hold=hold.id, result="released", owner=by, note=why.strip()[:500])
    return Orders(payloads=(note,)) + _release(view, hold, "review")


def _review(view: View, hold: StandingHold) -> Orders:
    if is_true(view, hold, "release_when"):
        return _release(view, hold, "customer" if hold.kind == OWN_LOCK else "condition")
    if view.now < hold.review_at:
        return NOTHING
    grace = view.parameter("hold_review_grace_hours") * HOUR
    if view.now <= hold.review_at + grace and is_true(view, hold, "extend_when"):
        review_at = hold.review_at + _length(view, hold.kind, "days") * DAY
        most = hold.placed_at + _length(view, hold.kind, "max_days") * DAY
        review_at = min(review_at, most)
        if review_at > view.now and not _beyond_caps(view, hold, review_at):
            evidence = f"extend_when of {hold.kind} at {moment(view.now, view.policy.zone, 'en')}"
            return _extension(view, hold, review_at, evidence, "policy")
    if view.policy.line.kind(hold.kind).on_expiry == "release":
        return _release(view, hold, "expired")
    return NOTHING if hold.escalated else _escalation(view, hold)


def _placing(view: View, spec: HoldKindSpec, **fields: Any) -> Orders:
    mode, cap, review_at = fields["mode"], fields["cap"], fields["review_at"]
    if mode not in get_args(HoldMode) or (mode == "cap") != (cap is not None):
        raise _wrong(
            f"a hold of mode {mode!r} {'without' if cap is None else 'with'} an amount",
            "use monitor, block, or cap with its amount",
            "hold.mode",
        )
    kind: HoldKind = spec.kind  # type: ignore[assignment]
    payload = HoldPlaced(
        kind=kind,
        accrual="accrual" in spec.stops and fields["loan"] is not None,
        collection=fields.pop("collection")
        or ("collection" in spec.stops and fields["loan"] is not None),
        **fields,
    )
    parts = {"block": "paused", "cap": "capped", "monitor": "watched"}[mode]
    currency, zone = view.policy.currency, view.policy.zone
    texts = told(
        spec,
        (parts, "why", "ends", "review", "repay", "scam"),
        at={language: moment(review_at, zone, language) for language in LANGUAGES},
        cap={language: show(cap, "money", language, currency, zone) for language in LANGUAGES},
    )
    notice = Notice(kind="hold_placed", texts=texts, old_contact=spec.old_contact)
    return Orders(payloads=(payload,), notices=(notice,))


def _extension(view: View, hold: StandingHold, review_at: int, evidence: str, by: str) -> Orders:
    spec, zone = view.policy.line.kind(hold.kind), view.policy.zone
    at = {language: moment(review_at, zone, language) for language in LANGUAGES}
    texts = told(spec, ("extended", "because", "ends", "repay", "scam"), at=at)
    return Orders(
        payloads=(
            Reviewed(hold=hold.id, result="extended", owner=by, note=evidence[:500]),
            HoldExtended(hold=hold.id, review_at=review_at, evidence=evidence[:500], owner=by),
        ),
        notices=(Notice(kind="hold_extended", texts=texts, old_contact=spec.old_contact),),
    )


def _release(view: View, hold: StandingHold, how: How) -> Orders:
    spec = view.policy.line.kind(hold.kind)
    parts = {"expired": ("released", "expired"), "customer": ("customer",)}
    texts = told(spec, (*parts.get(how, ("released",)), "scam"))
    notice = Notice(kind="hold_released", texts=texts, old_contact=spec.old_contact)
    payload = HoldReleased(hold=hold.id, how=how)
    return Orders(payloads=(payload,), notices=(notice,) if hold.pauses_draws else ())


def _escalation(view: View, hold: StandingHold) -> Orders:
    spec = view.policy.line.kind(hold.kind)
    return Orders(
        payloads=(Reviewed(hold=hold.id, result="escalated", note="no result by the review"),),
        notices=(
            Notice(kind="hold_escalated", texts=told(spec, ("escalated", "repay", "scam"))),
        ),
        tasks=(
            Task(kind="hold_past_review", subject=hold.id, due_day=view.today + 1,
                 note=f"{hold.kind} {hold.reason}, owner {spec.owner}"),
        ),
    )  # fmt: skip


def _beyond_caps(view: View, hold: StandingHold, review_at: int) -> str:
    """Return which cap an extension to `review_at` would break, or ""."""
    most = _length(view, hold.kind, "max_extensions")
    if hold.extensions >= most:
        return f"it was extended {hold.extensions} times, the most is {most}"
    days = _length(view, hold.kind, "max_days")
    if review_at > hold.placed_at + days * DAY:
        return f"a {hold.kind} hold lasts at most {days} days in all"
    return ""


def is_true(view: View, hold: StandingHold, key: str) -> bool:
    """Say whether a condition of the hold's kind (`release_when`, …) is TRUE now."""
    known = view.policy.rule_by_id.get(hold.reason)
    own: dict[str, Value] = {
        "hold_placed_at": hold.placed_at,
        "hold_judged_at": hold.judged_at,
        "hold_placed_day": view.policy.zone.day(hold.placed_at),
        "hold_rule": known.id if known is not None and known.hold is not None else BY_HAND,
    }
    columns = (*view.inputs, *view.definitions)
    return view.policy.line.is_true(hold.kind, key, columns, view.parameters, own)


def _length(view: View, kind: str, key: str) -> int:
    return view.policy.line.length(kind, key, view.parameters)


def _wrong(what: str, next_step: str, code: str) -> InputError:
    return InputError(what, next_step=next_step, code=code)
