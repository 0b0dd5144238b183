"""Half a year of one made-up person's money, as every paper of theirs then shows it.

What happens is told once; each wallet and the bank then see their own part of it. A payment by card
through a wallet stands in both, as in life.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, Literal

from xindeng.events.credit import CreditReport, ReportAccount
from xindeng.kernel.time import to_date

Way = Literal["bank", "alipay_card", "alipay_balance", "wechat_card", "wechat_balance"]
MONTHS: Final = 6
EMPLOYER: Final = "虚构科技有限公司"
LANDLORD: Final = "李样例"
FRIEND: Final = "王测试"
_SHOPS: Final = (("样例便利店", "日用百货"), ("虚构面馆", "餐饮美食"), ("示范地铁", "交通出行"),
                 ("测试超市", "日用百货"), ("样例饮品店", "餐饮美食"))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Happening:
    """One movement of money: `fen` in or out, whom it went to or came from, and by which way.

    `what` is wage, rent, shopping, refund, friend, film, loan, card, withdrawal or fund.
    """

    at: datetime
    fen: int
    direction: Literal["in", "out"]
    what: str
    party: str
    way: Way
    category: str = ""

    @property
    def order(self) -> str:
        """Return a number as a wallet would give it."""
        return f"{self.at:%Y%m%d%H%M%S}{self.fen:08d}"


def income_of(report: CreditReport) -> int:
    """Return a wage in fen: twice what falls due, in whole thousands, ¥5,000 at the least."""
    due = sum(account.monthly_due for account in report.accounts if account.balance)
    return max(500_000, -(-due * 2 // 100_000) * 100_000)


def life(report: CreditReport, *, seed: int = 0) -> list[Happening]:
    """Return what happened in the six months before the report, in order of time."""
    dice = random.Random(f"{seed}/{report.report_day}/{len(report.accounts)}")
    end = to_date(report.report_day)
    found: list[Happening] = []
    for back in range(MONTHS, 0, -1):
        number = end.year * 12 + end.month - 1 - back
        found += _month(report, dice, date(number // 12, number % 12 + 1, 1))
    return sorted((one for one in found if one.at.date() < end), key=lambda one: one.at)


def _month(report: CreditReport, dice: random.Random, first: date) -> Iterator[Happening]:
    def at(day: int, hour: int = 10) -> datetime:
        clock = time(hour, dice.randrange(60), dice.randrange(60))
        return datetime.combine(first + timedelta(days=day - 1), clock)

    yield Happening(at(10, 9), income_of(report), "in", "wage", EMPLOYER, "bank")
    yield Happening(at(3), 240_000, "out", "rent", LANDLORD, "wechat_card")
    yield Happening(at(12), 2_500, "out", "film", "样例视频", "alipay_card", "文化休闲")
    for place, account in enumerate(report.accounts):
        if account.balance and account.monthly_due:
            what = "card" if account.kind in ("R2", "R3") else "loan"
            yield Happening(at(15 + place % 10), account.monthly_due, "out", what, account.lender,
                            "bank")  # fmt: skip
    for _ in range(dice.randrange(9, 15)):
        shop, category = dice.choice(_SHOPS)
        way: Way = dice.choice(("alipay_card", "alipay_balance", "wechat_card", "wechat_balance"))
        moment, fen = at(dice.randrange(1, 29), dice.randrange(8, 22)), dice.randrange(300, 9_000)
        yield Happening(moment, fen, "out", "shopping", shop, way, category)
        if dice.random() < 0.1:
            yield Happening(moment + timedelta(days=1), fen, "in", "refund", shop, way, category)
    yield Happening(at(20, 20), dice.randrange(3_000, 9_000), "in", "friend", FRIEND,
                    "wechat_balance")  # fmt: skip
    yield Happening(at(25), 30_000, "in", "withdrawal", "支付宝", "alipay_balance")
    yield Happening(at(26), 50_000, "in", "fund", "虚构基金销售有限公司", "alipay_balance")


def open_accounts(report: CreditReport) -> list[ReportAccount]:
    """Return the accounts with a balance, as the person lists them."""
    return [account for account in report.accounts if account.balance]
