"""The cost sheet as it was shown: a token that proves which one, and since when, was read.

The token is sealed under the borrower's own key, so that nobody can make one, use it for another
borrower's draw, or put its time back; nothing has to be stored for it.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

import msgspec

from xindeng.kernel.errors import ConflictError, InputError, XindengError
from xindeng.kernel.time import SECOND
from xindeng.service.engine import Engine
from xindeng.service.quote import quote
from xindeng.servicing.cost_sheet import CostSheet
from xindeng.store import borrowers
from xindeng.store.chain import digest
from xindeng.store.crypto import DataKey


@dataclass(frozen=True, slots=True)
class Shown:
    """A cost sheet and the token that confirms it; `at` (µs) is when it was shown."""

    sheet: CostSheet
    token: str
    at: int


def show(engine: Engine, borrower: str, decision_id: str, *, lender: str) -> Shown:
    """Return what an approval costs, to be read and confirmed; raises as `quote` does."""
    sheet, now = quote(engine, borrower, decision_id, lender=lender), engine.clock()
    plain = msgspec.msgpack.encode((decision_id, _digest(sheet), now))
    sealed = _key(engine, borrower).seal(plain, _belongs_to(borrower))
    return Shown(sheet, base64.urlsafe_b64encode(sealed).decode(), now)


def check(engine: Engine, borrower: str, decision_id: str, token: str, *, lender: str) -> None:
    """Return if this very cost was shown, long enough ago to be read.

    Raises InputError for a token that is not of this decision or that comes too soon,
    ConflictError where the cost has changed since, and as `quote` does.
    """
    told, shown, at = _opened(_key(engine, borrower), borrower, token)
    if told != decision_id:
        raise _unfit()
    sheet = quote(engine, borrower, decision_id, lender=lender)
    if _digest(sheet) != shown:
        raise ConflictError(
            "what it costs has changed since it was shown; nothing was reserved",
            next_step="show the cost sheet again and have that confirmed",
            code="confirm.changed",
        )
    if engine.clock() - at < sheet.reading_seconds * SECOND:
        raise InputError(
            f"the cost sheet is to be read for {sheet.reading_seconds} seconds before it is "
            "confirmed",
            where="cost_sheet",
            next_step="show it, wait, and confirm then",
            code="confirm.too_soon",
        )


def _opened(key: DataKey, borrower: str, token: str) -> tuple[str, bytes, int]:
    try:
        sealed = base64.urlsafe_b64decode(token.encode())
        plain = key.unseal(sealed, _belongs_to(borrower), where="cost_sheet")
    except (binascii.Error, ValueError, XindengError) as error:
        raise _unfit() from error
    return msgspec.msgpack.decode(plain, type=tuple[str, bytes, int])


def _unfit() -> InputError:
    return InputError(
        "this is not the token of this decision's cost sheet",
        where="cost_sheet",
        next_step="show the cost sheet and send the token that came with it",
        code="confirm.token",
    )


def _key(engine: Engine, borrower: str) -> DataKey:
    with engine.store.snapshot() as conn:
        return borrowers.read(conn, engine.store.keys, borrower).key


def _digest(sheet: CostSheet) -> bytes:
    return digest("sheet", msgspec.to_builtins(sheet))


def _belongs_to(borrower: str) -> bytes:
    return msgspec.msgpack.encode(("cost sheet", borrower))
