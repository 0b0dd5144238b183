"""What people must see to by a day: requests for help, holds past their review, late borrowers."""

from __future__ import annotations

from dataclasses import dataclass

from xindeng.service.engine import Engine
from xindeng.store import notices


@dataclass(frozen=True, slots=True)
class Task:
    """Something not done yet: of which kind, about whom, by which local day, since when (µs)."""

    id: str
    borrower: str
    kind: str
    due_day: int
    made_at: int


def waiting(engine: Engine, count: int) -> list[Task]:
    """Return up to `count` tasks that are not done, by the day they are due."""
    with engine.store.snapshot() as conn:
        return [Task(*one) for one in notices.open_tasks(conn, count)]


def owner(engine: Engine, ident: str) -> str:
    """Return whom a task is about; raises NotFoundError."""
    with engine.store.snapshot() as conn:
        return notices.task_owner(conn, ident)
