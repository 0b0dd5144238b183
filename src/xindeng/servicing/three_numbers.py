"""Limit shown, available, borrowable now: always together, with the gate between them named."""

from __future__ import annotations

from msgspec import Struct

from xindeng.decision.answer import Decision
from xindeng.decision.board import board_of
from xindeng.decision.consent_rows import for_want_of_consent
from xindeng.decision.explain import is_veiled
from xindeng.decision.words import AREA_WORDS, WORDS, Language
from xindeng.kernel.money import Money
from xindeng.policy.policy import Policy


class ThreeNumbers(Struct, frozen=True, kw_only=True):
    """The three numbers in minor units; the first two None where there is no line.

    `borrowable` is None where a borrower may be told only that the account must be verified.
    `gate` is the rule that keeps `borrowable` below `available`, or at nothing; None where nothing
    does or where it may not be named; `until` is when it opens by itself (µs), None if that is
    not known.
    """

    limit: int | None
    available: int | None
    borrowable: int | None
    gate: str | None = None
    area: str | None = None
    whose: str | None = None
    until: int | None = None

    @property
    def amounts(self) -> tuple[int | None, int | None, int | None]:
        """Return the three numbers alone."""
        return self.limit, self.available, self.borrowable


def three_numbers(policy: Policy, decision: Decision, *, veil: bool = True) -> ThreeNumbers:
    """Return the numbers of a decision; `veil` False is for staff who may know everything."""
    board = board_of(policy)
    if veil and is_veiled(board, decision):
        return ThreeNumbers(
            limit=decision.limit_shown, available=decision.available, borrowable=None
        )
    gate = decision.gate
    if gate is None:
        return ThreeNumbers(
            limit=decision.limit_shown,
            available=decision.available,
            borrowable=decision.borrowable_now,
        )
    reason = next((r for r in decision.reasons if r.rule == gate), None)
    rule = policy.rule_by_id[gate]
    return ThreeNumbers(
        limit=decision.limit_shown,
        available=decision.available,
        borrowable=decision.borrowable_now,
        gate=gate,
        area="consent" if for_want_of_consent(policy, board, decision, gate) else rule.area,
        whose=rule.whose if reason is None else reason.whose,
        until=None if reason is None else reason.until,
    )


def line_of(policy: Policy, numbers: ThreeNumbers, language: Language) -> str:
    """Return the three numbers as one line of text, with the gate if there is one."""
    words, zh = WORDS[language], language == "zh"

    def money(minor: int | None) -> str:
        return "—" if minor is None else str(Money(minor, policy.currency))

    borrowable = words["verify_first"] if numbers.borrowable is None else money(numbers.borrowable)
    shown = [
        (words["limit"], money(numbers.limit)),
        (words["available"], money(numbers.available)),
        (words["borrowable"], borrowable),
    ]
    colon = "：" if zh else ": "
    text = "  ".join(f"{label}{colon}{value}" for label, value in shown)
    if numbers.area is None:
        return text
    gate = words["limited_by"].format(area=area_title(policy, numbers.area, language))
    return f"{text}（{gate}）" if zh else f"{text} ({gate})"


def area_title(policy: Policy, area: str, language: Language) -> str:
    """Return the name of an area of rules, the policy's own if it has one."""
    own = policy.area_by_name[area].title.get(language) if area in policy.area_by_name else None
    return own or AREA_WORDS[language][area]
