"""A debt, what it counts for a month, and that report and plan count alike."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xindeng.events.credit import CreditReport, ReportAccount
from xindeng.events.dues import DueRule
from xindeng.events.envelope import Event
from xindeng.events.expand import expand
from xindeng.kernel.errors import InputError
from xindeng.kernel.time import zone
from xindeng.repair.debt import Debt, counted_due, debts_of_report, external_debt

DUES = DueRule()


def debt(**more) -> Debt:
    facts = {"id": "d", "lender": "L", "lender_kind": "bank", "kind": "instalment",
             "balance": 12_000, "annual_rate_bp": None, "monthly_due": 0, "source": "debts.csv:2"}  # fmt: skip
    return Debt(**{**facts, **more})


@pytest.mark.parametrize(
    ("more", "due"),
    [
        ({"monthly_due": 1500, "months_left": 12}, 1500),
        ({"monthly_due": 100, "months_left": 12, "kind": "interest_only"}, 1000),
        ({"kind": "card", "months_left": 1}, 1200),
        ({"kind": "card", "balance": 12_005}, 1201),
        ({"kind": "revolving"}, 1000),
        ({"kind": "person", "lender_kind": "person", "months_left": 2}, 6000),
        ({"balance": None, "monthly_due": 700}, 700),
    ],
)
def test_what_counts_is_the_greater_of_contract_and_principal(more, due):
    assert counted_due(debt(**more), DUES) == due


@pytest.mark.parametrize(
    ("field", "value"),
    [("balance", -1), ("balance", 10**12), ("annual_rate_bp", 10**7), ("monthly_due", None),
     ("due_dom", 32), ("months_left", -1), ("prepayment_fee_bp", 1.5), ("balance", True)],
)  # fmt: skip
def test_what_no_debt_can_be_is_refused_with_its_line(field, value):
    with pytest.raises(InputError) as refused:
        debt(**{field: value})
    assert refused.value.where == "debts.csv:2"
    assert field in refused.value.what


def test_family_is_owed_but_is_no_lender_of_the_policy():
    debts = [debt(), debt(id="f", lender="aunt", lender_kind="person", kind="person")]
    total = external_debt(debts, DUES)
    assert (total.balance, total.lenders, total.nonbank_lenders) == (24_000, 1, 0)
    assert total.source == "declared"


def test_a_line_is_named_once_and_its_parts_count():
    line = ReportAccount(account="L", kind="R1", lender="platform", balance=30_000)
    parts = [
        ReportAccount(account=f"p{n}", kind="R4", group="L", lender="platform", balance=15_000,
                      months_left=5, monthly_due=3100)
        for n in (1, 2)
    ]  # fmt: skip
    found = debts_of_report(CreditReport(report_day=20_000, accounts=(line, *parts)))
    assert [one.id for one in found] == ["p1", "p2"]
    assert {one.lender for one in found} == {"platform"}
    assert {one.kind for one in found} == {"instalment"}


accounts = st.builds(
    ReportAccount,
    account=st.sampled_from([f"a{n}" for n in range(8)]),
    kind=st.sampled_from(["D1", "R1", "R2", "R3", "R4", "C1"]),
    lender=st.sampled_from(["A", "B", "C"]),
    lender_kind=st.sampled_from(["bank", "microlender", "person"]),
    status=st.sampled_from(["normal", "overdue", "settled"]),
    balance=st.integers(0, 10**7),
    monthly_due=st.integers(0, 10**6),
    months_left=st.none() | st.integers(0, 40),
    group=st.none() | st.sampled_from(["g", "h", "a0"]),
)


@given(st.lists(accounts, max_size=12), st.integers(1, 20), st.integers(1, 36))
def test_report_and_plan_count_alike(found, percent, months):
    """Whatever the report holds, its debts add up to the very event the features read."""
    rule = DueRule(percent, months)
    report = CreditReport(report_day=20_000, accounts=tuple(found))
    event = Event("r", "b", "credit_report", 1, 10**15, 10**15, report)
    (told,) = [
        one.payload
        for one in expand(event, zone("Asia/Shanghai"), rule)
        if one.type == "external_debt"
    ]
    ours = external_debt(debts_of_report(report, rule), rule)
    assert (ours.monthly_due, ours.balance) == (told.monthly_due, told.balance)
    assert (ours.lenders, ours.nonbank_lenders) == (told.lenders, told.nonbank_lenders)
