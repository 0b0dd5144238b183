"""Rows of any bill → payment events: pseudonyms, own names and lenders treated alike everywhere."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from xindeng.events.envelope import Event, content_id
from xindeng.events.fields import Payload
from xindeng.events.life import InstalmentPurchase, Payment, PaymentCategory
from xindeng.events.parties import PartySort
from xindeng.intake.bills import pseudonym
from xindeng.intake.report import ImportReport
from xindeng.intake.table import Row
from xindeng.intake.words import Direction, sort_of_name
from xindeng.kernel.time import DAY

_KEPT: Final = frozenset({"refund", "self_transfer", "card_repayment", "interest", "fee", "tax"})
"""What stays what it is even where the other side is a lender."""
_INSTALMENTS: Final = re.compile(r"分期\D{0,4}?(\d{1,2})\s*期|(\d{1,2})\s*期分期")


@dataclass(frozen=True, slots=True)
class Handed:
    """Who hands a paper in and how its names are hidden.

    `key` makes counterparties keyed hashes. Events are known when they occurred, unless
    `received_at` (µs) is given. No row may be later than `now` (µs). `own` are the person's names.
    """

    borrower: str
    key: bytes = b""
    received_at: int | None = None
    own: Sequence[str] = ()
    now: int | None = None


@dataclass(slots=True)
class Payments:
    """The payments of one paper as they are gathered."""

    source: str
    handed: Handed
    report: ImportReport
    events: list[Event] = field(default_factory=list)
    line: int = 0

    def left_out(self, row: Row, at: int) -> str:
        """Return why a row of instant `at` cannot be taken, whatever it says, or "".

        What is added next is of this row.
        """
        self.line = row.line
        if row.surplus:
            return "more cells than headings: a comma within a text"
        if row.merged:
            return f"merged cells {row.merged}: unmerge them and fill each row"
        now = self.handed.now or self.handed.received_at
        if now is not None and at > now + DAY:
            return "a date in the future"
        return ""

    def add(
        self,
        at: int,
        fen: int,
        direction: Direction,
        category: PaymentCategory,
        *,
        channel: str,
        party: tuple[str, ...],
        identity: tuple[object, ...],
        sort: PartySort | None = None,
        balance: int | None = None,
    ) -> Event:
        """Add one payment. `party` is name and account; `identity` what makes the row unique."""
        sort = sort or sort_of_name(party[0])
        if party[0] and party[0] in self.handed.own:
            category = "self_transfer"
        elif sort == "lender" and category not in _KEPT:
            category = "loan_proceeds" if direction == "in" else "loan_repayment"
        payment = Payment(
            direction=direction, amount=fen, category=category, channel=channel,  # type: ignore[arg-type]
            counterparty=self.party(party, sort), balance_after=balance,
        )  # fmt: skip
        return self._event(at, "payment", payment, identity)

    def add_instalments(
        self, at: int, fen: int, parts: int, *, party: tuple[str, ...], identity: tuple[object, ...]
    ) -> Event:
        """Add a purchase that is paid in `parts` months: no money has left the account yet."""
        merchant = self.party(party, sort_of_name(party[0])) or self.source
        bought = InstalmentPurchase(amount=fen, merchant=merchant, instalments=parts)
        return self._event(at, "instalment_purchase", bought, identity)

    def party(self, names: tuple[str, ...], sort: PartySort) -> str | None:
        """Return the counterparty id of a name and account, None where neither is told."""
        if not any(name.strip("/- ") for name in names):
            return None
        counterparty = pseudonym(self.source, *names, key=self.handed.key, sort=sort)
        self.report.names[counterparty] = names[0].strip("/- ") or names[-1]
        return counterparty

    def _event(self, at: int, kind: str, payload: Payload, identity: tuple[object, ...]) -> Event:
        known = at if self.handed.received_at is None else self.handed.received_at
        event = Event(
            content_id(self.source, *identity), self.handed.borrower, kind, 1, at, known, payload
        )
        self.events.append(event)
        self.report.lines[event.id] = self.line
        return event

    def done(self) -> tuple[list[Event], ImportReport]:
        """Return the events in order of time, and the account of the paper."""
        self.events.sort(key=lambda event: event.occurred_at)
        return self.events, self.report


def instalments_in(text: str) -> int | None:
    """Return the number of instalments that a remark names beside 分期, or None."""
    match = _INSTALMENTS.search(text)
    parts = int(match[1] or match[2]) if match else 0
    return parts if 2 <= parts <= 60 else None
