"""What was not consented to is not used: its features are empty, and what rests on them lacks data.

A feature named `consent_CATEGORY` tells how the last consent of a category stands. Data that the
law calls sensitive needs a consent that was given; of other data a consent may be withdrawn. The
features are then as if nothing of the category had ever been told, and every rule that rests on
one lacks data, whatever its condition makes of that: a person looks, and nothing is approved for
want of the very data that would have refused. Rules about the platform itself are no judgement of
the person and go on as if nothing were known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from xindeng.language import Value
from xindeng.policy.model import CONSENTED, SENSITIVE, Rule, consent_feature
from xindeng.policy.policy import Policy


class Gate(NamedTuple):
    """One category: the input that tells its consent, whether it must have been given, the inputs
    that rest on it with their empty values, and the mask of the rules that do."""

    category: str
    consent_at: int
    must_be_given: bool
    empty: tuple[tuple[int, Value], ...]
    rules: int


def gates_of(policy: Policy, blocks: Callable[[Rule], bool]) -> tuple[Gate, ...]:
    """Return the gates of a policy, one for each category whose consent its book follows; `blocks`
    tells which rules can stand in the way."""
    nothing = policy.kernel.vector(policy.kernel.empty(), 0)
    found = []
    for category, events in CONSENTED.items():
        consent = policy.input_index.get(consent_feature(category))
        if consent is None:
            continue
        names = {
            feature.name
            for feature in policy.book.base
            if feature.event in events and feature.enabled
        }
        if not names:
            continue  # what is switched off is empty by itself
        resting = {
            index: rule
            for index, rule in enumerate(policy.rules)
            if not names.isdisjoint(policy.compiled.columns_of(policy.compiled.conditions[rule.id]))
        }
        personal = [index for index, rule in resting.items() if rule.whose != "platform"]
        stopped = any(blocks(resting[index]) for index in personal)
        rules = sum(1 << index for index in (personal if stopped else resting))
        places = sorted(policy.input_index[name] for name in names)
        empty = tuple((index, nothing[index]) for index in places)
        found.append(Gate(category, consent, category in SENSITIVE, empty, rules))
    return tuple(found)


def refused(gates: Sequence[Gate], inputs: Sequence[Value]) -> Iterator[Gate]:
    """Yield the categories that may not be used."""
    for gate in gates:
        given = inputs[gate.consent_at]
        if given is False or (given is None and gate.must_be_given):
            yield gate


def unseen(gates: Sequence[Gate], inputs: Sequence[Value]) -> int:
    """Return the mask of the rules that lack data for want of a consent."""
    barred = 0
    for gate in refused(gates, inputs):
        barred |= gate.rules
    return barred


def withhold(gates: Sequence[Gate], inputs: list[Value]) -> int:
    """Take out of `inputs` what was not consented to; return the mask of the rules barred by it."""
    for gate in refused(gates, inputs):
        for index, value in gate.empty:
            inputs[index] = value
    return unseen(gates, inputs)
