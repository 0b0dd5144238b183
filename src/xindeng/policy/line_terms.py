"""What a policy says of the line itself, ready to be asked: kinds of hold, limits, remedies."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from xindeng.kernel.errors import NotFoundError
from xindeng.language import Value, compile_python
from xindeng.policy.compile import Compiled
from xindeng.policy.context import hold_columns
from xindeng.policy.model import HoldKindSpec, LimitCell, LimitRemedy, Limits

_Function = Callable[[Sequence[Value], Sequence[Value]], Value]
_HOLD: Final = tuple(hold_columns(()))


class LineTerms:
    """Holds and limits of one policy; expressions are compiled at their first use.

    `columns` everywhere are the policy's inputs followed by its definitions, `params` its
    parameters in force.
    """

    def __init__(
        self,
        kinds: Mapping[str, HoldKindSpec],
        limits: Limits | None,
        compiled: Compiled,
        names: Sequence[str],
        parameter_names: Sequence[str],
    ) -> None:
        self.kinds, self.limits = kinds, limits
        self._compiled, self._names, self._parameter_names = compiled, names, parameter_names
        self._cache: dict[tuple[str, str], _Function] = {}
        self._cells = {
            (c.segment, c.band, c.behaviour): c for c in (limits.matrix if limits else ())
        }

    def kind(self, name: str) -> HoldKindSpec:
        """Return how a kind of hold lives; raises NotFoundError where holds.yaml has no such."""
        found = self.kinds.get(name)
        if found is None:
            raise NotFoundError(
                f"the policy has no holds of kind {name[:40]!r}",
                next_step=f"use one of: {', '.join(self.kinds) or 'none, add holds.yaml'}",
                code="not_found.hold_kind",
            )
        return found

    def length(self, kind: str, key: str, params: Sequence[Value]) -> int:
        """Return `days`, `max_days` or `max_extensions` of a kind as now in force."""
        self.kind(kind)
        blank = [None] * (len(self._names) + len(_HOLD))
        found = self._function(kind, key)(blank, params)
        return found if isinstance(found, int) else 0

    def is_true(
        self,
        kind: str,
        key: str,
        columns: Sequence[Value],
        params: Sequence[Value],
        hold: Mapping[str, Value],
    ) -> bool:
        """Say whether a condition of a kind is TRUE for a hold; FALSE where it has none."""
        if (kind, key) not in self._compiled.line:
            return False
        values = (*columns, *[hold[name] for name in _HOLD])
        return self._function(kind, key)(values, params) is True

    def behaviour(self, columns: Sequence[Value], params: Sequence[Value]) -> str | None:
        """Return the first behaviour whose condition is TRUE, None without a limit matrix."""
        for name, expression in self._compiled.behaviours:
            key = ("behaviour", name)
            function = self._cache.get(key)
            if function is None:
                function = compile_python(expression, self._names, self._parameter_names)
                self._cache[key] = function
            if function(columns, params) is True:
                return name
        return None

    def may_raise(self, columns: Sequence[Value], params: Sequence[Value]) -> bool:
        """Say whether limits may be raised now: `raise_when` is TRUE, or there is none."""
        return self._may("raise_when", columns, params)

    def may_cut(self, columns: Sequence[Value], params: Sequence[Value]) -> bool:
        """Say whether a cut may be warned of or made now: `cut_when` is TRUE, or there is none."""
        return self._may("cut_when", columns, params)

    def _may(self, key: str, columns: Sequence[Value], params: Sequence[Value]) -> bool:
        if ("limits", key) not in self._compiled.line:
            return True
        padded = (*columns, *[None] * len(_HOLD))
        return self._function("limits", key)(padded, params) is True

    def cell(self, segment: str, band: str, behaviour: str) -> LimitCell | None:
        """Return the cell of the limit matrix, None where there is none."""
        return self._cells.get((segment, band, behaviour))

    def remedied(
        self, remedy: LimitRemedy, columns: Sequence[Value], params: Sequence[Value]
    ) -> dict[str, Value]:
        """Return the base features that a remedy changes, with their new values."""
        padded = (*columns, *[None] * len(_HOLD))
        return {
            name: self._function(remedy.name, f"set {name}")(padded, params) for name in remedy.sets
        }

    def _function(self, name: str, key: str) -> _Function:
        function = self._cache.get((name, key))
        if function is None:
            expression = self._compiled.line[name, key]
            function = compile_python(expression, (*self._names, *_HOLD), self._parameter_names)
            self._cache[name, key] = function
        return function
