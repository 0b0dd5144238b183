"""When somebody may be spoken to about what they owe: hours, days, how often (GB/T 45251-2025).

Nothing between the closing and the opening hour where the borrower lives, nothing on a public
holiday, and no more effective contacts a day than allowed. Others are spoken to only about how to
reach the borrower, and only where the borrower could not be reached.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from xindeng.kernel.time import HOUR, Zone
from xindeng.policy.policy import Policy
from xindeng.servicing.matters import Clock, figure
from xindeng.servicing.orders import Notice

REMINDER: Final = "collection_reminder"
KINDS: Final = frozenset({REMINDER})
"""The kinds of notice that these rules hold for; all others go out at once."""
_OPENS, _CLOSES = Clock("collection_opens_hour", 8), Clock("collection_closes_hour", 22)
_MOST, _TRIES = Clock("collection_contacts_a_day", 3), Clock("collection_tries_before_others", 3)
_MOST_DAYS: Final = 60

TEXTS: Final[Mapping[str, str]] = {
    "zh": "您有一笔借款已过还款日、还没有还清，金额和明细见账户页。如果已经还款，请忽略这条提醒。"
          "还款有困难，可以先申请困难帮助：申请不扣分、不收费，由专人答复。"
          "任何人以“解冻费、提额、洗白征信”收费都是诈骗。",
    "en": "A loan of yours is past its due day and not fully paid; the amount is on your account "
          "page. If you have paid, please ignore this. If paying is hard, ask for help first: "
          "asking costs no points and no fee, and a person answers. Anyone who charges a fee to "
          "“unfreeze”, raise a limit or clean a credit record is a swindler.",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Hours:
    """The rule as in force: from `opens` to `closes` o'clock, `most` effective contacts a day,
    others only after `tries` that did not reach the borrower."""

    opens: int
    closes: int
    most: int
    tries: int


def hours(policy: Policy, day: int) -> Hours:
    """Return the rule as in force on a local day."""
    return Hours(*(figure(policy, clock, day) for clock in (_OPENS, _CLOSES, _MOST, _TRIES)))


def first_moment(policy: Policy, zone: Zone, at: int, today: int) -> int:
    """Return the first instant from `at` (µs) on at which the borrower may be contacted; `today`
    are the effective contacts of the local day of `at`, in the borrower's zone."""
    day, moment = zone.day(at), at
    for _ in range(_MOST_DAYS):
        rule = hours(policy, day)
        start = zone.midnight(day) + rule.opens * HOUR
        end = zone.midnight(day) + rule.closes * HOUR
        if moment < end and today < rule.most and day not in policy.calendar.holidays:
            return max(moment, start)
        day, today = day + 1, 0
        moment = zone.midnight(day)
    return moment


def reminder() -> Notice:
    """Return the words that remind of a late loan: the fact, the help, the warning."""
    return Notice(kind=REMINDER, texts=TEXTS)
