"""A person's own corrections (YAML or CSV): what a party named in their papers really is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, get_args

from xindeng.intake.files import read_bytes
from xindeng.intake.table import Layout, read_table
from xindeng.intake.words import load_yaml
from xindeng.kernel.errors import ImportFileError
from xindeng.repair.flows.kinds import Correction, Meaning
from xindeng.repair.flows.words import MEANINGS

_NEXT: Final = "write one line a party, e.g. {party: 宏达公司, is: 工资}"
_LAYOUT: Final = Layout(
    source="corrections",
    columns={"party": ("对方", "party", "名称", "name"), "is": ("是", "is", "含义", "meaning")},
    required=("party", "is"),
    next_step=_NEXT,
)
_ALSO: Final[dict[str, Meaning]] = {
    "本人": "self", "自己": "self", "me": "self", "借款": "lender", "房租": "rent",
    "朋友": "person", "家人": "person", "friend": "person", "family": "person",
    "wage": "salary", "landlord": "rent", "退款": "refund",
}  # fmt: skip


def _meanings() -> dict[str, Meaning]:
    known: dict[str, Meaning] = dict(_ALSO)
    for meaning in get_args(Meaning):
        zh, en = MEANINGS[meaning]
        known |= {meaning: meaning, zh: meaning, en: meaning}
    return known


def read_corrections(path: Path, names: Mapping[str, str]) -> tuple[Correction, ...]:
    """Return the corrections of a file for the parties whose `names` (id → name) they give.

    A name fits a party of exactly that name; where there is none, every party whose name contains
    it. One that fits nobody comes back with its name as party, so that it can be told as unused.
    Raises ImportFileError naming file and line.
    """
    entries = _yaml(path) if path.suffix.lower() in (".yaml", ".yml") else _table(path)
    known = _meanings()
    found: list[Correction] = []
    for where, written, meant in entries:
        name, meaning = written.strip(), known.get(meant.strip().lower())
        if meaning is None or not name:
            what = f"{meant[:40]!r} is no meaning" if name else "no party is named"
            raise ImportFileError(
                what, where=where, code="import.corrections",
                next_step=f"write one of {', '.join(get_args(Meaning))}" if name else _NEXT,
            )  # fmt: skip
        fits = [party for party, called in names.items() if called == name] or [
            party for party, called in names.items() if name in called
        ]
        found += [Correction(party, meaning, name) for party in fits or [name]]
    return tuple(found)


def _table(path: Path) -> Iterator[tuple[str, str, str]]:
    for row in read_table(path, _LAYOUT).rows():
        yield row.where, row["party"], row["is"]


def _yaml(path: Path) -> Iterator[tuple[str, str, str]]:
    raw = load_yaml(path.name, read_bytes(path))
    entries: Any = raw.get("corrections")
    if set(raw) != {"corrections"} or not isinstance(entries, list):
        raise ImportFileError(
            "no list called corrections", where=f"{path.name}:1", next_step=_NEXT,
            code="import.corrections",
        )  # fmt: skip
    for number, entry in enumerate(entries):
        where = f"{path.name}:{entries.lines[number] if hasattr(entries, 'lines') else 1}"
        if not isinstance(entry, dict) or set(entry) != {"party", "is"}:
            raise ImportFileError(
                "not a party and what it is", where=where, next_step=_NEXT,
                code="import.corrections",
            )  # fmt: skip
        yield where, str(entry["party"]), str(entry["is"])
