"""A credit report of the PBOC, second generation → one `credit_report` event.

Printed forms (简版, 详版) come as PDF, saved text or saved page; the institutional structure as
JSON or XML. Personal data of the report is compared and dropped: no event ever holds it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from xindeng.events.credit import CreditReport
from xindeng.events.envelope import Event, content_id
from xindeng.events.plausible import implausible
from xindeng.intake.pboc.checks import compare
from xindeng.intake.pboc.detailed import read_detailed
from xindeng.intake.pboc.draft import Draft, Holder, finish
from xindeng.intake.pboc.head import is_furniture, read_head
from xindeng.intake.pboc.institution import read_institutional
from xindeng.intake.pboc.pages import GET_ONE, read_bytes, report_rows
from xindeng.intake.pboc.simple import read_simple
from xindeng.intake.pboc.tree import is_institutional
from xindeng.intake.report import ImportReport
from xindeng.kernel.errors import ImportFileError
from xindeng.kernel.time import DAY, Zone, from_date

_READERS: Final = {"simple": read_simple, "detailed": read_detailed}


def read_pboc(
    path: Path,
    *,
    borrower: str,
    zone: Zone,
    key: bytes | None = b"",
    received_at: int | None = None,
    holder: Holder | None = None,
) -> tuple[list[Event], ImportReport]:
    """Read one report of one person; return its event and the account of the file.

    `key` makes lenders keyed hashes; None leaves their names readable, for a person's own check-up.
    `holder` is whom the report should be of: another's is flagged, never refused here. The event
    occurred at the report's time and is known then, unless `received_at` (µs) is given. Its id
    comes from number and time, so the same report twice is a duplicate. Raises ImportFileError
    naming file, page and line for what is no whole, present, second-generation report.
    """
    data = read_bytes(path)
    report = ImportReport(path.name, source="pboc")
    if is_institutional(data):
        draft = read_institutional(data, report, zone, key)
    else:
        rows = report_rows(path, data)
        if not rows:
            raise ImportFileError("the file holds no text", where=path.name, next_step=GET_ONE)
        head, form = read_head(rows, path.name)
        assert head.at is not None
        draft = Draft(report, form, head, zone, from_date(head.at.date()), key)
        _READERS[form]([row for row in rows if not is_furniture(row, head.number)], draft)
    payload = finish(draft, holder)
    _check_days(draft, payload, received_at)
    compare(draft, payload)
    _say(draft, payload)
    at = draft.at()
    known = at if received_at is None else received_at
    identity = content_id("pboc", draft.head.number, at)
    return [Event(identity, borrower, "credit_report", 1, at, known, payload)], report


def _check_days(draft: Draft, payload: CreditReport, received_at: int | None) -> None:
    at = draft.at()
    if received_at is not None and at > received_at + DAY:
        raise ImportFileError(
            f"the report is dated {draft.head.at:%Y-%m-%d}, which is still to come",
            where=draft.report.file,
            next_step="check the clock of this machine, and that the report is unchanged",
            code="import.future",
        )
    if finding := implausible(payload, draft.day):
        path, what, next_step = finding
        raise ImportFileError(
            f"{path}: {what}; the report is of {draft.head.at:%Y-%m-%d}",
            where=draft.report.file, next_step=f"{next_step}; hand in the report unchanged",
        )  # fmt: skip


def _say(draft: Draft, payload: CreditReport) -> None:
    notes = draft.report.notes
    if draft.unread:
        notes.append(
            f"{draft.unread} parts could not be read, so no figure is given that could hide in them"
        )
    if payload.identity_mismatch:
        notes.append("name or id number are not the expected person's: a person must look")
    if not payload.has_record:
        notes.append(
            "the report holds no account, guarantee or public record: no record, not a bad one"
        )
