"""The trace: how every rule stood in a stored decision, with the values its condition used."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from xindeng.decision.answer import Decision
from xindeng.kernel.errors import ConflictError
from xindeng.language import Value
from xindeng.policy.policy import Policy
from xindeng.policy.texts import slots


class TraceRow(Struct, frozen=True, kw_only=True):
    """One rule: fired, quiet or missing, its condition, and the columns and parameters in it."""

    rule: str
    state: str
    when: str
    values: dict[str, Value]
    parameters: dict[str, Value]


class Recall:
    """A stored decision seen through its policy: every value it was made with, by name.

    Raises ConflictError when the decision was made by another policy.
    """

    def __init__(self, policy: Policy, decision: Decision) -> None:
        if policy.hash != decision.policy_hash:
            raise ConflictError(
                f"the decision was made by policy {decision.policy_hash[:12]}, "
                f"not by {policy.name} {policy.hash[:12]}",
                next_step="load the policy version that made the decision",
                code="decision.policy",
            )
        self.policy, self.decision = policy, decision
        self.day = policy.zone.day(decision.now)
        resolved = policy.parameters(self.day, decision.stance, decision.segment)
        self.parameters: Mapping[str, Value] = dict(
            zip(policy.parameter_names, resolved, strict=True)
        )
        definitions, _, _ = policy.run(decision.inputs, resolved)
        self.values: dict[str, Value] = dict(zip(policy.inputs, decision.inputs, strict=True))
        self.values.update(zip(policy.definitions, definitions, strict=True))

    def state(self, index: int) -> str:
        """Return how rule `index` stood: fired, missing or quiet."""
        if self.decision.fired >> index & 1:
            return "fired"
        return "missing" if self.decision.missing >> index & 1 else "quiet"

    def row(self, index: int) -> TraceRow:
        """Return the trace of one rule."""
        rule = self.policy.rules[index]
        condition = self.policy.compiled.conditions[rule.id]
        return TraceRow(
            rule=rule.id,
            state=self.state(index),
            when=rule.when,
            values={name: self.values[name] for name in sorted(condition.columns)},
            parameters={name: self.parameters[name] for name in sorted(condition.parameters)},
        )


def trace(policy: Policy, decision: Decision) -> tuple[TraceRow, ...]:
    """Return the trace of every rule, in the order of the policy; raises ConflictError."""
    recall = Recall(policy, decision)
    return tuple(recall.row(index) for index in range(len(policy.rules)))


def events_named(policy: Policy, rule_id: str, text: str) -> frozenset[str]:
    """Return the types of the events behind what a text of the rule names, within those the rule
    rests on; all of these where it names none of them."""
    behind = events_behind(policy, rule_id)
    compiled = policy.compiled
    named = {slot.name for slot in slots(text) if not slot.parameter}
    columns = named.union(*(compiled.closure.get(name, frozenset()) for name in named))
    told = frozenset(f.event for f in policy.book.base if f.name in columns)
    return told & behind or behind


def events_behind(policy: Policy, rule_id: str) -> frozenset[str]:
    """Return the types of the events whose features a rule rests on, through derived ones too."""
    columns = policy.compiled.columns_of(policy.compiled.conditions[rule_id])
    return frozenset(feature.event for feature in policy.book.base if feature.name in columns)
