"""The replay with feedback: every borrower lived through again, on all cores, some at a time.

Plain features come from DuckDB, each decision's at its own place; only what decisions feed is
folded here. Chunks of borrowers are independent, so they run side by side; with a work folder each
is kept when it is done, and a replay that was cut short goes on with the rest.
"""

from __future__ import annotations

import multiprocessing
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import msgspec
import pyarrow as pa

from xindeng.decision.facts import PlatformState
from xindeng.events.catalogue import CATALOGUE
from xindeng.events.envelope import Event
from xindeng.features.kernel import SITTING_GAP
from xindeng.history.asked import ASKED
from xindeng.history.decisions import request_of
from xindeng.history.lake import Lake
from xindeng.history.policy_sql import WORD, words_of
from xindeng.history.recorded import Recorded
from xindeng.history.rehearsal import FEEDBACK, Ask, Rehearsal, Split, lent
from xindeng.intake.wide import FIELDS
from xindeng.kernel.errors import InputError
from xindeng.language import quote
from xindeng.policy.policy import Policy

CHUNK: Final = 200
"""Borrowers replayed at a time: a second or two of work, so little is lost when it is cut short."""
_FORMAT: Final = 2
_REQUEST: Final = (
    "request_amount", "request_term_months", "request_purpose", "request_rate_bp", "currency",
    "request_after_hold", "product", "cleared", "learning", "maintenance", "model_available",
    "bureau_available", "funder_available", "platform_until", "stance", "stance_review_day",
)  # fmt: skip
Progress = Callable[[str, int, int], None]


class Answer(msgspec.Struct, array_like=True):
    """One answer of a replay; the masks are hexadecimal."""

    row: int
    segment: str
    fired: str
    missing: str
    outcome: str
    offered: int | None
    score: int | None
    band: str | None
    available: int | None = None


class Chunk(msgspec.Struct):
    """What one chunk came to: its answers, and the loans kept, dropped and supposed."""

    answers: list[Answer]
    loans: dict[str, int]


def replay(
    con: Any, lake: Lake, policy: Policy, table: str, spec: Any, work: Path | None,
    progress: Progress,
) -> tuple[pa.Table, int, dict[str, int]]:  # fmt: skip
    """Return the answers of a policy to all of `asked`, as `static.judge` gives them, the number
    of words of a mask, and how many loans of the record were kept or dropped, and how many were
    supposed. Raises BackendGap for a feature that no replay can split."""
    split = Split(policy)
    with tempfile.TemporaryDirectory(prefix="xindeng-replay-") as place:
        folder = Path(place)
        count = _cut(con, lake, split, table, folder)
        done: dict[int, Chunk] = {}
        key = f"{_FORMAT}-{policy.hash[:16]}-{_fingerprint(con, lake)}"
        if work is not None:
            work.mkdir(parents=True, exist_ok=True)
            done = {n: found for n in range(count) if (found := _kept(work, key, n)) is not None}
        total = con.execute(f"SELECT count(*) FROM {ASKED}").fetchone()[0]
        todo = [n for n in range(count) if n not in done]
        for number, chunk in _run(split, folder, todo, spec.threads):
            done[number] = chunk
            if work is not None:
                _keep(work, key, number, chunk)
            progress(
                f"replaying under {policy.name}", sum(len(c.answers) for c in done.values()), total
            )
    loans = {"kept": 0, "dropped": 0, "supposed": 0}
    for chunk in done.values():
        for name, count in chunk.loans.items():
            loans[name] += count
    table, words = _table([answer for n in sorted(done) for answer in done[n].answers], policy)
    return table, words, loans


def _fingerprint(con: Any, lake: Lake) -> str:
    """Return what tells this replay's requests and record from others'."""
    low, high, count = con.execute(f"SELECT min(now), max(now), count(*) FROM {ASKED}").fetchone()
    return f"{low}-{high}-{count}-{lake.manifest.upto}-{sum(p.rows for p in lake.manifest.parts)}"


def _cut(con: Any, lake: Lake, split: Split, table: str, folder: Path) -> int:
    """Write the requests with their plain features, and the recorded events, chunk by chunk."""
    con.execute(
        "CREATE OR REPLACE TEMP TABLE chunks AS SELECT borrower, (row_number() OVER (ORDER BY"
        f" borrower) - 1) // {CHUNK} AS chunk FROM (SELECT DISTINCT borrower FROM {ASKED})"
    )
    count = con.execute("SELECT COALESCE(max(chunk) + 1, 0) FROM chunks").fetchone()[0]
    plain = "".join(f", f.{quote(feature.name)}" for feature in split.plain)
    request = ", ".join(f"a.{name}" for name in _REQUEST)
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE asks AS SELECT c.chunk, a.borrower, a.row, a.id AS ident,"
        f" f.now, a.outcome, {request}{plain} FROM {ASKED} a JOIN {table} f ON f.id = a.row"
        " JOIN chunks c USING (borrower) ORDER BY c.chunk, a.borrower, a.seq"
    )
    con.execute(f"CREATE OR REPLACE TEMP TABLE told AS {_told(lake)} ORDER BY chunk, borrower, seq")
    for number in range(count):
        for name in ("asks", "told"):
            part = con.sql(f"SELECT * EXCLUDE (chunk) FROM {name} WHERE chunk = {number}")
            with pa.OSFile(str(folder / f"{number}.{name}"), "wb") as sink:
                found = part.to_arrow_table()
                with pa.ipc.new_file(sink, found.schema) as writer:
                    writer.write_table(found)
    return int(count)


def _told(lake: Lake) -> str:
    """Return the query of all events that decisions feed, each payload as JSON."""
    parts = []
    for name, relation in lake.events().items():
        if name in FEEDBACK:
            fields = ", ".join(f"{quote(f)} := {quote(f)}" for f in sorted(FIELDS[name]))
            parts.append(
                f"SELECT chunk, borrower, seq, '{name}' AS type, id, occurred_at, known_at,"
                f" CAST(to_json(struct_pack({fields})) AS VARCHAR) AS payload"
                f" FROM {relation} JOIN chunks USING (borrower)"
            )
    return " UNION ALL ".join(parts) or (
        "SELECT 0 AS chunk, '' AS borrower, 0 AS seq, '' AS type, '' AS id, 0 AS occurred_at,"
        " 0 AS known_at, '' AS payload WHERE FALSE"
    )


_SPLIT: Split | None = None
_FOLDER: Path | None = None


def _run(split: Split, folder: Path, todo: list[int], cores: int) -> Iterator[tuple[int, Chunk]]:
    """Yield each chunk as it is done; with several cores in forked processes, which inherit the
    compiled policy and touch no database."""
    global _SPLIT, _FOLDER
    _SPLIT, _FOLDER = split, folder
    forks = "fork" in multiprocessing.get_all_start_methods()
    if cores < 2 or len(todo) < 2 or not forks:
        yield from map(_chunk, todo)
        return
    with multiprocessing.get_context("fork").Pool(min(cores, len(todo))) as pool:
        yield from pool.imap_unordered(_chunk, todo)


def _chunk(number: int) -> tuple[int, Chunk]:
    """Replay one chunk of borrowers."""
    split, folder = _SPLIT, _FOLDER
    assert split is not None and folder is not None
    policy = split.policy
    events = {
        borrower: list(map(_event, rows))
        for borrower, rows in groupby(
            _rows(folder / f"{number}.told"), key=lambda row: row["borrower"]
        )
    }
    chunk = Chunk([], {"kept": 0, "dropped": 0, "supposed": 0})
    for borrower, rows in groupby(_asks(folder / f"{number}.asks"), key=lambda one: one[0]):
        mine = list(rows)
        granted = {ask.ident: outcome in ("approve", "approve_less") for _, ask, outcome in mine}
        life = Recorded(events.get(borrower, []), granted, policy.zone)
        rehearsal = Rehearsal(split, borrower)
        wishes = [ask for _, ask, _ in mine]
        for ask, made in _answered(rehearsal, wishes, life, granted):
            chunk.answers.append(
                Answer(ask.id, made.segment, f"{made.fired:x}", f"{made.missing:x}",
                       made.outcome.value, made.amount_offered, made.score, made.score_band,
                       made.available)
                if not isinstance(made, str)
                else Answer(ask.id, "", "0", "0", made, None, None, None)
            )  # fmt: skip
        for name, count in life.counts().items():
            chunk.loans[name] += count
    return number, chunk


def _answered(
    rehearsal: Rehearsal, wishes: list[Ask], life: Recorded, granted: Mapping[str, bool]
) -> Iterator[tuple[Ask, Any]]:
    """Answer the requests, each with a decision or the word for why there is none.

    Who is pleased by an answer that the record refused does not press the button again: what was
    asked again in that sitting is `not_asked`.
    """
    pleased_at = None
    for ask in wishes:
        if pleased_at is not None and ask.now - pleased_at < SITTING_GAP:
            pleased_at = ask.now
            yield ask, "not_asked"
            continue
        pleased_at = None
        for at, payload in life.until(ask.now):
            rehearsal.tell(at, payload)
        try:
            made = rehearsal.ask(ask)
        except InputError as error:
            if error.code != "request.too_small":
                raise
            yield ask, "too_small"
            continue
        life.answered(ask, made)
        if lent(made) and not granted[ask.ident]:
            pleased_at = ask.now
        yield ask, made


def _columns(path: Path) -> tuple[list[str], list[list[Any]]]:
    with pa.memory_map(str(path)) as source:
        table = pa.ipc.open_file(source).read_all()
        return table.column_names, [column.to_pylist() for column in table.columns]


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    names, columns = _columns(path)
    for values in zip(*columns, strict=True):
        yield dict(zip(names, values, strict=True))


def _asks(path: Path) -> Iterator[tuple[str, Ask, str]]:
    """Yield (borrower, request, recorded outcome); the plain features stand behind the rest."""
    names, columns = _columns(path)
    head = names.index(_REQUEST[-1]) + 1
    for values in zip(*columns, strict=True):
        row = dict(zip(names[:head], values, strict=False))
        yield row["borrower"], _ask(row, values[head:]), row["outcome"]


def _event(row: dict[str, Any]) -> Event:
    kind = CATALOGUE[row["type"]]
    payload = msgspec.convert(
        {k: v for k, v in msgspec.json.decode(row["payload"]).items() if v is not None},
        kind.payload,
    )
    return Event(row["id"], row["borrower"], row["type"], kind.version, row["occurred_at"],
                 row["known_at"], payload, row["seq"])  # fmt: skip


def _ask(row: dict[str, Any], plain: Sequence[Any]) -> Ask:
    platform = PlatformState(
        maintenance=row["maintenance"], model_available=row["model_available"],
        bureau_available=row["bureau_available"], funder_available=row["funder_available"],
        until=row["platform_until"], stance={"all": (row["stance"], row["stance_review_day"])},
    )  # fmt: skip
    return Ask(row["row"], row["ident"], row["now"], request_of(row), plain, platform)


def _kept(work: Path, key: str, number: int) -> Chunk | None:
    try:
        return msgspec.json.decode((work / f"{key}-{number}.json").read_bytes(), type=Chunk)
    except (OSError, msgspec.MsgspecError):
        return None


def _keep(work: Path, key: str, number: int, chunk: Chunk) -> None:
    partial = work / f"{key}-{number}.partial"
    partial.write_bytes(msgspec.json.encode(chunk))
    partial.replace(work / f"{key}-{number}.json")


def _table(answers: list[Answer], policy: Policy) -> tuple[pa.Table, int]:
    answers.sort(key=lambda one: one.row)
    words = -(-len(policy.rules) // WORD)
    columns: dict[str, pa.Array] = {
        "id": pa.array([one.row for one in answers], pa.int64()),
        "segment": pa.array([one.segment for one in answers], pa.string()),
        "outcome": pa.array([one.outcome for one in answers], pa.string()),
        "amount_offered": pa.array([one.offered for one in answers], pa.int64()),
        "score": pa.array([one.score for one in answers], pa.int64()),
        "score_band": pa.array([one.band for one in answers], pa.string()),
        "available": pa.array([one.available for one in answers], pa.int64()),
    }
    for letter, name in (("f", "fired"), ("m", "missing")):
        masks = [words_of(int(getattr(one, name), 16), words) for one in answers]
        for word in range(words):
            columns[f"{letter}{word}"] = pa.array([m[word] for m in masks], pa.uint64())
    return pa.table(columns), words
