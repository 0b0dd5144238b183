"""Verify what is stored: every chain, every decision's row, every seal, and the anchor outside.

Nothing is decrypted, so it works without keys and after erasures. What it cannot see is a change
of what came after the last seal; how much that is, is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final

import msgspec

from xindeng.adapters.anchor import Anchored, FileAnchor
from xindeng.kernel.errors import NotFoundError, XindengError
from xindeng.service.engine import Engine
from xindeng.store import actions, borrowers, decisions, events, merkle, seals
from xindeng.store.chain import Linked, genesis, verify_chain
from xindeng.store.connect import Conn
from xindeng.store.merkle import Leaf, PathStep
from xindeng.store.seals import FIRST_PREV, Seal

MOST: Final = 100
"""How many findings are told; the first of each chain, in the order of reading."""

_CHUNK: Final = 500
_Sealed = Mapping[tuple[str, str], Leaf]


@dataclass(frozen=True, slots=True)
class Finding:
    """The first bad entry of a chain, of the seals or of the anchor, and what is wrong with it."""

    where: str
    what: str


@dataclass(slots=True)
class Report:
    """What was verified. `sealed_at` is the instant (µs) of the last seal, None without one;
    `unsealed` entries came after it, and a change of those alone would not be noticed yet."""

    chains: int = 0
    entries: int = 0
    decisions: int = 0
    seals: int = 0
    anchored: int = 0
    sealed_at: int | None = None
    unsealed: int = 0
    findings: list[Finding] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Say whether everything is as it was written."""
        return not self.findings


@dataclass(frozen=True, slots=True)
class ChainRecord:
    """A chain as stored: its rows, and for a borrower the (length, head) that its row names and
    the digests of its decisions' rows by event."""

    kind: str
    name: str
    links: Sequence[Linked]
    named: tuple[int, bytes] | None = None
    rows: Mapping[int, bytes] = field(default_factory=dict)
    vouched: Mapping[int, bytes] = field(default_factory=dict)


def verify(
    engine: Engine, anchor: FileAnchor, advance: Callable[[int], None] = lambda chains: None
) -> Report:
    """Verify the whole store as of one instant; `advance` is told of the chains checked.

    Raises UnavailableError where the database is away, XindengError "audit.anchor" for an anchor
    that cannot be read.
    """
    with engine.store.snapshot(pipelined=False) as conn:
        return verify_in(conn, anchor.read(), advance)


def verify_in(
    conn: Conn, anchored: Iterable[Anchored], advance: Callable[[int], None] = lambda chains: None
) -> Report:
    """Verify the whole store as the transaction sees it, against what was anchored outside."""
    return examine(_chains(conn), seals.after(conn, 0), anchored, advance)


def examine(
    chains: Iterable[ChainRecord],
    sealed: Iterable[Seal],
    anchored: Iterable[Anchored],
    advance: Callable[[int], None] = lambda chains: None,
) -> Report:
    """Return what is wrong with these chains, seals and anchored seals, and how much there was."""
    report = Report()
    leaves = _check_seals(sealed, anchored, report)
    seen: set[tuple[str, str]] = set()
    for record in chains:
        place = (record.kind, record.name)
        seen.add(place)
        found = _check_chain(record, leaves.get(place), report)
        report.chains += 1
        advance(1)
        if found is not None and len(report.findings) < MOST:
            report.findings.append(found)
    for kind, name in sorted(leaves.keys() - seen)[: max(0, MOST - len(report.findings))]:
        report.findings.append(Finding(f"{kind} {name}, entry 1", "the whole chain is missing"))
    return report


def prove(engine: Engine, borrower: str) -> tuple[Seal, Leaf, tuple[PathStep, ...]]:
    """Return the last seal that covers a borrower's chain, the sealed leaf, and its path to the
    root: whoever holds the anchor can check it without the database. Raises NotFoundError."""
    with engine.store.snapshot(pipelined=False) as conn:
        for seal in seals.newest_first(conn):
            leaves = seal.chains()
            for leaf in leaves:
                if (leaf.kind, leaf.chain) == ("borrower", borrower):
                    return seal, leaf, merkle.path(leaves, leaf)
    raise NotFoundError(
        f"no seal covers borrower {borrower!r} yet",
        next_step="check the id, or seal first with: xindeng audit seal",
        code="not_found.seal",
    )


def _check_seals(
    sealed: Iterable[Seal], anchored: Iterable[Anchored], report: Report
) -> dict[tuple[str, str], Leaf]:
    """Check the seals' own chain and the anchor; return the last sealed leaf of every chain."""
    outside = {one.number: one for one in anchored}
    report.anchored = max(outside, default=0)
    leaves: dict[tuple[str, str], Leaf] = {}
    head, number, bad = FIRST_PREV, 0, None
    for seal in sealed:
        number += 1
        bad = bad or _bad_seal(seal, number, head, outside.get(number))
        head = seal.hash
        report.sealed_at = seal.at
        if bad is None:
            leaves.update({(leaf.kind, leaf.chain): leaf for leaf in seal.chains()})
    report.seals = number
    if bad is None and report.anchored > number:
        bad = Finding(f"seal {number + 1}", "anchored outside, and missing here")
    if bad is None and report.anchored < number - 1:
        # Sealing anchors what waits before it goes on, so more than one never waits.
        bad = Finding(f"anchor, seal {report.anchored + 1}", "sealed here, and missing outside")
    if bad is not None:
        report.findings.append(bad)
    return leaves


def _bad_seal(seal: Seal, number: int, head: bytes, outside: Anchored | None) -> Finding | None:
    where = f"seal {number}"
    if seal.number != number:
        return Finding(where, "the seal is missing")
    if seal.prev != head or seal.hash != seal.expected():
        return Finding(where, "the seal was changed after it was made")
    try:
        same = merkle.root(seal.chains()) == seal.root
    except (msgspec.DecodeError, TypeError, ValueError):
        same = False
    if not same:
        return Finding(where, "its leaves are not those under its root")
    if outside is not None and (outside.hash, outside.root) != (seal.hash.hex(), seal.root.hex()):
        return Finding(where, "it is not the seal that was anchored outside")
    return None


def _check_chain(record: ChainRecord, leaf: Leaf | None, report: Report) -> Finding | None:
    """Return the first bad entry of a chain, None where all is as sealed."""
    actor = record.kind == "actor"
    title = f"actor {record.name}, action" if actor else f"borrower {record.name}, event"
    first = actions.genesis(record.name) if actor else genesis(record.name)
    try:
        length, head = verify_chain(title, record.name, first, record.links)
    except XindengError as error:
        return Finding(error.where, error.what)
    report.entries += length
    report.decisions += len(record.rows)
    sealed = leaf.length if leaf else 0
    report.unsealed += max(0, length - sealed)
    if leaf is not None and sealed > length:
        return Finding(f"{title} {length + 1}", f"missing: {sealed} were sealed")
    if leaf is not None and record.links[sealed - 1].hash != leaf.head:
        # The links fit each other, so somebody wrote them all anew; where from cannot be told.
        return Finding(f"{title} {sealed}", "it is not the one that was sealed")
    if record.named is not None and record.named != (length, head):
        return Finding(f"{title} {length}", "the borrower's row names another end of the chain")
    for seq in sorted(record.rows.keys() | record.vouched.keys()):
        if record.rows.get(seq) != record.vouched.get(seq):
            return Finding(f"{title} {seq}", "its decision is missing or was changed")
    return None


def _chains(conn: Conn) -> Iterator[ChainRecord]:
    """Yield every chain, a few hundred borrowers at a time, then the actors'."""
    after = ""
    while heads := borrowers.heads_after(conn, after, _CHUNK):
        first, after = heads[0][0], heads[-1][0]
        links = {
            name: list(group)
            for name, group in groupby(
                events.read_between(conn, first, after), key=lambda link: link.borrower
            )
        }
        rows: dict[str, dict[int, bytes]] = {}
        for (name, seq), proof in decisions.evidence_between(conn, first, after).items():
            rows.setdefault(name, {})[seq] = proof
        for name, length, head in heads:
            mine = links.get(name, [])
            vouched = {link.seq: link.evidence for link in mine if link.evidence is not None}
            yield ChainRecord("borrower", name, mine, (length, head), rows.get(name, {}), vouched)
    for actor in actions.actors(conn):
        yield ChainRecord("actor", actor, actions.of_actor(conn, actor))
