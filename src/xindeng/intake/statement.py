"""Bank statements (CSV or XLSX) → payment events, read by a small mapping file.

A mapping says which heading means what, how the sign or the debit and credit columns are to be
read, and which words mean what. Ready mappings are in `banks/`; each says where its layout was
seen. A statement is matched to the ready mapping that knows most of its headings, or read by the
mapping that is given.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final, Literal, get_args

from xindeng.events.envelope import Event
from xindeng.events.fields import Currency
from xindeng.intake.bills import signed_money, when
from xindeng.intake.payments import Handed, Payments
from xindeng.intake.report import ImportReport
from xindeng.intake.table import Layout, Row, Table, read_table
from xindeng.intake.words import Direction, Words, category_of, load_yaml, wallet_of, words_of
from xindeng.kernel.errors import ImportFileError
from xindeng.kernel.money import MAX_AMOUNT
from xindeng.kernel.time import Zone
from xindeng.policy.source import Table as YamlTable

_COLUMNS: Final = frozenset({
    "date", "time", "amount", "paid_in", "paid_out", "side", "balance", "currency", "party",
    "party_account", "order",
})  # fmt: skip
_KEYS: Final = frozenset({
    "bank", "title", "seen", "columns", "texts", "marks", "sign", "sides", "date_format",
    "encoding", "skip_rows", "account", "footer", "words",
})  # fmt: skip
_CURRENCIES: Final = {"人民币": "CNY", "人民币元": "CNY", "RMB": "CNY", "CNY": "CNY", "元": "CNY"}
_OWNER: Final = re.compile(r"(?:户名|客户姓名|姓名|账户名称)\s*[:：]\s*([^\s,，]{2,20})")
_NEXT: Final = "see docs/how-to/read-your-own-bills.md for what a mapping file may hold"


@dataclass(frozen=True, slots=True)
class Mapping:
    """How one bank writes its statement; see `banks/*.yaml`.

    `sign` tells what a signed amount means; `sides` what the words of a debit/credit column mean.
    `account` card: money in is a repayment of one's own, and spending is the amount.
    """

    bank: str
    layout: Layout
    texts: tuple[str, ...]
    sign: Literal["positive_in", "positive_out"]
    sides: dict[Direction, re.Pattern[str]]
    date_format: str | None
    encoding: str | None
    skip_rows: int
    account: Literal["debit", "card"]
    words: tuple[Words, ...]


class _MappingFile:
    """A mapping file while it is checked: its entries and the error that names their lines."""

    def __init__(self, name: str, data: bytes) -> None:
        self.name, self.raw = name, load_yaml(name, data)
        for key in sorted(set(self.raw) - _KEYS):
            raise self.wrong(key, f"unknown entry {key!r}")

    def wrong(self, key: str, what: str) -> ImportFileError:
        line = self.raw.at(key) if isinstance(self.raw, YamlTable) else 1
        return ImportFileError(
            what, where=f"{self.name}:{line}", next_step=_NEXT, code="import.mapping"
        )

    def one_of(self, key: str, *accepted: str | None) -> Any:
        found = self.raw.get(key, accepted[0])
        if found not in accepted:
            words = ", ".join(filter(None, accepted))
            raise self.wrong(key, f"{key}: {found!r} is none of {words}")
        return found

    def texts(self, key: str) -> list[str]:
        found = self.raw.get(key) or []
        if not isinstance(found, list):
            raise self.wrong(key, f"{key}: not a list")
        return [str(text) for text in found]

    def columns(self) -> dict[str, tuple[str, ...]]:
        columns = self.raw.get("columns")
        if not isinstance(columns, dict):
            raise self.wrong("columns", "columns: missing")
        for odd in sorted(set(columns) - _COLUMNS):
            raise self.wrong("columns", f"columns: {odd!r} is no column of a statement")
        if "date" not in columns or not (
            "amount" in columns or {"paid_in", "paid_out"} <= set(columns)
        ):
            raise self.wrong(
                "columns", "columns need date, and amount or both paid_in and paid_out"
            )
        headings: dict[str, tuple[str, ...]] = {}
        for column, names in columns.items():
            headings[column] = tuple(map(str, names if isinstance(names, list) else [names]))
        headings |= {f"text{n}": (text,) for n, text in enumerate(self.texts("texts"))}
        headings |= {f"mark{n}": (mark,) for n, mark in enumerate(self.texts("marks"))}
        return headings

    def sides(self, expected: bool) -> dict[Direction, re.Pattern[str]]:
        sides = self.raw.get("sides") or {}
        if expected != (isinstance(sides, dict) and set(sides) == {"in", "out"}):
            raise self.wrong(
                "sides", "a side column needs sides: {in: …, out: …}, and they a side column"
            )
        try:
            return {side: re.compile(str(word)) for side, word in sides.items()}
        except re.error as error:
            raise self.wrong("sides", f"sides: {error}") from error

    def skip_rows(self) -> int:
        skip = self.raw.get("skip_rows", 0)
        if type(skip) is not int or not 0 <= skip <= 10_000:
            raise self.wrong("skip_rows", f"skip_rows: {skip!r} is no number of rows")
        return skip


def read_mapping(name: str, data: bytes) -> Mapping:
    """Return a mapping file's content; raises ImportFileError naming file and line."""
    file = _MappingFile(name, data)
    columns, raw = file.columns(), file.raw
    # What tells one bank from another is required: its date, its money columns and its marks.
    required = [
        column
        for column in columns
        if column in ("date", "amount", "paid_in", "paid_out", "side") or column.startswith("mark")
    ]
    bank = str(raw.get("bank") or Path(name).stem)
    layout = Layout(
        f"{bank} statement", columns, tuple(required),
        "export the statement again, or write a mapping file for it (docs/how-to)",
        ragged=True, footer=str(raw.get("footer") or ""),
    )  # fmt: skip
    words = raw.get("words") or []
    return Mapping(
        bank=bank,
        layout=layout,
        texts=tuple(column for column in columns if column.startswith("text")),
        sign=file.one_of("sign", "positive_in", "positive_out"),
        sides=file.sides("side" in columns),
        date_format=str(raw["date_format"]) if raw.get("date_format") else None,
        encoding=file.one_of("encoding", None, "utf-8", "gb18030", "utf-16"),
        skip_rows=file.skip_rows(),
        account=file.one_of("account", "debit", "card"),
        words=words_of(words if isinstance(words, list) else [words], name),
    )


@cache
def ready_mappings() -> tuple[Mapping, ...]:
    """Return the mappings that are shipped, by name."""
    folder = resources.files(__package__) / "banks"
    files = sorted(folder.iterdir(), key=lambda file: file.name)
    return tuple(
        read_mapping(file.name, file.read_bytes()) for file in files if file.name.endswith(".yaml")
    )


def read_statement(
    path: Path,
    *,
    borrower: str,
    zone: Zone,
    key: bytes = b"",
    received_at: int | None = None,
    own: Sequence[str] = (),
    now: int | None = None,
    mapping: Mapping | None = None,
) -> tuple[list[Event], ImportReport]:
    """Read one statement of one borrower; return its payments and the account of the file.

    Without `mapping` the ready ones are tried. Where a statement tells the day alone, noon stands
    for the hour. Arguments as in `read_alipay`; raises ImportFileError naming file and line.
    """
    table, mapping = _table(path, mapping)
    names = tuple(dict.fromkeys((*own, *_owners(table))))
    report = ImportReport(
        table.file, source="bank", notes=[f"read as {mapping.bank}", *table.notes]
    )
    made = Payments("bank", Handed(borrower, key, received_at, names, now), report)
    seen: Counter[tuple[object, ...]] = Counter()
    for row in table.rows():
        _take(row, made, mapping, zone, seen)
    return made.done()


def _table(path: Path, mapping: Mapping | None) -> tuple[Table, Mapping]:
    if mapping:
        table = read_table(path, mapping.layout, encoding=mapping.encoding, skip=mapping.skip_rows)
        return table, mapping
    ready = ready_mappings()
    table = read_table(path, *(one.layout for one in ready))
    return table, next(one for one in ready if one.layout is table.layout)


def _owners(table: Table) -> list[str]:
    return [name for line in table.preamble for name in _OWNER.findall(line) if "*" not in name]


def _take(
    row: Row, made: Payments, mapping: Mapping, zone: Zone, seen: Counter[tuple[object, ...]]
) -> None:
    at = _at(row, mapping, zone)
    direction, amount, reason = _amount(row, mapping)
    reason = made.left_out(row, at) or reason
    currency = _CURRENCIES.get(row["currency"].upper(), row["currency"])
    if currency and currency != "CNY":
        known = currency in get_args(Currency)
        reason = f"{currency}: only yuan are read" if known else f"currency {currency} not known"
    if reason:
        made.report.skip(row.line, reason)
        return
    text = " ".join(row[column] for column in mapping.texts)
    wallet = wallet_of(f"{text} {row['party']}")
    category = category_of(f"{text} {row['party']}", direction, mapping.words)
    if wallet and direction == "in" and category in ("transfer", "unknown"):
        # What a wallet pays out to a card is the person's own balance, however it came there.
        category = "self_transfer"
    if mapping.account == "card" and direction == "in" and category != "refund":
        # Paying one's own card off is no money that came from outside.
        category = "self_transfer"
    balance = _balance(row)
    same = (mapping.bank, at, amount, direction, row["balance"], text, row["party"])
    seen[same] += 1
    event = made.add(
        at, amount, direction, category, channel="card", balance=balance,
        party=(row["party"], row["party_account"]), identity=(*same, row["order"], seen[same]),
    )  # fmt: skip
    made.report.understood += 1
    if wallet:
        made.report.through[event.id] = wallet


def _at(row: Row, mapping: Mapping, zone: Zone) -> int:
    text = row["date"]
    if mapping.date_format:
        try:
            text = datetime.strptime(text, mapping.date_format).strftime("%Y-%m-%d")  # noqa: DTZ007
        except ValueError as error:
            raise ImportFileError(
                f"not a date: {text[:40]!r}", where=row.where, code="import.date",
                next_step=f"the mapping says that dates look like {mapping.date_format}",
            ) from error  # fmt: skip
    # One column may hold both; then a time of its own is not looked for.
    if " " in text.strip() and not row["time"] and ":" in text:
        return when(text, zone, row.where)
    return when(text.split(" ")[0], zone, row.where, time=row["time"])


def _amount(row: Row, mapping: Mapping) -> tuple[Direction, int, str]:
    """Return direction, fen and why the row is no payment ("" when it is one)."""
    if "amount" not in mapping.layout.columns:
        paid = {side: _cell(row, f"paid_{side}") for side in ("in", "out")}
        came, went = paid["in"], paid["out"]
        if came and went:
            return "in", 0, "both in and out are filled"
        if not came and not went:
            return "in", 0, "neither in nor out is filled"
        fen = came or -went
    else:
        fen = signed_money(row["amount"], row.where)
        if mapping.sides:
            sides = [side for side, word in mapping.sides.items() if word.search(row["side"])]
            if len(sides) != 1:
                return "in", 0, f"side {row['side'] or '-'} not known"
            fen = abs(fen) if sides[0] == "in" else -abs(fen)
        elif mapping.sign == "positive_out":
            fen = -fen
    if fen == 0:
        return "in", 0, "amount is zero"
    return ("in" if fen > 0 else "out"), abs(fen), ""


def _cell(row: Row, column: str) -> int:
    text = row[column]
    return abs(signed_money(text, row.where)) if text.strip("-") else 0


def _balance(row: Row) -> int | None:
    """Return the balance where it is a plain amount; a masked one is no reason to refuse a row."""
    try:
        fen = signed_money(row["balance"], row.where)
    except ImportFileError:
        return None
    return fen if abs(fen) <= MAX_AMOUNT else None
