"""The credit bureau asked for a report, with the borrower's consent."""

from __future__ import annotations

from xindeng.api.resources.events import IngestAnswer, taken
from xindeng.api.route import Call
from xindeng.kernel.errors import NotFoundError
from xindeng.service import bureau


def pull(call: Call) -> IngestAnswer:
    """Ask the credit bureau for a report and take it in; other lenders see that it was asked."""
    if call.service.bureau is None:
        raise NotFoundError(
            "no credit bureau is connected here",
            next_step="start the service with --bureau, or send the report as an event",
            code="not_found.bureau",
        )
    return taken(bureau.pull(call.engine, call.service.bureau, call.borrower, call.key))
