"""A report while it is read: its parts so far, the account of the file, and what could not be read.

What cannot be read is never left out in silence: it is counted in `unread`, which takes every
figure that could hide behind it out of the summary.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from msgspec.structs import replace

from xindeng.events.credit import (
    AccountKind,
    CreditReport,
    ReportAccount,
    ReportAnnotation,
    ReportGuarantee,
    ReportInquiry,
    ReportPublicRecord,
)
from xindeng.intake.bills import pseudonym
from xindeng.intake.pboc.rows import Row
from xindeng.intake.pboc.words import lender_kind
from xindeng.intake.report import ImportReport
from xindeng.kernel.errors import ImportFileError
from xindeng.kernel.money import MAX_AMOUNT
from xindeng.kernel.time import Zone, instant

MOST_PARTS: Final = 2_000
"""Accounts, or enquiries, of one person: a busy report has two hundred."""

_LONG_NUMBER: Final = re.compile(r"[0-9Xx*]{7,}")


@dataclass(frozen=True, slots=True)
class Holder:
    """Whom a report should be of. Compared in memory, never stored; masked characters match."""

    name: str = ""
    id_number: str = ""


@dataclass(slots=True)
class Head:
    """The head of a report as printed; personal data stays here."""

    number: str = ""
    at: datetime | None = None
    name: str = ""
    id_number: str = ""


@dataclass
class Draft:
    """The parts of one report; `key` None leaves lenders' names readable."""

    report: ImportReport
    format: Any
    head: Head
    zone: Zone
    day: int
    key: bytes | None = None
    accounts: list[ReportAccount] = field(default_factory=list)
    agreements: list[str] = field(default_factory=list)
    currencies: list[str] = field(default_factory=list)
    places: list[Row] = field(default_factory=list)
    inquiries: list[ReportInquiry] = field(default_factory=list)
    guarantees: list[ReportGuarantee] = field(default_factory=list)
    public_records: list[ReportPublicRecord] = field(default_factory=list)
    annotations: list[ReportAnnotation] = field(default_factory=list)
    fraud_alert: bool = False
    unread: int = 0
    stated: dict[str, int] = field(default_factory=dict)

    def lender(self, name: str) -> str:
        """Return a lender's name as the event bears it; a hash's name stays with the account."""
        if self.key is None:
            return name[:128]
        hashed = pseudonym("lender", name, key=self.key)
        self.report.names[hashed] = name
        return hashed

    def add_account(
        self, row: Row, name: str, kind: AccountKind, *,
        mark: str = "", agreement: str = "", currency: str = "", **said: Any,
    ) -> None:  # fmt: skip
        """Add one account of the lender `name`; amounts beyond what an event holds are unread.

        `mark` is what tells accounts of one lender and day apart (账户标识); `agreement` what joins
        accounts of one line (授信协议标识).
        """
        self._bound(row, self.accounts)
        if any(isinstance(value, int) and value > MAX_AMOUNT for value in said.values()):
            self.leave_out(row, "an amount beyond any person's account")
            return
        same = (kind, name, said.get("opened_day"), said.get("limit"), currency, mark)
        account = ReportAccount(
            account=pseudonym("account", *map(str, same), key=self.key or b""),
            kind=kind,
            lender=self.lender(name),
            lender_kind=said.pop("lender_kind", None) or lender_kind(name),
            **said,
        )
        twins = sum(one.account.partition("-")[0] == account.account for one in self.accounts)
        if twins:
            account = replace(account, account=f"{account.account}-{twins + 1}")
        self.accounts.append(account)
        self.agreements.append(agreement)
        self.currencies.append(currency)
        self.places.append(row)
        self.report.understand(row.line, f"{kind} {name}: {account.status}", row.page)

    def add_inquiry(self, line: ReportInquiry, row: Row) -> None:
        """Add one enquiry."""
        self._bound(row, self.inquiries)
        self.inquiries.append(line)

    def _bound(self, row: Row, parts: Sequence[object]) -> None:
        if len(parts) >= MOST_PARTS:
            raise ImportFileError(
                f"more than {MOST_PARTS:,} of a kind here: no report of one person",
                where=f"{self.report.file}, page {row.page}, line {row.line}",
                next_step="hand in the report as downloaded", code="import.too_large",
            )  # fmt: skip

    def leave_out(self, row: Row, reason: str) -> None:
        """Record a part that matters and could not be read."""
        self.unread += 1
        self.report.skip(row.line, reason, row.page)

    def note(self, row: Row, words: str) -> None:
        """Say something about a line that was read all the same."""
        self.report.notes.append(f"page {row.page}, line {row.line}: {words}")

    def scrub(self, text: str) -> str:
        """Return a remark without the holder's name and without long numbers; "" when hashed."""
        if self.key is not None:
            return ""
        if self.head.name:
            text = text.replace(self.head.name, "本人")
        return _LONG_NUMBER.sub("*", text)[:500]

    def at(self) -> int:
        """Return the report's time as µs; bare local times are of the draft's zone."""
        assert self.head.at is not None
        return instant(self.head.at.replace(tzinfo=self.zone.tzinfo))


def finish(draft: Draft, holder: Holder | None) -> CreditReport:
    """Return the report: debts that are one joined, shared limits once, disputes marked."""
    _share_limits(draft)
    _join(draft)
    disputed = {note.account for note in draft.annotations if note.kind == "dispute"} - {None}
    accounts = tuple(
        replace(one, disputed=True) if one.account in disputed else one for one in draft.accounts
    )
    known = accounts or draft.guarantees or draft.public_records
    return CreditReport(
        report_day=draft.day,
        format=draft.format,
        has_record=bool(known or draft.unread),
        inquiries=tuple(draft.inquiries),
        accounts=accounts,
        guarantees=len(draft.guarantees),
        public_records=len(draft.public_records),
        fraud_alert=draft.fraud_alert,
        identity_mismatch=holder is not None and not _is(draft.head, holder),
        guarantee_list=tuple(draft.guarantees),
        public_record_list=tuple(draft.public_records),
        annotations=tuple(draft.annotations),
        unread=draft.unread,
    )


def _share_limits(draft: Draft) -> None:
    """Leave the limit of a card's other currencies out: 人民币 and 美元 share one limit."""
    seen: set[tuple[object, ...]] = set()
    for place, account in enumerate(draft.accounts):
        if account.kind not in {"R2", "R3"} or not account.limit:
            continue
        card = (account.lender, account.opened_day, account.limit)
        foreign = draft.currencies[place] not in {"", "人民币"}
        if foreign and card in seen:
            draft.accounts[place] = replace(account, limit=None)
            draft.note(draft.places[place], "the card's other currency shares its limit: once")
        elif not foreign:
            seen.add(card)


def _join(draft: Draft) -> None:
    """Give accounts that are one debt one group: same agreement, or a lone line and its parts."""
    members: dict[str, list[int]] = {}
    for place, agreement in enumerate(draft.agreements):
        if agreement:
            members.setdefault(agreement, []).append(place)
    for lender in dict.fromkeys(one.lender for one in draft.accounts):
        mine = [n for n, one in enumerate(draft.accounts) if one.lender == lender]
        loose = [n for n in mine if not draft.agreements[n]]
        lines = [n for n in loose if draft.accounts[n].kind == "R1"]
        parts = [n for n in loose if draft.accounts[n].kind == "R4"]
        if len(lines) == 1 and parts:
            members[f"line of {lines[0]}"] = [*lines, *parts]
            draft.note(draft.places[lines[0]],
                       "this line and its lender's sub-accounts count as one debt")  # fmt: skip
    for places in members.values():
        if len(places) > 1:
            group = min(draft.accounts[n].account for n in places)
            for n in places:
                draft.accounts[n] = replace(draft.accounts[n], group=group)


def _is(head: Head, holder: Holder) -> bool:
    # Id numbers are often left out of a print; a name never is.
    unnamed = bool(holder.name) and not head.name
    return (
        not unnamed and _alike(head.name, holder.name) and _alike(head.id_number, holder.id_number)
    )


def _alike(printed: str, expected: str) -> bool:
    """Compare where both are given; a printed `*` stands for any character."""
    if not printed or not expected:
        return True
    return len(printed) == len(expected) and all(
        a in (b, "*") for a, b in zip(printed.upper(), expected.upper(), strict=True)
    )
