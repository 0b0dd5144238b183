"""What staff see and do, kept in their own chain: each look and deed, before it is done."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from xindeng.access.caller import Caller
from xindeng.service.engine import Engine
from xindeng.store import actions, borrowers
from xindeng.store.borrowers import Chain
from xindeng.store.connect import Conn

_ID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{12,64}")
Note = Callable[[Conn, Chain | None], object]
"""Records the deed in a transaction, sealed under the key of the borrower it is about."""


def note(
    engine: Engine, caller: Caller, action: str, place: str, names: Mapping[str, str], sent: Any
) -> Note:
    """Return what records that a caller did `action` at `place` (a route), to whom, with what."""

    def record(conn: Conn, chain: Chain | None) -> object:
        if chain is not None:  # sealed under the borrower's key
            told: dict[str, Any] = {"route": place, "names": dict(names)}
            told["sent"] = msgspec.to_builtins(sent)
            subject = chain.borrower
        else:
            # In the clear for good: an id of ours, and nothing that somebody typed in its place.
            plain = {name: value if _ID.fullmatch(value) else "-" for name, value in names.items()}
            told = {"route": place, "names": plain}
            subject = next(iter(plain.values()), "service")
        now = engine.clock()
        return actions.record(conn, caller.actor, action, subject, told,
                              ident=engine.new_id(now), at=now, about=chain)  # fmt: skip

    return record


def record_now(engine: Engine, made: Note, borrower: str | None) -> None:
    """Record a look or deed in a transaction of its own; raises NotFoundError for no borrower."""
    with engine.store.transaction() as conn:
        chain = None if borrower is None else borrowers.read(conn, engine.store.keys, borrower)
        made(conn, chain)
