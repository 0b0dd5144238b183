"""The gate between what is available and what can be drawn now, told where nothing else tells it.

An amount may pass while more would not: then the rule that holds the rest back fires for no
reason of this answer, and the figure would stand there without a cause.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from xindeng.decision.answer import Decision, Light, Reason
from xindeng.decision.burden import burden
from xindeng.decision.explanation import LightRow, ReasonRow
from xindeng.decision.facts import NEUTRAL
from xindeng.decision.rows import reason_row
from xindeng.decision.speech import Speech
from xindeng.language import Value
from xindeng.policy.policy import Policy


def gate_rows(
    speech: Speech,
    lights: tuple[LightRow, ...],
    audience: str,
    as_of: Mapping[str, int],
    product: str | None,
) -> tuple[ReasonRow, ...]:
    """Return the row of the gate if no reason of the answer is that gate, else nothing.

    The fact is told for the whole available amount. The area keeps the light it has for the amount
    asked, which is shown in `lights`; a withheld gate is told to the auditor only.
    """
    policy, decision = speech.policy, speech.decision
    gate, top = decision.gate, decision.available
    if gate is None or top is None or any(reason.rule == gate for reason in decision.reasons):
        return ()
    rule, index = policy.rule_by_id[gate], policy.rule_index[gate]
    if rule.whose == "withheld" and audience != "auditor":
        return ()
    raised = _raised(policy, decision, top, product)
    told = Speech(policy, raised, speech.lang)
    ours = rule.whose == "platform" or _only_stance(policy, raised, index)
    shown = {row.area: row.light for row in lights}
    reason = Reason(
        rule=gate,
        area=rule.area,
        code=rule.reason,
        whose="platform" if ours else rule.whose,
        light=shown.get(rule.area, Light.GREEN),
        effect=rule.effect,
        state=told.recall.state(index),
    )
    row = reason_row(told, reason, audience, as_of)
    fact = speech.say("gate_fact", amount=speech.money(top), fact=row.fact)
    return (replace(row, fact=fact),)


def _raised(policy: Policy, decision: Decision, amount: int, product: str | None) -> Decision:
    """Return the decision as it stands for another amount, as far as its rules are concerned."""
    inputs, at = list(decision.inputs), policy.input_index
    rate, months = inputs[at["request_rate_bp"]], inputs[at["request_term_months"]]
    inputs[at["request_amount"]] = amount
    monthly = burden(policy, product, int(rate or 0), int(months or 1))
    inputs[at["request_instalment"]] = monthly(amount)
    fired, missing = _run(policy, inputs, decision.now, decision.stance, decision.segment)
    return replace(decision, inputs=tuple(inputs), fired=fired, missing=missing)


def _only_stance(policy: Policy, decision: Decision, index: int) -> bool:
    """Return whether the rule would be quiet under our ordinary stance."""
    if decision.stance == NEUTRAL:
        return False
    inputs, at = list(decision.inputs), policy.input_index
    inputs[at["stance"]], inputs[at["stance_review_day"]] = NEUTRAL, None
    fired, missing = _run(policy, inputs, decision.now, NEUTRAL, decision.segment)
    return not (fired | missing) >> index & 1


def _run(
    policy: Policy, inputs: list[Value], now: int, stance: str, segment: str
) -> tuple[int, int]:
    _, fired, missing = policy.run(inputs, policy.parameters(policy.zone.day(now), stance, segment))
    return fired, missing
