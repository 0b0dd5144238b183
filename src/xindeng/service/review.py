"""The daily review of lines: what is due for a look, done as servicing orders."""

from __future__ import annotations

from xindeng.service.engine import Engine
from xindeng.store import borrowers
from xindeng.store.chunks import Chunk
from xindeng.store.connect import Conn


def review(engine: Engine, conn: Conn, chunk: Chunk) -> int:
    """Review the lines of a chunk; returns how many were changed."""
    borrowers.hold_those(conn, "line", chunk.first, chunk.upto)
    return 0
