"""The decisions of a range as rows to judge again: the request, the context, and the facts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from xindeng.events.envelope import Event
from xindeng.features.book import load_book
from xindeng.features.kernel import Kernel
from xindeng.features.offline import event_fields
from xindeng.features.state import EndedHold, Hold
from xindeng.history import facts
from xindeng.history.lake import DECISIONS, Lake
from xindeng.history.tables import event_of
from xindeng.kernel.errors import InputError
from xindeng.kernel.time import Zone, to_date
from xindeng.language import quote
from xindeng.policy.context import CONTEXT
from xindeng.policy.policy import Policy

ASKED: Final = "asked"
_HOLDS: Final = ("hold_placed", "hold_extended", "hold_released")


def load(con: Any, lake: Lake, first: int, last: int) -> int:
    """Make the table `asked` of the decisions made from `first` to before `last` (µs); return how
    many there are. Raises InputError where there are none."""
    source = _decisions(lake)
    found = 0
    if source is not None:
        con.execute(
            f"CREATE OR REPLACE TABLE {ASKED} AS SELECT CAST(row_number() OVER (ORDER BY now, id)"
            f" AS BIGINT) AS row, * REPLACE (COALESCE(learning, FALSE) AS learning)"
            f" FROM {source} WHERE now >= {first} AND now < {last}"
        )
        found = con.execute(f"SELECT count(*) FROM {ASKED}").fetchone()[0]
    if not found:
        held = lake.manifest.of(DECISIONS)
        zone_days = [
            to_date(at // 86_400_000_000) for part in held for at in (part.first, part.last)
        ]
        span = (
            f"its decisions are of {min(zone_days)} to {max(zone_days)}" if held else "it has none"
        )
        raise InputError(
            "no decisions in this range", where=str(lake.folder), code="backtest.empty",
            next_step=f"choose --from and --to within the lake: {span}",
        )  # fmt: skip
    return int(found)


def _decisions(lake: Lake) -> str | None:
    """Return the relation of all decisions; those of old files were never drawn by lot."""
    source = lake.relation(DECISIONS, ", union_by_name = true")
    if any("learning" in part.columns for part in lake.manifest.of(DECISIONS)):
        return source
    return source and f"(SELECT *, FALSE AS learning FROM {source})"


def load_facts(con: Any, lake: Lake, policies: Sequence[Policy]) -> None:
    """Load the events that the policies' features read, and `requests` for all of `asked`."""
    base = [feature for policy in policies for feature in policy.book.base]
    facts.load_events(con, lake.events(), event_fields(base))
    rows = con.sql(f"SELECT row AS id, borrower, seq, now FROM {ASKED}").to_arrow_table()
    facts.load_requests(con, rows.cast(facts.REQUESTS), policies[0].zone)


def make_facts(con: Any, lake: Lake, policy: Policy, name: str) -> None:
    """Make the table `name`: id, today, every input of the policy, and whether a hold has ended."""
    facts.make_features(con, policy.book, f"{name}_features")
    con.execute(
        f"CREATE OR REPLACE TABLE {name} AS SELECT * FROM {name}_features"
        f" JOIN ({context_sql(lake)}) USING (id) ORDER BY id"
    )


def context_sql(lake: Lake) -> str:
    """Return the query of what a fact has beside its features, by id."""
    context = ", ".join(f"a.{quote(c)}" for c in CONTEXT if c not in ("now", "today"))
    released = lake.events().get("hold_released")
    ended = "FALSE"
    if released is not None:
        ended = (
            f"EXISTS (SELECT 1 FROM {released} h WHERE h.borrower = a.borrower AND h.seq < a.seq)"
        )
    return (
        f"SELECT r.id, r.now, r.today, {context}, a.cleared, a.learning, {ended} AS ended"
        f" FROM requests r JOIN {ASKED} a ON a.row = r.id"
    )


class HoldHistory:
    """The holds that stood, and the last that ended for each reason, before any decision."""

    def __init__(self, con: Any, lake: Lake, zone: Zone) -> None:
        self._kernel = Kernel(load_book({}), zone)
        self._events: dict[str, list[Event]] = {}
        for name, relation in lake.events().items():
            if name in _HOLDS:
                for row in con.sql(f"SELECT * FROM {relation}").to_arrow_table().to_pylist():
                    self._events.setdefault(row["borrower"], []).append(event_of(name, row))
        for mine in self._events.values():
            mine.sort(key=lambda event: event.seq)

    def before(self, borrower: str, seq: int) -> tuple[tuple[Hold, ...], tuple[EndedHold, ...]]:
        """Return (standing, ended) as of the events below `seq`."""
        mine = self._events.get(borrower)
        if not mine or mine[0].seq >= seq:
            return (), ()
        state = self._kernel.empty()
        for event in mine:
            if event.seq >= seq:
                break
            state.seq = event.seq - 1  # the events between are no holds
            self._kernel.fold(state, event)
        return self._kernel.holds(state), self._kernel.ended(state)
