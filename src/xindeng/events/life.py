"""What a person does with money and who they are: payments, purchases, income, profile, consent."""

from __future__ import annotations

from typing import Literal

from xindeng.events.fields import (
    Amount,
    Count,
    Currency,
    Day,
    Months,
    Name,
    Note,
    Payload,
    PositiveAmount,
    SignedAmount,
)

PaymentCategory = Literal[
    "salary", "other_income", "transfer", "self_transfer", "fund_redemption", "refund",
    "loan_proceeds", "loan_repayment", "card_repayment", "rent", "utilities", "groceries",
    "dining", "transport", "shopping", "entertainment", "medical", "education", "insurance",
    "investment", "high_risk", "cash", "fee", "interest", "penalty_interest", "tax", "unknown",
]  # fmt: skip
"""Only `salary` and `other_income` are income; self-transfers, redemptions, refunds and loan
proceeds never are."""


ConsentCategory = Literal["location", "network", "browsing", "bureau", "transactions", "biometric"]


class Payment(Payload, tag="payment", frozen=True):
    """Money in or out of the person's account (P5)."""

    direction: Literal["in", "out"]
    amount: PositiveAmount
    currency: Currency = "CNY"
    category: PaymentCategory = "unknown"
    counterparty: Name | None = None
    channel: Literal["app", "card", "transfer", "cash", "standing_order", "unknown"] = "unknown"
    balance_after: SignedAmount | None = None


class Purchase(Payload, tag="purchase", frozen=True):
    """Ordinary spending at a merchant; `settled` once the trade is complete (P8, R4)."""

    amount: PositiveAmount
    merchant: Name
    currency: Currency = "CNY"
    category: PaymentCategory = "shopping"
    settled: bool = True


class InstalmentPurchase(Payload, tag="instalment_purchase", frozen=True):
    """A purchase split into instalments (P8, R6)."""

    amount: PositiveAmount
    merchant: Name
    instalments: Months
    currency: Currency = "CNY"


class BrowsingRisk(Payload, tag="browsing_risk", frozen=True):
    """A tag on browsing of high-risk goods; off by default, needs consent (P8)."""

    tag: Literal["gambling", "speculation", "cash_out", "counterfeit", "other"]


class AccountOpened(Payload, tag="account_opened", frozen=True):
    """The account or line relationship began; `birth_day` is the local day of birth, `zone` the
    IANA time zone the person lives in."""

    segment_hint: Literal["new", "thin_file", "seasoned", "dormant"] | None = None
    birth_day: Day | None = None
    zone: Name | None = None


class Occupation(Payload, tag="occupation", frozen=True):
    """Declared or verified occupation; students are protected by rule."""

    kind: Literal["student", "employed", "self_employed", "freelance", "unemployed", "retired"]
    verified: bool = False


class IncomeEvidence(Payload, tag="income_evidence", frozen=True):
    """Monthly income after tax, averaged over `months`, from a payslip, tax record or payroll."""

    monthly_income: Amount
    source: Literal["payroll", "tax", "payslip", "social_security", "statement", "declared"]
    currency: Currency = "CNY"
    months: Months = 1
    verified: bool = False


class ProfileChange(Payload, tag="profile_change", frozen=True):
    """A contact or personal field was changed."""

    field: Literal["mobile", "email", "address", "employer", "contact", "name", "id_document"]


class FlowExplained(Payload, tag="flow_explained", frozen=True):
    """A person showed where a sudden flow came from: a contract, receipt or deed."""

    document: Literal["contract", "receipt", "deed", "payslip", "inheritance", "other"]
    accepted: bool
    amount: Amount | None = None


class Consent(Payload, tag="consent", frozen=True):
    """Consent to one category of data, given or withdrawn (PIPL art. 14, 15, 28, 29); `version`
    names the words that were shown."""

    category: ConsentCategory
    granted: bool
    version: Name | None = None


class HardshipRequest(Payload, tag="hardship_request", frozen=True):
    """A request for help; asking costs nothing."""

    cause: Literal["job_loss", "illness", "disaster", "family", "business", "other"]
    wish: Literal["deferral", "restructuring", "collection_pause", "advice"] = "advice"


class UseOfFunds(Payload, tag="use_of_funds", frozen=True):
    """Where drawn money went, as traced; property, securities and equity are barred uses."""

    use: Literal["consumption", "education", "medical", "travel", "renovation", "property",
                 "securities", "equity", "gambling", "repay_loans", "unknown"]  # fmt: skip
    amount: PositiveAmount
    currency: Currency = "CNY"
    loan: Name | None = None


class Location(Payload, tag="location", frozen=True):
    """A coarse place against the person's usual places; off by default (P10)."""

    unusual: bool
    distance_km: Count = 0
    region: Name | None = None


class Relation(Payload, tag="relation", frozen=True):
    """A tie to another account was seen; off by default (P9)."""

    other: Name
    kind: Literal["transfer", "shared_device", "shared_address", "shared_card", "contact"]


class Dispute(Payload, tag="dispute", frozen=True):
    """An objection (异议) to a record in the credit report, and how it went."""

    record: Name
    stage: Literal["opened", "marked", "corrected", "upheld", "withdrawn"]
    note: Note = ""
