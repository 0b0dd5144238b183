"""Versions of a policy: by what people call them, what became of each, what it was tried with."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Final, Literal

import msgspec

from xindeng.kernel.errors import InputError, NotFoundError
from xindeng.policy.policy import content_hash
from xindeng.service import proposals as proposing
from xindeng.service.changes import Publish
from xindeng.service.engine import PUBLISHED, Engine, system_clock
from xindeng.service.policies import read_bundle
from xindeng.store import open_store, policies, proposals

_HASH: Final = re.compile(r"[0-9a-f]{6,64}")
_SHORT: Final = re.compile(r"(?=.*[0-9])[0-9a-f]{2,5}")


def files_of(version: str, home: Path | None = None) -> Mapping[str, bytes]:
    """Return the files of a version: a folder or shipped name, else one that is stored.

    A stored one is named by at least six digits of its hash, or as `published`. Raises
    NotFoundError, InputError for digits that several versions begin with, or too few.
    """
    if version != PUBLISHED:
        try:
            return read_bundle(version)
        except NotFoundError:
            if _SHORT.fullmatch(version):
                raise InputError(
                    f"{version!r} is no folder, and too short for a hash",
                    next_step="give six digits or more; list them with: xindeng policy versions",
                    code="policy.short",
                ) from None
            if not _HASH.fullmatch(version):
                raise
    with open_store(home) as store, store.snapshot() as conn:
        if version == PUBLISHED:
            now = proposals.in_force(conn, system_clock())
            found = [] if now is None else [now]
        else:
            found = [one[0] for one in policies.versions(conn) if one[0].startswith(version)]
        if len(found) > 1:
            raise InputError(
                f"{len(found)} versions begin with {version}",
                next_step="give more digits of the hash",
                code="policy.ambiguous",
            )
        if not found and version == PUBLISHED:
            raise NotFoundError(
                "nothing that was published is in force",
                next_step="propose a version: xindeng policy submit BUNDLE --as NAME --why …",
                code="not_found.published",
            )
        if not found:
            raise NotFoundError(
                f"no stored version {version}",
                next_step="list them with: xindeng policy versions",
                code="not_found.policy",
            )
        return policies.get(conn, found[0])


State = Literal["stored", "proposed", "refused", "approved", "in_force", "superseded"]
"""`stored`: it decided without being published; `approved`: its time is still to come."""


@dataclass(frozen=True, slots=True)
class Step:
    """One proposal to publish a version: who, when (µs), who judged it, from when on it decides,
    and the SHA-256 of the backtest's report, "" without one."""

    proposal: str
    state: str
    author: str
    made_at: int
    judged_by: str | None
    effective_at: int | None
    backtest: str


@dataclass(slots=True)
class VersionLife:
    """A version and what became of it; `stored_at` (µs) None while it is only proposed."""

    hash: str
    name: str
    stored_at: int | None
    state: State = "stored"
    steps: list[Step] = field(default_factory=list)


def lives(engine: Engine) -> list[VersionLife]:
    """Return every version that ever decided, was published or proposed, oldest first."""
    now = engine.clock()
    with engine.store.snapshot() as conn:
        found = {one[0]: VersionLife(*one) for one in policies.versions(conn)}
        published = {one.proposal: one for one in proposals.published(conn)}
        in_force = proposals.in_force(conn, now)
    for one in proposing.listed(engine, waiting=False):
        change = one.change
        if not isinstance(change, Publish):
            continue
        files = {path: text.encode() for path, text in change.files.items()}
        hash_ = change.version or content_hash(files)
        life = found.setdefault(hash_, VersionLife(hash_, "", None))
        done = published.get(one.row.id)
        life.steps.append(Step(
            one.row.id, one.state, one.row.author, one.row.made_at, one.row.judged_by,
            None if done is None else done.effective_at, change.backtest,
        ))  # fmt: skip
    for life in found.values():
        life.state = _state(life, in_force, now)
    return sorted(found.values(), key=lambda life: (life.stored_at or now, life.hash))


def _state(life: VersionLife, in_force: str | None, now: int) -> State:
    times = [step.effective_at for step in life.steps if step.effective_at is not None]
    if life.hash == in_force:
        return "in_force"
    if any(at > now for at in times):
        return "approved"
    if times:
        return "superseded"
    if any(step.state == "open" for step in life.steps):
        return "proposed"
    return "refused" if life.steps and life.stored_at is None else "stored"


class _Named(msgspec.Struct):
    hash: str


class _Report(msgspec.Struct):
    champion: _Named
    challenger: _Named


def backtest_digest(report: Path, files: Mapping[str, bytes]) -> str:
    """Return the SHA-256 of a backtest's JSON report, which must be about this very bundle.

    Raises InputError for a file that cannot be read, is no such report, or is about another
    version.
    """
    try:
        data = report.read_bytes()
    except OSError as error:
        raise InputError(
            f"cannot be read: {error.strerror}",
            where=f"--backtest {report}",
            next_step="give the .json that `xindeng backtest --out` wrote",
            code="policy.backtest",
        ) from None
    try:
        told = msgspec.json.decode(data, type=_Report)
    except msgspec.DecodeError as error:
        raise InputError(
            f"this is no report of a backtest: {str(error)[:120]}",
            where=str(report),
            next_step="give the .json that `xindeng backtest --out` wrote",
            code="policy.backtest",
        ) from None
    hash_ = content_hash(files)
    if told.challenger.hash != hash_:
        raise InputError(
            f"the report is about {told.challenger.hash[:12]}, the bundle is {hash_[:12]}",
            where=str(report),
            next_step="backtest this very bundle as the challenger",
            code="policy.backtest",
        )
    return sha256(data).hexdigest()
