"""The other units of the structure: guarantees, public records, remarks, enquiries."""

from __future__ import annotations

from typing import Final

from xindeng.events.credit import (
    ReportAnnotation,
    ReportGuarantee,
    ReportInquiry,
    ReportPublicRecord,
)
from xindeng.intake.pboc.draft import Draft
from xindeng.intake.pboc.inquiries import OWN, is_asked, reason_of
from xindeng.intake.pboc.public import Kind
from xindeng.intake.pboc.rows import Row
from xindeng.intake.pboc.tree import Node
from xindeng.intake.pboc.values import amount, count, day, day_or_month
from xindeng.intake.pboc.words import TIERS

_PUBLIC: Final[tuple[tuple[str, str, Kind, str, str, str], ...]] = (
    ("POT", "PF01", "tax_arrears", "PF01AQ01", "PF01AR01", "PF01AJ01"),
    ("PCJ", "PF02", "court_judgement", "PF02AQ01", "PF02AR02", "PF02AJ01"),
    ("PCE", "PF03", "enforcement", "PF03AQ01", "PF03AR01", "PF03AJ01"),
    ("PAP", "PF04", "administrative_penalty", "PF04AQ01", "PF04AR01", "PF04AJ01"),
)
_SUMMARIES: Final = (
    ("D1", "PC02E", "PC02ES02", "PC02EJ02"), ("R4", "PC02F", "PC02FS02", "PC02FJ02"),
    ("R1", "PC02G", "PC02GS02", "PC02GJ02"), ("R2", "PC02H", "PC02HS02", "PC02HJ04"),
    ("R3", "PC02I", "PC02IS02", "PC02IJ04"), ("C1", "PC02B", "PC02BS01", "PC02BJ01"),
)  # fmt: skip
_DISPUTE_MARK: Final = "异议"


def read_others(draft: Draft, root: Node) -> None:
    """Read all units but the accounts into the draft."""
    _guarantees(draft, root)
    _public(draft, root)
    _inquiries(draft, root)
    for number, line in enumerate(root.each("PDA", "PD01"), start=1):
        for mark in line.each("PD01Z", "PD01ZH"):
            _remark(draft, mark.text("PD01ZQ01"), mark.text("PD01ZR01"), number)
    for line in root.each("POS", "PG01"):
        _remark(draft, line.text("PG010H"), "", None)
    draft.fraud_alert = bool(root.one("PRH", "PA01", "PA01D").text("PA01DQ01"))
    for kind, group, accounts, balance in _SUMMARIES:
        told = root.one("PCO", "PC02", group)
        for name, found in (("accounts", count(told.text(accounts))),
                            ("balance", amount(told.text(balance)))):  # fmt: skip
            if found is not None:
                draft.stated[f"{kind} {name}"] = found


def _guarantees(draft: Draft, root: Node) -> None:
    for number, node in enumerate(root.each("PCR", "PD03", "PD03A"), start=1):
        row, lender = Row(1, number, ()), node.text("PD03AQ01")
        owed = amount(node.text("PD03AJ01"))
        if not lender or owed is None:
            draft.leave_out(row, f"PD03 {number}: lender or amount is missing")
            continue
        draft.guarantees.append(
            ReportGuarantee(
                lender=draft.lender(lender),
                amount=owed,
                balance=amount(node.text("PD03AJ02")),
                opened_day=day(node.text("PD03AR01")),
                tier=TIERS.get(node.text("PD03AD05"), "unclassified"),
            )
        )
        draft.report.understand(number, f"相关还款责任 {lender}", 1)


def _public(draft: Draft, root: Node) -> None:
    for unit, segment, kind, authority, when, how_much in _PUBLIC:
        for number, node in enumerate(root.each(unit, segment, f"{segment}A"), start=1):
            draft.public_records.append(
                ReportPublicRecord(
                    kind=kind,
                    day=day_or_month(node.text(when)),
                    amount=amount(node.text(how_much)),
                    authority=node.text(authority)[:128] or None,
                )
            )
            draft.report.understand(number, f"公共记录 {kind}", 1)


def _inquiries(draft: Draft, root: Node) -> None:
    for number, node in enumerate(root.each("POQ", "PH01"), start=1):
        row, who, why = Row(1, number, ()), node.text("PH010Q02"), node.text("PH010Q03")
        reason, at = reason_of(why), day(node.text("PH010R01"))
        if reason is None or at is None or not (who or reason == "own"):
            draft.leave_out(row, f"PH01 {number}: day, who asked, or why is not known here")
            continue
        asked = ReportInquiry(
            day=at, lender=draft.lender(OWN if reason == "own" else who), reason=reason
        )
        if not is_asked(draft, asked):
            draft.add_inquiry(asked, row)
        draft.report.understand(number, f"查询 {who}: {reason}", 1)


def _remark(draft: Draft, text: str, when: str, account: int | None) -> None:
    """Add a remark; `account` is the number of the block it stands in."""
    if not text:
        return
    name = next(
        (one.account for one, row in zip(draft.accounts, draft.places, strict=True)
         if row.line == account), None,
    )  # fmt: skip
    draft.annotations.append(
        ReportAnnotation(
            kind="dispute" if _DISPUTE_MARK in text else "note",
            account=name,
            day=day_or_month(when),
            text=draft.scrub(text),
        )
    )
