"""Move all data keys from one master key to the next, while the service goes on.

What is sealed stays as it is: each borrower's data key is wrapped anew, a thousand a transaction.
From the first moment new borrowers' keys lie under the next one, in every process: the database
says which it is, and each finds it where the home or its environment keeps it. An interrupted move
is taken up by running it again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from xindeng.service.engine import Engine
from xindeng.store import masters
from xindeng.store.crypto import name_of

AT_ONCE: Final = 1_000


@dataclass(frozen=True, slots=True)
class Moved:
    """How many data keys were moved from one master key to another, and where the former is kept;
    None where the environment tells the keys."""

    former: str
    present: str
    keys: int
    kept: Path | None


def rotate(engine: Engine, home: Path, told: Callable[[int], None] = lambda _: None) -> Moved:
    """Move everything; `told` hears how many data keys were moved so far.

    Raises UnavailableError where a key is not here or the database is away: run it again then.
    """
    store, keys = engine.store, engine.store.keys
    name = name_of(masters.next_key(home))
    former = name_of(masters.master_key(home))
    with store.transaction() as conn:
        if masters.now(conn) != name:
            masters.begin(conn, keys, name, engine.clock())
    moved = 0
    while True:
        with store.transaction() as conn:
            some = masters.move_some(conn, keys, name, AT_ONCE)
        moved += some
        told(moved)
        if some < AT_ONCE:
            break
    return Moved(former, name, moved, masters.take_over(home, former))
