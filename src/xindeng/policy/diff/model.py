"""One difference between two versions, before it is put into words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

What = Literal["added", "removed", "changed"]
Leaning = Literal["", "looser", "stricter"]

KINDS: Final = (
    "head", "area", "parameter", "rule", "text", "case", "segment", "stance", "steering", "feature",
    "scorecard", "limits", "hold", "product", "repair", "calendar", "learning", "layout",
)  # fmt: skip
"""What can differ, in the order in which it is told."""

RESTRICTING: Final = frozenset(
    {"decline", "retry_later", "review", "hold", "cap", "cut_limit", "zero_limit"}
)
"""Effects that lend less; a warning lends as much."""


@dataclass(frozen=True, slots=True)
class Difference:
    """`field` of the thing `name` of a kind: `before` and `after` as plain values (None: absent).

    A parameter's value differs from local day `day` on, until the day `until` if that comes.
    `leaning` says that it lends more, or less, where that can be told. `place` is file:line, in the
    second version where the thing stands there.
    """

    kind: str
    name: str
    what: What
    field: str = ""
    before: Any = None
    after: Any = None
    unit: str = ""
    day: int | None = None
    until: int | None = None
    leaning: Leaning = ""
    place: str = ""
