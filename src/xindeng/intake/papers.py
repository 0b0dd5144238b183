"""Every kind of bill a person can hand in, by name; and which kind a file is, by its headings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from xindeng.events.envelope import Event
from xindeng.intake import alipay, wechat
from xindeng.intake.files import read_bytes
from xindeng.intake.report import ImportReport
from xindeng.intake.statement import Mapping, read_mapping, read_statement, ready_mappings
from xindeng.intake.table import Layout, read_table
from xindeng.kernel.time import Zone

Importer = Callable[..., tuple[list[Event], ImportReport]]

IMPORTERS: Final[dict[str, Importer]] = {
    "alipay": alipay.read_alipay,
    "wechat": wechat.read_wechat,
    "bank": read_statement,
}
"""Kind of bill → its importer; a new importer is one more line here and in `_layouts`."""


def _layouts() -> dict[str, tuple[Layout, ...]]:
    return {
        "alipay": (alipay.LAYOUT,),
        "wechat": (wechat.LAYOUT,),
        "bank": tuple(mapping.layout for mapping in ready_mappings()),
    }


def kind_of(path: Path) -> str:
    """Return the kind of bill a file is; raises ImportFileError when no layout fits it."""
    layouts = _layouts()
    every = (layout for some in layouts.values() for layout in some)
    found = read_table(path, *every, head_only=True).layout
    return next(kind for kind, some in layouts.items() if any(one is found for one in some))


def mapping_at(path: Path) -> Mapping:
    """Return the mapping file at a path; raises ImportFileError naming file and line."""
    return read_mapping(path.name, read_bytes(path))


def read_paper(
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
    """Read a bill of whatever kind its headings say; with `mapping` it is a bank statement.

    Arguments as in `read_alipay`. Raises ImportFileError naming file and line.
    """
    kind = "bank" if mapping else kind_of(path)
    extra = {"mapping": mapping} if mapping else {}
    return IMPORTERS[kind](
        path, borrower=borrower, zone=zone, key=key, received_at=received_at, own=own, now=now,
        **extra,
    )  # fmt: skip
