"""Store the folded states of borrowers with the chains they were folded from."""

from __future__ import annotations

from collections.abc import Iterable

from xindeng.features.state import State
from xindeng.service.engine import Engine
from xindeng.store import states
from xindeng.store.borrowers import Chain
from xindeng.store.connect import Conn


def save_states(engine: Engine, conn: Conn, saved: Iterable[tuple[Chain, State]]) -> None:
    """Store the states as of their chains; buckets only where a fold touched them."""
    kernel = engine.policy.kernel
    states.save(
        conn,
        kernel.version,
        [
            (
                chain,
                kernel.dump_hot(state),
                kernel.dump_buckets(state) if state.buckets_dirty else None,
            )
            for chain, state in saved
        ],
    )
