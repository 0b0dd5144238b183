"""A person's own data, whole and theirs alone, in a form that they and other programs can read.

Left out is what a law forbids to tell: flags and exposure of the fraud and money-laundering watch,
what was seen of an account's safety or of its ties to others, and why a hold for safety stands
(反电信网络诈骗法, 反洗钱法). Of a decision that a withheld rule stopped the outcome says only that
the account has to be verified, and such rules are not named among what a person let pass. What
staff noted about a hold is theirs. That something is left out is said.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping, Set
from typing import Any, Final

import msgspec

from xindeng.decision.board import board_of
from xindeng.decision.explain import is_veiled
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
_THEIRS: Final[Mapping[str, frozenset[str]]] = {
    "security_incident": frozenset({"identity_theft_claim"}),
    "relation": frozenset({"transfer", "contact"}),
}
"""Type of event → its kinds that tell what the person did; the others tell what was found out."""
VERIFY_FIRST: Final = "verify_first"
"""The outcome of a decision of which its borrower is told only to have the account verified."""
_SAFETY: Final = frozenset({"security", "identity_theft"})
_FOR_STAFF: Final = ("note", "evidence")
_OF_SAFETY: Final = ("reason", "owner", *_FOR_STAFF)
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
        aside = events.aside(conn, chain)
        decided = _decisions(engine, conn, chain)
        veiled = {one["id"] for one in decided if one["outcome"] == VERIFY_FIRST}
        found: dict[str, Any] = {
            "borrower": borrower,
            "exported_at": _time(zone, engine.clock()),
            "zone": zone.name,
            "currency": chain.currency,
            "events": _events(engine, told, veiled),
            "set_aside": [one for one in aside if not _withheld(one["event"])],
            "decisions": decided,
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
    left_out = len(found["events"]) < len(told) or len(found["set_aside"]) < len(aside)
    found["left_out"] = {
        "what": "依法不得告知的风险核查信息 / checks for safety that the law forbids to tell",
        "some": left_out or bool(veiled) or any(_safety_holds(told)),
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


def _withheld(event: Mapping[str, Any]) -> bool:
    """Return whether an event, as it is told or was sent, may not be told to the person."""
    kind, payload = event.get("type"), event.get("payload")
    if kind in WITHHELD:
        return True
    said = payload.get("kind") if isinstance(payload, Mapping) else None
    return kind in _THEIRS and said not in _THEIRS[str(kind)]


def _let_pass(engine: Engine, told: dict[str, Any]) -> dict[str, Any]:
    """Return what was told without the rules that a person let pass and that may not be named."""
    rules, cleared = engine.policy.rule_by_id, told.get("cleared")
    if not cleared:
        return told
    named = [one for one in cleared if one in rules and rules[one].whose != "withheld"]
    return {**told, "cleared": named}


def _events(engine: Engine, told: Iterable[Event], veiled: Set[str]) -> list[dict[str, Any]]:
    told, zone = list(told), engine.policy.zone
    safety = _safety_holds(told)
    found = []
    for event in told:
        payload = _let_pass(engine, payload_to_builtins(event.payload))
        if _withheld({"type": event.type, "payload": payload}):
            continue
        if payload.get("decision_id") in veiled and "outcome" in payload:
            payload = {**payload, "outcome": VERIFY_FIRST}
        if "hold" in payload:
            untold = _OF_SAFETY if payload["hold"] in safety else _FOR_STAFF
            payload = {name: value for name, value in payload.items() if name not in untold}
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


def _decisions(engine: Engine, conn: Conn, chain: Chain) -> list[dict[str, Any]]:
    found, zone = [], engine.policy.zone
    for sealed in decisions.page(conn, chain.borrower, None, _MANY):
        one = sealed.unseal(chain.key)
        made = one.decision
        veiled = is_veiled(board_of(engine.policy_of(conn, made.policy_hash)), made)
        found.append({
            "id": one.id, "at": _time(zone, made.now),
            "outcome": VERIFY_FIRST if veiled else str(made.outcome),
            "asked": {name: value
                      for name, value in _let_pass(engine, _plain(one.request)).items()
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
