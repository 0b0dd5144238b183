"""Challengers: policies tried beside the one in force. Two people start one, anybody who may judge
policies stops it alone, and what was approved of it never changes while it runs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Final

import msgspec
from msgspec import Struct

from xindeng.kernel.errors import ConflictError, InputError, PolicyError
from xindeng.kernel.ids import RandomBits
from xindeng.kernel.time import DAY
from xindeng.policy.bundle import load
from xindeng.policy.policy import Policy
from xindeng.policy.source import read_yaml
from xindeng.service.arms import Challenger
from xindeng.service.challenger_terms import BUCKETS, Rail, Terms, encode
from xindeng.service.engine import Engine
from xindeng.service.policies import shipped_folder
from xindeng.store import actions, challengers, policies
from xindeng.store.challengers import ChallengerRow
from xindeng.store.connect import Conn

AUTOMATIC: Final = "xindeng:worker"
"""Who ends a challenger whose time is over or that hit a guard rail."""
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_FILE: Final = "challengers/challengers.yaml"


class Bounds(Struct, frozen=True, forbid_unknown_fields=True):
    """What challengers are held to: the usual rails, the files that must be the champion's."""

    rails: tuple[Rail, ...]
    served: tuple[str, ...]


@cache
def bounds() -> Bounds:
    """Return what ships as data; raises NotFoundError, PolicyError, msgspec.ValidationError."""
    path = shipped_folder("challengers") / "challengers.yaml"
    problems: list[object] = []
    found = read_yaml(_FILE, path.read_bytes(), problems)  # type: ignore[arg-type]
    if problems:
        raise PolicyError(problems)  # type: ignore[arg-type]
    return msgspec.convert(found, Bounds)


def check(engine: Engine, name: str, files: Mapping[str, bytes], terms: Terms) -> Policy:
    """Return the challenger's policy, fit to run against the policy in force.

    Raises PolicyError for a bundle that does not check, InputError for terms that it cannot run
    under, ConflictError for a name that was used or buckets that are taken.
    """
    policy, champion = load(files), engine.policy
    if not _NAME.fullmatch(name):
        raise _unfit(f"{name[:60]!r} is no name for a challenger", "name", "use a-z, 0-9, - and _")
    if policy.hash == champion.hash:
        raise _unfit("it is the policy in force to the letter", "files", "change a rule first")
    if (policy.currency, policy.zone.name) != (champion.currency, champion.zone.name):
        raise _unfit("its currency or zone is another", "files", "propose to publish it instead")
    if terms.segment and terms.segment not in champion.segments:
        known = ", ".join(champion.segments)
        raise _unfit(f"no segment {terms.segment!r}", "terms.segment", f"use one of: {known}")
    with engine.store.snapshot() as conn:
        own = policies.get(conn, champion.hash)
        _check_place(conn, name, terms, champion.hash)
    _check_served(own, files)
    _check_terms(terms)
    return policy


def start(
    engine: Engine, name: str, files: Mapping[str, bytes], terms: Terms, proposal: str
) -> Challenger:
    """Let a challenger run from now on; raises as `check` does."""
    with engine.store.transaction() as conn:
        challengers.take_turns(conn)
        policy, now = check(engine, name, files, terms), engine.clock()
        policies.put(conn, policy.hash, policy.name, files, now)
        salt, first, upto = _buckets(conn, terms, engine.random_bits, engine.policy.hash)
        row = ChallengerRow(
            name=name, champion=engine.policy.hash, policy=policy.hash, mode=terms.mode,
            terms=encode(terms), salt=salt, first=first, upto=upto, started_at=now,
            ends_at=now + terms.days * DAY, proposal=proposal,
        )  # fmt: skip
        challengers.insert(conn, row)
    engine.keep(policy)  # here it need not be loaded a second time
    return Challenger(row)


def stop(engine: Engine, name: str, *, why: str, by: str) -> Challenger:
    """End a challenger: the next draw is the champion's. Stopping again changes nothing.

    Raises InputError without a reason, NotFoundError.
    """
    if not why.strip():
        raise InputError("stopping needs its reason", where="why", code="challenger.why")
    with engine.store.transaction() as conn:
        challengers.read(conn, name)
        ended(engine, conn, name, by, why)
        return Challenger(challengers.read(conn, name))


def ended(engine: Engine, conn: Conn, name: str, by: str, why: str) -> bool:
    """End a challenger in this transaction, with a line in the chain of whoever did it; False where
    it had ended before."""
    now = engine.clock()
    if not challengers.end(conn, name, now, by, why):
        return False
    body = {"why": why}
    actions.record(conn, by, "challenger.stop", name, body, ident=engine.new_id(now), at=now)
    return True


def listed(engine: Engine, *, every: bool) -> list[Challenger]:
    """Return challengers, oldest first: those that run, or all."""
    with engine.store.snapshot() as conn:
        return [Challenger(row) for row in challengers.listed(conn, ended=every)]


def read(engine: Engine, name: str) -> Challenger:
    """Return a challenger; raises NotFoundError."""
    with engine.store.snapshot() as conn:
        return Challenger(challengers.read(conn, name))


def _check_place(conn: Conn, name: str, terms: Terms, champion: str) -> None:
    found = challengers.listed(conn)
    if any(row.name == name for row in found):
        raise ConflictError(
            f"there was a challenger {name!r} before",
            where="name",
            next_step="give it another name, so that figures are never mixed",
            code="challenger.name",
        )
    if terms.mode == "live":
        _free(_live(found, champion), terms.share)


def _live(found: list[ChallengerRow], champion: str) -> list[ChallengerRow]:
    return [
        row for row in found
        if row.mode == "live" and row.ended_at is None and row.champion == champion
    ]  # fmt: skip


def _free(taken: list[ChallengerRow], share: int) -> int:
    """Return the first of `share` free buckets in a row; raises ConflictError.

    The champion keeps as many as the largest challenger, or nothing could be compared with it.
    """
    shares = [row.upto - row.first for row in taken] + [share]
    if sum(shares) + max(shares) > BUCKETS:
        raise ConflictError(
            f"live challengers would decide for {sum(shares)} of {BUCKETS} borrowers",
            where="terms.share",
            next_step="take a smaller share, or stop one: the champion keeps at least as many as "
            "the largest challenger",
            code="challenger.share",
        )
    first = 0
    for row in sorted(taken, key=lambda one: one.first):
        if first + share <= row.first:
            break
        first = max(first, row.upto)
    return first


def _buckets(conn: Conn, terms: Terms, bits: RandomBits, champion: str) -> tuple[bytes, int, int]:
    """Return salt and buckets of a new challenger.

    Live ones that run together share a salt, so that their buckets do not overlap; when none runs
    the next draws a new one, so that the borrowers of one trial are not those of the next.
    """
    fresh = bits(128).to_bytes(16, "big")
    if terms.mode == "shadow":
        return fresh, 0, terms.share
    taken = _live(challengers.listed(conn, ended=False), champion)
    first = _free(taken, terms.share)
    if first + terms.share > BUCKETS:
        raise ConflictError(
            f"no {terms.share} free buckets in a row",
            where="terms.share",
            next_step="take a smaller share, or wait for one to end",
            code="challenger.share",
        )
    return (taken[0].salt if taken else fresh), first, first + terms.share


def _check_served(own: Mapping[str, bytes], files: Mapping[str, bytes]) -> None:
    for path in bounds().served:
        if own.get(path) != files.get(path):
            raise _unfit(
                f"{path} is not the champion's", "files",
                "a challenger decides draws; what serves the line changes for all, by publishing",
            )  # fmt: skip


def _check_terms(terms: Terms) -> None:
    rails = [rail.rail for rail in terms.rails]
    if len(rails) != len(set(rails)):
        raise _unfit("a guard rail is given twice", "terms.rails", "give each once")
    needed = {"loss", "at_risk", "errors"} if terms.mode == "live" else {"errors"}
    if missing := sorted(needed - set(rails)):
        raise _unfit(
            f"no guard rail {missing[0]!r}", "terms.rails",
            f"a {terms.mode} challenger needs: {', '.join(sorted(needed))}",
        )  # fmt: skip


def _unfit(what: str, where: str, next_step: str) -> InputError:
    return InputError(what, where=where, next_step=next_step, code="challenger.unfit")
