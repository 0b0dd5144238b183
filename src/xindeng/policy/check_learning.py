"""Checks of learning.yaml: a lot may pass a judgement of creditworthiness, and nothing else.

What fraud, law, affordability or a person stands behind is never put to a lot. A purpose may be
passed only if it is listed here, so that a new one is refused until somebody thought about it.
"""

from __future__ import annotations

from typing import Final

from xindeng.kernel.errors import Problem
from xindeng.policy.model import SENSITIVE, Rule
from xindeng.policy.read_bundle import Bundle
from xindeng.policy.reader import nearest

LEARNABLE_PURPOSES: Final = frozenset({"creditworthiness", "credit_seeking"})
_AREAS: Final = frozenset({"bureau", "applications", "activity", "consumption", "score"})
_EFFECTS: Final = frozenset({"decline", "retry_later"})


def check_learning(bundle: Bundle, problems: list[Problem]) -> None:
    """Add a problem for each rule that the arm names and may not let pass."""
    arm = bundle.learning
    if arm is None:
        return
    rules = {rule.id: rule for rule in bundle.rules}
    for name in arm.passes:
        rule = rules.get(name)
        what = "there is no such rule" if rule is None else barred(rule)
        if what and not (rule is None and bundle.incomplete):
            step = nearest(name, rules) if rule is None else "take it out of `passes`"
            problems.append(
                Problem(arm.place.path, arm.at("passes"), "learning.passes",
                        f"rule {name} cannot be let pass: {what}", step)
            )  # fmt: skip


def barred(rule: Rule) -> str:
    """Return why a lot may not pass a rule, or "" if it may."""
    if rule.whose == "withheld":
        return "it guards against fraud"
    if rule.data.consent == "legal_duty":
        return "a legal duty stands behind it"
    if rule.data.purpose not in LEARNABLE_PURPOSES:
        return f"it serves {rule.data.purpose or 'no declared purpose'}"
    if rule.area not in _AREAS or rule.data.category in SENSITIVE:
        return f"it is of area {rule.area}"
    if rule.effect not in _EFFECTS:
        return f"its effect is {rule.effect}"
    return ""
