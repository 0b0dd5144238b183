"""What the line asks of the outside. Every call carries a key, and may be repeated under it.

Implementations bound their own waiting (a few seconds) and raise only UnavailableError; whoever
calls holds no transaction meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


class RailAnswer(StrEnum):
    """What the payment rail says of a transfer."""

    settled = "settled"
    failed = "failed"
    pending = "pending"
    unseen = "unseen"
    """It has never heard of this key, so no money moved under it."""


class FunderAnswer(StrEnum):
    """What a partner lender says; anything but yes is our side, never a mark on the borrower."""

    accepted = "accepted"
    refused = "refused"
    quota = "quota"
    timeout = "timeout"


@dataclass(frozen=True, slots=True)
class Transfer:
    """A payout of `amount` minor units to the borrower's card, under one key for ever."""

    key: str
    borrower: str
    amount: int
    currency: str


@dataclass(frozen=True, slots=True)
class Message:
    """A notice to a borrower; `to` names the contacts ("current", "previous")."""

    id: str
    borrower: str
    kind: str
    texts: dict[str, str]
    to: tuple[str, ...] = field(default=("current",))


@dataclass(frozen=True, slots=True)
class Filing:
    """What a lender must tell the credit bureau of a disputed record, under one key for ever."""

    key: str
    borrower: str
    record: str
    stage: str
    """marked (it is contested), corrected, or upheld (it was checked and stands)."""
    at: int


class Rail(Protocol):
    """A payment rail. `send` under a key it knows answers as `ask` does and moves nothing."""

    def send(self, transfer: Transfer) -> RailAnswer:
        """Pay out; raises UnavailableError where it cannot be told whether money moved."""
        ...

    def ask(self, key: str) -> RailAnswer:
        """Say what became of the transfer under that key."""
        ...

    def statement(self) -> list[Transfer]:
        """Return every transfer that left, as far back as a restored backup may be old."""
        ...


class Funder(Protocol):
    """A partner lender (资金方) that funds draws."""

    @property
    def name(self) -> str:
        """Return the name that borrowers are told."""
        ...

    def request(self, transfer: Transfer) -> FunderAnswer:
        """Ask for the money of one draw; the same key gives the same answer."""
        ...


class Notifier(Protocol):
    """Delivers messages to people."""

    def deliver(self, message: Message) -> None:
        """Deliver once a message id; raises UnavailableError to be tried again."""
        ...


class Bureau(Protocol):
    """The credit bureau, or the lender's own gateway to it."""

    def report(self, key: str, borrower: str) -> bytes | None:
        """Return a borrower's report as the payload of a credit_report event in JSON, None where
        there is none. A query is seen by other lenders: ask once a key. Raises UnavailableError."""
        ...

    def file(self, filing: Filing) -> None:
        """Take a filing, once a key; raises UnavailableError to be tried again."""
        ...
