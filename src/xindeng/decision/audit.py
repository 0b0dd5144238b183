"""The auditor's part: every rule with its values, every parameter with its source, all inputs."""

from __future__ import annotations

from xindeng.decision.board import board_of
from xindeng.decision.explanation import Audit, AuditRow, ParameterRow
from xindeng.decision.speech import Speech


def audit_of(speech: Speech) -> Audit:
    """Return all that is needed to follow the decision and to run it again."""
    policy, decision, recall = speech.policy, speech.decision, speech.recall
    board = board_of(policy)
    reasons = {reason.rule: reason for reason in decision.reasons}
    rules, used = [], set[str]()
    for index, rule in enumerate(policy.rules):
        row = recall.row(index)
        told = reasons.get(rule.id)
        light = board.light_missing[index] if row.state == "missing" else board.light_fired[index]
        used |= policy.compiled.parameters_of(policy.compiled.conditions[rule.id])
        rules.append(
            AuditRow(
                rule=rule.id,
                state=row.state,
                when=row.when,
                values=row.values | {f"${name}": value for name, value in row.parameters.items()},
                light="" if row.state == "quiet" else str(told.light if told else light),
                effect=rule.effect,
                whose=told.whose if told else rule.whose,
            )
        )
    return Audit(
        policy=f"{policy.name} {policy.version}",
        policy_hash=decision.policy_hash,
        semantics=decision.semantics,
        stance=decision.stance,
        segment=decision.segment,
        neutral_outcome=decision.neutral_outcome,
        counted=decision.counted,
        fired=f"{decision.fired:x}",
        missing=f"{decision.missing:x}",
        rules=tuple(rules),
        parameters=tuple(
            ParameterRow(
                name=name,
                value=recall.parameters[name],
                unit=policy.parameter_spec(name).unit,
                source=policy.parameter_spec(name).source_on(recall.day),
            )
            for name in sorted(used)
        ),
        inputs=dict(zip(policy.inputs, decision.inputs, strict=True)),
    )
