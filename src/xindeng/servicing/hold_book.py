"""The holds of one borrower as their events tell: since when, how often extended, on what."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from xindeng.events.envelope import Event
from xindeng.events.line import HoldExtended, HoldPlaced, HoldReleased, HoldReviewed


class StandingHold(Struct, frozen=True, kw_only=True):
    """A hold not yet released. `judged_at` is when it was placed or last extended (µs);
    `evidence` is what its placing and extensions rested on, oldest first."""

    id: str
    kind: str
    mode: str
    reason: str
    placed_at: int
    judged_at: int
    review_at: int
    owner: str
    cap: int | None = None
    loan: str | None = None
    accrual: bool = False
    collection: bool = False
    extensions: int = 0
    escalated: bool = False
    evidence: tuple[str, ...] = ()

    @property
    def pauses_draws(self) -> bool:
        """Say whether draws are capped or blocked; repaying never is."""
        return self.mode != "monitor"


class PastHold(Struct, frozen=True):
    """A hold as it stood when it ended, and when that was (µs)."""

    hold: StandingHold
    ended_at: int


def standing_holds(events: Iterable[Event]) -> tuple[StandingHold, ...]:
    """Return the holds that stand after a borrower's events, earliest review first.

    Events are in sequence; those of other types are passed over. A hold placed anew under an id
    that stands replaces it; a release or extension of an unknown hold changes nothing.
    """
    return hold_book(events)[0]


def hold_book(events: Iterable[Event]) -> tuple[tuple[StandingHold, ...], tuple[PastHold, ...]]:
    """Return the holds that stand, as `standing_holds`, and those that have ended, oldest first."""
    held: dict[str, StandingHold] = {}
    past: list[PastHold] = []
    for event in events:
        payload = event.payload
        if isinstance(payload, HoldPlaced):
            held[payload.hold] = _placed(payload, event.occurred_at)
        elif isinstance(payload, HoldReleased):
            ended = held.pop(payload.hold, None)
            if ended is not None:
                past.append(PastHold(ended, event.occurred_at))
        elif isinstance(payload, HoldExtended | HoldReviewed):
            found = held.get(payload.hold)
            if found is not None:
                held[payload.hold] = _moved(found, payload, event.occurred_at)
    return tuple(sorted(held.values(), key=lambda hold: (hold.review_at, hold.id))), tuple(past)


def _placed(payload: HoldPlaced, at: int) -> StandingHold:
    return StandingHold(
        id=payload.hold, kind=payload.kind, mode=payload.mode, reason=payload.reason,
        placed_at=at, judged_at=at, review_at=payload.review_at, owner=payload.owner,
        cap=payload.cap, loan=payload.loan, accrual=payload.accrual,
        collection=payload.collection, evidence=(payload.note,) if payload.note else (),
    )  # fmt: skip


def _moved(hold: StandingHold, payload: HoldExtended | HoldReviewed, at: int) -> StandingHold:
    if isinstance(payload, HoldExtended):
        return replace(
            hold,
            review_at=max(hold.review_at, payload.review_at),
            judged_at=max(hold.judged_at, at),
            extensions=hold.extensions + 1,
            evidence=(*hold.evidence, payload.evidence),
        )
    return replace(hold, escalated=True) if payload.result == "escalated" else hold


def stops_accrual(holds: Iterable[StandingHold], loan: str) -> bool:
    """Say whether a hold stops interest on `loan`: one on that loan, or on the whole line."""
    return any(hold.accrual and hold.loan in (None, loan) for hold in holds)


def stops_collection(holds: Iterable[StandingHold], loan: str) -> bool:
    """Say whether a hold stops the collection of `loan`: one on that loan, or on the line."""
    return any(hold.collection and hold.loan in (None, loan) for hold in holds)
