"""Decisions as columns: what was asked, answered and known beside the borrower's own events.

The base features are not kept: they follow from the events, for this policy and for any other.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import msgspec
import pyarrow as pa

from xindeng.decision.answer import Decision
from xindeng.decision.request import Request
from xindeng.language import Kind
from xindeng.policy.context import CONTEXT

_KINDS: Final = {Kind.BIGINT: pa.int64(), Kind.BOOL: pa.bool_(), Kind.TEXT: pa.string()}
_HEAD: Final = (
    ("id", pa.string()), ("borrower", pa.string()), ("seq", pa.int64()),
    ("platform_seq", pa.int64()), ("policy_hash", pa.string()),
    ("semantics", pa.int32()), ("product", pa.string()), ("currency", pa.string()),
    ("cleared", pa.string()), ("learning", pa.bool_()),
    ("outcome", pa.string()), ("amount_offered", pa.int64()), ("frontier", pa.int64()),
    ("counted", pa.bool_()), ("score", pa.int64()), ("score_band", pa.string()),
    ("fired", pa.string()), ("missing", pa.string()), ("lights", pa.string()),
    ("reasons", pa.string()),
)  # fmt: skip
SCHEMA: Final = pa.schema(
    [*_HEAD, *((name, _KINDS[entry.column.kind]) for name, entry in CONTEXT.items())]
)
"""`seq` is the decision's own event: what it saw are the events below it. `fired` and `missing` are
hexadecimal bit masks over the rules of `policy_hash`; `cleared` are the rules that a person let
pass, by commas; `learning` tells who was drawn into the test-and-learn arm, NULL in files written
before there was one; the last columns are the context's."""


def row(
    ident: str, borrower: str, seq: int, platform_seq: int, request: Request, made: Decision
) -> dict[str, Any]:
    """Return a decision as a row of `SCHEMA`."""
    context = dict(zip(CONTEXT, made.inputs[-len(CONTEXT) :], strict=True))
    return {
        "id": ident, "borrower": borrower, "seq": seq,
        "platform_seq": platform_seq, "policy_hash": made.policy_hash,
        "semantics": made.semantics, "product": request.product, "currency": request.currency,
        "cleared": None if request.cleared is None else ",".join(request.cleared),
        "learning": bool(request.learning),
        "outcome": made.outcome.value, "amount_offered": made.amount_offered,
        "frontier": made.frontier, "counted": made.counted, "score": made.score,
        "score_band": made.score_band, "fired": f"{made.fired:x}", "missing": f"{made.missing:x}",
        "lights": msgspec.json.encode(made.lights).decode(),
        "reasons": ",".join(reason.rule for reason in made.reasons if reason.gate),
        **context,
    }  # fmt: skip


def table(rows: Iterable[dict[str, Any]]) -> pa.Table:
    """Return rows as a table of `SCHEMA`."""
    return pa.Table.from_pylist(list(rows), schema=SCHEMA)


def request_of(row: dict[str, Any]) -> Request:
    """Return the request of a row, at the price it was decided at."""
    return Request(
        amount=row["request_amount"], term_months=row["request_term_months"],
        purpose=row["request_purpose"], rate_bp=row["request_rate_bp"], currency=row["currency"],
        after_hold=row["request_after_hold"], product=row["product"],
        cleared=None if row["cleared"] is None else tuple(filter(None, row["cleared"].split(","))),
        learning=row["learning"] or None,
    )  # fmt: skip


__all__ = ["SCHEMA", "request_of", "row", "table"]
