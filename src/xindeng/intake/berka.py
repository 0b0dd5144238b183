"""The Berka bank data (PKDD 1999: Czech accounts, 1993–1998) → events in CZK.

A folder with account, client, disp and trans as Parquet; loan is read for the study alone. The
data know days, not hours: an event stands on noon of its local day, later ones of the same day
some seconds after it, in the order in which the recorded balances follow from one another.

What a transfer is, is told by the past alone: a sender that paid before, some 20 to 40 days ago,
is an employer; a payee of the same amount before is a standing order. The table of standing orders
itself bears no dates, so it cannot be shown to be known on any day and is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal

import pyarrow as pa
import pyarrow.parquet as pq

from xindeng.events.envelope import Event
from xindeng.events.life import AccountOpened, Payment, PaymentCategory
from xindeng.intake.bills import pseudonym
from xindeng.intake.report import ImportReport
from xindeng.kernel.errors import ImportFileError
from xindeng.kernel.money import MAX_AMOUNT
from xindeng.kernel.time import HOUR, SECOND, Zone, from_date

CURRENCY: Final = "CZK"
ZONE_NAME: Final = "Europe/Prague"

_TABLES: Final[dict[str, tuple[str, ...]]] = {
    "account": ("account_id", "date"),
    "client": ("client_id", "birth_date"),
    "disp": ("client_id", "account_id", "type"),
    "loan": ("loan_id", "account_id", "date", "amount", "duration", "payments", "status", "bad",
             "has_preloan_trans"),
    "trans": ("trans_id", "account_id", "date", "type", "operation", "amount", "balance",
              "k_symbol", "bank", "account"),
}  # fmt: skip
_PURPOSE: Final[dict[str, PaymentCategory]] = {
    "household": "utilities",
    "insurance payment": "insurance",
    "loan payment": "loan_repayment",
    "old-age pension": "other_income",
    "interest credited": "interest",
    "payment for statement": "fee",
    "sanction interest if negative balance": "penalty_interest",
}
_CASH: Final = ("credit in cash", "withdrawal in cash", "credit card withdrawal")
_Channel = Literal["app", "card", "transfer", "cash", "standing_order", "unknown"]


@dataclass(frozen=True, slots=True)
class Loan:
    """One loan; `amount` and `payment` (a month) in haléř, `day` the local day it was granted.

    `status`: A ended well, B ended unpaid, C runs well, D runs in debt; `bad` is B or D.
    `covered` says that the transactions before the loan are there without a gap.
    """

    loan: str
    borrower: str
    day: int
    amount: int
    months: int
    payment: int
    status: str
    bad: bool
    covered: bool


@dataclass(slots=True)
class _Past:
    """What an account's earlier transfers taught: partner → last day and amount."""

    payers: dict[str, int] = field(default_factory=dict)
    payees: dict[str, int] = field(default_factory=dict)


def read_loans(folder: Path) -> list[Loan]:
    """Return all loans, oldest first; raises ImportFileError when the table is not there."""
    rows = _table(folder, "loan")
    loans = [
        Loan(
            loan=str(row["loan_id"]), borrower=str(row["account_id"]), day=_day(row["date"]),
            amount=int(row["amount"]) * 100, months=int(row["duration"]),
            payment=round(row["payments"] * 100), status=row["status"], bad=bool(row["bad"]),
            covered=bool(row["has_preloan_trans"]),
        )
        for row in rows
    ]  # fmt: skip
    return sorted(loans, key=lambda loan: (loan.day, loan.loan))


def read_berka(folder: Path, *, zone: Zone) -> tuple[dict[str, list[Event]], ImportReport]:
    """Return each account's events in order, by account id, and the account of the import.

    Events are known when they occurred. Raises ImportFileError naming the table (and row).
    """
    report = ImportReport(folder.name)
    report.notes.append("order.parquet left out: standing orders bear no date")
    births = {row["client_id"]: row["birth_date"] for row in _table(folder, "client")}
    owners = {
        row["account_id"]: births.get(row["client_id"])
        for row in _table(folder, "disp")
        if row["type"] == "OWNER"
    }
    histories: dict[str, list[Event]] = {}
    for row in _table(folder, "account"):
        born = owners.get(row["account_id"])
        opened = AccountOpened(birth_day=None if born is None else _day(born))
        at = zone.midnight(_day(row["date"]))
        name = str(row["account_id"])
        histories[name] = [Event(f"account-{name}", name, "account_opened", 1, at, at, opened)]
        report.understood += 1
    for name, rows in _by_account(_table(folder, "trans")):
        if name not in histories:
            for row in rows:
                report.skip(row["_row"], "a transaction of an account that is not in account")
            continue
        past = _Past()
        for day, today in _by_day(rows):
            for place, row in enumerate(today):
                payment = _payment(row, day, past)
                if payment is None:
                    report.skip(row["_row"], "an amount below one haléř")
                    continue
                at = zone.midnight(day) + 12 * HOUR + place * SECOND
                identity = f"trans-{row['trans_id']}"
                histories[name].append(Event(identity, name, "payment", 1, at, at, payment))
                report.understood += 1
    return histories, report


def _table(folder: Path, name: str) -> list[dict[str, Any]]:
    path = folder / f"{name}.parquet"
    try:
        table = pq.read_table(path)
    except (OSError, pa.ArrowException) as error:
        raise ImportFileError(
            f"cannot be read: {str(error).splitlines()[0]}", where=str(path),
            next_step="give the folder that holds account, client, disp, loan and trans.parquet",
        ) from error  # fmt: skip
    if missing := [column for column in _TABLES[name] if column not in table.column_names]:
        raise ImportFileError(
            f"no column {', '.join(missing)}", where=path.name,
            next_step="see the columns of the PKDD 1999 tables",
        )  # fmt: skip
    rows: list[dict[str, Any]] = table.select(_TABLES[name]).to_pylist()
    for number, row in enumerate(rows, start=1):
        row["_row"] = number
        if "date" in row and not isinstance(row["date"], datetime):
            raise ImportFileError(
                f"no date: {row['date']!r}", where=f"{path.name} row {number}",
                next_step="dates must be timestamps",
            )  # fmt: skip
    return rows


def _day(moment: datetime) -> int:
    return from_date(moment.date())


def _by_account(rows: list[dict[str, Any]]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    accounts: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        accounts.setdefault(str(row["account_id"]), []).append(row)
    yield from accounts.items()


def _by_day(rows: list[dict[str, Any]]) -> Iterator[tuple[int, list[dict[str, Any]]]]:
    """Yield (day, transactions) in order; within a day, the order that the balances prove."""
    days: dict[int, list[dict[str, Any]]] = {}
    for row in sorted(rows, key=lambda row: (row["date"], row["trans_id"])):
        days.setdefault(_day(row["date"]), []).append(row)
    balance = 0
    for day, today in days.items():
        ordered = []
        while today:
            # Nearest, not equal: recorded balances are rounded to ten haléř.
            row = min(today, key=lambda r: abs(_before(r) - balance))
            today.remove(row)
            ordered.append(row)
            balance = _haler(row["balance"])
        yield day, ordered


def _haler(amount: float) -> int:
    return round(amount * 100)


def _before(row: dict[str, Any]) -> int:
    signed = _haler(row["amount"]) if row["type"] == "credit" else -_haler(row["amount"])
    return _haler(row["balance"]) - signed


def _payment(row: dict[str, Any], day: int, past: _Past) -> Payment | None:
    amount = _haler(row["amount"])
    if not 1 <= amount <= MAX_AMOUNT:
        return None
    direction: Literal["in", "out"] = "in" if row["type"] == "credit" else "out"
    partner = None
    if row["bank"] and row["account"]:
        partner = pseudonym("berka", row["bank"], str(int(row["account"])))
    category, channel = _category(row), _channel(row)
    if partner and direction == "in" and category == "transfer":
        category = "salary" if 20 <= day - past.payers.get(partner, -99) <= 40 else category
        past.payers[partner] = day
    if partner and direction == "out":
        channel = "standing_order" if past.payees.get(partner) == amount else channel
        past.payees[partner] = amount
    return Payment(
        direction=direction, amount=amount, currency=CURRENCY, category=category,
        counterparty=partner, channel=channel, balance_after=_haler(row["balance"]),
    )  # fmt: skip


def _category(row: dict[str, Any]) -> PaymentCategory:
    if known := _PURPOSE.get((row["k_symbol"] or "").strip()):
        return known
    if row["operation"] in _CASH:
        return "cash"
    return "transfer" if row["operation"] else "unknown"


def _channel(row: dict[str, Any]) -> _Channel:
    match row["operation"]:
        case "credit card withdrawal":
            return "card"
        case "credit in cash" | "withdrawal in cash":
            return "cash"
        case None:
            return "unknown"
        case _:
            return "transfer"
