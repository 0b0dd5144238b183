"""What is kept how long, read from a data file with its sources; and the nightly cleaning."""

from __future__ import annotations

from functools import cache
from typing import Final, Literal

import msgspec
from msgspec import Struct
from ruamel.yaml import YAML

from xindeng.kernel.errors import ConflictError, ErasedError
from xindeng.kernel.time import DAY
from xindeng.service import erasure
from xindeng.service.engine import Engine
from xindeng.service.policies import shipped_folder
from xindeng.store import erasures

CLOSED: Final = "closed_lines"
_AT_ONCE: Final = 500


class Record(Struct, frozen=True, forbid_unknown_fields=True):
    """One kind of record: after how many days it is removed, what an erasure does to it, why."""

    record: str
    title: dict[str, str]
    erased: Literal["unreadable", "removed", "kept"]
    source: str
    days: int | None = None
    until: dict[str, str] = {}


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    records: tuple[Record, ...]


@cache
def records() -> tuple[Record, ...]:
    """Return every kind of record; raises NotFoundError, msgspec.ValidationError for a bad file."""
    text = (shipped_folder("retention") / "retention.yaml").read_text(encoding="utf-8")
    return msgspec.convert(YAML(typ="safe", pure=True).load(text), _File).records


def clean(engine: Engine) -> dict[str, int]:
    """Remove what was kept long enough, once a local day; return how many of each record.

    Whoever comes second on a day, or after a crash half-way, finds nothing to do or goes on.
    """
    now = engine.clock()
    with engine.store.transaction(pipelined=False) as conn:
        if not erasures.begin_cleaning(conn, engine.policy.zone.day(now), now):
            return {}
        removed = {
            one.record: erasures.remove_old(conn, one.record, now - one.days * DAY)
            for one in records()
            if one.days is not None and one.record in erasures.REMOVABLE
        }
    (closed,) = (one for one in records() if one.record == CLOSED)
    assert closed.days is not None
    removed[CLOSED] = _erase_closed(engine, now - closed.days * DAY)
    return removed


def _erase_closed(engine: Engine, before: int) -> int:
    with engine.store.snapshot() as conn:
        names = erasures.closed_before(conn, before, _AT_ONCE)
    done = 0
    for name in names:
        try:
            erasure.erase(engine, name, by="retention", cause="retention")
            done += 1
        except (ConflictError, ErasedError):
            continue  # something is still open; it is looked at again the next night
    return done
