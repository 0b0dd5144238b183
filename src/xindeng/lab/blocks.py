"""Blocks of events as columns, put together into one sorted wide table a chunk.

An emitter returns blocks: many events of one type as numpy columns. Nothing here loops over
events; two million of them are a few hundred array operations.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from xindeng.events.catalogue import CATALOGUE
from xindeng.events.envelope import content_id
from xindeng.intake.wide import COLUMNS, NESTED, ColumnKind

Ints = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]
Bools = npt.NDArray[np.bool_]
Reals = npt.NDArray[np.float64]

NULL: Final = np.iinfo(np.int64).min
"""A whole number that stands for NULL inside the simulator; never written."""

_TEXT: Final = pa.dictionary(pa.int32(), pa.string())
_ARROW: Final = {ColumnKind.WHOLE: pa.int64(), ColumnKind.FLAG: pa.bool_(), ColumnKind.TEXT: _TEXT}


@dataclass(frozen=True, slots=True)
class Choice:
    """Texts as codes into `words`; code −1 is NULL."""

    codes: Ints
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Hashed:
    """Names that are 64-bit hashes, written as 16 hexadecimal digits."""

    values: Hashes


Value = Ints | Bools | Choice | Hashed | int | bool | str


@dataclass(frozen=True, slots=True)
class Block:
    """Events of one `type`: `who` is the borrower's place in the chunk, `at` µs; `known_at` is
    `at` + `lag` (µs). `nested` are whole payloads as JSON texts, for those that fit no columns."""

    type: str
    who: Ints
    at: Ints
    columns: Mapping[str, Value] = field(default_factory=dict)
    lag: Ints | int = 0
    nested: Sequence[str] | None = None

    def __len__(self) -> int:
        """Return the number of events."""
        return len(self.who)


def mix(*parts: Any) -> Hashes:
    """Return splitmix64-style hashes of whole-number arrays of one shape, part by part."""
    state = np.asarray(0x9E3779B97F4A7C15, dtype=np.uint64)
    with np.errstate(over="ignore"):
        for part in parts:
            value = np.asarray(part)
            word = value.astype(np.uint64) if value.dtype != np.uint64 else value
            state = (state ^ word) * np.uint64(0xBF58476D1CE4E5B9)
            state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            state = state ^ (state >> np.uint64(31))
    return np.atleast_1d(state)


def hexadecimal(values: Hashes) -> pa.StringArray:
    """Return hashes as an arrow array of 16-digit texts, without a Python loop."""
    digits = values.astype(">u8").tobytes().hex().encode("ascii")
    offsets = np.arange(len(values) + 1, dtype=np.int32) * 16
    return pa.StringArray.from_buffers(len(values), pa.py_buffer(offsets), pa.py_buffer(digits))


def schema() -> pa.Schema:
    """Return the schema of the wide event table: the envelope, then every payload column."""
    head = [("borrower", _TEXT), ("id", pa.string()), ("type", _TEXT), ("version", pa.int32()),
            ("occurred_at", pa.int64()), ("known_at", pa.int64())]  # fmt: skip
    columns = [(name, _ARROW[kind]) for name, kind in COLUMNS.items()]
    return pa.schema([*head, *columns, (NESTED, pa.string())])


def assemble(blocks: Sequence[Block], borrowers: Hashes, opening: Ints) -> pa.Table:
    """Return one wide table, ordered by borrower, then by when each event became known.

    `borrowers`: (n,) hashes; `opening`: (n,) the least balance in fen each account may reach, from
    which `balance_after` of payments follows. Ids hash the borrower and the event's ordinal.
    """
    filled = [block for block in blocks if len(block)]
    who = np.concatenate([block.who for block in filled])
    at = np.concatenate([block.at for block in filled])
    known = np.concatenate([block.at + block.lag for block in filled])
    order = np.lexsort((at, known, who))
    who, at, known = who[order], at[order], known[order]
    starts = np.searchsorted(who, np.arange(len(borrowers)))
    ordinal = np.arange(len(who)) - starts[who]
    kinds = np.repeat(np.arange(len(filled)), [len(block) for block in filled])[order]
    names, codes = np.unique([block.type for block in filled], return_inverse=True)
    columns: dict[str, pa.Array] = {
        "borrower": pa.DictionaryArray.from_arrays(
            pa.array(who.astype(np.int32)), hexadecimal(borrowers)
        ),
        "id": _ids(hexadecimal(mix(borrowers[who], ordinal)), filled, kinds),
        "type": pa.DictionaryArray.from_arrays(
            pa.array(codes[kinds].astype(np.int32)), pa.array(names.tolist())
        ),
        "version": pa.array(np.ones(len(who), dtype=np.int32)),
        "occurred_at": pa.array(at),
        "known_at": pa.array(known),
    }
    sizes = [len(block) for block in filled]
    offsets = np.concatenate([[0], np.cumsum(sizes)])
    for name, kind in COLUMNS.items():
        columns[name] = _column(name, kind, filled, offsets, order)
    columns[NESTED] = _nested(filled, offsets, order)
    columns["balance_after"] = _balances(columns, who, starts, opening)
    return pa.table(columns, schema=schema())


def _ids(ids: pa.StringArray, blocks: Sequence[Block], kinds: Ints) -> pa.StringArray:
    """Return the ids, those of a report's figures as its expansion gives them.

    Figures are emitted right behind their report and at its instant, so they stand behind it.
    """
    texts = ids.to_pylist()
    reports = np.array([block.type == "credit_report" for block in blocks])
    for place in np.flatnonzero(reports[kinds]):
        for behind in (1, 2):
            kind = blocks[kinds[place + behind]].type
            texts[place + behind] = content_id(kind, texts[place])
    return pa.array(texts, pa.string())


def _nested(blocks: Sequence[Block], offsets: Ints, order: Ints) -> pa.Array:
    texts = np.full(len(order), None, dtype=object)
    for place, block in enumerate(blocks):
        if block.nested is not None:
            texts[offsets[place] : offsets[place + 1]] = block.nested
    return pa.array(texts[order], pa.string())


def _column(
    name: str, kind: ColumnKind, blocks: Sequence[Block], offsets: Ints, order: Ints
) -> pa.Array:
    given = [
        (place, value)
        for place, block in enumerate(blocks)
        if (value := block.columns.get(name, _DEFAULTS[block.type].get(name))) is not None
    ]
    if not given:
        return pa.nulls(len(order), _ARROW[kind])
    if kind is ColumnKind.TEXT:
        return _texts(given, offsets, order)
    whole = np.full(len(order), NULL, dtype=np.int64)
    for place, value in given:
        assert not isinstance(value, Choice | Hashed | str)
        whole[offsets[place] : offsets[place + 1]] = value
    whole = whole[order]
    absent = whole == NULL
    return pa.array(whole.astype(np.bool_) if kind is ColumnKind.FLAG else whole, mask=absent)


def _texts(given: Sequence[tuple[int, Value]], offsets: Ints, order: Ints) -> pa.Array:
    codes = np.full(len(order), -1, dtype=np.int64)
    words: dict[str, int] = {}
    for place, value in given:
        here = slice(offsets[place], offsets[place + 1])
        if isinstance(value, str):
            codes[here] = words.setdefault(value, len(words))
        elif isinstance(value, Choice):
            lookup = np.array([words.setdefault(word, len(words)) for word in value.words] + [-1])
            codes[here] = lookup[value.codes]
        else:
            assert isinstance(value, Hashed)
            distinct, inverse = np.unique(value.values, return_inverse=True)
            known = [
                words.setdefault(word, len(words)) for word in hexadecimal(distinct).to_pylist()
            ]
            codes[here] = np.array(known, dtype=np.int64)[inverse]
    codes = codes[order]
    return pa.DictionaryArray.from_arrays(
        pa.array(codes.astype(np.int32), mask=codes < 0), pa.array(list(words), pa.string())
    )


def _balances(columns: Mapping[str, pa.Array], who: Ints, starts: Ints, least: Ints) -> pa.Array:
    """Return the balance after each payment, opened so high that no account falls below `least`."""
    kinds = columns["type"]
    moving = {name: code for code, name in enumerate(kinds.dictionary.to_pylist())}
    code = np.asarray(kinds.indices)
    payment = code == moving.get("payment", -1)
    purchase = code == moving.get("purchase", -1)
    amount = np.where(payment | purchase, columns["amount"].fill_null(0).to_numpy(), 0)
    direction = columns["direction"]
    inward = {word: number for number, word in enumerate(direction.dictionary.to_pylist())}["in"]
    incoming = payment & (direction.indices.fill_null(-1).to_numpy() == inward)
    running = np.cumsum(np.where(incoming, amount, -amount))
    before = np.concatenate([[0], running])[starts]
    running = running - before[who]
    lowest = np.zeros(len(starts), dtype=np.int64)
    np.minimum.at(lowest, who, running)
    return pa.array(running + (least - lowest)[who], mask=~payment)


def _defaults() -> dict[str, dict[str, Value]]:
    """Return event type → field → default; written out, so that SQL reads what the kernel reads."""
    found: dict[str, dict[str, Value]] = {}
    for name, event_type in CATALOGUE.items():
        fields = msgspec.structs.fields(event_type.payload)
        found[name] = {f.name: f.default for f in fields if isinstance(f.default, bool | int | str)}
    return found


_DEFAULTS: Final = _defaults()
