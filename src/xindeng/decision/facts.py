"""What a decision may know: the feature vector, the holds in force, and the platform's own state.

Everything else a rule can name is worked out here from the request and the instant, so that
`decide` itself needs neither a clock nor a store.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from xindeng.decision.request import Request
from xindeng.features.kernel import Kernel
from xindeng.features.state import EndedHold, Hold, State
from xindeng.kernel.time import Zone
from xindeng.language import Value
from xindeng.policy.steering.model import RANK

NEUTRAL: Final = "neutral"
SECURITY_KINDS: Final = frozenset({"security", "identity_theft"})
OWN_LOCK: Final = "own_lock"
Stance = tuple[str, int | None]
"""A stance, and the local day on which it is looked at again, if one was told."""


@dataclass(frozen=True, slots=True)
class PlatformState:
    """How our side stands. `stance` maps a segment, or "all", to (stance, review day or None);
    `until` is when a part that is away should be back, in µs, None if not known. `ends` maps what
    `stance` maps to the local day on which it ends and what stood there before, None for the
    policy's default: that stands again from then on if it is stricter, for a freer stance does not
    outlast its last day because nobody came to end it."""

    maintenance: bool = False
    model_available: bool = True
    bureau_available: bool = True
    funder_available: bool = True
    until: int | None = None
    stance: Mapping[str, Stance] = field(default_factory=dict)
    ends: Mapping[str, tuple[int, Stance | None]] = field(default_factory=dict)

    def stance_of(self, segment: str, default: str = NEUTRAL, today: int = 0) -> Stance:
        """Return the stance of a segment on local day `today` and its review day, or the default
        where none is set."""
        told = segment if segment in self.stance else "all"
        now = self.stance.get(told) or (default, None)
        if told in self.ends and today >= self.ends[told][0]:
            before = self.ends[told][1] or (default, None)
            return before if RANK[before[0]] > RANK[now[0]] else now
        return now


@dataclass(frozen=True, slots=True)
class Facts:
    """One borrower at one instant: `values` in the order of the policy's feature book, the holds
    that stand, and the last that `ended` for each reason."""

    values: Sequence[Value]
    holds: tuple[Hold, ...] = ()
    platform: PlatformState = PlatformState()
    ended: tuple[EndedHold, ...] = ()


def facts_of(kernel: Kernel, state: State, platform: PlatformState, now: int) -> Facts:
    """Return what is known of a folded state at `now` (µs)."""
    return Facts(kernel.vector(state, now), kernel.holds(state), platform, kernel.ended(state))


def context(facts: Facts, request: Request, monthly: int, now: int, zone: Zone) -> dict[str, Value]:
    """Return every context column but stance and segment, which depend on all the others;
    `monthly` is what the draw would take out of a month."""
    platform = facts.platform
    columns: dict[str, Value] = {
        "now": now,
        "today": zone.day(now),
        "hour_of_day": zone.hour(now),
        "request_amount": request.amount,
        "request_term_months": request.term_months,
        "request_purpose": request.purpose,
        "request_instalment": monthly,
        "request_rate_bp": request.rate_bp,
        "request_after_hold": request.after_hold,
        "maintenance": platform.maintenance,
        "model_available": platform.model_available,
        "bureau_available": platform.bureau_available,
        "funder_available": platform.funder_available,
        "platform_until": platform.until,
        "stance": NEUTRAL,
        "segment": "seasoned",
        "stance_review_day": None,
    }
    columns.update(hold_columns(facts.holds, now) if facts.holds else _NO_HOLDS)
    return columns


_NO_HOLDS: Final[Mapping[str, Value]] = {
    "block_hold": False,
    "security_hold": False,
    "own_lock": False,
    "overdue_hold": False,
    "hold_review_at": None,
    "hold_cap": None,
}


def hold_columns(holds: Sequence[Hold], now: int) -> dict[str, Value]:
    """Sum up the holds in force.

    An ordinary hold stops working at its review date and then counts as overdue, which is a
    human's matter. A security hold and the borrower's own lock last until they are released.
    """
    block = security = own_lock = overdue = False
    review_at: int | None = None
    cap: int | None = None
    for hold in holds:
        if hold.kind == OWN_LOCK:
            own_lock = True
            continue
        if hold.mode == "monitor":
            continue
        past = hold.review_at <= now
        overdue = overdue or past
        if hold.kind in SECURITY_KINDS:
            security = True
        elif past:
            continue
        elif hold.mode == "block" or hold.cap is None:
            block = True  # a cap without an amount leaves nothing to draw
        else:
            cap = hold.cap if cap is None else min(cap, hold.cap)
            continue
        if not past:
            review_at = hold.review_at if review_at is None else max(review_at, hold.review_at)
    return {
        "block_hold": block,
        "security_hold": security,
        "own_lock": own_lock,
        "overdue_hold": overdue,
        "hold_review_at": review_at,
        "hold_cap": cap,
    }
