"""A report against its truth: account ids and the order of lists aside, everything must be equal."""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path

from msgspec import to_builtins
from msgspec.structs import replace

from xindeng.events.credit import CreditReport
from xindeng.intake.pboc.read import read_pboc
from xindeng.intake.report import ImportReport
from xindeng.kernel.time import zone
from xindeng.lab.papers.person import Sample
from xindeng.lab.papers.reports import SUFFIXES, write_report
from xindeng.lab.papers.simple import simplified

SHANGHAI = zone("Asia/Shanghai")


def plain(report: CreditReport) -> dict:
    """Return what a report says, with accounts named by their content and all lists sorted."""
    names = {
        one.account: f"{one.kind} {one.lender} {one.opened_day} {one.limit}"
        for one in report.accounts
    }
    groups: dict = defaultdict(list)
    for one in report.accounts:
        groups[one.group].append(names[one.account])
    accounts = [
        {**to_builtins(replace(one, account="-", group=None)),
         "group": sorted(groups[one.group]) if one.group else None}
        for one in report.accounts
    ]  # fmt: skip
    remarks = [
        {**to_builtins(replace(one, account=None)), "account": names.get(one.account)}
        for one in report.annotations
    ]
    said = to_builtins(report)
    said |= {"accounts": accounts, "annotations": remarks}
    for name, value in said.items():
        if isinstance(value, list | tuple):
            said[name] = sorted(value, key=repr)
    return said


def truth(sample: Sample, form: str) -> dict:
    """Return what a report of a form can say of a sample."""
    if form == "simple":
        return plain(simplified(sample.report))
    # Defaults are left out by identity, so the word must be the very one of the type.
    return plain(replace(sample.report, format=sys.intern(form)))


def written(folder: Path, sample: Sample, form: str, layout: str) -> Path:
    """Write a report and return its path."""
    path = folder / f"{form}-{layout}.{SUFFIXES.get(layout, 'pdf')}"
    path.write_bytes(write_report(sample, form, layout))
    return path


def read(path: Path, **more) -> tuple[CreditReport, ImportReport]:
    """Read a report with its lenders readable, unless `key` says otherwise."""
    (event,), report = read_pboc(path, **{"borrower": "b", "zone": SHANGHAI, "key": None, **more})
    assert isinstance(event.payload, CreditReport)
    return event.payload, report
