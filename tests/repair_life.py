"""Borrowers under the reference policy, for the tests of plans: sound, but for what a test adds."""

from __future__ import annotations

from functools import cache
from typing import Any

from msgspec.structs import replace

from xindeng.decision.facts import PlatformState
from xindeng.decision.request import Request
from xindeng.events.envelope import Event
from xindeng.events.expand import expand
from xindeng.events.read import read_event
from xindeng.kernel.time import DAY, HOUR, zone
from xindeng.policy.policy import Policy
from xindeng.repair.dossier import Dossier, dossier_of
from xindeng.repair.plans.plan import Plans
from xindeng.repair.plans.search import find_plans
from xindeng.service.policies import load_policy

ZONE = zone("Asia/Shanghai")
Told = tuple[str, int, dict[str, Any]]


@cache
def consumer_line() -> Policy:
    return load_policy("consumer_line")


def at(text: str) -> int:
    return ZONE.parse(text)


def day(text: str) -> int:
    return ZONE.day(at(text))


def date(instant: int | None) -> str:
    return "" if instant is None else f"{ZONE.local(instant):%Y-%m-%d %H:%M}"


def loan(name: str, due: int, balance: int, months: int | None, **more: Any) -> dict[str, Any]:
    """One account of a credit report; yuan."""
    return {"account": name, "kind": "D1", "lender": f"{name} lender", "lender_kind": "microlender",
            "balance": balance * 100, "monthly_due": due * 100, "months_left": months,
            "grid": "N" * 30, **more}  # fmt: skip


def card(name: str, balance: int, limit: int, **more: Any) -> dict[str, Any]:
    return {"account": name, "kind": "R2", "lender": f"{name} bank", "lender_kind": "bank",
            "balance": balance * 100, "limit": limit * 100, "grid": "N" * 40, **more}  # fmt: skip


def sound(now: str, *, income: int = 9_000, limit: int = 20_000) -> list[Told]:
    """(type, instant, payload) of a borrower in good order, without a credit report; yuan."""
    when = at(now)
    opened = when - 600 * DAY
    told: list[Told] = [
        ("account_opened", opened, {"birth_day": 8000}),
        ("limit_change", opened + HOUR, {"limit": limit * 100, "change": "granted"}),
        ("income_evidence", when - 20 * DAY,
         {"monthly_income": income * 100, "source": "payroll", "verified": True}),
    ]  # fmt: skip
    told += [
        ("identity_step", when - 100 * DAY, {"step": step, "result": "passed"})
        for step in ("name_and_id", "document", "face", "bank_card", "mobile")
    ]
    for month in range(13):
        told.append(("payment", when - month * 30 * DAY - 3 * DAY,
                     {"direction": "in", "amount": income * 100, "category": "salary",
                      "counterparty": "employer"}))  # fmt: skip
        for week in range(3):
            told.append(("purchase", when - month * 30 * DAY - (1 + week) * DAY,
                         {"amount": 30_000, "merchant": f"m{week}", "category": "groceries"}))  # fmt: skip
    return told


def report(
    on: str, *accounts: dict[str, Any], inquiries: tuple[Any, ...] = (), **more: Any
) -> Told:
    lines = [{"day": day(d), "lender": who, "reason": why} for d, who, why in inquiries]
    return ("credit_report", at(on), {"report_day": day(on), "accounts": list(accounts),
                                      "inquiries": lines, **more})  # fmt: skip


def events_of(*told: Told, now: str) -> list[Event]:
    """Return the events in sequence, credit reports taken apart."""
    events: list[Event] = []
    for number, (kind, when, payload) in enumerate(sorted(told, key=lambda one: one[1])):
        raw = {"type": kind, "id": f"e{number}", "version": 1, "occurred_at": when,
               "payload": payload}  # fmt: skip
        read = read_event(raw, borrower="b", received_at=at(now) + 400 * DAY, zone=ZONE, own=True)
        for event in expand(replace(read, known_at=when), ZONE):
            events.append(replace(event, seq=len(events) + 1))
    return events


def dossier(*told: Told, now: str, platform: PlatformState | None = None, **more: Any) -> Dossier:
    return dossier_of(consumer_line(), events_of(*told, now=now), platform=platform, **more)


def plans_for(*told: Told, now: str, yuan: int, **more: Any) -> Plans:
    found = dossier(*told, now=now, platform=more.pop("platform", None),
                    debts=more.pop("debts", ()))  # fmt: skip
    offers = more.pop("offers", ())
    return find_plans(consumer_line(), found, Request(yuan * 100, **more), at(now), offers=offers)


STORY_1 = "2026-09-10 10:00"


def indebted(now: str = STORY_1) -> tuple[Told, ...]:
    """Story 1: income 9,000; dues 5,300 a month."""
    return (
        *sound(now),
        report(
            now[:10],
            loan("bank", 1_400, 30_000, 24, lender_kind="bank", lender="a bank"),
            card("card", 18_000, 40_000),
            loan("nine", 900, 9_600, 11),
            loan("six", 650, 1_285, 2),
            loan("five", 550, 3_150, 6),
        ),
    )


ENQUIRIES = ("01-05", "01-08", "01-20", "02-10", "03-03", "04-11", "05-02", "05-20", "06-05",
             "06-12", "06-25")  # fmt: skip
STORY_2 = "2026-07-01 10:00"


def enquirer(now: str = STORY_2, more: tuple[str, ...] = ()) -> tuple[Told, ...]:
    """Story 2: eleven approvals in 180 days; three looks after lending that do not count."""
    asked = [
        (f"2026-{d}", f"lender{n}", "loan_approval") for n, d in enumerate((*ENQUIRIES, *more))
    ]
    after = [(f"2026-0{m}-15", "own lender", "post_loan") for m in (3, 4, 5)]
    return (*sound(now, income=10_000), report(now[:10], card("old", 1_000, 10_000),
                                               inquiries=(*asked, *after)))  # fmt: skip
