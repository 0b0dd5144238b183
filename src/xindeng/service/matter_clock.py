"""The clock of matters: our delay is told once; what the policy put before a person lapses."""

from __future__ import annotations

from dataclasses import replace

from xindeng.events.matters import MatterAnswered
from xindeng.kernel.errors import ErasedError
from xindeng.service.engine import Engine
from xindeng.service.held import held
from xindeng.service.matters import close
from xindeng.servicing import matters as rules
from xindeng.store import matters
from xindeng.store.matters import MatterRow

AT_ONCE = 500


def look_at_all(engine: Engine) -> int:
    """Tell every delay that is new and end what has lapsed; return how many matters changed.

    Looking again finds nothing more to do.
    """
    done = 0
    while True:
        now = engine.clock()
        with engine.store.snapshot() as conn:
            found = matters.overdue(conn, engine.policy.zone.day(now), now, AT_ONCE)
        changed = sum(_look(engine, row) for row in found)
        done += changed
        if len(found) < AT_ONCE or not changed:
            return done


def _look(engine: Engine, seen: MatterRow) -> bool:
    try:
        with held(engine, seen.borrower) as line:
            row = matters.read(line.conn, seen.borrower, seen.id)
            if not row.open:
                return False
            if row.expires_at is not None and row.expires_at <= line.now:
                close(line, row, MatterAnswered(
                    matter=row.id, way=row.way, result="expired", owner="policy"
                ))  # fmt: skip
                return True
            if row.late or row.due_day >= line.today:
                return False
            matters.update(line.conn, replace(row, late=True, priority=0))
            if row.asked:  # whoever did not ask was promised no day
                line.carry_out(rules.late(engine.policy, row.id, row.way, row.due_day, line.today))
            return True
    except ErasedError:
        return False  # nobody is left to answer
