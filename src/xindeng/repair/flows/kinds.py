"""What can be recognised in a person's flows of money: the findings, and how to correct them.

Amounts are fen, days local day numbers. Each finding names the rule that made it, the events it
rests on and the reason in words; nothing here is decided by a model.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from xindeng.events.life import PaymentCategory

Meaning = Literal["salary", "other_income", "self", "lender", "rent", "refund", "person", "ignore"]
"""What a person can say a payer or payee is. `person`: friends and family, neither income nor debt;
`ignore`: counts for nothing at all."""

Steadiness = Literal["steady", "varying", "unsteady", "too_short"]
Reason = Literal[
    "self_transfer", "refund", "fund_redemption", "loan_proceeds", "person", "few_receipts",
    "unproven", "ignored",
]  # fmt: skip
"""Why money that came in is no income."""


@dataclass(frozen=True, slots=True)
class Correction:
    """A person's own word: `party` (as in the events) is this; `name` is how they wrote it."""

    party: str
    meaning: Meaning
    name: str = ""


@dataclass(frozen=True, slots=True)
class Why:
    """A reason in both languages, for the person it is about."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """`rule` is the stated rule's id, `sources` the ids of the events, `corrected` by the person.

    `party` is the counterparty as in the events; None where it is many or unknown.
    """

    rule: str
    sources: tuple[str, ...]
    why: Why
    party: str | None = None
    corrected: bool = False


@dataclass(frozen=True, slots=True)
class MonthAmount:
    """What came or went in one calendar month; `month` is the day number of its first day."""

    month: int
    amount: int


@dataclass(frozen=True, slots=True)
class Stability:
    """How even income is over the last whole calendar months (at most 12).

    `months` were seen and `paid` of them had income; `spread_bp` is the median distance from the
    median month, in 1/100 % of it. steady: paid every month, spread at most 10 %; varying: three
    of four months, at most 30 %; unsteady: less even; too_short: fewer than three months.
    """

    months: int
    paid: int
    spread_bp: int | None
    word: Steadiness


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomeSource(Finding):
    """One payer's income. `usual` is the middle month of those paid, so a bonus changes nothing.

    `pay_day` is the usual day of the month. Only a `counted` and `ongoing` source is part of
    `Flows.monthly_income`; one that is not counted is shown and can be confirmed by a correction.
    """

    kind: Literal["salary", "other", "takings"]
    monthly: tuple[MonthAmount, ...]
    usual: int
    pay_day: int | None
    stability: Stability
    last_day: int
    ongoing: bool
    counted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Regular(Finding):
    """A payment that comes again: rent or a subscription.

    `usual` fen each `every` months (1, or 3, 6, 12 for rent paid ahead); `stated` when the papers
    themselves call it so, not only the pattern.
    """

    kind: Literal["rent", "subscription"]
    usual: int
    every: int
    stated: bool
    pay_day: int
    last_day: int
    ongoing: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LenderFlow(Finding):
    """One lender as seen in flows: what came (`proceeds`) and what was paid back (`repaid`).

    `usual` is the middle month's repayment, `pay_day` its usual day, None when nothing was repaid.
    A flow tells neither balance nor rate, so both are missing here.
    """

    kind: Literal["loan", "card"]
    proceeds: int
    proceeds_times: int
    last_proceeds_day: int | None
    repaid: int
    repaid_times: int
    usual: int | None
    pay_day: int | None
    ongoing: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class InstalmentFlow(Finding):
    """A purchase split into `instalments` of about `monthly` fen; `day` is that of the purchase."""

    amount: int
    instalments: int
    monthly: int
    day: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnMove(Finding):
    """Money moved between the person's own accounts, both ways in fen."""

    moved_in: int
    moved_out: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAside(Finding):
    """Money that came in and is no income: `amount` fen in `times` payments."""

    reason: Reason
    amount: int
    times: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected(Finding):
    """A correction that was followed: `before` → how the flows alone would have been read."""

    meaning: Meaning
    name: str
    before: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Flows:
    """All that was recognised in the payments of local days `first_day` … `last_day`.

    `monthly_income` is the sum of the usual months of all counted, ongoing sources; None where no
    income was seen. `whole` are the first days of the months wholly seen. `labels` maps event id →
    category where it differs from the event's own (see `relabelled`). `unused` are corrections
    whose party never appears.
    """

    first_day: int | None = None
    last_day: int | None = None
    whole: tuple[int, ...] = ()
    monthly_income: int | None = None
    stability: Stability | None = None
    income: tuple[IncomeSource, ...] = ()
    rent: tuple[Regular, ...] = ()
    subscriptions: tuple[Regular, ...] = ()
    lenders: tuple[LenderFlow, ...] = ()
    instalments: tuple[InstalmentFlow, ...] = ()
    own: tuple[OwnMove, ...] = ()
    set_aside: tuple[SetAside, ...] = ()
    corrections: tuple[Corrected, ...] = ()
    unused: tuple[Correction, ...] = ()
    labels: Mapping[str, PaymentCategory] = field(default_factory=dict)


NO_FLOWS: Final = Flows()
"""What an empty history tells: nothing."""
