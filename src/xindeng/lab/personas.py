"""A handful of made-up borrowers for the demo: one sound life each, and what went wrong in it.

Each story starts from the same sound borrower of whom everything is fine, so that what stands in
the way can only come from the facts that were added. Instants are told in hours before the demo's
time; nothing here is drawn at random, and nobody is real.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from xindeng.kernel.time import DAY, HOUR, Zone, to_date

Fact = tuple[str, int, Mapping[str, Any]]
"""An event of a life: its type, its instant (µs) and its payload."""
LETTERS: Final = "子丑寅卯辰巳午"
_DEAR: Final = {"lender_kind": "consumer_finance", "annual_rate_bp": 2_160}
_SMALL: Final = {"lender_kind": "microlender", "annual_rate_bp": 2_400}
_STEPS: Final = ("name_and_id", "document", "face", "bank_card", "mobile")


@dataclass(frozen=True, slots=True)
class Wish:
    """A draw asked for: how long before the demo's time (hours), how much (minor units)."""

    hours: float
    amount: int
    months: int = 12
    confirm: bool = False


@dataclass(frozen=True, slots=True)
class Persona:
    """A made-up borrower: who they are and their story by language, their facts, their wishes."""

    borrower: str
    name: Mapping[str, str]
    story: Mapping[str, str]
    facts: Callable[[Life], None]
    wishes: Sequence[Wish] = (Wish(0.3, 500_000),)


@dataclass(slots=True)
class Life:
    """The facts of one borrower as of instant `now` (µs), to be added to and taken from."""

    now: int
    zone: Zone
    told: list[Fact] = field(default_factory=list)

    @property
    def today(self) -> int:
        """Return the local day of the demo's time."""
        return self.zone.day(self.now)

    def add(self, kind: str, hours: float, /, **payload: Any) -> None:
        """Add a fact that happened so many hours ago."""
        self.told.append((kind, self.now - round(hours * HOUR), payload))

    def drop(self, *kinds: str, **like: Any) -> None:
        """Take away the facts of these types whose payload has these values."""
        self.told = [
            fact for fact in self.told
            if fact[0] not in kinds or any(fact[2].get(k) != v for k, v in like.items())
        ]  # fmt: skip

    def report(self, *accounts: Mapping[str, Any], days: int = 5) -> None:
        """Put another credit report in place of the one that is there."""
        self.drop("credit_report")
        self.add("credit_report", 24 * days, report_day=self.today - days, accounts=list(accounts))


def life_of(persona: Persona, now: int, zone: Zone) -> list[Fact]:
    """Return the facts of a persona, oldest first."""
    life = Life(now, zone)
    _sound(life)
    persona.facts(life)
    return sorted(life.told, key=lambda fact: fact[1])


def _sound(life: Life) -> None:
    life.add("account_opened", 24 * 500, birth_day=8_000)
    life.add("payout_card", 24 * 500 - 1, action="bound", card="c1")
    life.add("limit_change", 24 * 500 - 1, limit=2_000_000, change="granted")
    for category in ("bureau", "transactions", "network"):
        life.add("consent", 24 * 500 - 2, category=category, granted=True)
    life.report(_loan("bank-a", "甲银行", 1_000_000, 52_700, 20))
    life.add("income_evidence", 24 * 20, monthly_income=900_000, source="payroll", verified=True)
    for step in _STEPS:
        life.add("identity_step", 24 * 100, step=step, result="passed")
    life.add("network_snapshot", 24 * 60, exposure_ppm=900, flagged_contacts=0, contacts=21)
    for month in range(13):
        day = 24 * 30 * month
        life.add("payment", day + 72, direction="in", amount=900_000, category="salary",
                 counterparty="org:employer")  # fmt: skip
        life.add("payment", day + 48, direction="out", amount=560_000, category="shopping")
        for week in range(3):
            life.add("purchase", day + 24 * (1 + 7 * week), amount=30_000, merchant=f"shop-{week}")


def _loan(
    account: str, lender: str, balance: int, due: int, months: int, **more: Any
) -> dict[str, Any]:
    return {"account": account, "kind": "D1", "lender": lender, "balance": balance,
            "monthly_due": due, "months_left": months, "grid": "N" * 24, "annual_rate_bp": 600,
            **more}  # fmt: skip


def _green(life: Life) -> None:
    """Leave the sound life as it is, known for longer: a draw of weeks ago rests on it, too."""
    life.add("income_evidence", 24 * 90, monthly_income=900_000, source="payroll", verified=True)
    life.add("credit_report", 24 * 60, report_day=life.today - 60,
             accounts=[_loan("bank-a", "甲银行", 1_100_000, 53_000, 22)])  # fmt: skip


def _bad_record(life: Life) -> None:
    late = "NNNNNNNNNNNNNN1N12NN1N11"
    life.report(
        _loan("bank-a", "甲银行", 1_000_000, 52_700, 20),
        _loan("fin-b", "乙消费金融", 640_000, 46_500, 16, grid=late, overdue_amount=46_500,
              status="overdue", **_DEAR),
    )  # fmt: skip


def _over_indebted(life: Life) -> None:
    life.report(
        _loan("bank-a", "甲银行", 8_000_000, 140_000, 60),
        {"account": "card-b", "kind": "R2", "lender": "庚银行", "balance": 1_800_000,
         "limit": 2_000_000, "monthly_due": 180_000, "grid": "N" * 24,
         "annual_rate_bp": 1_825},
        _loan("fin-c", "丙消费金融", 960_000, 90_000, 12, **_DEAR),
        _loan("fin-d", "丁小额贷款", 128_500, 65_000, 2, **_DEAR),
        _loan("fin-e", "戊消费金融", 315_000, 55_000, 6, **_DEAR),
    )  # fmt: skip


def _many_lenders(life: Life) -> None:
    for days in (2, 6, 9, 14, 19, 26, 33, 47, 61, 88, 101, 132):
        name = f"{LETTERS[days % 7]}小额贷款"
        life.add("loan_application", 24 * days, lender=name, lender_kind="microlender")
        life.add("credit_inquiry", 24 * days - 1, lender=name, reason="loan_approval")
    life.report(
        _loan("bank-a", "甲银行", 1_000_000, 52_700, 20),
        *(
            _loan(f"micro-{n}", f"{LETTERS[n]}小额贷款", 90_000, 16_100, 6, **_SMALL)
            for n in range(6)
        ),
    )


def _idle(life: Life) -> None:
    life.drop("payment", "purchase", "identity_step")
    for month in range(4):
        life.add("payment", 24 * (380 + 30 * month), direction="in", amount=900_000,
                 category="salary", counterparty="org:employer")  # fmt: skip
        life.add("purchase", 24 * (375 + 30 * month), amount=30_000, merchant="shop-0")
    for step in _STEPS:
        life.add("identity_step", 24 * 480, step=step, result="passed")


def _strange_inflow(life: Life) -> None:
    life.add("payment", 30, direction="in", amount=18_000_000, category="transfer",
             counterparty="person:stranger")  # fmt: skip


def _identity(life: Life) -> None:
    life.add("identity_step", 50, step="face", result="failed")


def _theft(life: Life) -> None:
    life.add("login", 30, success=True, device="d-new", network="anonymised")
    life.add("device_change", 30, device="d-new", verified=False)
    life.add("credential_change", 29, kind="mobile")
    life.add("security_incident", 20, kind="account_takeover")


def _over_spending(life: Life) -> None:
    for day in range(1, 29):
        life.add("purchase", 24 * day + 3, amount=138_000, merchant=f"mall-{day % 9}")
        if day % 3:
            life.add("instalment_purchase", 24 * day + 2, amount=38_000, instalments=6,
                     merchant=f"mall-{day % 9}")  # fmt: skip


def _flagged_contacts(life: Life) -> None:
    life.add("network_snapshot", 20, exposure_ppm=310_000, flagged_contacts=5, contacts=24)
    for number in range(3):
        for times in range(3 + number):
            life.add("relation", 30 + 50 * number + 9 * times, other=f"ring-{number + 1}",
                     kind="transfer")  # fmt: skip
    life.add("relation", 70, other="ring-1", kind="shared_device")
    life.add("relation", 24 * 9, other="hammering", kind="contact")
    for number in range(4):
        life.add("relation", 24 * (3 + number), other=f"friend-{number}", kind="transfer")


def _ring(life: Life) -> None:
    """Leave an account that was opened, flagged and tied to the others of its ring; no more."""
    life.told = []
    life.add("account_opened", 24 * 90, birth_day=9_000)
    life.add("consent", 24 * 90, category="network", granted=True)
    for number in range(1, 4):
        life.add("relation", 24 * 5 + number, other=f"ring-{number}", kind="shared_device")
    life.add("relation", 24 * 4, other="cash-out", kind="transfer")
    life.add("account_flag", 24 * 2, flag="ring_member", raised=True)


def _hammering(life: Life) -> None:
    life.drop("income_evidence")
    life.add("income_evidence", 24 * 20, monthly_income=330_000, source="payroll", verified=True)
    life.told = [
        (kind, at, {**payload, "amount": 330_000}) if payload.get("category") == "salary"
        else (kind, at, payload)
        for kind, at, payload in life.told
    ]  # fmt: skip
    life.drop("payment", direction="out")
    life.report(_loan("bank-a", "甲银行", 4_000_000, 185_000, 24))


def _new(life: Life) -> None:
    life.told = [
        (kind, max(at, life.now - 70 * DAY), payload) if kind in (
            "account_opened", "limit_change", "payout_card") else (kind, at, payload)
        for kind, at, payload in life.told
    ]  # fmt: skip


def _about_to_be_zeroed(life: Life) -> None:
    _bad_record(life)
    reported = to_date(life.today - 5).isoformat()
    life.add("limit_warning", 24 * 3, change="zero", effective_day=life.today + 12,
             reason="policy: bureau.overdue_now", limit=0,
             evidence=f"the credit report of {reported} shows ¥465 overdue at 乙消费金融, and six "
                      "months overdue within 24",
             evidence_zh=f"{reported} 的征信报告显示，乙消费金融有 ¥465 正在逾期，"
                         "近24个月累计 6 个月逾期",
             remedy="What would avert it: settle what is overdue before that day and have the "
                    "lender report it.",
             remedy_zh="可以避免的办法：在此之前还清这笔逾期，并请对方更新报送。")  # fmt: skip


PERSONAS: Final[tuple[Persona, ...]] = (
    Persona("over-indebted", {"zh": "陈工 · 负债偏高", "en": "Chen · deep in debt"},
            {"zh": "月入 9,000，五笔借款每月要还 5,300。额度还显示 20,000，就是借不出来。",
             "en": "Earns ¥9,000, repays ¥5,300 a month on five debts. ¥20,000 is shown."},
            _over_indebted, (Wish(0.3, 800_000),)),
    Persona("bad-record", {"zh": "刘姐 · 征信有逾期", "en": "Liu · a bad record"},
            {"zh": "征信报告里有一笔小额消费贷正在逾期，自己差点忘了。",
             "en": "A small loan stands overdue in the credit report, almost forgotten."},
            _bad_record),
    Persona("many-lenders", {"zh": "小赵 · 到处申请", "en": "Zhao · many lenders"},
            {"zh": "两个月里点过十几家平台，六家小贷还有余额。",
             "en": "A dozen applications in a few months, six small lenders with open balances."},
            _many_lenders),
    Persona("idle", {"zh": "孙叔 · 长期不用", "en": "Sun · an idle account"},
            {"zh": "账户大半年没有动过，额度一直显示着。",
             "en": "Nothing moved on the account for over half a year; the limit is still shown."},
            _idle),
    Persona("strange-inflow", {"zh": "吴姐 · 一笔大额入账", "en": "Wu · a strange inflow"},
            {"zh": "昨天有人转来 180,000 的房款，今天就借不了了。",
             "en": "Somebody paid in ¥180,000 for a flat yesterday; today no draw is possible."},
            _strange_inflow),
    Persona("identity", {"zh": "小林 · 身份没核完", "en": "Lin · identity incomplete"},
            {"zh": "前天的人脸核验没有通过，后来忘了再做。",
             "en": "The face check failed two days ago and was never done again."},
            _identity),
    Persona("theft", {"zh": "周老师 · 账号像被盗", "en": "Zhou · account theft"},
            {"zh": "夜里在一台陌生设备上登录，还换了手机号。",
             "en": "A sign-in at night from an unknown device, and the phone number was changed."},
            _theft),
    Persona("over-spending", {"zh": "阿敏 · 花得太快", "en": "Min · over-spending"},
            {"zh": "每天都在下单，大多分期，花的比挣的多。",
             "en": "Orders every day, mostly by instalments, more than comes in."},
            _over_spending, (Wish(0.3, 1_200_000),)),
    Persona("contacts", {"zh": "小马 · 往来账户有风险", "en": "Ma · flagged contacts"},
            {"zh": "往来的几个账户被标记了。演示里打开了这个默认关闭的开关。",
             "en": "Some of the accounts dealt with are flagged. The demo switches on this area, "
                   "which ships switched off."},
            _flagged_contacts),
    Persona("hammering", {"zh": "大刘 · 反复点借款", "en": "Da Liu · hammering the button"},
            {"zh": "被拒以后一天里试了好几次，越试越不行。",
             "en": "Refused, then tried again and again on the same day."},
            _hammering, (Wish(9, 1_500_000), Wish(6, 1_200_000), Wish(3, 1_000_000),
                         Wish(0.3, 800_000))),
    Persona("brake", {"zh": "小何 · 平台收紧", "en": "He · the platform has tightened"},
            {"zh": "新开通的用户，一切正常，只是平台对新用户暂停了放款。",
             "en": "New, with everything in order; the platform paused draws for new ones."},
            _new),
    Persona("zeroing", {"zh": "老郑 · 额度快被清零", "en": "Zheng · about to be zeroed"},
            {"zh": "收到提醒：如果逾期不处理，额度十二天后可能变成 0。",
             "en": "A warning came: unless arrears are settled the limit may be 0 in 12 days."},
            _about_to_be_zeroed),
    Persona("all-green", {"zh": "小唐 · 一切正常", "en": "Tang · all green"},
            {"zh": "借过一笔，按时还着，还可以再借。",
             "en": "Has one loan, repays it on time, and may draw again."},
            _green, (Wish(24 * 40, 600_000, 12, confirm=True),)),
)  # fmt: skip
"""The stories of the demo, the commonest first."""

BYSTANDERS: Final = tuple(
    Persona(f"ring-{number}", {}, {}, _ring, wishes=()) for number in range(1, 4)
)
"""Accounts that are part of somebody's story and have none of their own to be shown."""
