"""Events as columns: one table an event type, with every field that fits a column.

    borrower, seq, id, occurred_at, known_at, day, hour, FIELD …, and for types whose payload has
    lists the whole payload as JSON in `payload`

`day` and `hour` are local to the lake's zone. Defaults are written out, so that SQL reads what the
kernel reads.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any, Final

import msgspec
import pyarrow as pa

from xindeng.events.catalogue import CATALOGUE
from xindeng.events.envelope import Event, payload_from, payload_to_builtins
from xindeng.intake.wide import FIELDS, NESTED, ColumnKind
from xindeng.kernel.time import Zone

HEAD: Final = (
    ("borrower", pa.string()), ("seq", pa.int64()), ("id", pa.string()),
    ("occurred_at", pa.int64()), ("known_at", pa.int64()), ("day", pa.int32()),
    ("hour", pa.int8()),
)  # fmt: skip
_ARROW: Final = {
    ColumnKind.WHOLE: pa.int64(), ColumnKind.FLAG: pa.bool_(), ColumnKind.TEXT: pa.string(),
}  # fmt: skip


def nested(event_type: str) -> bool:
    """Return whether a payload of the type holds what fits no column."""
    fields = msgspec.structs.fields(CATALOGUE[event_type].payload)
    return len(FIELDS[event_type]) < len(fields)


@cache
def schema_of(event_type: str) -> pa.Schema:
    """Return the columns of a type's table."""
    fields = [(name, _ARROW[kind]) for name, kind in sorted(FIELDS[event_type].items())]
    extra = [(NESTED, pa.string())] if nested(event_type) else []
    return pa.schema([*HEAD, *fields, *extra])


def tables_of(events: Iterable[Event], zone: Zone) -> dict[str, pa.Table]:
    """Return the events as one table a type, in the order given."""
    rows: dict[str, list[tuple[Any, ...]]] = {}
    for event in events:
        rows.setdefault(event.type, []).append(_row(event, zone))
    return {
        name: pa.table(
            [
                pa.array(column, kind)
                for column, kind in zip(zip(*mine, strict=True), schema.types, strict=False)
            ],
            schema=schema,
        )
        for name, mine in sorted(rows.items())
        if (schema := schema_of(name))
    }


def _row(event: Event, zone: Zone) -> tuple[Any, ...]:
    at, payload = event.occurred_at, event.payload
    values = [getattr(payload, name) for name in sorted(FIELDS[event.type])]
    if nested(event.type):
        values.append(msgspec.json.encode(payload_to_builtins(payload)).decode())
    head = (event.borrower, event.seq, event.id, at, event.known_at, zone.day(at), zone.hour(at))
    return (*head, *values)


def event_of(event_type: str, row: dict[str, Any]) -> Event:
    """Return the event of a row of its type's table."""
    if row.get(NESTED) is not None:
        plain = msgspec.json.decode(row[NESTED])
    else:
        plain = {name: row[name] for name in FIELDS[event_type] if row[name] is not None}
    return Event(
        row["id"], row["borrower"], event_type, CATALOGUE[event_type].version,
        row["occurred_at"], row["known_at"], payload_from(event_type, plain), row["seq"],
    )  # fmt: skip
