"""Policies: the versions that ever decided, and a bundle checked without being used."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from xindeng.api.problems import Finding
from xindeng.api.route import Call
from xindeng.api.shapes import Instant, PageQuery, Sent
from xindeng.policy.check import problems
from xindeng.policy.source import MAX_FILES
from xindeng.service.show import versions


class VersionTold(Struct, frozen=True, kw_only=True):
    """A policy version; the one in force decides every draw."""

    hash: str
    name: str
    stored_at: Instant
    in_force: bool


class VersionsAnswer(Struct, frozen=True, kw_only=True):
    """Policy versions, oldest first."""

    items: tuple[VersionTold, ...]
    next: str | None


class BundleSent(Sent):
    """A bundle: the text of each file by its path."""

    files: Annotated[dict[str, str], Meta(min_length=1, max_length=MAX_FILES)]


class CheckAnswer(Struct, frozen=True, kw_only=True):
    """Everything that is wrong with the bundle; nothing where it may be loaded."""

    ok: bool
    problems: tuple[Finding, ...]


def page(call: Call) -> VersionsAnswer:
    """Return every policy version that ever decided."""
    query: PageQuery = call.query
    policy = call.engine.policy
    found, after = query.cut(versions(call.engine))
    return VersionsAnswer(
        items=tuple(
            VersionTold(hash=hash_, name=name, stored_at=Instant.of(at, policy.zone),
                        in_force=hash_ == policy.hash)
            for hash_, name, at in found
        ),
        next=after,
    )  # fmt: skip


def check(call: Call) -> CheckAnswer:
    """Check a bundle: every problem with its file, line and what to do; nothing is stored."""
    sent: BundleSent = call.body
    found = problems({path: text.encode() for path, text in sent.files.items()})
    return CheckAnswer(
        ok=not found,
        problems=tuple(
            Finding(path=p.path, line=p.line, code=p.code, what=p.what, next_step=p.next_step)
            for p in found
        ),
    )
