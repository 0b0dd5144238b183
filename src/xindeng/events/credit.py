"""What other lenders and the credit bureau say."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from xindeng.events.fields import (
    Amount,
    BasisPoints,
    Count,
    Currency,
    Day,
    Months,
    Name,
    Note,
    Payload,
)

InquiryReason = Literal[
    "post_loan", "loan_approval", "card_approval", "guarantee_check", "guarantee_post",
    "own", "special_merchant", "other",
]  # fmt: skip
"""01 贷后管理 post_loan, 02 贷款审批 loan_approval, 03 信用卡审批 card_approval, 08 担保资格审查
guarantee_check, 本人查询 own. Only approvals and guarantee checks are hard enquiries."""

HARD: Final[tuple[InquiryReason, ...]] = ("loan_approval", "card_approval", "guarantee_check")
"""What asks for new credit; several by one lender on one day are one, told by the first here."""

LenderKind = Literal["bank", "consumer_finance", "microlender", "guarantor", "platform", "person"]
AccountKind = Literal["D1", "R1", "R2", "R3", "R4", "C1"]
"""D1 非循环贷, R1 循环贷, R2 贷记卡, R3 准贷记卡, R4 循环额度下分账户, C1 催收."""

Status = Annotated[str, Meta(max_length=60, pattern=r"^[N*1-7MACGDZB#/]*$")]
"""Repayment grid, oldest first, one code a month (see the PBOC second-generation code list)."""


Tier = Literal["normal", "special_mention", "substandard", "doubtful", "loss", "default",
               "unclassified"]  # fmt: skip
"""Five tiers 1 正常 2 关注 3 次级 4 可疑 5 损失, 6 违约, 9 未分类."""


class _Part(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Base of a report's parts: defaults are left out, so that a new field changes no old id."""


class ReportInquiry(_Part, frozen=True):
    """One line of PH01: who asked on which day and why."""

    day: Day
    lender: Name
    reason: InquiryReason


class ReportAccount(_Part, frozen=True):
    """One account of PD01; amounts in fen. `group` joins an R4 sub-account to its R1 line.

    `grid` is oldest first and `grid_end` is any day of its last month. A simple report has no
    grid: `late_months_5y` and `late_90_months_5y` hold what it says instead, None where nothing is
    said. `bad_since_day` is when the account went bad (呆账), `ends_day` its due date (到期日).
    """

    account: Name
    kind: AccountKind
    lender: Name
    lender_kind: LenderKind = "bank"
    status: Literal["normal", "overdue", "settled", "bad_debt", "transferred", "frozen",
                    "stopped", "closed", "inactive", "judicial"] = "normal"  # fmt: skip
    tier: Tier = "unclassified"
    limit: Amount | None = None
    balance: Amount = 0
    monthly_due: Amount = 0
    months_left: Months | None = None
    annual_rate_bp: BasisPoints | None = None
    overdue_amount: Amount = 0
    overdue_months: Count = 0
    grid: Status = ""
    group: Name | None = None
    disputed: bool = False
    opened_day: Day | None = None
    ends_day: Day | None = None
    closed_day: Day | None = None
    grid_end: Day | None = None
    late_months_5y: Count | None = None
    late_90_months_5y: Count | None = None
    bad_since_day: Day | None = None
    note: Note = ""


class ReportGuarantee(_Part, frozen=True):
    """One debt of somebody else that this person answers for (相关还款责任, 担保); in fen."""

    lender: Name
    amount: Amount
    balance: Amount | None = None
    opened_day: Day | None = None
    tier: Tier = "unclassified"


class ReportPublicRecord(_Part, frozen=True):
    """One public record (PF01–PF08); `amount` is what is claimed, owed or fined, in fen."""

    kind: Literal["court_judgement", "enforcement", "tax_arrears", "administrative_penalty",
                  "other"]  # fmt: skip
    day: Day | None = None
    amount: Amount | None = None
    authority: Name | None = None


class ReportAnnotation(_Part, frozen=True):
    """A remark on the report or one account: 异议标注, 本人声明, or a lender's or centre's note."""

    kind: Literal["dispute", "statement", "note"]
    account: Name | None = None
    day: Day | None = None
    text: Note = ""


class CreditReport(Payload, tag="credit_report", frozen=True):
    """A structured credit report: enquiries and accounts as recorded on `report_day`.

    `guarantees` and `public_records` count; the lists hold what is told of each, if anything is.
    `unread` counts parts that a reader could not understand: accounts may be missing here.
    """

    report_day: Day
    format: Literal["simple", "detailed", "institutional"] = "institutional"
    has_record: bool = True
    inquiries: tuple[ReportInquiry, ...] = ()
    accounts: tuple[ReportAccount, ...] = ()
    guarantees: Count = 0
    public_records: Count = 0
    fraud_alert: bool = False
    identity_mismatch: bool = False
    guarantee_list: tuple[ReportGuarantee, ...] = ()
    public_record_list: tuple[ReportPublicRecord, ...] = ()
    annotations: tuple[ReportAnnotation, ...] = ()
    unread: Count = 0


class BureauSummary(Payload, tag="bureau_summary", frozen=True):
    """What a report says in numbers; derived from `CreditReport` when it is taken in.

    Overdue counts follow the grids: codes 1–7, never M. `max_consecutive_overdue` and
    `overdue_months_24m` serve 连三累六; `worst_code_24m` is 0–7. None is what the report does not
    tell, as a simple one (no grid) of an account that was overdue at some time.
    """

    report_day: Day
    has_record: bool
    accounts: Count
    open_accounts: Count
    overdue_accounts: Count | None
    overdue_amount: Amount | None
    overdue_months_24m: Count | None
    max_consecutive_overdue: Count | None
    worst_code_24m: Count | None
    bad_debt_accounts: Count | None
    special_status_accounts: Count | None
    disputed_accounts: Count
    guarantees: Count
    public_records: Count
    fraud_alert: bool
    identity_mismatch: bool
    card_limit: Amount
    card_used: Amount
    oldest_account_months: Months | None = 0


class CreditInquiry(Payload, tag="credit_inquiry", frozen=True):
    """One enquiry, once a lender, day and reason however many reports repeat it."""

    lender: Name
    reason: InquiryReason


class ExternalDebt(Payload, tag="external_debt", frozen=True):
    """All debts elsewhere on one day. `monthly_due` is the greater of the contractual due and
    principal ÷ remaining months (cards 10 % of balance), so that interest-only hides nothing."""

    monthly_due: Amount
    balance: Amount
    lenders: Count
    nonbank_lenders: Count
    currency: Currency = "CNY"
    source: Literal["bureau", "declared", "statement", "ledger"] = "bureau"


class LoanApplication(Payload, tag="loan_application", frozen=True):
    """An application for credit elsewhere, learned from a partner or a bill (P3)."""

    lender: Name
    lender_kind: LenderKind = "bank"
    result: Literal["pending", "approved", "refused", "withdrawn"] = "pending"
