"""A store, a small policy and a clock that tests set by hand; borrowers made of a few events."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from tests.decision_policy import NOW, SHANGHAI, files
from xindeng.adapters.anchor import FileAnchor
from xindeng.decision.request import Request
from xindeng.kernel.time import SECOND
from xindeng.service import audit, sealing
from xindeng.service.engine import Engine
from xindeng.service.ingest import IngestReport, ingest_raw
from xindeng.service.quote import OWN_FUNDS, quote
from xindeng.service.stances import set_stance
from xindeng.servicing.cost_sheet import CostSheet
from xindeng.store import Store, feed
from xindeng.store.seals import Seal

TABLES = ("borrower", "borrower_key", "event", "quarantine", "state", "policy_version", "decision",
          "idempotency", "line")  # fmt: skip


class World:
    """An engine whose clock stands still unless told otherwise."""

    def __init__(self, store: Store, bundle: Mapping[str, bytes] | None = None) -> None:
        self.now = NOW
        self.store = store
        self.engine = Engine(store, bundle or files(), clock=lambda: self.now)
        self.engine.limiter.per_hour = 1_000_000

    def at(self, when: str) -> int:
        return SHANGHAI.parse(when)

    def tell(self, borrower: str, *events: dict[str, Any]) -> IngestReport:
        return ingest_raw(self.engine, events, borrower)

    def ease(self, review_day: int, stance: str = "neutral") -> None:
        """Have two people agree to lend more freely to everybody from now on."""
        set_stance(self.engine, "all", stance, review_day, "agreed", by="person")

    def settle(self, borrower: str, **more: Any) -> str:
        """An ordinary borrower: a limit of ¥20,000, an income of ¥9,000, dues of ¥1,000."""
        report = self.tell(borrower, *ordinary(**more))
        assert report.accepted == 3
        return borrower

    def read_cost(self, borrower: str, decision: str, lender: str = OWN_FUNDS) -> CostSheet:
        """The cost sheet, shown and read for as long as it takes."""
        sheet = quote(self.engine, borrower, decision, lender=lender)
        self.now += sheet.reading_seconds * SECOND
        return sheet

    def counts(self) -> dict[str, int]:
        """How many rows each table has."""
        with self.store.snapshot() as conn:
            found = [conn.execute(f"SELECT count(*) FROM {name}").fetchone() for name in TABLES]  # type: ignore[call-overload]
        return {name: row[0] for name, row in zip(TABLES, found, strict=True) if row}

    def tamper(self, statement: str, *parameters: object) -> None:
        """Change rows as nobody may: with the guards switched off by their owner."""
        guarded = ("event", "decision", "policy_version", "idempotency")
        with self.store.pool.connection() as conn:
            for table in guarded:
                conn.execute(f"ALTER TABLE {table} DISABLE TRIGGER append_only")  # type: ignore[call-overload]
            done = conn.execute(statement, parameters)  # type: ignore[call-overload]
            assert done.rowcount == 1, "the fault must really be planted"
            for table in guarded:
                conn.execute(f"ALTER TABLE {table} ENABLE TRIGGER append_only")  # type: ignore[call-overload]


def event(kind: str, when: str, /, **payload: Any) -> dict[str, Any]:
    return {"type": kind, "occurred_at": when, "payload": payload}


def ordinary(
    limit: int = 2_000_000, income: int = 900_000, due: int = 100_000
) -> list[dict[str, Any]]:
    since = "2025-06-01"
    return [
        event("limit_change", since, limit=limit, change="granted"),
        event("income_evidence", since, monthly_income=income, source="payroll"),
        event("external_debt", since, monthly_due=due, balance=0, lenders=1, nonbank_lenders=0),
    ]


def asks(yuan: int = 8_000, **more: Any) -> Request:
    return Request(**{"amount": yuan * 100, "term_months": 10, "rate_bp": 0, **more})


def settled(store: Store) -> feed.Horizon:
    """Wait until all that was written is below the horizon, which other databases' writers hold up."""
    with store.pool.connection() as conn:
        written = conn.execute("SELECT pg_current_xact_id()::text::int8").fetchone()
    assert written is not None
    for _ in range(600):
        with store.snapshot(pipelined=False) as conn:
            until = feed.horizon(conn)
        if until.tx > written[0]:
            return until
        time.sleep(0.05)
    raise AssertionError("the horizon never came")


def seal_all(engine: Engine, anchor: FileAnchor) -> list[Seal]:
    """Seal all that was written."""
    settled(engine.store)
    made = list(iter(lambda: sealing.seal(engine, anchor), None))
    assert audit.verify(engine, anchor).unsealed == 0
    return made
