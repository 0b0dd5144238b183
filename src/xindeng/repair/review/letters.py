"""Dispute letters (异议申请), filled from the record; what is wrong is the person's own claim.

Nothing here decides that a record is wrong. A letter without a claim carries the list of claims as
boxes to tick, and says that it is only for a record that really is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, Literal, get_args

from msgspec import Struct

from xindeng.decision.words import Language
from xindeng.events.credit import CreditReport, ReportAccount
from xindeng.kernel.errors import InputError
from xindeng.kernel.money import Money
from xindeng.kernel.time import to_date
from xindeng.repair.review.labels import IDENTITY, account_labels, enquiry_labels
from xindeng.repair.review.letter_words import CLAIMS, KINDS, LETTER
from xindeng.repair.review.terms import HARD, ReviewTerms
from xindeng.repair.review.words import REASONS

Claim = Literal[
    "not_mine", "already_settled", "amount_wrong", "paid_on_time", "status_wrong",
    "closed_but_open", "enquiry_not_mine", "identity_wrong", "guarantee_not_mine", "duplicate",
]  # fmt: skip
"""What a person can say is wrong with a record."""
_HASH: Final = re.compile(r"[0-9a-f]{16,64}")
CLAIM_NAMES: Final[tuple[str, ...]] = get_args(Claim)

_ACCOUNT: Final[tuple[Claim, ...]] = (
    "not_mine", "already_settled", "amount_wrong", "paid_on_time", "status_wrong",
    "closed_but_open", "duplicate",
)  # fmt: skip
_ENQUIRY: Final[tuple[Claim, ...]] = ("enquiry_not_mine", "duplicate")
_GUARANTEE: Final[tuple[Claim, ...]] = ("guarantee_not_mine", "already_settled", "amount_wrong")
_IDENTITY: Final[tuple[Claim, ...]] = ("identity_wrong",)


class Disputed(Struct, frozen=True, kw_only=True):
    """One record that a letter can be about: its name, what the report says, possible claims."""

    record: str
    lender: str | None
    says: dict[Language, tuple[str, ...]]
    claims: tuple[Claim, ...]


class Letter(Struct, frozen=True, kw_only=True):
    """A letter in one language. `blanks` are the only places left for the person to fill.

    `answer_by` is the local day by which an answer is due if it is received on `day`.
    """

    name: str
    lang: Language
    title: str
    to: str
    lines: tuple[str, ...]
    blanks: tuple[str, ...]
    closing: tuple[str, ...]
    notes: tuple[str, ...]
    day: int
    answer_by: int

    def text(self) -> str:
        """Return the letter as plain text, ready to print."""
        head = [*self.notes, "", "-" * 40, "", self.title, "", self.to, ""]
        return "\n".join([*head, *self.lines, "", *self.closing, "", *self.blanks, ""])


def disputable(report: CreditReport) -> tuple[Disputed, ...]:
    """Return the records of a report that can be disputed at all, right or wrong, in order."""
    labels, asked = account_labels(report), enquiry_labels(report)
    accounts = [_account(account, labels[account.account]) for account in report.accounts]
    guarantees = [
        Disputed(
            record=f"G{place}",
            lender=one.lender,
            says={
                "zh": (f"担保责任：{one.lender}，{Money(one.amount)}",),
                "en": (f"Guarantee: {one.lender}, {Money(one.amount)}",),
            },
            claims=_GUARANTEE,
        )
        for place, one in enumerate(report.guarantee_list, 1)
    ]
    enquiries = [
        Disputed(
            record=asked[one.lender, one.day],
            lender=one.lender,
            says={
                "zh": (f"查询日期：{to_date(one.day)}", f"查询机构：{one.lender}",
                       f"查询原因：{REASONS['zh'][one.reason]}"),
                "en": (f"Day of the enquiry: {to_date(one.day)}", f"By: {one.lender}",
                       f"Reason given: {REASONS['en'][one.reason]}"),
            },
            claims=_ENQUIRY,
        )
        for one in {(o.lender, o.day): o for o in reversed(report.inquiries)
                    if o.reason in HARD}.values()
    ]  # fmt: skip
    enquiries.reverse()
    identity = [
        Disputed(
            record=IDENTITY,
            lender=None,
            says={"zh": ("报告的个人基本信息",), "en": ("The personal part of the report",)},
            claims=_IDENTITY,
        )
    ]
    return (*accounts, *guarantees, *enquiries, *identity)


def _account(account: ReportAccount, label: str) -> Disputed:
    zh = [f"机构：{account.lender}", f"账户类型：{KINDS['zh'][account.kind]}"]
    en = [f"Lender: {account.lender}", f"Account: {KINDS['en'][account.kind]}"]
    if not _HASH.fullmatch(account.account):
        zh.append(f"账户标识：{account.account}")
        en.append(f"Account mark: {account.account}")
    zh.append(f"余额：{Money(account.balance)}")
    en.append(f"Balance: {Money(account.balance)}")
    if account.opened_day is not None:
        zh.append(f"开立日期：{to_date(account.opened_day)}")
        en.append(f"Opened on: {to_date(account.opened_day)}")
    if account.overdue_amount:
        zh.append(f"当前逾期金额：{Money(account.overdue_amount)}")
        en.append(f"Overdue now: {Money(account.overdue_amount)}")
    if account.grid:
        zh.append(f"还款状态（由早到晚）：{account.grid[-24:]}")
        en.append(f"Repayment codes, oldest first: {account.grid[-24:]}")
    return Disputed(
        record=label,
        lender=account.lender,
        says={"zh": tuple(zh), "en": tuple(en)},
        claims=_ACCOUNT,
    )


def letter(
    about: Disputed,
    terms: ReviewTerms,
    day: int,
    report_day: int,
    lang: Language,
    *,
    claim: str | None = None,
    to_lender: bool = False,
) -> Letter:
    """Return the letter to the bureau, or to the lender that reported the record.

    Without a `claim` the person ticks one of those that fit the record. Raises InputError for a
    claim that does not fit it, and for a lender where the record has none.
    """
    if claim is not None and claim not in about.claims:
        raise InputError(
            f"{claim!r} is no claim about {about.record!r}",
            where="letter.claim",
            next_step=f"use one of {', '.join(about.claims)}",
            code="letter.claim",
        )
    if to_lender and about.lender is None:
        raise InputError(
            f"no lender reported {about.record!r}",
            where="letter.to",
            next_step="send this one to the bureau",
            code="letter.to",
        )
    words, answer_by = LETTER[lang], day + terms.dispute_days
    to = words["to_lender"].format(lender=about.lender) if to_lender else words["to_bureau"]
    said = about.says[lang]
    return Letter(
        name="lender" if to_lender else "bureau",
        lang=lang,
        title=words["title"],
        to=to,
        lines=(
            words["opening"].format(day=to_date(report_day)),
            *(f"  · {line}" for line in said),
            "",
            *_claim_lines(about.claims, claim, lang),
            "",
            words["ask"],
            words["clock"].format(days=terms.dispute_days, day=to_date(answer_by)),
        ),
        blanks=tuple(words[key] for key in ("name", "id_number", "phone", "signature", "date")),
        closing=(words["enclosed"],),
        notes=tuple(words[key] for key in ("only_if_wrong", "free", "keep")),
        day=day,
        answer_by=answer_by,
    )


def _claim_lines(claims: Sequence[str], claim: str | None, lang: Language) -> tuple[str, ...]:
    words = LETTER[lang]
    if claim is not None:
        return (words["claim"], f"  {CLAIMS[lang][claim]}")
    return (words["tick"], *(f"  □ {CLAIMS[lang][one]}" for one in claims))
