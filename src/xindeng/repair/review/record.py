"""Reviews a credit report by the reading rules, record by record.

M, paid late within the month, is not overdue. A line and its parts, and a loan that several
lenders fund, are one record. One lender's looks on one day are one enquiry; 贷后管理 and 本人查询
are none. A bad record's clock starts when the bad behaviour ends, not when it began.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from xindeng.decision.answer import Light
from xindeng.decision.board import SEVERITY
from xindeng.events.credit import CreditReport
from xindeng.events.dues import units
from xindeng.repair.review.accounts import account_findings
from xindeng.repair.review.findings import Enquiry, Finding, Review
from xindeng.repair.review.labels import IDENTITY, account_labels, enquiry_labels
from xindeng.repair.review.terms import HARD, ReviewTerms, add_months

_BAD_TIERS = frozenset({"substandard", "doubtful", "loss", "default"})


def review(
    report: CreditReport, terms: ReviewTerms, today: int, *, source: str = "credit_report"
) -> Review:
    """Return the review of a report as of local day `today`; `source` names the paper."""
    enquiries = tuple(_enquiries(report, terms))
    counts = {
        window: sum(one.hard and one.day <= today < one.leaves[window] for one in enquiries)
        for window in terms.windows
    }
    found = [*_findings(report, terms, today, source), *_enquiry_findings(report, counts, source)]
    found.sort(key=lambda one: -SEVERITY[one.light])
    return Review(
        report_day=report.report_day,
        age_days=today - report.report_day,
        findings=tuple(found),
        enquiries=enquiries,
        counts=counts,
        not_hard=sum(line.reason not in HARD for line in report.inquiries),
        format=report.format,
    )


def _findings(
    report: CreditReport, terms: ReviewTerms, today: int, source: str
) -> Iterator[Finding]:
    if not report.has_record:
        yield Finding(kind="no_record", light=Light.NO_DATA, record="", source=source)
    labels = account_labels(report)
    for unit in units(report.accounts):
        for found in account_findings(unit, report.report_day, terms, today, source):
            yield replace(found, record=labels[found.record])
    yield from _guarantees(report, source)
    yield from _public(report, source)
    if report.fraud_alert:
        yield Finding(kind="fraud_alert", light=Light.YELLOW, record="", source=source)
    if report.identity_mismatch:
        yield Finding(
            kind="identity_mismatch",
            light=Light.YELLOW,
            record=IDENTITY,
            source=source,
            disputable=True,
        )
    for note in report.annotations:
        if note.kind == "statement":
            yield Finding(
                kind="statement",
                light=Light.GREEN,
                record=labels.get(note.account or "", ""),
                source=source,
                facts={"text": note.text},
            )


def _guarantees(report: CreditReport, source: str) -> Iterator[Finding]:
    for place, one in enumerate(report.guarantee_list, 1):
        bad = one.tier in _BAD_TIERS
        yield Finding(
            kind="guarantee_bad" if bad else "guarantee",
            light=Light.RED if bad else Light.YELLOW,
            record=f"G{place}",
            source=source,
            facts={
                "lender": one.lender,
                "amount": one.amount,
                "balance": one.amount if one.balance is None else one.balance,
            },
            disputable=True,
        )
    if report.guarantees > len(report.guarantee_list):
        yield Finding(
            kind="guarantees_counted", light=Light.YELLOW, record="", source=source,
            facts={"count": report.guarantees - len(report.guarantee_list)},
        )  # fmt: skip


def _public(report: CreditReport, source: str) -> Iterator[Finding]:
    for place, one in enumerate(report.public_record_list, 1):
        yield Finding(
            kind="public_record",
            light=Light.YELLOW,
            record=f"P{place}",
            source=source,
            facts={
                "what": one.kind,
                "authority": one.authority or "—",
                "amount": one.amount,
                "day": one.day,
            },
            disputable=True,
        )
    if report.public_records > len(report.public_record_list):
        yield Finding(
            kind="public_counted", light=Light.YELLOW, record="", source=source,
            facts={"count": report.public_records - len(report.public_record_list)},
        )  # fmt: skip


def _enquiries(report: CreditReport, terms: ReviewTerms) -> Iterator[Enquiry]:
    """Yield the enquiries, newest first: one a lender and day, by its weightiest reason."""
    labels = enquiry_labels(report)
    seen: dict[tuple[str, int], str] = {}
    for line in report.inquiries:
        key = (line.lender, line.day)
        if key not in seen or (line.reason in HARD and seen[key] not in HARD):
            seen[key] = line.reason
    for (lender, day), reason in sorted(seen.items(), key=lambda one: -one[0][1]):
        yield Enquiry(
            day=day,
            lender=lender,
            reason=reason,
            hard=reason in HARD,
            # The window's left edge is a midnight, so the day counts until its end.
            record=labels.get((lender, day), ""),
            leaves={window: day + window + 1 for window in terms.windows},
            gone_on=add_months(day, terms.enquiry_months),
        )


def _enquiry_findings(
    report: CreditReport, counts: dict[int, int], source: str
) -> Iterator[Finding]:
    """Yield how many enquiries there were; the policy's own light on them is in the check-up."""
    if any(counts.values()):
        window = max(counts)
        yield Finding(
            kind="enquiries", light=Light.GREEN, record="", source=source,
            facts={"count": counts[window], "window": window}, disputable=True,
        )  # fmt: skip
    soft = sum(line.reason not in HARD for line in report.inquiries)
    if soft:
        yield Finding(
            kind="enquiries_other", light=Light.GREEN, record="", source=source,
            facts={"count": soft},
        )  # fmt: skip
