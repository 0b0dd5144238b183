"""Ten thousand random edits, deletions, swaps, truncations and forgeries: each is found and named.

The attacker owns the database and knows how hashes are made, so some of the faults hash everything
anew; only the anchor outside is out of reach.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest

from xindeng.adapters.anchor import Anchored
from xindeng.events.envelope import Event
from xindeng.events.security import Login
from xindeng.service.audit import ChainRecord, Report, examine
from xindeng.store import actions, events, seals
from xindeng.store.actions import Action
from xindeng.store.borrowers import Chain
from xindeng.store.chain import Link, digest, genesis
from xindeng.store.crypto import DataKey
from xindeng.store.feed import Horizon
from xindeng.store.merkle import Leaf
from xindeng.store.seals import Seal

KEY = DataKey(7, bytes(range(32)))
ROUNDS = 10_000


@dataclass
class Books:
    """What lies in the database, and the anchor outside."""

    chains: dict[str, list[Link]] = field(default_factory=dict)
    heads: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    rows: dict[str, dict[int, bytes]] = field(default_factory=dict)
    staff: dict[str, list[Action]] = field(default_factory=dict)
    seals: list[Seal] = field(default_factory=list)
    anchor: list[Anchored] = field(default_factory=list)

    def copy(self) -> Books:
        return Books(
            {name: list(links) for name, links in self.chains.items()},
            dict(self.heads),
            {name: dict(rows) for name, rows in self.rows.items()},
            {name: list(done) for name, done in self.staff.items()},
            list(self.seals),
            self.anchor,
        )

    def examine(self) -> Report:
        borrowers = [
            ChainRecord(
                "borrower", name, self.chains.get(name, []), head, self.rows.get(name, {}),
                {k.seq: k.evidence for k in self.chains.get(name, []) if k.evidence is not None},
            )
            for name, head in self.heads.items()
        ]  # fmt: skip
        staff = [ChainRecord("actor", name, done) for name, done in self.staff.items()]
        return examine([*borrowers, *staff], self.seals, self.anchor)


def books(borrowers: int = 8, seconds: int = 6) -> Books:
    """Chains that grow for some seconds, sealed each second; every third event is a decision."""
    made, rng = Books(), random.Random(1)
    open_chains = {f"b{n}": Chain(f"b{n}", 0, genesis(f"b{n}"), KEY) for n in range(borrowers)}
    for second in range(seconds):
        grown = []
        for name, chain in open_chains.items():
            count = rng.randrange(1 if second else 2, 5)
            told = [
                Event(
                    f"e{chain.seq + k}",
                    name,
                    "login",
                    1,
                    second,
                    second,
                    Login(success=True),
                    chain.seq + k,
                )
                for k in range(1, count + 1)
            ]
            proofs = [digest(name, one.seq) if one.seq % 3 == 0 else None for one in told]
            made.chains.setdefault(name, []).extend(events.extend(chain, told, proofs))
            made.rows.setdefault(name, {}).update(
                {one.seq: proof for one, proof in zip(told, proofs, strict=True) if proof}
            )
            made.heads[name] = (chain.seq, chain.head)
            grown.append(Leaf("borrower", name, chain.seq, chain.head))
        for actor in ("staff:wang", "key:core"):
            done = made.staff.setdefault(actor, [])
            done.append(act(actor, done, second))
            grown.append(Leaf("actor", actor, len(done), done[-1].hash))
        seal = seals.made(made.seals[-1] if made.seals else None, second, Horizon(0, second), grown)
        made.seals.append(seal)
        made.anchor.append(Anchored(seal.number, seal.at, seal.root.hex(), seal.hash.hex()))
    return made


def act(actor: str, done: list[Action], at: int) -> Action:
    head = done[-1].hash if done else actions.genesis(actor)
    made = Action(actor, len(done) + 1, f"a{at}", at, "hold.release", "b1", None, b"{}", head, b"")
    return replace(made, hash=made.expected(head))


BOOKS = books()
Fault = Callable[[Books, random.Random], str]


def _pick(b: Books, rng: random.Random) -> tuple[str, list[Link], int]:
    name = rng.choice(sorted(b.chains))
    return name, b.chains[name], rng.randrange(len(b.chains[name]))


def edit(b: Books, rng: random.Random) -> str:
    _, links, at = _pick(b, rng)
    name = rng.choice(["id", "type", "version", "occurred_at", "known_at", "key_id", "payload", "evidence",
                       "prev_hash", "hash", "seq", "borrower"])  # fmt: skip
    old = getattr(links[at], name)
    new = {int: lambda: old + rng.randrange(1, 9), str: lambda: old + "x"}.get(
        type(old), lambda: flip(old or b"\0" * 32, rng)
    )()
    links[at] = replace(links[at], **{name: new})
    return f"{at + 1}"


def flip(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data))
    return data[:at] + bytes([data[at] ^ (1 << rng.randrange(8))]) + data[at + 1 :]


def delete(b: Books, rng: random.Random) -> str:
    _, links, at = _pick(b, rng)
    del links[at]
    return f"{at + 1}"


def swap(b: Books, rng: random.Random) -> str:
    _, links, at = _pick(b, rng)
    other = rng.randrange(len(links) - 1)
    other += other >= at
    links[at], links[other] = links[other], links[at]
    return f"{min(at, other) + 1}"


def truncate(b: Books, rng: random.Random) -> str:
    """Cut the tail, and the borrower's row to match."""
    name, links, at = _pick(b, rng)
    del links[at:]
    b.heads[name] = (at, links[-1].hash) if at else (0, genesis(name))
    return f"{at + 1}"


def rewrite(b: Books, rng: random.Random) -> str:
    """Change an event and hash everything after it anew, the borrower's row included."""
    name, links, at = _pick(b, rng)
    links[at] = replace(links[at], occurred_at=links[at].occurred_at + 1)
    rehash(b, name, at)
    return "it is not the one that was sealed"


def rehash(b: Books, name: str, at: int) -> None:
    links = b.chains[name]
    head = links[at - 1].hash if at else genesis(name)
    for k in range(at, len(links)):
        links[k] = replace(links[k], prev_hash=head, hash=links[k].expected(head))
        head = links[k].hash
    b.heads[name] = (len(links), head)


def insert(b: Books, rng: random.Random) -> str:
    name, links, at = _pick(b, rng)
    links.insert(at, replace(links[at], id="forged"))
    for k in range(at + 1, len(links)):
        links[k] = replace(links[k], seq=k + 1)
    rehash(b, name, at)
    return name


def forget_borrower(b: Books, rng: random.Random) -> str:
    name = rng.choice(sorted(b.chains))
    del b.chains[name], b.heads[name], b.rows[name]
    return f"borrower {name}, entry 1"


def empty_borrower(b: Books, rng: random.Random) -> str:
    name = rng.choice(sorted(b.chains))
    b.chains[name], b.rows[name], b.heads[name] = [], {}, (0, genesis(name))
    return f"borrower {name}, event 1"


def change_decision(b: Books, rng: random.Random) -> str:
    name = rng.choice(sorted(b.rows))
    seq = rng.choice(sorted(b.rows[name]))
    b.rows[name][seq] = flip(b.rows[name][seq], rng)
    return f"borrower {name}, event {seq}"


def lose_decision(b: Books, rng: random.Random) -> str:
    name = rng.choice(sorted(b.rows))
    seq = rng.choice(sorted(b.rows[name]))
    del b.rows[name][seq]
    return f"borrower {name}, event {seq}"


def forge_decision(b: Books, rng: random.Random) -> str:
    name = rng.choice(sorted(b.rows))
    b.rows[name][1] = b"\1" * 32
    return f"borrower {name}, event 1"


def wrong_head(b: Books, rng: random.Random) -> str:
    name = rng.choice(sorted(b.heads))
    length, head = b.heads[name]
    b.heads[name] = (length + rng.choice([0, 1]), flip(head, rng))
    return name


def staff_edit(b: Books, rng: random.Random) -> str:
    actor = rng.choice(sorted(b.staff))
    at = rng.randrange(len(b.staff[actor]))
    b.staff[actor][at] = replace(b.staff[actor][at], subject="b2")
    return f"actor {actor}, action {at + 1}"


def staff_denies(b: Books, rng: random.Random) -> str:
    """The last actions disappear, and nothing else refers to them."""
    actor = rng.choice(sorted(b.staff))
    at = rng.randrange(len(b.staff[actor]))
    del b.staff[actor][at:]
    return f"actor {actor}, action {at + 1}"


def staff_vanishes(b: Books, rng: random.Random) -> str:
    actor = rng.choice(sorted(b.staff))
    del b.staff[actor]
    return f"actor {actor}, entry 1"


def seal_edit(b: Books, rng: random.Random) -> str:
    at = rng.randrange(len(b.seals))
    name = rng.choice(["at", "upto_epoch", "upto_tx", "leaves", "root", "prev", "hash", "number"])
    old = getattr(b.seals[at], name)
    new = old + 1 if isinstance(old, int) else flip(old, rng)
    b.seals[at] = replace(b.seals[at], **{name: new})
    return f"seal {at + 1}"


def seal_delete(b: Books, rng: random.Random) -> str:
    at = rng.randrange(len(b.seals))
    del b.seals[at]
    return f"seal {at + 1}"


def seals_truncate(b: Books, rng: random.Random) -> str:
    at = rng.randrange(len(b.seals))
    del b.seals[at:]
    return f"seal {at + 1}"


def forge_all(b: Books, rng: random.Random) -> str:
    """Rewrite a chain and make every seal anew to match; only the anchor still knows better."""
    name, links, at = _pick(b, rng)
    links[at] = replace(links[at], known_at=links[at].known_at + 1)
    rehash(b, name, at)
    before, first = None, 0
    for k, seal in enumerate(b.seals):
        leaves = [
            leaf._replace(head=links[leaf.length - 1].hash) if leaf.chain == name else leaf
            for leaf in seal.chains()
        ]
        if not first and leaves != list(seal.chains()):
            first = k + 1
        before = b.seals[k] = seals.made(before, seal.at, seal.upto, leaves)
    return f"seal {first}"


FAULTS: tuple[Fault, ...] = (
    edit, delete, swap, truncate, rewrite, insert, forget_borrower, empty_borrower, change_decision,
    lose_decision, forge_decision, wrong_head, staff_edit, staff_denies, staff_vanishes, seal_edit,
    seal_delete, seals_truncate, forge_all,
)  # fmt: skip


def test_what_nobody_touched_verifies() -> None:
    report = BOOKS.copy().examine()
    assert report.ok and report.unsealed == 0
    assert report.entries == sum(map(len, BOOKS.chains.values())) + 12
    assert report.seals == report.anchored == 6


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_every_fault_is_found_and_named(fault: Fault) -> None:
    rng = random.Random(fault.__name__)
    for _ in range(-(-ROUNDS // len(FAULTS))):
        planted = BOOKS.copy()
        named = fault(planted, rng)
        report = planted.examine()
        assert not report.ok, named
        told = [f"{one.where}: {one.what}" for one in report.findings]
        assert any(named in one for one in told), (named, told)


def test_what_came_after_the_last_seal_is_the_stated_window() -> None:
    """A tail that was never sealed can be cut unnoticed; the report says how much is open."""
    open_tail = BOOKS.copy()
    chain = Chain("b0", *BOOKS.heads["b0"], KEY)
    late = Event("late", "b0", "login", 1, 9, 9, Login(success=True), chain.seq + 1)
    open_tail.chains["b0"] += events.extend(chain, [late], [None])
    open_tail.heads["b0"] = (chain.seq, chain.head)
    report = open_tail.examine()
    assert report.ok and report.unsealed == 1


def test_one_seal_may_wait_for_its_anchor_but_not_two() -> None:
    waiting = BOOKS.copy()
    waiting.anchor = BOOKS.anchor[:-1]
    assert waiting.examine().ok
    waiting.anchor = BOOKS.anchor[:-2]
    assert [one.where for one in waiting.examine().findings] == ["anchor, seal 5"]
