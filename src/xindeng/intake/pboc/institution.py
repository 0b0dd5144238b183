"""The institutional structure: units PRH, PDA, PCO … with coded elements, as JSON or XML.

Element names such as PD01AJ01 say segment (PD01), group (A), kind (J: whole yuan, R: day or month,
S: count, D: code) and number. Null, an empty text and `--` say nothing.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, Final

from xindeng.events.credit import AccountKind
from xindeng.events.dues import ENDED
from xindeng.intake.pboc.draft import Draft, Head
from xindeng.intake.pboc.grid import Month, grid_text
from xindeng.intake.pboc.institution_parts import read_others
from xindeng.intake.pboc.rows import Row
from xindeng.intake.pboc.tree import NEXT, Fault, Node, read_tree
from xindeng.intake.pboc.values import (
    day,
    first_day,
    month,
)
from xindeng.intake.pboc.words import GRID, LENDER_CODES, STATUS_CODES, TIERS
from xindeng.intake.report import ImportReport
from xindeng.kernel.errors import ImportFileError
from xindeng.kernel.time import Zone, from_date

_TIME: Final = re.compile(
    r"([0-9]{4})[-./年]?([0-9]{2})[-./月]?([0-9]{2})日?[T\s]*(?:([0-9]{2}):?([0-9]{2})(?::?([0-9]{2}))?)?"
)
KINDS: Final = ("D1", "R1", "R2", "R3", "R4", "C1")


def read_institutional(data: bytes, report: ImportReport, zone: Zone, key: bytes | None) -> Draft:
    """Read the structure into a draft; raises ImportFileError for what is none."""
    root = read_tree(data, report.file)
    head = _head(root, report.file)
    assert head.at is not None
    draft = Draft(report, "institutional", head, zone, from_date(head.at.date()), key)
    for number, node in enumerate(root.each("PDA", "PD01"), start=1):
        _account(draft, node, Row(1, number, ()))
    read_others(draft, root)
    return draft


def _head(root: Node, file: str) -> Head:
    first, subject = root.one("PRH", "PA01", "PA01A"), root.one("PRH", "PA01", "PA01B")
    head = Head(first.text("PA01AI01"), None, subject.text("PA01BQ01"), subject.text("PA01BI01"))
    match = _TIME.fullmatch(first.text("PA01AR01"))
    try:
        head.at = datetime(*(int(part or 0) for part in match.groups())) if match else None  # type: ignore[arg-type] # noqa: DTZ001
    except ValueError:
        head.at = None
    if not head.number or head.at is None or not 2019 <= head.at.year <= 2150:
        missing = "PA01AI01 (报告编号)" if not head.number else "PA01AR01 (报告时间)"
        raise ImportFileError(f"no {missing} in PRH.PA01.PA01A", where=file, next_step=NEXT)
    return head


def _account(draft: Draft, node: Node, row: Row) -> None:
    base, latest, monthly = node.one("PD01A"), node.one("PD01B"), node.one("PD01C")
    kind = base.text("PD01AD01")
    try:
        if kind not in KINDS:
            raise Fault(f"PD01AD01: account type {kind[:8] or 'missing'} is not known here")
        name = base.text("PD01AI02")
        if not name:
            raise Fault("PD01AI02: no lender")
        said = _fields(kind, base, latest, monthly)  # type: ignore[arg-type]
        said["grid"], said["grid_end"] = _grid(node)
        said["note"] = _events(node)
    except Fault as fault:
        draft.leave_out(row, f"account {row.line}: {fault}")
        return
    draft.add_account(
        row, name, kind,  # type: ignore[arg-type]
        mark=base.text("PD01AI03"), agreement=base.text("PD01AI04"),
        currency="人民币" if base.text("PD01AD04") in {"", "CNY"} else base.text("PD01AD04"),
        lender_kind=LENDER_CODES.get(base.text("PD01AD02")), **said,
    )  # fmt: skip


def _fields(kind: AccountKind, base: Node, latest: Node, monthly: Node) -> dict[str, Any]:
    code = latest.text("PD01BD01") or monthly.text("PD01CD01")
    status = STATUS_CODES[kind].get(code)
    if status is None:
        raise Fault(f"PD01BD01: status {code[:8] or 'missing'} of {kind} is not known here")
    tier = latest.text("PD01BD03") or monthly.text("PD01CD02")
    if tier and tier not in TIERS:
        raise Fault(f"PD01BD03: class {tier[:8]} is not known here")
    told = (latest.money("PD01BJ01"), monthly.money("PD01CJ01"), monthly.money("PD01CJ02"))
    owed = next((found for found in told if found is not None), None)
    if owed is None:
        if status not in ENDED and status != "inactive":
            raise Fault("PD01BJ01: no balance")
        owed = 0
    late = monthly.money("PD01CJ06") or 0
    if status == "overdue" and not late:
        raise Fault("PD01CJ06: overdue without an amount")
    limit = base.money("PD01AJ01") if kind in {"D1", "C1"} else base.money("PD01AJ02")
    return {
        "status": status,
        "tier": TIERS.get(tier, "unclassified"),
        "limit": limit,
        "balance": owed + (monthly.money("PD01CJ03") or 0),
        "monthly_due": monthly.money("PD01CJ04") or 0,
        "months_left": _capped(monthly.number("PD01CS01")),
        "overdue_amount": late,
        "overdue_months": monthly.number("PD01CS02") or 0,
        "opened_day": base.day("PD01AR01"),
        "ends_day": base.day("PD01AR02"),
        "closed_day": latest.day("PD01BR01") or latest.day("PD01BR04"),
    }


def _capped(months: int | None) -> int | None:
    return None if months is None else min(months, 600)


def _grid(node: Node) -> tuple[str, int | None]:
    """Return the 24 months of group D with the older ones of group E before them."""
    signs: dict[Month, str] = {}
    for group, rows, when, what in (("PD01D", "PD01DH", "PD01DR03", "PD01DD01"),
                                    ("PD01E", "PD01EH", "PD01ER03", "PD01ED01")):  # fmt: skip
        for line in node.each(group, rows):
            at, sign = month(line.text(when)), _sign(line, what)
            if at is None and (told := day(line.text(when))) is not None:
                raise Fault(f"{when}: {told} is a day, not a month")
            if at is None or sign not in GRID:
                raise Fault(
                    f"{what}: {sign[:4] or 'no sign'} of {line.text(when)[:10]} is not known"
                )
            if signs.setdefault(at, sign) != sign:
                raise Fault(f"two signs for {at[0]}-{at[1]:02d}")
    if not signs:
        return "", None
    last = max(signs)
    return grid_text(signs, last), first_day(*last)


def _sign(line: Node, name: str) -> str:
    found = line._found.get(name)  # "/" is a sign here, not an empty cell
    return (
        str(found).strip() if isinstance(found, str | int) and not isinstance(found, bool) else ""
    )


def _events(node: Node) -> str:
    told = [
        f"{code} {line.text(when)}".strip()
        for group, rows, what, when in (("PD01F", "PD01FH", "PD01FD01", "PD01FR01"),
                                        ("PD01G", "PD01GH", "PD01GD01", "PD01GR01"))
        for line in node.each(group, rows)
        if (code := line.text(what))
    ]  # fmt: skip
    return "; ".join(told)[:500]
