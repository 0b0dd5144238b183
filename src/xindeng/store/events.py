"""Events at rest: sealed, chained, appended once and never changed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from operator import attrgetter
from typing import Any, Final

import msgspec

from xindeng.events.catalogue import CATALOGUE
from xindeng.events.envelope import Event, payload_from, write_event
from xindeng.events.fields import Payload
from xindeng.events.visibility import Quarantined
from xindeng.store.borrowers import Chain
from xindeng.store.chain import Link, belongs_to, link_hash
from xindeng.store.connect import Conn
from xindeng.store.crypto import DataKey, integrity_error
from xindeng.store.rows import columns, unnest

COLUMNS: Final = (
    "borrower, seq, id, type, version, occurred_at, known_at, key_id, payload, evidence,"
    " prev_hash, hash"
)
_TYPES: Final = ("text", "int8", "text", "text", "int4", "int8", "int8", "int8", "bytea",
                 "bytea", "bytea", "bytea")  # fmt: skip
_INSERT: Final = f"INSERT INTO event ({COLUMNS}) SELECT * FROM {unnest(_TYPES)}"
_READ: Final = f"""
    SELECT {COLUMNS} FROM event WHERE borrower = %s AND seq > %s AND seq < %s ORDER BY seq
"""
_NAMED: Final = """
    SELECT found.* FROM (SELECT DISTINCT * FROM unnest(%b::text[], %b::text[])) AS a (b, i),
    LATERAL (SELECT {wanted} FROM {table} WHERE borrower = a.b AND id = a.i OFFSET 0) AS found
"""
"""Looks up some (borrower, id) in the index one by one, which OFFSET 0 keeps apart: as a join the
planner would rather read the whole table, which only grows."""
_KNOWN: Final = " UNION ALL ".join(
    _NAMED.format(wanted="borrower, id", table=table) for table in ("event", "quarantine")
)
_EVENTS_NAMED: Final = _NAMED.format(wanted=COLUMNS, table="event")
_ASIDE_NAMED: Final = _NAMED.format(wanted="borrower, id, payload", table="quarantine")
_values = attrgetter(*COLUMNS.split(", "))
_EVERYTHING: Final = 2**62
_encode = msgspec.json.Encoder().encode


def extend(chain: Chain, events: Sequence[Event], evidence: Sequence[bytes | None]) -> list[Link]:
    """Seal and chain the events, which already bear their seq; advances `chain` in memory.

    `evidence` is, for each event, the digest of the row elsewhere that it stands for, or None.
    Raises XindengError unless the seqs are chain.seq + 1, + 2, ….
    """
    links = []
    for event, proof in zip(events, evidence, strict=True):
        if event.seq != chain.seq + 1 or event.borrower != chain.borrower:
            raise integrity_error(
                f"event {event.seq} would follow event {chain.seq}", f"borrower {chain.borrower}"
            )
        payload = chain.key.seal(
            _encode(event.payload), belongs_to(chain.borrower, event.seq, event.id)
        )
        header = (chain.borrower, event.seq, event.id, event.type, event.version,
                  event.occurred_at, event.known_at, chain.key.key_id)  # fmt: skip
        head = link_hash(chain.head, header, payload, proof)
        links.append(Link(*header, payload, proof, chain.head, head))
        chain.seq, chain.head = event.seq, head
    return links


def insert(conn: Conn, links: Sequence[Link]) -> None:
    """Append the events, of one or several borrowers, in one statement."""
    if links:
        conn.execute(_INSERT, columns(_TYPES, map(_values, links)), prepare=True)


def read_links(
    conn: Conn, borrower: str, *, after: int = 0, below: int = _EVERYTHING
) -> list[Link]:
    """Return the stored events with after < seq < below, in order, still sealed."""
    rows = conn.execute(_READ, [borrower, after, below], binary=True)
    return [Link(*row) for row in rows]


def read_between(conn: Conn, first: str, upto: str) -> list[Link]:
    """Return all events of the borrowers from `first` to `upto`, still sealed, chain by chain."""
    rows = conn.execute(
        f"SELECT {COLUMNS} FROM event WHERE borrower BETWEEN %s AND %s ORDER BY borrower, seq",
        [first, upto],
        binary=True,
    )
    return [Link(*row) for row in rows]


def read_of_types(conn: Conn, borrower: str, types: Collection[str]) -> list[Link]:
    """Return a borrower's stored events of some types, in order.

    They are authentic one by one; that none between them is missing is not verified.
    """
    rows = conn.execute(
        f"SELECT {COLUMNS} FROM event WHERE borrower = %s AND type = ANY(%s) ORDER BY seq",
        [borrower, list(types)],
        binary=True,
    )
    return [Link(*row) for row in rows]


def read_of_types_for(
    conn: Conn, names: Collection[str], types: Collection[str]
) -> dict[str, list[Link]]:
    """Return what `read_of_types` does for each of several borrowers; one without any is absent."""
    rows = conn.execute(
        f"SELECT {COLUMNS} FROM event WHERE borrower = ANY(%s) AND type = ANY(%s)"
        " ORDER BY borrower, seq",
        [list(names), list(types)],
        binary=True,
    )
    found: dict[str, list[Link]] = {}
    for row in rows:
        found.setdefault(row[0], []).append(Link(*row))
    return found


def unseal(links: Iterable[Link], key: DataKey) -> Iterator[Event]:
    """Yield the events in the clear; raises XindengError "store.integrity" if one was changed."""
    for link in links:
        where = f"borrower {link.borrower}, event {link.seq}"
        plain = key.unseal(link.payload, belongs_to(link.borrower, link.seq, link.id), where=where)
        yield Event(
            id=link.id,
            borrower=link.borrower,
            type=link.type,
            version=link.version,
            occurred_at=link.occurred_at,
            known_at=link.known_at,
            payload=_decode(link.type, plain, where),
            seq=link.seq,
        )


def known_ids(conn: Conn, events: Collection[tuple[str, str]]) -> set[tuple[str, str]]:
    """Return those (borrower, event id) that are stored or quarantined already."""
    borrowers, ids = [list(column) for column in zip(*events, strict=True)] or ([], [])
    rows = conn.execute(_KNOWN, [borrowers, ids] * 2, binary=True, prepare=True)
    return {(row[0], row[1]) for row in rows}


def read_known(
    conn: Conn, chains: Mapping[str, Chain], asked: Collection[tuple[str, str]]
) -> list[Event]:
    """Return the stored or quarantined events of these (borrower, event id), in the clear."""
    if not asked:
        return []
    names, ids = [list(column) for column in zip(*asked, strict=True)]
    rows = conn.execute(_EVENTS_NAMED, [names, ids], binary=True)
    found = [event for row in rows for event in unseal([Link(*row)], chains[row[0]].key)]
    aside = conn.execute(_ASIDE_NAMED, [names, ids], binary=True)
    for borrower, ident, payload in aside:
        where = f"borrower {borrower}, event {ident} set aside"
        bound = belongs_to(borrower, 0, ident)
        plain = msgspec.json.decode(chains[borrower].key.unseal(payload, bound, where=where))
        found.append(Event(**{**plain, "payload": payload_from(plain["type"], plain["payload"])}))
    return found


def set_aside(conn: Conn, chain: Chain, item: Quarantined, received_at: int) -> None:
    """Keep an event from the future, sealed, out of the chain and out of every decision."""
    event = item.event
    conn.execute(
        """
        INSERT INTO quarantine (borrower, id, received_at, reason, key_id, payload)
        VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING
        """,
        [
            chain.borrower,
            event.id,
            received_at,
            item.reason,
            chain.key.key_id,
            chain.key.seal(write_event(event), belongs_to(chain.borrower, 0, event.id)),
        ],
    )


def aside(conn: Conn, chain: Chain) -> list[dict[str, Any]]:
    """Return the events of a borrower that were set aside, in the clear, with the reason."""
    rows = conn.execute(
        "SELECT id, received_at, reason, payload FROM quarantine WHERE borrower = %s"
        " ORDER BY received_at, id",
        [chain.borrower],
        binary=True,
    )
    found = []
    for ident, received_at, reason, payload in rows:
        where = f"borrower {chain.borrower}, event {ident} set aside"
        plain = chain.key.unseal(payload, belongs_to(chain.borrower, 0, ident), where=where)
        event = msgspec.json.decode(plain)
        found.append({"received_at": received_at, "reason": reason, "event": event})
    return found


@cache
def _decoder(type_name: str) -> msgspec.json.Decoder[Payload]:
    return msgspec.json.Decoder(CATALOGUE[type_name].payload)


def _decode(type_name: str, plain: bytes, where: str) -> Payload:
    try:
        return _decoder(type_name).decode(plain)
    except (KeyError, msgspec.MsgspecError) as error:
        raise integrity_error(f"not a {type_name} event: {error}", where) from error
