"""The ties of one account, as far as they were told: whom it deals with, and who is flagged.

Ties say something of other people, too. Nothing of them is read unless the policy in force uses
them, and nobody's own ties unless their consent to that stands.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from xindeng.events.envelope import Event
from xindeng.events.life import Consent, Relation
from xindeng.events.security import AccountFlag, NetworkSnapshot
from xindeng.kernel.errors import NotFoundError
from xindeng.service.engine import Engine
from xindeng.service.finding import handle_of, mask
from xindeng.store import borrowers, events
from xindeng.store.connect import Conn

AREA: Final = "network"
MOST: Final = 24
"""Accounts shown around one; the others are counted."""
_TYPES: Final = ("relation", "account_flag", "network_snapshot", "consent")


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the neighbourhood, `steps` ties away; `handle` where it is a borrower here."""

    number: int
    masked: str
    steps: int
    flags: tuple[str, ...] = ()
    handle: str = ""


@dataclass(frozen=True, slots=True)
class Tie:
    """What ties two accounts (their numbers): how often each kind was seen, and when last (µs)."""

    one: int
    other: int
    kinds: Mapping[str, int]
    last: int


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """The account itself is number 0. `snapshot` is the newest measure of the whole graph and its
    instant (µs); `left_out` accounts are not shown; `consent` None where it was never told."""

    off: bool = False
    consent: bool | None = None
    accounts: tuple[Account, ...] = ()
    ties: tuple[Tie, ...] = ()
    left_out: int = 0
    snapshot: tuple[NetworkSnapshot, int] | None = None


def neighbourhood(engine: Engine, borrower: str) -> Neighbourhood:
    """Return the accounts one and two ties away; raises NotFoundError, ErasedError.

    Where the policy does not use ties it only says so; where consent does not stand, that.
    """
    found = _around(engine, borrower)
    if found is None:
        return Neighbourhood(off=True)
    centre, lives = found.lives[borrower], found.lives
    if not centre.consent:
        return Neighbourhood(consent=centre.consent)
    accounts = [
        Account(
            number, mask(name), 0 if not number else 1 if number <= found.near else 2,
            lives[name].flags if name in lives else (),
            handle_of(engine, name) if name in lives else "",
        )
        for number, name in enumerate(found.names)
    ]  # fmt: skip
    numbers = {name: number for number, name in enumerate(found.names)}
    return Neighbourhood(
        consent=True, accounts=tuple(accounts), ties=_ties(lives, numbers),
        left_out=found.left_out, snapshot=centre.snapshot,
    )  # fmt: skip


def follow(engine: Engine, borrower: str, handle: str) -> str:
    """Return the borrower behind a handle of a neighbourhood; raises NotFoundError."""
    found = _around(engine, borrower)
    for name in found.lives if found is not None else ():
        if handle_of(engine, name) == handle:
            return name
    raise NotFoundError("no such account is tied to this one", code="not_found.borrower")


@dataclass(slots=True)
class _Life:
    """What one account's own events tell: ties by the other's name, flags, consent."""

    others: dict[str, tuple[Counter[str], int]] = field(default_factory=dict)
    flags: tuple[str, ...] = ()
    consent: bool | None = None
    snapshot: tuple[NetworkSnapshot, int] | None = None


@dataclass(frozen=True, slots=True)
class _Around:
    """Who is shown around an account, itself first, then `near` ones, then those behind them."""

    names: tuple[str, ...]
    near: int
    lives: Mapping[str, _Life]
    left_out: int


def _around(engine: Engine, borrower: str) -> _Around | None:
    """Return who is around an account, None where the policy does not use ties."""
    with engine.store.snapshot() as conn:
        borrowers.read(conn, engine.store.keys, borrower)
        if AREA in engine.policy.disabled_areas:
            return None
        lives = _lives(engine, conn, [borrower])
        near = _newest(lives[borrower].others, MOST)
        lives |= _lives(engine, conn, near)
        behind = [name for one in near if one in lives for name in _newest(lives[one].others, MOST)]
        far = [name for name in dict.fromkeys(behind) if name not in (borrower, *near)]
        shown = far[: MOST - len(near)]
        lives |= _lives(engine, conn, shown)
    left_out = len(lives[borrower].others.keys() - {*near}) + len(far) - len(shown)
    return _Around((borrower, *near, *shown), len(near), lives, left_out)


def _lives(engine: Engine, conn: Conn, names: Collection[str]) -> dict[str, _Life]:
    """Return what is told of those that are borrowers here and not erased; who gave no consent has
    flags alone."""
    keys = borrowers.read_keys(conn, engine.store.keys, names)
    links = events.read_of_types_for(conn, list(keys), _TYPES) if keys else {}
    found = {name: _life(events.unseal(links.get(name, ()), key)) for name, key in keys.items()}
    for life in found.values():
        if not life.consent:
            life.others = {}
    return found


def _life(told: Iterable[Event]) -> _Life:
    life, raised = _Life(), dict[str, bool]()
    for event in told:
        payload, at = event.payload, event.occurred_at
        if isinstance(payload, Relation):
            kinds, last = life.others.get(payload.other, (Counter[str](), 0))
            kinds[payload.kind] += 1
            life.others[payload.other] = (kinds, max(last, at))
        elif isinstance(payload, AccountFlag):
            raised[payload.flag] = payload.raised
        elif isinstance(payload, NetworkSnapshot):
            if life.snapshot is None or at >= life.snapshot[1]:
                life.snapshot = (payload, at)
        elif isinstance(payload, Consent) and payload.category == AREA:
            life.consent = payload.granted
    life.flags = tuple(sorted(flag for flag, up in raised.items() if up))
    return life


def _newest(others: Mapping[str, tuple[Counter[str], int]], count: int) -> list[str]:
    return sorted(others, key=lambda name: (-others[name][1], name))[:count]


def _ties(lives: Mapping[str, _Life], numbers: Mapping[str, int]) -> tuple[Tie, ...]:
    """Return the ties between accounts shown; one that both sides told of is one."""
    found: dict[tuple[int, int], tuple[Counter[str], int]] = {}
    for name, life in lives.items():
        for other, (kinds, last) in life.others.items():
            if other not in numbers or other == name:
                continue
            a, b = sorted((numbers[name], numbers[other]))
            known, latest = found.get((a, b), (Counter[str](), 0))
            # Both sides tell of the same deeds; whoever tells of more is believed.
            found[a, b] = (known | kinds, max(latest, last))
    return tuple(Tie(*pair, dict(kinds), last) for pair, (kinds, last) in sorted(found.items()))
