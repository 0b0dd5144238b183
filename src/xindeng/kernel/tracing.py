"""Being told what is done when, for whoever looks for where time goes; off unless somebody asks.

What is told is names of routes and steps, kinds, sizes and counts: never a borrower, a value that
somebody sent, or the message of an error.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Final, Protocol

Told = str | int


class Span(Protocol):
    """Something that is being done."""

    def tell(self, name: str, value: Told) -> None:
        """Say something of it; nothing personal."""


class Tracing(Protocol):
    """Hears of what is done; what is begun within something else, in one thread, is part of it."""

    def span(
        self, name: str, *, caused_by: Sequence[object] = (), parent: str | None = None,
        told: dict[str, Told] | None = None,
    ) -> AbstractContextManager[Span]:  # fmt: skip
        """Tell of something for as long as the context lasts, and the kind of what it raises.

        `caused_by` are marks of what it is done for; `parent` is a W3C traceparent from outside.
        """

    def mark(self) -> object:
        """Return what stands for that which is being done here and now."""


class _Silent:
    def tell(self, name: str, value: Told) -> None:
        """Tell nobody."""


_NOBODY: Final = nullcontext[Span](_Silent())


def traced(tracing: Tracing | None, name: str) -> AbstractContextManager[Span]:
    """Tell of a step, if anybody listens."""
    return _NOBODY if tracing is None else tracing.span(name)
