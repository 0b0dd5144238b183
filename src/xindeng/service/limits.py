"""Limits by hand: a reason is required, a cut touches only what is not yet drawn."""

from __future__ import annotations

from typing import Final, Literal

from xindeng.events.line import LimitChange, LimitWarning
from xindeng.kernel.errors import ConflictError, InputError
from xindeng.kernel.money import MAX_AMOUNT
from xindeng.service.engine import Engine
from xindeng.service.held import Held, held

Change = Literal["granted", "increased", "decreased", "zeroed", "closed"]

_TEXTS: Final[dict[str, dict[str, str]]] = {
    "granted": {"zh": "额度已开通。", "en": "A limit was granted."},
    "increased": {"zh": "额度已提高。", "en": "The limit was raised."},
    "decreased": {
        "zh": "额度已调低；已借出的款项不提前收回，利率不变。",
        "en": "The limit was cut; what is lent is neither called in nor repriced.",
    },
    "zeroed": {
        "zh": "额度已调为零；已借出的款项不提前收回，利率不变，还款照常。",
        "en": "The limit is zero; what is lent is neither called in nor repriced.",
    },
    "closed": {
        "zh": "额度已关闭；未还的借款按原约定归还。",
        "en": "The line is closed; what is lent is repaid as agreed.",
    },
}


def change_limit(
    engine: Engine, borrower: str, limit: int, *, reason: str, close: bool = False
) -> Change | None:
    """Set the limit shown by hand; returns the kind of change, None if it stood so already.

    Raises InputError for no reason or an amount no limit has, ConflictError for a closed line.
    """
    if not reason.strip():
        raise InputError(
            "a limit changed by hand needs a reason",
            next_step="say why in a few words; it is shown in the history",
            code="limit.reason",
        )
    if type(limit) is not int or not 0 <= limit <= MAX_AMOUNT or (close and limit):
        raise InputError(
            f"a limit of {limit!r} minor units",
            next_step=f"give a whole number from 0 to {MAX_AMOUNT:,}; a closed line has 0",
            code="limit.value",
        )
    with held(engine, borrower) as line:
        kind = "closed" if close else kind_of(line, limit)
        if kind is not None:
            apply(line, limit, kind, f"manual: {reason.strip()}"[:128])
    return kind


def apply(line: Held, limit: int, kind: Change, reason: str) -> None:
    """Tell of a change of the limit and have the borrower told, on a line that is held."""
    currency = line.engine.policy.currency
    line.tell(LimitChange(limit=limit, change=kind, currency=currency, reason=reason))  # type: ignore[arg-type]
    line.notify(f"limit_{kind}", _TEXTS[kind])


def warn(line: Held, change: Literal["decrease", "zero"], day: int, reason: str) -> None:
    """Warn that the limit will be cut or zeroed on local `day`, before it happens."""
    line.tell(LimitWarning(change=change, effective_day=day, reason=reason))


def kind_of(line: Held, limit: int) -> Change | None:
    """Return what kind of change `limit` would be, None for none; a closed line stays closed."""
    now = line.view().value("limit_shown") if _granted(line) else None
    if closed(line):
        raise ConflictError(
            "the line is closed",
            where=f"borrower {line.borrower}",
            next_step="grant a new line after a new application",
            code="line.closed",
        )
    if type(now) is not int:
        return "granted"
    if limit == now:
        return None
    if limit == 0:
        return "zeroed"
    return "increased" if limit > now else "decreased"


def closed(line: Held) -> bool:
    """Say whether the last change of the limit closed the line."""
    row = line.conn.execute(
        "SELECT change FROM line WHERE borrower = %s", [line.borrower]
    ).fetchone()
    return row is not None and row[0] == "closed"


def _granted(line: Held) -> bool:
    return line.engine.policy.kernel.as_of(line.state, "limit_change") is not None
