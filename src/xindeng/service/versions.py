"""Versions of a policy by what people call them: a folder, a shipped name, a hash, `published`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from xindeng.kernel.errors import InputError, NotFoundError
from xindeng.service.engine import PUBLISHED, system_clock
from xindeng.service.policies import read_bundle
from xindeng.store import open_store, policies, proposals

_HASH: Final = re.compile(r"[0-9a-f]{6,64}")


def files_of(version: str, home: Path | None = None) -> Mapping[str, bytes]:
    """Return the files of a version: a folder or shipped name, else one that is stored.

    A stored one is named by at least six digits of its hash, or as `published`. Raises
    NotFoundError, InputError for digits that several versions begin with.
    """
    if version != PUBLISHED:
        try:
            return read_bundle(version)
        except NotFoundError:
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
        if not found:
            raise NotFoundError(
                f"no stored version {version}",
                next_step="list them with: xindeng policy versions",
                code="not_found.policy",
            )
        return policies.get(conn, found[0])
