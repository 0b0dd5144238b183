"""Hold rules whose hold has ended: the same evidence never pauses draws a second time.

A rule may place its hold again only on something later than the end of the last one, as
`extend_when` of its kind tells. Else the end stands: where holds of the kind end without a result,
the rule is quiet; where a person decides, a person looks at each draw. No chain of holds can thus
outlast the longest length of its kind.
"""

from __future__ import annotations

from typing import Final

from xindeng.decision.board import bits
from xindeng.decision.facts import Facts
from xindeng.decision.holds import standing
from xindeng.decision.look import Look
from xindeng.features.state import EndedHold
from xindeng.language import Value
from xindeng.policy.model import Rule

_NONE: Final = (0, 0)


def lapsed(look: Look, facts: Facts) -> tuple[int, int]:
    """Return two masks of hold rules that rest on nothing later than their last hold's end: those
    that are quiet, and those that are referred to a person."""
    if not facts.ended:
        return _NONE
    quiet = referred = 0
    kinds = look.policy.line.kinds
    for index in bits(look.board.holding):
        rule = look.board.rules[index]
        if rule.hold is None or rule.hold.kind not in kinds or standing(rule, facts) is not None:
            continue
        ends = [hold for hold in facts.ended if hold.reason in (rule.id, rule.reason)]
        if not ends or _later(look, rule, max(ends, key=lambda hold: hold.ended_at)):
            continue
        if kinds[rule.hold.kind].on_expiry == "release":
            quiet |= 1 << index
        else:
            referred |= 1 << index
    return quiet, referred


def _later(look: Look, rule: Rule, hold: EndedHold) -> bool:
    """Say whether something came up for the rule after its hold ended."""
    assert rule.hold is not None
    own: dict[str, Value] = {
        "hold_placed_at": hold.ended_at,
        "hold_judged_at": hold.ended_at,
        "hold_placed_day": look.policy.zone.day(hold.ended_at),
        "hold_rule": rule.id,
    }
    columns = (*look.inputs, *look.definitions)
    return look.policy.line.is_true(rule.hold.kind, "extend_when", columns, look.parameters, own)
