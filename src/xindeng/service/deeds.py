"""What staff and programs saw and did, found by who and to whom."""

from __future__ import annotations

from dataclasses import dataclass

from xindeng.service.engine import Engine
from xindeng.store import searching


@dataclass(frozen=True, slots=True)
class Deed:
    """An action in somebody's chain: when (µs), by whom, what, to what; its place in the chain."""

    at: int
    actor: str
    kind: str
    subject: str
    seq: int


def search(
    engine: Engine, *, actor: str = "", subject: str = "", kind: str = "",
    below: int | None = None, count: int = 100,
) -> list[Deed]:  # fmt: skip
    """Return up to `count` actions before `below` (µs), newest first; "" stands for all."""
    with engine.store.snapshot() as conn:
        found = searching.actions(
            conn, actor=actor, subject=subject, kind=kind, below=below, count=count
        )
    return [Deed(*row) for row in found]
