"""Which version of the policy a page is about, and the text of one rule within its file."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from xindeng.kernel.errors import NotFoundError, PolicyError
from xindeng.policy.diff.compare import compare
from xindeng.policy.diff.words import grouped
from xindeng.policy.model import Rule
from xindeng.policy.policy import Policy
from xindeng.store import policies
from xindeng.web.route import Visit

CONTEXT_LINES = 3


@dataclass(frozen=True, slots=True)
class Version:
    """A version with its files; `in_force` says that it decides here and now."""

    hash: str
    policy: Policy
    files: Mapping[str, bytes]
    in_force: bool

    def text(self, path: str) -> str:
        """Return a file; raises NotFoundError."""
        if path not in self.files:
            raise NotFoundError("no such file in this bundle", code="not_found.file")
        return self.files[path].decode("utf-8", "replace")


def version_of(visit: Visit, asked: str = "") -> Version:
    """Return the version asked for by its hash, else the one in force; raises NotFoundError."""
    engine = visit.engine
    hash_ = asked or engine.policy.hash
    with engine.store.snapshot() as conn:
        files = policies.get(conn, hash_)
        policy = engine.policy_of(conn, hash_)
    return Version(hash_, policy, files, hash_ == engine.policy.hash)


def span_of(policy: Policy, rule: Rule, text: str) -> tuple[int, int]:
    """Return the first line of a rule in its file, from 1, and the line after its last.

    A comment just above the next rule is that one's.
    """
    lines = text.splitlines()
    after = sorted(
        one.place.line for one in policy.all_rules
        if one.place.path == rule.place.path and one.place.line > rule.place.line
    )  # fmt: skip
    end = after[0] if after else len(lines) + 1
    while end - 1 > rule.place.line and lines[end - 2].strip()[:1] in ("", "#"):
        end -= 1
    return rule.place.line, end


def cut(text: str, span: tuple[int, int]) -> str:
    """Return the lines of a span."""
    return "\n".join(text.splitlines()[span[0] - 1 : span[1] - 1]) + "\n"


def paste(text: str, span: tuple[int, int], part: str) -> str:
    """Return the text with the lines of a span replaced."""
    lines = text.splitlines()
    new = part.replace("\r\n", "\n").rstrip("\n").split("\n")
    return "\n".join([*lines[: span[0] - 1], *new, *lines[span[1] - 1 :]]) + "\n"


@dataclass(frozen=True, slots=True)
class Changed:
    """What differs: `said` in rules and parameters, (heading, lines) by kind, none where a draft
    does not check; and `files` line by line."""

    said: list[tuple[str, list[str]]]
    files: list[tuple[str, list[tuple[str, str]]]]

    def __bool__(self) -> bool:
        """Say whether anything differs."""
        return bool(self.files)


def changed_of(
    before: Mapping[str, bytes], after: Mapping[str, bytes], lang: str, currency: str
) -> Changed:
    """Return what differs between two bundles."""
    try:
        said = grouped(compare(before, after), lang, currency)
    except PolicyError:
        said = []
    return Changed(said, list(differences(before, after)))


def differences(
    before: Mapping[str, bytes], after: Mapping[str, bytes]
) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Yield, for each file that differs, its lines as (sign, text): + added, - gone, @ a gap."""
    for path in sorted(before.keys() | after.keys()):
        old, new = before.get(path, b""), after.get(path, b"")
        if old == new:
            continue
        found = difflib.unified_diff(
            old.decode("utf-8", "replace").splitlines(),
            new.decode("utf-8", "replace").splitlines(), lineterm="", n=CONTEXT_LINES,
        )  # fmt: skip
        yield path, [(line[:1], line[1:]) for line in list(found)[2:]]
