"""The shape of an answer: outcome, lights, reasons and the figures that belong together."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

import msgspec
from msgspec import Struct

from xindeng.kernel.errors import InputError
from xindeng.language import Value


class Outcome(StrEnum):
    """What happens to the request; earlier ones win when several apply."""

    DECLINE = "decline"
    REVIEW = "review"
    RETRY_LATER = "retry_later"
    APPROVE_LESS = "approve_less"
    APPROVE = "approve"


class Light(StrEnum):
    """How an area stands: ● 正常, ▲ 注意, ■ 未通过, ○ 暂无数据, ◇ 平台原因."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"
    NO_DATA = "no_data"
    OUR_SIDE = "our_side"


class Reason(Struct, frozen=True, kw_only=True):
    """One rule's part in the answer. `state` is fired or missing; `gate` says whether it stood in
    the way of the amount asked; `whose` is borrower, time, platform or withheld."""

    rule: str
    area: str
    code: str
    whose: str
    light: Light
    effect: str
    state: str = "fired"
    gate: bool = True
    until: int | None = None


class HoldOrder(Struct, frozen=True, kw_only=True):
    """A hold this decision asks to be placed; `cap` in minor units for mode cap."""

    rule: str
    code: str
    kind: str
    mode: str
    review_at: int
    cap: int | None = None


class Decision(Struct, frozen=True, kw_only=True):
    """A complete answer; amounts in minor units, instants in µs.

    Replaying `inputs` under `policy_hash` and `semantics` gives the same answer. `fired` and
    `missing` hold one bit a rule. `gate` is the rule that stands between `available` and
    `borrowable_now`. `retry_at` None means "not known" where the outcome is retry_later.
    """

    policy_hash: str
    semantics: int
    now: int
    stance: str
    segment: str
    outcome: Outcome
    amount_asked: int
    amount_offered: int | None
    frontier: int
    limit_shown: int | None
    available: int | None
    borrowable_now: int
    gate: str | None
    lights: dict[str, Light]
    reasons: tuple[Reason, ...]
    our_side: bool
    neutral_outcome: Outcome
    retry_at: int | None
    counted: bool
    holds_to_place: tuple[HoldOrder, ...]
    inputs: tuple[Value, ...]
    fired: int
    missing: int
    score: int | None = None
    score_band: str | None = None


class LightChange(Struct, frozen=True, kw_only=True):
    """At `at` the light of `area` turns from `before` to `after` by time alone."""

    at: int
    area: str
    before: Light
    after: Light


class GateEnd(Struct, frozen=True, kw_only=True):
    """From `at` on a rule that stood in the way no longer does."""

    rule: str
    at: int


Assumed = Literal["stillness", "life", "life_without_income"]
"""What waiting takes for granted: that nothing at all happens, or that life goes on as it did."""


class EarliestYes(Struct, frozen=True, kw_only=True):
    """When waiting alone turns the answer: `at` in µs, or None within `horizon_days`.

    `amount` is what would be approved then. `light_changes` happen on the way and shortly after.
    `cleared` are the rules that let go by themselves, earliest first; `standing` those that still
    stand in the way where there is no yes, `later` the ones of them that only time ends, and when,
    if everything is paid on time until then.
    """

    asked_at: int
    at: int | None
    amount: int | None
    horizon_days: int
    light_changes: tuple[LightChange, ...] = ()
    cleared: tuple[GateEnd, ...] = ()
    standing: tuple[str, ...] = ()
    later: tuple[GateEnd, ...] = ()
    assumed: Assumed = "stillness"


def encode(decision: Decision) -> bytes:
    """Return the decision as JSON; bit masks travel as hexadecimal text, for they outgrow 2^63."""
    plain = msgspec.to_builtins(decision)
    plain["fired"], plain["missing"] = f"{decision.fired:x}", f"{decision.missing:x}"
    return msgspec.json.encode(plain)


def decode(raw: bytes) -> Decision:
    """Read what `encode` wrote; raises InputError when it is not a decision."""
    try:
        plain = msgspec.json.decode(raw)
        plain["fired"], plain["missing"] = int(plain["fired"], 16), int(plain["missing"], 16)
        return msgspec.convert(plain, Decision)
    except (msgspec.DecodeError, KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"not a stored decision: {error}",
            next_step="check that the record was written by this program",
            code="decision.record",
        ) from error
