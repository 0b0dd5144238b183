"""What a draw costs, before it is confirmed: the sheet of an approval, held against the caps.

That a sheet was shown is an event of the borrower. Its time to read runs from there, whoever shows
it, and what is confirmed is what was shown: another day, price or lender is another sheet.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Final

import msgspec

from xindeng.events.line import CostSheetShown
from xindeng.kernel.errors import ConflictError
from xindeng.kernel.time import SECOND
from xindeng.lending.terms import read_terms
from xindeng.service.books import terms_of
from xindeng.service.engine import Engine
from xindeng.service.held import held
from xindeng.service.held_line import Held
from xindeng.service.reserve import offer
from xindeng.servicing.cost_sheet import CostSheet, cost_sheet
from xindeng.store.decisions import StoredDecision

OWN_FUNDS: Final = "own funds"
"""Who lends where no partner lender does."""
_SHOWN: Final = "cost_sheet_shown"
_write: Final = msgspec.json.Encoder(order="deterministic").encode


def quote(engine: Engine, borrower: str, decision_id: str, *, lender: str = OWN_FUNDS) -> CostSheet:
    """Return the cost sheet of an approval, or of the smaller amount that was offered, to be shown.

    The first time is stored, and the draw may be confirmed `reading_seconds` after it. Raises as
    `offer` does, and InputError for a price above a cap in force today.
    """
    sheet = sheet_of(engine, offer(engine, borrower, decision_id), lender=lender)
    with held(engine, borrower) as line:
        if _shown_at(line, decision_id, sheet) is None:
            line.tell(CostSheetShown(decision_id=decision_id, sheet=_mark(sheet)))
    return sheet


def sheet_of(engine: Engine, stored: StoredDecision, *, lender: str) -> CostSheet:
    """Return the cost sheet of a stored approval if it is paid out today."""
    policy = engine.policy
    today = policy.zone.day(engine.clock())
    terms = read_terms(terms_of_offer(engine, stored))
    return cost_sheet(
        terms, stored.decision.amount_offered or 0, today, lender=lender,
        caps=policy.products.caps_on(today), reading_seconds=policy.products.reading_seconds,
    )  # fmt: skip


def check_read(line: Held, decision_id: str, sheet: CostSheet) -> None:
    """Raise ConflictError unless this very sheet was shown, and long enough ago to be read."""
    shown = _shown_at(line, decision_id, sheet)
    if shown is None:
        raise ConflictError(
            "what this draw costs today has not been shown",
            where=f"decision {decision_id}",
            next_step=f"show the cost sheet; {sheet.reading_seconds} seconds later it can be "
            "confirmed",
            code="draw.not_shown",
        )
    ready = shown + sheet.reading_seconds * SECOND
    if line.now < ready:
        zone = line.engine.policy.zone
        raise ConflictError(
            f"the cost sheet is to be read for {sheet.reading_seconds} seconds first",
            where=f"decision {decision_id}",
            next_step=f"confirm from {zone.local(ready + SECOND - 1):%Y-%m-%d %H:%M:%S} on",
            code="draw.unread",
        )


def seconds_left(engine: Engine, borrower: str, decision_id: str, sheet: CostSheet) -> int:
    """Return for how many whole seconds a sheet that was shown is still to be read."""
    with held(engine, borrower) as line:
        shown = _shown_at(line, decision_id, sheet)
    passed = 0 if shown is None else line.now - shown
    return max(-(-(sheet.reading_seconds * SECOND - passed) // SECOND), 0)


def terms_of_offer(engine: Engine, stored: StoredDecision) -> bytes:
    """Return the encoded terms that were offered, of the policy version that decided."""
    made = stored.decision
    with engine.store.snapshot() as conn:
        policy = engine.policy_of(conn, made.policy_hash)
    return terms_of(policy, stored.request, policy.zone.day(made.now))


def _shown_at(line: Held, decision_id: str, sheet: CostSheet) -> int | None:
    """Return when (µs) the sheet was first shown for a decision, None if it never was."""
    mark = _mark(sheet)
    for event in line.history((_SHOWN,)):
        shown = event.payload
        assert isinstance(shown, CostSheetShown)
        if (shown.decision_id, shown.sheet) == (decision_id, mark):
            return event.occurred_at
    return None


def _mark(sheet: CostSheet) -> str:
    return sha256(_write(sheet)).hexdigest()
