"""What a draw costs, shown to be read; and its confirmation, after which the money moves."""

from __future__ import annotations

from msgspec import Struct

from xindeng.api.route import Call, Reply
from xindeng.api.shapes import Instant, Name, Sent, day_text
from xindeng.kernel.errors import UnavailableError
from xindeng.lending.annual_rate import AnnualRate
from xindeng.service import disburse
from xindeng.service.disburse import Ports
from xindeng.service.quote import OWN_FUNDS, quote
from xindeng.servicing.cost_sheet import Charge, Contingent, CostSheet
from xindeng.servicing.cost_words import Words
from xindeng.store.reservations import Reservation

CLOSED = ("settled", "void")


class Row(Struct, frozen=True, kw_only=True):
    """One instalment; `balance` is the principal left after it."""

    number: int
    due_on: str
    principal: int
    interest: int
    fee: int
    total: int
    balance: int


class CapTold(Struct, frozen=True, kw_only=True):
    """A cap on the price and the rate held against it, in ppm a year, by the cap's convention."""

    name: str
    convention: str
    cap_ppm: int
    rate_ppm: int
    source: str


class SheetAnswer(Struct, frozen=True, kw_only=True):
    """The cost sheet. Show the yearly rate with its convention, and let it be read for
    `reading_seconds`: that it was shown is noted, and a confirmation sooner is refused."""

    reading_seconds: int
    currency: str
    principal: int
    total_cost: int
    total_repaid: int
    months: int
    method: Words
    yearly_rate: AnnualRate
    charges: tuple[Charge, ...]
    contingent: tuple[Contingent, ...]
    instalments: tuple[Row, ...]
    caps: tuple[CapTold, ...]
    early: Words
    no_other_charges: Words


class ConfirmSent(Sent):
    """The approval that is drawn on, whose cost sheet was shown and read."""

    decision: Name


class DrawAnswer(Struct, frozen=True, kw_only=True):
    """A draw on its way or at its end. `state` is reserved, sent, unknown, settled or void."""

    draw: str
    borrower: str
    decision: str | None
    amount: int
    currency: str
    state: str
    cause: str
    reserved_at: Instant
    changed_at: Instant


def sheet(call: Call) -> SheetAnswer:
    """Return the cost sheet of an approval; that it was shown is noted the first time."""
    lender = _lender(call.service.ports)
    return _told(quote(call.engine, call.borrower, call.names["decision"], lender=lender))


def confirm(call: Call) -> Reply:
    """Draw on an approval whose cost was read: reserve, ask the funder, pay out.

    202 means that the rail has not said yet how it ended: ask for the draw again.
    """
    sent: ConfirmSent = call.body
    ports = call.service.ports
    if ports is None:
        raise UnavailableError(
            "no payment rail is configured, so nothing is paid out and nothing was reserved",
            next_step="try again later",
            code="rail.none",
        )
    made = disburse.confirm(call.engine, ports, call.borrower, sent.decision, call.key)
    return Reply(201 if made.state in CLOSED else 202, _draw(call, made))


def one(call: Call) -> DrawAnswer:
    """Return a draw as it stands now."""
    return _draw(call, disburse.of(call.engine, call.borrower, call.names["draw"]))


def _lender(ports: Ports | None) -> str:
    return ports.funder.name if ports is not None and ports.funder else OWN_FUNDS


def _draw(call: Call, made: Reservation) -> DrawAnswer:
    zone = call.engine.policy.zone
    return DrawAnswer(
        draw=made.draw, borrower=made.borrower, decision=made.decision, amount=made.amount,
        currency=made.currency, state=made.state, cause=made.cause,
        reserved_at=Instant.of(made.reserved_at, zone),
        changed_at=Instant.of(made.changed_at, zone),
    )  # fmt: skip


def _told(found: CostSheet) -> SheetAnswer:
    return SheetAnswer(
        reading_seconds=found.reading_seconds,
        currency=found.currency, principal=found.principal, total_cost=found.total_cost,
        total_repaid=found.total_repaid, months=found.months, method=found.method,
        yearly_rate=found.rate, charges=found.charges, contingent=found.contingent,
        instalments=tuple(
            Row(number=row.number, due_on=day_text(row.due_day), principal=row.principal,
                interest=row.interest, fee=row.fee, total=row.total, balance=row.balance)
            for row in found.instalments
        ),
        caps=tuple(
            CapTold(name=one.cap.name, convention=one.cap.convention, cap_ppm=one.cap.ppm,
                    rate_ppm=one.ppm, source=one.cap.source)
            for one in found.caps
        ),
        early=found.early, no_other_charges=found.no_other_charges,
    )  # fmt: skip
