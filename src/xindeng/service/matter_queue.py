"""What the policy itself puts before a person: every draw whose outcome is review."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from xindeng.decision.answer import Outcome
from xindeng.kernel.time import DAY
from xindeng.service.engine import Engine
from xindeng.servicing import matters as rules
from xindeng.store import matters
from xindeng.store.connect import Conn
from xindeng.store.decisions import StoredDecision
from xindeng.store.matters import MatterRow

ABOUT: Final = "draws"
"""What every review is about: one waits at a time, for the decision it names."""


def put_before_people(engine: Engine, conn: Conn, made: Sequence[StoredDecision]) -> None:
    """Queue those of the decisions that a person must look at, in the transaction that made them.

    A borrower's newer decision takes the place of the older one, which nobody needs any more.
    """
    found = [one for one in made if one.decision.outcome is Outcome.REVIEW]
    if not found:
        return
    policy, ahead = engine.policy, matters.waiting(conn, "review")
    rows = []
    for one in found:
        now = one.decision.now
        today = policy.zone.day(now)
        lasts = rules.figure(policy, rules.EXPIRY, today) * DAY
        rows.append(MatterRow(
            id=engine.new_id(now), borrower=one.borrower, way="review", about=ABOUT,
            decision=one.id, asked=False, priority=2, opened_at=now,
            due_day=rules.answer_by(policy, "review", today, ahead), expires_at=now + lasts,
        ))  # fmt: skip
        ahead += 1
    matters.put_before(conn, rows)
