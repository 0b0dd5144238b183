"""A person's own data, whole and theirs alone, in a form that they and other programs can read.

Left out is what a law forbids to tell: flags and exposure of the fraud and money-laundering watch,
and why a hold for safety stands (反电信网络诈骗法, 反洗钱法). That it is left out is said.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from xindeng.events.envelope import Event, payload_to_builtins
from xindeng.events.line import HoldPlaced
from xindeng.kernel.time import Zone, to_date
from xindeng.lending.terms import read_terms
from xindeng.service.engine import Engine
from xindeng.service.retention import records
from xindeng.servicing.transactions import read_transaction
from xindeng.store import (
    borrowers,
    decisions,
    events,
    loans,
    matters,
    notices,
    plans,
    reservations,
)
from xindeng.store.borrowers import Chain
from xindeng.store.connect import Conn

WITHHELD: Final = frozenset({"account_flag", "network_snapshot", "loan_finding"})
_SAFETY: Final = frozenset({"security", "identity_theft"})
_OF_HOLDS: Final = ("reason", "note", "evidence", "owner")
_MANY: Final = 1_000_000
PARTS: Final[Mapping[str, str]] = {
    "borrower": "borrower", "event": "events", "quarantine": "set_aside", "decision": "decisions",
    "plan": "plans", "loan": "loans", "loan_transaction": "loans", "posting": "loans",
    "reservation": "draws", "notice": "notices", "matter": "matters",
}  # fmt: skip
"""Table → the part of the export that tells of its rows."""
ELSEWHERE: Final[Mapping[str, str]] = {
    "borrower_key": "a secret of ours, not data about the person",
    "state": "worked out from the events",
    "line": "worked out from the events",
    "idempotency": "each is told with its decision",
    "answer": "each repeats what the parts above tell",
    "in_hand": "a mark of some seconds",
    "plan_watch": "our own list of work",
    "learnt": "each is told with its decision and its draw",
    "trial": "what a policy that decided nothing would have said; removed with the person",
    "task": "our own list of work; what follows from it is told as an event",
    "proposal": "what staff propose among themselves; what is approved is told as an event",
    "erasure": "there is none while data can be exported",
}
"""Table → why its rows are not in the export."""


def export(engine: Engine, borrower: str) -> dict[str, Any]:
    """Return all that is stored of a borrower as plain data; raises NotFoundError, ErasedError."""
    zone = engine.policy.zone
    with engine.store.snapshot() as conn:
        chain = borrowers.read(conn, engine.store.keys, borrower)
        told = list(engine.history(conn, chain))
        found: dict[str, Any] = {
            "borrower": borrower,
            "exported_at": _time(zone, engine.clock()),
            "zone": zone.name,
            "currency": chain.currency,
            "events": _events(zone, told),
            "set_aside": events.aside(conn, chain),
            "decisions": _decisions(conn, chain, zone),
            "plans": _plans(conn, chain, zone),
            "draws": _draws(conn, borrower, zone),
            "loans": _loans(conn, borrower),
            "notices": _notices(conn, chain, zone),
            "matters": [
                {"id": row.id, "way": row.way, "decision": row.decision,
                 "opened_at": _time(zone, row.opened_at), "result": row.result}
                for row in matters.of_borrower(conn, borrower)
            ],
            "kept": [
                {"record": one.record, "title": one.title, "days": one.days, "until": one.until,
                 "when_erased": one.erased, "source": one.source}
                for one in records()
            ],
        }  # fmt: skip
    left_out = sum(one.type in WITHHELD for one in told)
    found["left_out"] = {
        "what": "依法不得告知的风险核查信息 / checks for safety that the law forbids to tell",
        "some": bool(left_out) or any(_safety_holds(told)),
    }
    return found


def as_json(found: Any) -> bytes:
    """Return an export, or a part of one, as indented JSON in UTF-8."""
    return msgspec.json.format(msgspec.json.encode(found), indent=2)


def as_zip(found: Mapping[str, Any]) -> bytes:
    """Return an export as a zip: one JSON file a part, so that each can be opened by itself."""
    into = io.BytesIO()
    parts = {name: value for name, value in found.items() if isinstance(value, list)}
    head = {name: value for name, value in found.items() if name not in parts}
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, value in {"about": head, **parts}.items():
            # A fixed date, so that the same data make the same file.
            entry = zipfile.ZipInfo(f"{name}.json", (1980, 1, 1, 0, 0, 0))
            packed.writestr(entry, as_json(value))
    return into.getvalue()


def _events(zone: Zone, told: Iterable[Event]) -> list[dict[str, Any]]:
    told = list(told)
    safety = _safety_holds(told)
    found = []
    for event in told:
        if event.type in WITHHELD:
            continue
        payload = payload_to_builtins(event.payload)
        if payload.get("hold") in safety:
            payload = {name: value for name, value in payload.items() if name not in _OF_HOLDS}
        found.append({
            "seq": event.seq, "id": event.id, "type": event.type, "version": event.version,
            "occurred_at": _time(zone, event.occurred_at),
            "known_at": _time(zone, event.known_at), "payload": payload,
        })  # fmt: skip
    return found


def _safety_holds(told: Iterable[Event]) -> frozenset[str]:
    return frozenset(
        event.payload.hold
        for event in told
        if isinstance(event.payload, HoldPlaced) and event.payload.kind in _SAFETY
    )


def _decisions(conn: Conn, chain: Chain, zone: Zone) -> list[dict[str, Any]]:
    found = []
    for sealed in decisions.page(conn, chain.borrower, None, _MANY):
        one = sealed.unseal(chain.key)
        made = one.decision
        found.append({
            "id": one.id, "at": _time(zone, made.now), "outcome": str(made.outcome),
            "asked": {name: value for name, value in _plain(one.request).items()
                      if value is not None},
            "offered": made.amount_offered, "limit": made.limit_shown,
            "policy": made.policy_hash, "automated": one.request.cleared is None,
        })  # fmt: skip
    return found


def _plans(conn: Conn, chain: Chain, zone: Zone) -> list[dict[str, Any]]:
    return [
        {"id": one.id, "made_at": _time(zone, one.made_at), "asked": _plain(one.request),
         "plans": _plain(one.plans)}
        for one in plans.of_borrower(conn, chain.borrower, chain.key)
    ]  # fmt: skip


def _draws(conn: Conn, borrower: str, zone: Zone) -> list[dict[str, Any]]:
    return [
        {"draw": one.draw, "decision": one.decision, "amount": one.amount,
         "currency": one.currency, "lender": one.funder, "state": one.state,
         "reserved_at": _time(zone, one.reserved_at), "changed_at": _time(zone, one.changed_at)}
        for one in reservations.of_borrower(conn, borrower)
    ]  # fmt: skip


def _loans(conn: Conn, borrower: str) -> list[dict[str, Any]]:
    rows = loans.of_borrower(conn, borrower)
    told = loans.transactions(conn, [row.loan for row in rows])
    return [
        {
            "loan": row.loan, "currency": row.currency, "opened_on": _day(row.opened),
            "state": row.state, "days_past_due": row.dpd, "terms": _plain(read_terms(row.terms)),
            "balances": dict(row.posted),
            "transactions": [_plain(read_transaction(one.body)) for one in told[row.loan]],
            "postings": [
                {"entry": one.entry, "account": one.account, "amount": one.amount,
                 "value_on": _day(one.value_day), "cause": one.cause}
                for one in loans.postings(conn, row.loan)
            ],
        }
        for row in rows
    ]  # fmt: skip


def _notices(conn: Conn, chain: Chain, zone: Zone) -> list[dict[str, Any]]:
    found = []
    for sealed, made_at, sent_at in notices.of_borrower(conn, chain.borrower):
        texts, to = sealed.unseal(chain.key)
        found.append({
            "id": sealed.id, "kind": sealed.kind, "texts": texts, "to": to,
            "made_at": _time(zone, made_at),
            "sent_at": None if sent_at is None else _time(zone, sent_at),
        })  # fmt: skip
    return found


def _plain(value: Any) -> Any:
    return msgspec.to_builtins(value, str_keys=True)


def _time(zone: Zone, at: int) -> str:
    return zone.local(at).isoformat(timespec="microseconds")


def _day(day: int) -> str:
    return to_date(day).isoformat()
