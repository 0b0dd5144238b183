"""Stories as a person's own papers, without files: events, check-up and report."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

from xindeng.decision.request import Request
from xindeng.decision.words import Language
from xindeng.events.envelope import Event
from xindeng.events.expand import expand
from xindeng.events.read import read_event
from xindeng.kernel.time import DAY, from_date
from xindeng.policy.policy import Policy
from xindeng.repair.checkup.blocks import Report
from xindeng.repair.checkup.checkup import CheckUp, check_up
from xindeng.repair.checkup.headline import headline
from xindeng.repair.checkup.papers import Paper, Papers
from xindeng.repair.checkup.report import report_of
from xindeng.repair.checkup.say import Say
from xindeng.repair.checkup.standing import assumed_events, in_sequence
from xindeng.repair.checkup.way import plan_section, projection_section
from xindeng.repair.dossier import dossier_of
from xindeng.repair.flows.recognise import recognise, relabelled
from xindeng.repair.plans.projection import project
from xindeng.repair.plans.search import find_plans
from xindeng.service.policies import load_policy


@cache
def policy() -> Policy:
    return load_policy("consumer_line")


def day(text: str) -> int:
    return from_date(date.fromisoformat(text))


class Person:
    """Somebody with papers, checked at noon of `today`."""

    def __init__(self, today: str) -> None:
        self.zone = policy().zone
        self.now = self.zone.parse(f"{today} 12:00")
        self.events: list[Event] = []

    def tell(self, kind: str, when: str, **payload: Any) -> None:
        at = when if "T" in when else f"{when}T09:00:00"
        raw = {"id": f"{kind}-{len(self.events)}", "borrower": "me", "type": kind,
               "occurred_at": f"{at}+08:00", "payload": payload}  # fmt: skip
        event = read_event(raw, received_at=self.now + DAY, zone=self.zone, currency="CNY")
        self.events += expand(event, self.zone)

    def income(self, yuan: int, when: str) -> None:
        self.tell("income_evidence", when, monthly_income=yuan * 100, source="declared",
                  verified=True)  # fmt: skip

    def report(self, when: str, accounts: Any = (), inquiries: Any = (), **more: Any) -> None:
        self.tell("credit_report", when, report_day=day(when), accounts=list(accounts),
                  inquiries=[{"day": day(d), "lender": who, "reason": why} for d, who, why in inquiries],
                  **more)  # fmt: skip

    def checked(self, yuan: int | None = None, **more: Any) -> CheckUp:
        self.dossier, self.flows, self.own = self._folded()
        request = None if yuan is None else Request(yuan * 100, **more)
        told = {event.type for event in self.own}
        return check_up(policy(), self.dossier, self.now, told=told, request=request,
                        flows=self.flows, report_source="report.pdf")  # fmt: skip

    def told(self, found: CheckUp, lang: Language) -> Report:
        files = {event.type: ("report.pdf",) for event in self.own}
        papers = Papers((Paper(kind="report", name="report.pdf", understood=1),), files)
        say = Say(policy(), lang, self.now, papers)
        plans = find_plans(policy(), self.dossier, found.request, self.now)
        ahead = project(policy(), self.dossier, self.now, request=found.request)
        middle = [plan_section(found, plans, say), projection_section(found, ahead, say)]
        return report_of(policy(), found, lang, papers=papers, events=self.own,
                         headline=headline(found, plans, say), middle=middle)  # fmt: skip

    def _folded(self) -> Any:
        flows = recognise(self.events, self.now, self.zone)
        own = relabelled(self.events, flows)
        told = {event.type for event in own}
        events = in_sequence([*assumed_events(policy(), "me", self.now, told), *own])
        return dossier_of(policy(), events), flows, own


def over_indebted() -> Person:
    """Story 1 as papers: dues of ¥5,300 a month on an income of ¥9,000."""
    person = Person("2026-09-10")
    loan = {"kind": "D1", "grid": "N" * 24}
    person.report("2026-09-09", [
        {"account": "card", "kind": "R2", "lender": "甲银行", "limit": 3_000_000, "balance": 1_800_000,
         "grid": "N" * 24},
        {**loan, "account": "home", "lender": "乙银行", "balance": 14_000_000, "monthly_due": 140_000,
         "months_left": 120},
        {**loan, "account": "L1", "lender": "丙消费金融", "lender_kind": "consumer_finance",
         "balance": 960_000, "monthly_due": 90_000, "months_left": 12},
        {**loan, "account": "L2", "lender": "丁小贷", "lender_kind": "microlender",
         "balance": 128_500, "monthly_due": 65_000, "months_left": 2},
        {**loan, "account": "L3", "lender": "戊小贷", "lender_kind": "microlender",
         "balance": 315_000, "monthly_due": 55_000, "months_left": 6},
    ])  # fmt: skip
    person.income(9_000, "2026-09-10")
    return person


ENQUIRY_DAYS = ("01-05", "01-08", "01-20", "02-10", "03-03", "04-11", "05-02", "05-20", "06-05",
                "06-12", "06-25")  # fmt: skip


def enquirer() -> Person:
    """Story 2 as papers: eleven approval enquiries in 180 days, three reviews that do not count."""
    person = Person("2026-07-01")
    asked = [(f"2026-{d}", f"机构{k}", "loan_approval") for k, d in enumerate(ENQUIRY_DAYS)]
    after = [(f"2026-0{m}-15", "甲银行", "post_loan") for m in (3, 4, 5)]
    account = {"account": "old", "kind": "R2", "lender": "甲银行", "limit": 1_000_000,
               "balance": 100_000, "grid": "N" * 48}  # fmt: skip
    person.report("2026-07-01", [account], [*asked, *after])
    person.income(10_000, "2026-07-01")
    return person


def words_of(report: Report) -> str:
    """Every text of a report in one string."""
    import msgspec

    found: list[str] = []

    def walk(part: Any) -> None:
        if isinstance(part, str):
            found.append(part)
        elif isinstance(part, dict):
            for value in part.values():
                walk(value)
        elif isinstance(part, list | tuple):
            for value in part:
                walk(value)

    walk(msgspec.to_builtins(report))
    return "\n".join(found)
