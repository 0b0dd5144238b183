"""Made-up people and reports: two stories to the yuan and the day, and any number from a seed.

All names are recognisably invented (测试, 样例, 虚构); id numbers are of a region that is none.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from msgspec.structs import replace

from xindeng.events.credit import (
    AccountKind,
    CreditReport,
    InquiryReason,
    LenderKind,
    ReportAccount,
    ReportAnnotation,
    ReportGuarantee,
    ReportInquiry,
    ReportPublicRecord,
)
from xindeng.kernel.errors import InputError
from xindeng.kernel.time import from_date, to_date

YUAN: Final = 100


@dataclass(frozen=True, slots=True)
class Person:
    """Whose paper it is; what a reader must never carry over."""

    name: str
    id_number: str
    phone: str
    address: str


@dataclass(frozen=True, slots=True)
class Sample:
    """A person, the truth of the report, its number and its time of day."""

    person: Person
    report: CreditReport
    number: str
    clock: tuple[int, int, int] = (9, 30, 15)


PERSONS: Final = (
    Person("测试甲", "990000199001010011", "19900000001", "虚构省样例市示范路1号"),
    Person("样例乙", "990000198502020022", "19900000002", "虚构省样例市示范路22号"),
    Person("虚构丙丁", "990000199512120033", "19900000003", "虚构省虚构市样例街333号"),
)
LENDERS: Final[tuple[tuple[str, LenderKind], ...]] = (
    ("虚构第一银行股份有限公司", "bank"), ("样例农村商业银行股份有限公司虚构支行", "bank"),
    ("示范城市银行股份有限公司信用卡中心", "bank"), ("样例消费金融有限公司", "consumer_finance"),
    ("虚构好生活消费金融股份有限公司", "consumer_finance"), ("样例小额贷款有限公司", "microlender"),
    ("虚构互联网小额贷款股份有限公司", "microlender"), ("样例汽车金融有限公司", "platform"),
)  # fmt: skip
CARD_LENDERS: Final = LENDERS[:3]
CLAIMANT: Final[tuple[str, LenderKind]] = ("虚构资产管理有限公司", "platform")
GUARANTOR: Final = "样例融资担保有限公司"


def day(text: str) -> int:
    """Return the day number of an ISO date."""
    return from_date(date.fromisoformat(text))


def month_start(at: int, back: int = 0) -> int:
    """Return the first day of the month `back` months before that of a day."""
    moment = to_date(at)
    months = moment.year * 12 + moment.month - 1 - back
    return from_date(date(months // 12, months % 12 + 1, 1))


def same_day(at: int, ahead: int) -> int:
    """Return the same day of the month `ahead` months later, the 28th at most."""
    moment = to_date(at)
    months = moment.year * 12 + moment.month - 1 + ahead
    return from_date(date(months // 12, months % 12 + 1, min(moment.day, 28)))


def story(name: str) -> Sample:
    """Return the sample of an acceptance story; raises InputError for a name that is none."""
    try:
        return _STORIES[name]()
    except KeyError:
        raise InputError(
            f"no story {name[:20]!r}", next_step=f"use one of {', '.join(_STORIES)}, or a seed"
        ) from None


def _over_indebted() -> Sample:
    """Story 1, 2026-09-10: 5,300 yuan due a month."""
    today = day("2026-09-10")
    last = month_start(today, 1)

    def loan(name: str, kind: LenderKind, lent: int, balance: int, due: int, months: int,
             age: int) -> ReportAccount:  # fmt: skip
        return ReportAccount(
            account=name, kind="D1", lender=name, lender_kind=kind, limit=lent * YUAN,
            balance=balance * YUAN, monthly_due=due * YUAN, months_left=months, tier="normal",
            opened_day=same_day(today, -age), ends_day=same_day(today, months),
            grid="N" * min(age, 24), grid_end=last,
        )  # fmt: skip

    card = ReportAccount(
        account="card", kind="R2", lender=LENDERS[2][0], limit=30_000 * YUAN,
        balance=18_000 * YUAN, monthly_due=900 * YUAN, tier="normal",
        opened_day=same_day(today, -40), grid="N" * 24, grid_end=last,
    )  # fmt: skip
    accounts = (
        loan(LENDERS[0][0], "bank", 36_000, 20_000, 1400, 36, 24),
        loan(LENDERS[5][0], "microlender", 10_800, 9600, 900, 12, 2),
        loan(LENDERS[3][0], "consumer_finance", 7200, 1285, 650, 2, 10),
        loan(LENDERS[4][0], "consumer_finance", 6000, 3150, 550, 6, 6),
        card,
    )
    report = CreditReport(
        report_day=today, format="detailed", accounts=accounts,
        inquiries=(_asked(today - 62, LENDERS[5][0], "loan_approval"),),
    )  # fmt: skip
    return Sample(PERSONS[0], report, "2026091000000001")


def _enquiries() -> Sample:
    """Story 2, 2026-07-01: eleven 贷款审批 in 180 days and three 贷后管理."""
    today = day("2026-07-01")
    hard = ("01-05", "01-08", "01-20", "02-10", "03-03", "04-11", "05-02", "05-20", "06-05",
            "06-12", "06-25")  # fmt: skip
    asked = [
        _asked(day(f"2026-{at}"), f"样例{'一二三四五六七八九十甲'[n]}号小额贷款有限公司",
               "loan_approval")
        for n, at in enumerate(hard)
    ]  # fmt: skip
    asked += [
        _asked(day(f"2026-{at}"), LENDERS[0][0], "post_loan") for at in ("02-15", "04-15", "06-15")
    ]
    account = ReportAccount(
        account="bank", kind="D1", lender=LENDERS[0][0], limit=50_000 * YUAN,
        balance=20_000 * YUAN, monthly_due=900 * YUAN, months_left=24, tier="normal",
        opened_day=same_day(today, -24), ends_day=same_day(today, 24), grid="N" * 24,
        grid_end=month_start(today, 1),
    )  # fmt: skip
    report = CreditReport(
        report_day=today, format="detailed", accounts=(account,), inquiries=tuple(asked)
    )
    return Sample(PERSONS[1], report, "2026070100000002")


_STORIES: Final = {"1": _over_indebted, "2": _enquiries}
STORIES: Final = tuple(_STORIES)


def _asked(at: int, lender: str, reason: InquiryReason) -> ReportInquiry:
    return ReportInquiry(day=at, lender=lender, reason=reason)


def made_up(seed: int) -> Sample:
    """Return a person and a report drawn from a seed: the same seed, the same sample."""
    dice = random.Random(seed)
    today = day("2021-03-01") + dice.randrange(0, 2000)
    today -= max(0, to_date(today).day - 28)  # so that "the same day in n months" always exists
    accounts = _accounts(dice, today)
    disputed = [one for one in accounts if one.disputed]
    annotations = tuple(
        ReportAnnotation(
            kind="dispute", account=one.account, day=today - dice.randrange(1, 20),
            text="信息主体对该账户提出异议",
        )
        for one in disputed
    )  # fmt: skip
    report = CreditReport(
        report_day=today, format="detailed", accounts=tuple(accounts),
        inquiries=tuple(_inquiries(dice, today)), annotations=annotations,
        fraud_alert=dice.random() < 0.1, **_others(dice, today),
    )  # fmt: skip
    if not (accounts or report.guarantee_list or report.public_record_list):
        report = CreditReport(
            report_day=today, format="detailed", has_record=False, inquiries=report.inquiries,
            fraud_alert=report.fraud_alert,
        )  # fmt: skip
    clock = (dice.randrange(24), dice.randrange(60), dice.randrange(60))
    return Sample(
        dice.choice(PERSONS), report, f"{to_date(today):%Y%m%d}{seed % 10**9:010d}", clock
    )


def _accounts(dice: random.Random, today: int) -> list[ReportAccount]:
    made: list[ReportAccount] = []
    if dice.random() < 0.05:
        made.append(_claim(dice, today))
    made += [_account(dice, today, "D1", n) for n in range(dice.randrange(0, 4))]
    if dice.random() < 0.4:
        made += _line(dice, today, paired=dice.random() < 0.6)
    cards = dice.randrange(0, 4)
    made += [_account(dice, today, "R2", 50 + n) for n in range(cards)]
    made += [_account(dice, today, "R3", 90)] if dice.random() < 0.1 else []
    order: tuple[AccountKind, ...] = ("C1", "D1", "R4", "R1", "R2", "R3")
    return sorted(made, key=lambda one: order.index(one.kind))


def _line(dice: random.Random, today: int, *, paired: bool) -> list[ReportAccount]:
    """Return a revolving line, and with `paired` the parts drawn under it: one debt."""
    lender, kind = LENDERS[3]
    base = _account(dice, today, "R1", 30, lender=(lender, kind))
    if not paired:
        return [base]
    group: dict[str, Any] = {"group": "line-30"}
    parts = [
        _account(dice, today, "R4", 40 + n, lender=(lender, kind), **group)
        for n in range(dice.randrange(1, 3))
    ]
    return [replace(base, **group), *parts]


def _account(
    dice: random.Random, today: int, kind: AccountKind, number: int, *,
    lender: tuple[str, LenderKind] | None = None, **more: Any,
) -> ReportAccount:  # fmt: skip
    cards = kind in {"R2", "R3"}
    name, lender_kind = lender or dice.choice(CARD_LENDERS if cards else LENDERS)
    age = dice.randrange(1, 80)
    limit = dice.choice((3, 5, 12, 20, 36, 50, 128, 300)) * 1000 + dice.randrange(0, 1000)
    said: dict[str, Any] = {
        # Never two accounts alike: the day of the month tells them apart.
        "account": f"{kind}-{number}", "kind": kind, "lender": name, "lender_kind": lender_kind,
        "limit": limit * YUAN,
        "opened_day": same_day(month_start(today), -age) + number % 28,
        **more,
    }  # fmt: skip
    if dice.random() < 0.2:
        closed = month_start(today, dice.randrange(1, min(age, 40) + 1))
        said |= {"status": "closed" if cards else "settled",
                 "closed_day": max(closed, month_start(said["opened_day"]))}  # fmt: skip
        return ReportAccount(**said)
    said |= _standing(dice, kind, limit, age, today)
    if kind == "D1":
        said["months_left"] = dice.randrange(1, 60)
        said["ends_day"] = same_day(today, said["months_left"])
    return ReportAccount(**said)


def _standing(
    dice: random.Random, kind: AccountKind, limit: int, age: int, today: int
) -> dict[str, Any]:
    """Return how an open account stands: balance, dues, grid."""
    balance = dice.randrange(0, limit + 1)
    length = min(age, dice.choice((24, 60)))
    late = dice.random() < 0.3
    signs = "N" * 8 + "*M" + ("123C" if late else "")
    history = "".join(dice.choice(signs) for _ in range(length))
    said: dict[str, Any] = {
        "balance": balance * YUAN,
        "monthly_due": dice.randrange(0, balance + 1) // 3 * YUAN,
        "grid": history, "grid_end": month_start(today, 1), "tier": "normal",
        "disputed": dice.random() < 0.1,
        "note": "展期 2020.11.05" if dice.random() < 0.06 else "",
    }  # fmt: skip
    if kind == "R2" and dice.random() < 0.05:
        return {**said, "status": "frozen"}
    if dice.random() < 0.15 and balance:
        depth = dice.randrange(1, 8)
        said |= {"overdue_amount": dice.randrange(1, balance + 1) * YUAN, "overdue_months": depth,
                 "grid": history[:-1] + str(min(depth, 7)), "tier": "special_mention"}  # fmt: skip
        said["status"] = "normal" if kind in {"R2", "R3"} else "overdue"
    elif dice.random() < 0.04:
        said |= {"status": "bad_debt", "tier": "loss", "grid": history[:-1] + "B"}
    return said


def _claim(dice: random.Random, today: int) -> ReportAccount:
    amount = dice.randrange(1000, 90_000)
    name, kind = CLAIMANT
    return ReportAccount(
        account="C1-1", kind="C1", lender=name, lender_kind=kind, status="bad_debt",
        limit=amount * YUAN, balance=amount // 2 * YUAN,
        opened_day=today - dice.randrange(90, 1500),
    )  # fmt: skip


def _inquiries(dice: random.Random, today: int) -> list[ReportInquiry]:
    reasons: tuple[InquiryReason, ...] = (
        "loan_approval", "card_approval", "post_loan", "guarantee_check", "own",
    )  # fmt: skip
    found: list[ReportInquiry] = []
    for _ in range(dice.randrange(0, 14)):
        reason = dice.choice(reasons)
        lender = "本人" if reason == "own" else dice.choice(LENDERS)[0]
        asked = _asked(today - dice.randrange(0, 700), lender, reason)
        found += [] if asked in found else [asked]
    return sorted(found, key=lambda one: (one.reason == "own", -one.day))


def _others(dice: random.Random, today: int) -> dict[str, Any]:
    guarantees = tuple(
        ReportGuarantee(
            lender=dice.choice(LENDERS)[0], amount=(40_000 + n) * YUAN, balance=20_000 * YUAN,
            opened_day=today - dice.randrange(30, 900), tier="normal",
        )
        for n in range(dice.randrange(0, 3) if dice.random() < 0.3 else 0)
    )  # fmt: skip
    records: list[ReportPublicRecord] = []
    if dice.random() < 0.15:
        records.append(ReportPublicRecord(
            kind="enforcement", day=today - dice.randrange(30, 900), amount=12_345 * YUAN,
            authority="虚构市样例区人民法院"))  # fmt: skip
    if dice.random() < 0.1:
        records.append(ReportPublicRecord(
            kind="tax_arrears", day=today - dice.randrange(30, 900), amount=678 * YUAN,
            authority="虚构市税务局"))  # fmt: skip
    return {
        "guarantees": len(guarantees), "guarantee_list": guarantees,
        "public_records": len(records), "public_record_list": tuple(records),
    }  # fmt: skip
