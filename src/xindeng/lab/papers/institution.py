"""A sample in the institutional structure of the second generation, as JSON or XML."""

from __future__ import annotations

import json
from typing import Any, Final
from xml.etree import ElementTree

from xindeng.events.credit import AccountKind, InquiryReason, ReportAccount
from xindeng.events.dues import CARDS, ENDED
from xindeng.kernel.time import to_date
from xindeng.lab.papers.person import Sample, month_start
from xindeng.lab.papers.printed import REASONS

_STATUS: Final[dict[str, str]] = {
    "normal": "1", "overdue": "2", "settled": "3", "bad_debt": "4", "transferred": "5",
}  # fmt: skip
_CARD: Final[dict[str, str]] = {"normal": "1", "frozen": "2", "closed": "4", "bad_debt": "5"}
_TIERS: Final = {"normal": "1", "special_mention": "2", "loss": "5", "unclassified": None}
_LENDERS: Final = {"bank": "11", "consumer_finance": "24", "microlender": "51", "platform": "99"}
_REASONS: Final[dict[InquiryReason, str]] = {
    "post_loan": "01", "loan_approval": "02", "card_approval": "03", "guarantee_check": "08",
}  # fmt: skip
_SUMMARIES: Final[dict[AccountKind, tuple[str, str, str]]] = {
    "D1": ("PC02E", "PC02ES02", "PC02EJ02"), "R4": ("PC02F", "PC02FS02", "PC02FJ02"),
    "R1": ("PC02G", "PC02GS02", "PC02GJ02"), "R2": ("PC02H", "PC02HS02", "PC02HJ04"),
    "R3": ("PC02I", "PC02IS02", "PC02IJ04"),
}  # fmt: skip


def _day(at: int | None) -> str | None:
    return None if at is None else to_date(at).isoformat()


def _yuan(amount: int | None) -> str:
    return "--" if amount is None else str(amount // 100)


def institutional(sample: Sample) -> dict[str, Any]:
    """Return the sample as the tree of units and coded elements."""
    report, person = sample.report, sample.person
    hour, minute, second = sample.clock
    at = f"{to_date(report.report_day).isoformat()}T{hour:02d}:{minute:02d}:{second:02d}"
    head: dict[str, Any] = {
        "PA01A": {"PA01AI01": sample.number, "PA01AR01": at},
        "PA01B": {"PA01BQ01": person.name, "PA01BD01": "10", "PA01BI01": person.id_number},
    }
    if report.fraud_alert:
        head["PA01D"] = {"PA01DQ01": "防欺诈警示", "PA01DQ02": "19900000000"}
    remarks = {one.account: one for one in report.annotations}
    return {
        "PRH": {"PA01": head},
        "PIM": {"PB01": {"PB01A": {"PB01AQ02": person.address},
                         "PB01B": {"PB01BH": [{"PB01BQ01": person.phone}]}}},
        "PCO": {"PC02": _summary(sample)},
        "PDA": {"PD01": [_account(one, remarks.get(one.account)) for one in report.accounts]},
        "PCR": {"PD03": [
            {"PD03A": {"PD03AQ01": one.lender, "PD03AR01": _day(one.opened_day), "PD03AD05": "1",
                       "PD03AJ01": _yuan(one.amount), "PD03AJ02": _yuan(one.balance)}}
            for one in report.guarantee_list
        ]},
        "POT": {"PF01": [
            {"PF01A": {"PF01AQ01": one.authority, "PF01AJ01": _yuan(one.amount),
                       "PF01AR01": _day(one.day)}}
            for one in report.public_record_list if one.kind == "tax_arrears"
        ]},
        "PCE": {"PF03": [
            {"PF03A": {"PF03AQ01": one.authority, "PF03AJ01": _yuan(one.amount),
                       "PF03AR01": _day(one.day)}}
            for one in report.public_record_list if one.kind == "enforcement"
        ]},
        "POQ": {"PH01": [
            {"PH010R01": _day(one.day), "PH010Q02": one.lender,
             "PH010Q03": _REASONS.get(one.reason, REASONS[one.reason])}
            for one in report.inquiries
        ]},
    }  # fmt: skip


def _summary(sample: Sample) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for kind, (group, count, balance) in _SUMMARIES.items():
        mine = [
            one for one in sample.report.accounts if one.kind == kind and one.status not in ENDED
        ]
        if mine:
            told[group] = {count: len(mine), balance: _yuan(sum(one.balance for one in mine))}
    return told


def _account(account: ReportAccount, remark: Any) -> dict[str, Any]:
    loan = account.kind in {"D1", "C1"}
    codes = _CARD if account.kind in CARDS else _STATUS
    code = "1" if account.kind == "C1" else codes[account.status]
    node: dict[str, Any] = {
        "PD01A": {
            "PD01AD01": account.kind, "PD01AD02": _LENDERS[account.lender_kind],
            "PD01AI02": account.lender, "PD01AI03": account.account, "PD01AI04": account.group,
            "PD01AR01": _day(account.opened_day), "PD01AD04": "CNY",
            "PD01AJ01" if loan else "PD01AJ02": _yuan(account.limit),
            "PD01AR02": _day(account.ends_day),
        },
        "PD01B": {
            "PD01BD01": code, "PD01BR01": _day(account.closed_day),
            "PD01BJ01": _yuan(account.balance), "PD01BD03": _TIERS[account.tier],
        },
        "PD01C": {
            "PD01CS01": account.months_left, "PD01CJ04": _yuan(account.monthly_due),
            "PD01CS02": account.overdue_months, "PD01CJ06": _yuan(account.overdue_amount),
        },
    }  # fmt: skip
    if account.grid:
        assert account.grid_end is not None
        months = [
            (f"{to_date(month_start(account.grid_end, back)):%Y-%m}", sign)
            for back, sign in enumerate(reversed(account.grid))
        ]
        node["PD01D"] = {"PD01DH": [{"PD01DR03": at, "PD01DD01": s} for at, s in months[:24]]}
        node["PD01E"] = {
            "PD01EH": [{"PD01ER03": at, "PD01ED01": s, "PD01EJ01": 0} for at, s in months]
        }
    if account.note:
        event, when = account.note.split()
        node["PD01F"] = {"PD01FH": [{"PD01FD01": event, "PD01FR01": when}]}
    if remark:
        node["PD01Z"] = {"PD01ZH": [{"PD01ZQ01": remark.text, "PD01ZR01": _day(remark.day)}]}
    return node


def as_json(sample: Sample) -> bytes:
    """Return the structure as JSON."""
    return json.dumps(institutional(sample), ensure_ascii=False, indent=1).encode()


def as_xml(sample: Sample) -> bytes:
    """Return the structure as XML; lists become repeated elements."""
    root = ElementTree.Element("Document")

    def add(parent: ElementTree.Element, name: str, value: Any) -> None:
        for one in value if isinstance(value, list) else [value]:
            child = ElementTree.SubElement(parent, name)
            if isinstance(one, dict):
                for key, inner in one.items():
                    add(child, key, inner)
            else:
                child.text = "" if one is None else str(one)

    for unit, value in institutional(sample).items():
        add(root, unit, value)
    data: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return data
