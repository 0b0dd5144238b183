"""The changes that no one person makes alone: what each is, and how it is carried out.

Another one is a Struct here and an action `proposal.KIND` in the access table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final, Literal

from msgspec import Meta, Struct

from xindeng.kernel.errors import ConflictError, InputError
from xindeng.kernel.money import MAX_AMOUNT
from xindeng.kernel.time import Zone, to_date
from xindeng.policy.bundle import load
from xindeng.policy.policy import Policy
from xindeng.service import challengers, erasure, holds, limits, line, stances, workout
from xindeng.service.challenger_terms import Terms
from xindeng.service.engine import Engine
from xindeng.service.own_cases import hold_to_cases
from xindeng.store import policies, proposals
from xindeng.store.connect import Conn

_Amount = Annotated[int, Meta(ge=0, le=MAX_AMOUNT, description="minor units (fen)")]
_LATEST: Final = 253_402_000_000_000_000
_Name = Annotated[str, Meta(min_length=1, max_length=128)]


class _Change(Struct, frozen=True, kw_only=True, tag_field="kind", forbid_unknown_fields=True):
    """Base of all changes; the tag names the kind."""


class Bundled(_Change, frozen=True, kw_only=True):
    """Base of the changes that bring a policy: a bundle (path → text), or a version stored before,
    by its hash. `despite` is why it is wanted although cases of its own fail, "" where none may.
    """

    files: Annotated[dict[str, str], Meta(max_length=200)] = {}
    version: Annotated[str, Meta(max_length=64)] = ""
    despite: Annotated[str, Meta(max_length=500)] = ""


class Publish(Bundled, frozen=True, kw_only=True, tag="publish"):
    """Put a policy in force.

    At once when it is approved, or at the instant `effective_at` (µs) if that is later. `backtest`
    is the SHA-256 of the report it was backtested with, "" where it was not.
    """

    effective_at: Annotated[int, Meta(ge=0, le=_LATEST)] = 0
    backtest: Annotated[str, Meta(pattern=r"^([0-9a-f]{64})?$")] = ""


class SetStance(_Change, frozen=True, kw_only=True, tag="set_stance"):
    """Lend more freely to a segment, or to "all", until a day or for good."""

    segment: _Name
    stance: _Name
    review_day: int
    until_day: int | None = None


class RunChallenger(Bundled, frozen=True, kw_only=True, tag="run_challenger"):
    """Try a policy beside the one in force, under terms."""

    name: _Name
    terms: Terms = Terms()


class RaiseLimit(_Change, frozen=True, kw_only=True, tag="raise_limit"):
    """Raise the limit of a line to an amount."""

    borrower: _Name
    limit: _Amount


class ReleaseHold(_Change, frozen=True, kw_only=True, tag="release_hold"):
    """End a hold by hand."""

    borrower: _Name
    hold: _Name


class PostByHand(_Change, frozen=True, kw_only=True, tag="post_by_hand"):
    """Forgive interest, penalty or fees of a loan, or write all of it off."""

    borrower: _Name
    loan: _Name
    what: Literal["waive", "write_off"]
    interest: _Amount = 0
    penalty: _Amount = 0
    fee: _Amount = 0


class Erase(_Change, frozen=True, kw_only=True, tag="erase"):
    """Erase a person for good, at their wish."""

    borrower: _Name


Change = Publish | RunChallenger | SetStance | RaiseLimit | ReleaseHold | PostByHand | Erase


def kind_of(change: Change) -> str:
    """Return the name of a change's kind."""
    return str(change.__struct_config__.tag)


def about(change: Change) -> str | None:
    """Return the borrower whom a change is about, None for one about all."""
    if isinstance(change, Bundled | SetStance):
        return None
    return change.borrower


def check(engine: Engine, change: Change) -> None:
    """Raise what approving it would raise, as far as it can be known when it is proposed."""
    if isinstance(change, Publish):
        check_from(change.effective_at, engine.policy.zone, engine.clock())
        _bundle(engine, change)
    elif isinstance(change, RunChallenger):
        challengers.check(engine, change.name, _bundle(engine, change)[0], change.terms)
    elif isinstance(change, SetStance):
        stances.check_wish(engine, change.segment, change.stance, change.review_day,
                           change.until_day)  # fmt: skip
    elif isinstance(change, RaiseLimit):
        _check_raise(engine, change)
    elif isinstance(change, ReleaseHold):
        standing = {one.id for one in line.show(engine, change.borrower).holds}
        if change.hold not in standing:
            raise ConflictError(
                "this hold does not stand",
                where=f"borrower {change.borrower}",
                next_step=f"see: xindeng line show {change.borrower}",
                code="proposal.stale",
            )


def check_from(at: int, zone: Zone, now: int, where: str = "change.effective_at") -> None:
    """Raise InputError where a version shall decide from a local day (of µs `at`, 0 for at once)
    that is over: a year mistyped would put in force today what was meant for later."""
    if at and zone.day(at) < zone.day(now):
        raise InputError(f"{to_date(zone.day(at))} is over", where=where, code="policy.from",
                         next_step="name a day to come, or leave it out for at once")  # fmt: skip


def carry_out(engine: Engine, change: Change, *, proposal: str, why: str, by: str) -> None:
    """Do it, in the transaction that marks it as approved; raises what the use case raises."""
    _CARRY_OUT[type(change)](engine, change, proposal, why, by)


def _publish(engine: Engine, change: Publish, proposal: str, why: str, by: str) -> None:
    files, policy = _bundle(engine, change)
    now = engine.clock()
    with engine.store.transaction() as conn:
        _in_turn(conn, policy.hash, proposal, now)
        policies.put(conn, policy.hash, policy.name, files, now)
        proposals.publish(conn, policy.hash, proposal, now, max(change.effective_at, now))


def _in_turn(conn: Conn, policy_hash: str, proposal: str, now: int) -> None:
    """Let one publish at a time; raise ConflictError where another version was published since it
    was proposed, or where the clock stands before the last publication."""
    proposals.lock_publications(conn)
    row, before = proposals.read(conn, proposal), proposals.published(conn)
    if before and now < before[-1].published_at:
        raise ConflictError(
            "the clock stands before the last publication, so nothing was published",
            where=f"proposal {proposal}",
            next_step="set the clock of this machine right and approve it again",
            code="policy.clock",
        )
    if any(one.published_at > row.made_at and one.hash != policy_hash for one in before):
        raise ConflictError(
            "another version was published since this was proposed, so nothing was published",
            where=f"proposal {proposal}",
            next_step="see what differs (xindeng policy diff published BUNDLE) and propose it anew",
            code="policy.stale",
        )


def set_stance_by_hand(engine: Engine, change: SetStance, why: str, by: str) -> None:
    """Set a stance as people wish it, from now on."""
    stances.set_stance(engine, change.segment, change.stance, change.review_day, f"{by}: {why}",
                       by="person", until_day=change.until_day)  # fmt: skip


def _set_stance(engine: Engine, change: SetStance, proposal: str, why: str, by: str) -> None:
    check(engine, change)
    set_stance_by_hand(engine, change, why, by)


def _challenge(engine: Engine, change: RunChallenger, proposal: str, why: str, by: str) -> None:
    challengers.start(engine, change.name, _bundle(engine, change)[0], change.terms, proposal)


def _raise(engine: Engine, change: RaiseLimit, proposal: str, why: str, by: str) -> None:
    _check_raise(engine, change)
    limits.change(engine, change.borrower, change.limit, reason=why, by=by)


def _release(engine: Engine, change: ReleaseHold, proposal: str, why: str, by: str) -> None:
    holds.release(engine, change.borrower, change.hold, by=by, why=why)


def _post(engine: Engine, change: PostByHand, proposal: str, why: str, by: str) -> None:
    key = f"proposal:{proposal}"
    if change.what == "write_off":
        workout.write_off(engine, change.borrower, change.loan, key, by=by, reason=why)
        return
    workout.waive(
        engine, change.borrower, change.loan, key, by=by, reason=why, interest=change.interest,
        penalty=change.penalty, fee=change.fee,
    )  # fmt: skip


def _erase(engine: Engine, change: Erase, proposal: str, why: str, by: str) -> None:
    erasure.erase(engine, change.borrower, by=by)


_CARRY_OUT: Final[Mapping[type[Change], Callable[[Engine, Any, str, str, str], None]]] = {
    Publish: _publish, RunChallenger: _challenge, SetStance: _set_stance, RaiseLimit: _raise,
    ReleaseHold: _release, PostByHand: _post, Erase: _erase,
}  # fmt: skip


def _bundle(engine: Engine, change: Bundled) -> tuple[dict[str, bytes], Policy]:
    """Return the files of a bundle and its policy, held to its own cases.

    Raises PolicyError, InputError, NotFoundError.
    """
    if bool(change.files) == bool(change.version):
        raise InputError(
            "a bundle or a stored version is wanted, not both",
            where="change",
            next_step="give either files or version",
            code="proposal.publish",
        )
    if change.version:
        with engine.store.snapshot() as conn:
            files = policies.get(conn, change.version)
    else:
        files = {path: text.encode() for path, text in change.files.items()}
    policy = load(files)
    hold_to_cases(policy, change.despite)
    return files, policy


def _check_raise(engine: Engine, change: RaiseLimit) -> None:
    now = line.show(engine, change.borrower).numbers.limit
    if now is None or change.limit <= now:
        raise ConflictError(
            "this would not raise the limit",
            where=f"borrower {change.borrower}",
            next_step="a cut needs no second person, but is warned of first",
            code="proposal.no_raise",
        )
