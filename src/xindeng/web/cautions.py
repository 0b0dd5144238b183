"""What whoever proposes or approves a policy is warned of: cases that fail, a past written anew."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from xindeng.language import Value
from xindeng.policy.cases import CaseResult, failing_cases
from xindeng.policy.parameters import Parameter
from xindeng.policy.policy import Policy


@dataclass(frozen=True, slots=True)
class Cautions:
    """Cases of any rule that do not come out as they say; (parameter, day) whose past changed."""

    failing: list[CaseResult]
    rewritten: list[tuple[str, int]]


def cautions_of(before: Policy, after: Policy, today: int) -> Cautions:
    """Return what is to be known of a version before it takes the place of another."""
    return Cautions(failing_cases(after), list(rewritten(before, after, today)))


def rewritten(before: Policy, after: Policy, today: int) -> Iterator[tuple[str, int]]:
    """Yield each parameter of both versions whose dated value on a local day before `today` is
    another than it was, with the first such day."""
    for name, old in before.book_of_parameters.by_name.items():
        new = after.book_of_parameters.by_name.get(name)
        if new is None:
            continue
        for day in sorted({*old.days, *new.days}):
            if day < today and _written(old, day) != _written(new, day):
                yield name, day
                break


def _written(parameter: Parameter, day: int) -> Value:
    """Return the value written for a day, None before the first."""
    index = bisect_right(parameter.days, day)
    return parameter.values[index - 1] if index else None
