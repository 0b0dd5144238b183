"""A policy's rules arranged for deciding: bit masks by effect, whose doing, area and light.

Bit k stands for `policy.rules[k]`. A board is made once for each policy and then only read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from xindeng.decision.answer import Light, Outcome
from xindeng.decision.consent import gates_of
from xindeng.policy.model import Rule
from xindeng.policy.policy import Policy

BLOCKING: Final = frozenset({"decline", "retry_later", "review", "hold", "cap", "zero_limit"})
SECURITY_HOLDS: Final = frozenset({"security", "identity_theft"})

# Refusals in these areas say nothing about creditworthiness, so they never count as attempts.
UNCOUNTED_AREAS: Final = frozenset({"identity", "platform", "line", "security"})

# Whose rules tell of repeated tries.
TRIES: Final = "attempts"

# Which part of ours, when away, leaves an area's conditions without data.
PART_OF_AREA: Final = {"bureau": "bureau", "debt": "bureau", "applications": "bureau",
                       "score": "model"}  # fmt: skip

_LIGHTS: Final = {"red": Light.RED, "yellow": Light.YELLOW, "grey": Light.NO_DATA,
                  "platform": Light.OUR_SIDE}  # fmt: skip

# The worst light of an area wins; our side outranks a caution, for it stands in the way.
SEVERITY: Final = {Light.GREEN: 0, Light.NO_DATA: 1, Light.YELLOW: 2, Light.OUR_SIDE: 3,
                   Light.RED: 4}  # fmt: skip


def _mask(rules: Sequence[Rule], picked: Callable[[Rule], bool]) -> int:
    return sum(1 << index for index, rule in enumerate(rules) if picked(rule))


def bits(mask: int) -> Iterator[int]:
    """Yield the positions of the ones of a mask, lowest first."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


class Board:
    """The arranged rules of one policy; see the assignments for what each part holds."""

    def __init__(self, policy: Policy) -> None:
        self.rules = rules = policy.rules
        self.all = (1 << len(rules)) - 1
        self.amount = policy.amount_mask
        self.blocking = _mask(rules, blocks)
        self.declining = _mask(rules, lambda r: r.effect in {"decline", "cap"})
        self.human = _mask(rules, lambda r: r.effect == "review")
        self.reviewing = _mask(rules, lambda r: _asks_for(r) is Outcome.REVIEW)
        self.holding = _mask(rules, lambda r: r.effect == "hold")
        self.platform = _mask(rules, lambda r: r.whose == "platform")
        self.withheld = _mask(rules, lambda r: r.whose == "withheld")
        self.borrower_decline = _mask(
            rules,
            lambda r: (
                r.effect == "decline" and r.whose == "borrower" and r.area not in UNCOUNTED_AREAS
            ),
        )
        # While a wait between tries stands, another refusal moves no date that was just told.
        self.pausing = _mask(rules, lambda r: r.area == TRIES and r.effect == "retry_later")
        self.by_part = {
            part: _mask(rules, lambda r, part=part: PART_OF_AREA.get(r.area) == part)  # type: ignore[misc]
            for part in ("bureau", "model")
        }
        self.effect_outcome = tuple(_asks_for(rule) for rule in rules)
        self.rank = tuple((rule.rank, index) for index, rule in enumerate(rules))
        self.light_fired = tuple(_LIGHTS[rule.light] for rule in rules)
        self.light_missing = tuple(_LIGHTS[rule.missing or "grey"] for rule in rules)
        with_rules = {rule.area for rule in rules}
        self.green = {area: Light.GREEN for area in policy.areas if area in with_rules}
        self._note_places(policy)

    def _note_places(self, policy: Policy) -> None:
        """Note where the columns stand that deciding itself reads or writes."""
        self.context_names = tuple(policy.inputs[len(policy.book.base) :])
        at = {name: index for index, name in enumerate(policy.inputs)}
        self.amount_at, self.instalment_at = at["request_amount"], at["request_instalment"]
        self.stance_at, self.segment_at = at["stance"], at["segment"]
        self.stance_review_at, self.today_at = at["stance_review_day"], at["today"]
        # name → (is it a definition, index)
        self.place = {name: (False, index) for name, index in at.items()}
        self.place.update({name: (True, i) for i, name in enumerate(policy.definitions)})
        self.limited = "available" in self.place
        self.gates = gates_of(policy, blocks)
        self.parameter_at = {name: i for i, name in enumerate(policy.parameter_names)}


def blocks(rule: Rule) -> bool:
    """Return whether the rule can stand in the way of a draw; a hold that only watches does not."""
    if rule.effect == "hold" and rule.hold is not None:
        return rule.hold.mode != "monitor"
    return rule.effect in BLOCKING


def _asks_for(rule: Rule) -> Outcome:
    """Return the outcome that the rule asks for when it stands in the way of every amount."""
    if rule.effect in {"decline", "cap"}:
        return Outcome.DECLINE
    if rule.effect == "review":
        return Outcome.REVIEW
    if rule.effect == "hold" and rule.hold is not None and rule.hold.kind in SECURITY_HOLDS:
        return Outcome.REVIEW
    return Outcome.RETRY_LATER if blocks(rule) else Outcome.APPROVE


_BOARDS: Final[dict[str, Board]] = {}
_MOST_BOARDS: Final = 64


def board_of(policy: Policy) -> Board:
    """Return the board of a policy, made at its first use and known by the policy's hash."""
    board = _BOARDS.get(policy.hash)
    if board is None or board.rules is not policy.rules:
        if len(_BOARDS) >= _MOST_BOARDS:
            _BOARDS.clear()
        board = _BOARDS[policy.hash] = Board(policy)
    return board
