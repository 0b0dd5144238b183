"""The shapes of a plan survive storage, and a dossier takes its debts from the last report."""

from __future__ import annotations

import msgspec

from tests.decision_policy import NOW, SHANGHAI, Life
from xindeng.decision.answer import Light, Outcome
from xindeng.events.credit import CreditReport, ReportAccount
from xindeng.events.envelope import Event
from xindeng.repair.debt import Debt
from xindeng.repair.dossier import dossier_of
from xindeng.repair.plans.plan import Checked, Plan, Plans, Proof, Step


def plans() -> Plans:
    no = Checked(at=NOW, outcome=Outcome.DECLINE, frontier=0, gates=("debt.burden",),
                 lights={"debt": Light.RED})  # fmt: skip
    yes = Checked(at=NOW + 1, outcome=Outcome.APPROVE, frontier=800_000)
    proof = Proof(policy_hash="h", semantics=1, asked=no, before=no, yes=yes, idle=no)
    step = Step(action="pay_down", day=20_000, shows_at=NOW, cash=128_500, params={"debt": "d1"})
    plan = Plan(
        kind="verified", goal="cheapest", steps=(step,), amount=800_000, term_months=12,
        rate_bp=1460, purpose="consumption", yes_at=NOW + 1, cash_total=128_500, fees=0,
        interest_delta=None, assumptions=("life",), expires_day=20_090, proof=proof,
    )  # fmt: skip
    return Plans(status="plan", asked_at=NOW, amount=800_000, plans=(plan,))


def test_plans_survive_json() -> None:
    there = msgspec.json.encode(plans())
    assert msgspec.json.decode(there, type=Plans) == plans()


def report(account: str, balance: int) -> CreditReport:
    loan = ReportAccount(account=account, kind="D1", lender="bank", balance=balance,
                         monthly_due=90_000, months_left=12)  # fmt: skip
    return CreditReport(report_day=SHANGHAI.day(NOW), accounts=(loan,))


def test_a_dossier_takes_the_debts_of_the_last_report_unless_given_others() -> None:
    policy = Life().policy
    events = [
        Event("r1", "b", "credit_report", 1, NOW, NOW, report("old", 1), 1),
        Event("r2", "b", "credit_report", 1, NOW + 1, NOW + 1, report("new", 960_000), 2),
    ]
    found = dossier_of(policy, events)
    assert [debt.id for debt in found.debts] == ["new"]
    assert (found.borrower, found.state.seq, found.report_day) == ("b", 2, SHANGHAI.day(NOW))
    own = Debt(id="d", lender="x", lender_kind="bank", kind="card", balance=1, annual_rate_bp=None,
               monthly_due=0, source="t:1")  # fmt: skip
    assert dossier_of(policy, events, debts=[own]).debts == (own,)
    assert dossier_of(policy, []).report is None
