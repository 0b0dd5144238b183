"""The credit bureau: a report asked for with the borrower's consent, and disputes told to it."""

from __future__ import annotations

from typing import Final

import msgspec

from xindeng.adapters.ports import Bureau, Filing
from xindeng.events.life import Dispute
from xindeng.kernel.errors import ForbiddenError, NotFoundError, UnavailableError
from xindeng.service import consents
from xindeng.service.engine import Engine
from xindeng.service.ingest import IngestReport, ingest_raw
from xindeng.store import borrowers, events, feed, readers

READER: Final = "bureau"
TOLD: Final = frozenset({"marked", "corrected", "upheld"})


def pull(engine: Engine, bureau: Bureau, borrower: str, key: str) -> IngestReport:
    """Ask the bureau for a report under `key` and take it in; the same key asks for nothing new.

    Raises ForbiddenError without a consent that was given and stands, NotFoundError where the
    bureau has no report, UnavailableError, and what ingest raises for a report that does not fit.
    """
    given = [one for one in consents.register(engine, borrower) if one.category == "bureau"]
    if not given or not given[-1].granted:
        raise ForbiddenError(
            "the borrower has not agreed that the credit bureau is asked",
            where=f"borrower {borrower}",
            next_step="ask for the consent first: POST …/consents",
            code="bureau.consent",
        )
    answer = bureau.report(key, borrower)
    if answer is None:
        raise NotFoundError(
            "the credit bureau has no report of this person",
            where=f"borrower {borrower}",
            next_step="check who is meant; a person without a record has none",
            code="not_found.report",
        )
    try:
        payload = msgspec.json.decode(answer)
    except msgspec.DecodeError as error:
        raise UnavailableError(
            "the bureau's report is not JSON", where="bureau", code="bureau.answer"
        ) from error
    sent = {"id": f"bureau:{key}"[:128], "type": "credit_report", "payload": payload,
            "occurred_at": engine.clock()}  # fmt: skip
    return ingest_raw(engine, [sent], borrower)


def tell_disputes(engine: Engine, bureau: Bureau) -> int:
    """File what became of disputes since the last time, each under its event's id; return how many.

    One process at a time does; what was filed and not noted is filed again under the same key.
    """
    filed = 0
    with readers.turn(engine.store, READER) as mine:
        if not mine:
            return 0
        with engine.store.transaction(pipelined=False) as conn:
            place = readers.open_window(conn, READER, feed.horizon(conn))
        with engine.store.snapshot(pipelined=False) as conn:
            rows = feed.read(conn, place.since, place.until, after=place.pos)
            found = [(pos, link) for pos, link in rows if link.type == "dispute"]
            keys = borrowers.read_keys(
                conn, engine.store.keys, {link.borrower for _, link in found}
            )
        for pos, link in found:
            if link.borrower in keys:  # else erased: there is nothing left to tell
                event = next(events.unseal([link], keys[link.borrower]))
                told = event.payload
                if isinstance(told, Dispute) and told.stage in TOLD:
                    bureau.file(Filing(
                        event.id, event.borrower, told.record, told.stage, event.occurred_at
                    ))  # fmt: skip
                    filed += 1
            place = place.moved(pos)
            with engine.store.transaction(pipelined=False) as conn:
                readers.save(conn, READER, place)
        with engine.store.transaction(pipelined=False) as conn:
            readers.save(conn, READER, place.closed())
    return filed
