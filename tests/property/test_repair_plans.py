"""Plans against borrowers lived through for real: another way to the same events, and no mercy.

A plan is carried out by hand: what the borrower does becomes ordinary events, a credit report is
written anew from the accounts that are left, life goes on by its habits, and the policy is asked at
the very instant of the yes, before it, and with one step left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace as with_values
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.repair_life import (
    ZONE,
    Told,
    at,
    card,
    consumer_line,
    dossier,
    events_of,
    loan,
    report,
    sound,
)
from xindeng.decision.answer import Light, Outcome
from xindeng.decision.decide import decide
from xindeng.decision.facts import Facts
from xindeng.decision.precheck import facts_of_attempt
from xindeng.decision.request import Request
from xindeng.events.catalogue import CATALOGUE
from xindeng.events.credit import CreditInquiry, CreditReport, LoanApplication
from xindeng.events.envelope import Event
from xindeng.events.expand import expand
from xindeng.events.fields import Payload
from xindeng.events.security import CallForwarding, CredentialChange, IdentityStep
from xindeng.kernel.time import DAY, HOUR, MINUTE
from xindeng.repair.ahead import walk
from xindeng.repair.ahead.course import Act
from xindeng.repair.ahead.habits import REREAD, ahead, habits
from xindeng.repair.dossier import Dossier
from xindeng.repair.plans import candidates, case, payoff, prove
from xindeng.repair.plans.actions import secure_account
from xindeng.repair.plans.plan import Plan, Plans, Step
from xindeng.repair.plans.search import find_plans

NOW = "2026-07-01 10:00"
T = at(NOW)
LAG = 7


def done(step: Step) -> list[tuple[int, Payload]]:
    """What a step other than paying elsewhere is, in events."""
    when = T + MINUTE if step.day == ZONE.day(T) else ZONE.midnight(step.day) + 9 * HOUR
    if step.action == "secure_account":
        if step.params["what"] == "password":
            return [(when, CredentialChange(kind="password", after_incident=True))]
        return [(when, CallForwarding(state="off"))]
    if step.action == "verify_identity" and step.params["what"] == "steps":
        names = str(step.params["steps"]).split(",")
        return [(when, IdentityStep(step=name, result="passed")) for name in names]  # type: ignore[arg-type]
    return []


def read_anew(found: Dossier, steps: list[Step], when: int) -> list[tuple[int, Payload]]:
    """The figures of the credit report as they are once what was paid a week ago is reported."""
    if found.report is None:
        return []
    paid = {
        str(step.params["debt"]): step.cash
        for step in steps
        if step.action == "pay_down" and when >= ZONE.midnight(step.day + LAG)
    }
    accounts = []
    for account in found.report.accounts:
        left = account.balance - paid.get(account.account, 0)
        if left == 0 and account.kind != "R2":
            accounts.append(replace(account, balance=0, monthly_due=0, status="settled"))
        else:
            accounts.append(replace(account, balance=left))
    told = CreditReport(report_day=ZONE.day(when), accounts=tuple(accounts))
    raw = Event("r", "b", "credit_report", 1, when, when, told)
    return [(when, event.payload) for event in expand(raw, ZONE) if event.type in REREAD]


def lived(found: Dossier, steps: list[Step], until: int, *, applies: bool) -> Iterator[Event]:
    """Everything that happens up to `until` if these steps are taken, in sequence."""
    known = [habit for habit in habits(found.events, T) if habit.event.type not in REREAD]
    coming = [(event.occurred_at, event.payload) for event in ahead(known, 0, until)]
    for step in steps:
        coming += done(step)
        if step.action == "pay_down":
            when = ZONE.midnight(step.day + LAG)
            coming += read_anew(found, steps, when)
    for month in range(1, 7):
        coming += read_anew(found, steps, T + month * 30 * DAY)
    if applies:
        when = ZONE.midnight(ZONE.day(T) + 1) + 9 * HOUR
        coming.append((when, LoanApplication(lender="another lender")))
        coming.append((when, CreditInquiry(lender="another lender", reason="loan_approval")))
    seq = found.state.seq
    for when, payload in sorted(coming, key=lambda one: one[0]):
        if when <= until:
            seq += 1
            name = str(payload.__struct_config__.tag)
            yield Event(f"x{seq}", "b", name, CATALOGUE[name].version, when, when, payload, seq)


def answer(found: Dossier, plan: Plan, steps: list[Step], when: int, *, applies: bool = False):
    policy = consumer_line()
    state = found.state.copy()
    for event in lived(found, steps, when, applies=applies):
        policy.kernel.fold(state, event)
    request = Request(plan.amount, plan.term_months, plan.purpose, plan.rate_bp)
    facts = facts_of_attempt(policy.kernel, state, found.platform, request, when)
    return decide(policy, facts, request, when).outcome


def faults(found: Dossier, plans: Plans) -> list[str]:
    """What is wrong with the verified plans; nothing, it is hoped."""
    said = []
    rules = consumer_line().rule_by_id
    for plan in plans.plans:
        acts = [s for s in plan.steps if s.action not in ("wait", "borrow_less", "stop_applying")]
        name = f"{plan.goal} {[step.action for step in plan.steps]}"
        if any(rules[rule].whose == "withheld" for step in plan.steps for rule in step.moves):
            said.append(f"{name}: a withheld lever")
        if any(step.shows_at > plan.yes_at for step in acts):
            said.append(f"{name}: a yes before its data")
        for step in acts:
            if step.action == "pay_down" and step.shows_at < ZONE.midnight(step.day + LAG):
                said.append(f"{name}: paid and seen on the same day")
        if plan.kind != "verified" or any(s.action in UNTRIED for s in acts):
            continue
        if answer(found, plan, acts, plan.yes_at) is not Outcome.APPROVE:
            said.append(f"{name}: does not turn the answer")
        for step in acts:
            others = [one for one in acts if one is not step]
            if answer(found, plan, others, plan.yes_at) is Outcome.APPROVE:
                said.append(f"{name}: {step.action} {step.params} is not needed")
        applying = any(step.action == "stop_applying" for step in plan.steps)
        if applying and answer(found, plan, acts, plan.yes_at, applies=True) is Outcome.APPROVE:
            said.append(f"{name}: an application would do no harm")
    return said


UNTRIED = frozenset({"spend_less", "settle_overdue", "keep_active"})

amounts = st.integers(1, 90).map(lambda n: n * 100)
loans = st.builds(
    lambda due, months, share, bank: (due * 10, max(1, due * 10 * months * share // 100), months, bank),
    st.integers(10, 250), st.integers(1, 36), st.integers(80, 100), st.booleans(),
)  # fmt: skip
lives = st.fixed_dictionaries(
    {
        "income": st.integers(30, 150).map(lambda n: n * 100),
        "loans": st.lists(loans, max_size=6),
        "card": st.none() | st.tuples(st.integers(5, 200), st.integers(200, 400)),
        "asked": st.lists(st.integers(4, 179), max_size=14, unique=True),
        "leak": st.booleans(),
        "face": st.booleans(),
        "yuan": amounts,
    }
)


def told_of(life: dict[str, Any]) -> tuple[Told, ...]:
    accounts = [
        loan(f"d{n}", due, balance, months, lender_kind="bank" if bank else "microlender")
        for n, (due, balance, months, bank) in enumerate(life["loans"])
    ]
    if life["card"]:
        accounts.append(card("card", life["card"][0] * 100, life["card"][1] * 100))
    asked = tuple(
        (ZONE.local(T - age * DAY).date().isoformat(), f"bank {age}", "loan_approval")
        for age in life["asked"]
    )
    told = [*sound(NOW, income=life["income"]), report("2026-06-28", *accounts, inquiries=asked)]
    if life["leak"]:
        told.append(("security_incident", T - 3 * HOUR, {"kind": "password_leak"}))
    if life["face"]:
        told.append(("identity_step", T - HOUR, {"step": "face", "result": "failed"}))
    return tuple(told)


def plans_of(life: dict[str, Any]) -> tuple[Dossier, Plans]:
    found = dossier(*told_of(life), now=NOW)
    return found, find_plans(consumer_line(), found, Request(life["yuan"] * 100), T)


@given(lives)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_verified_plan_holds_when_it_is_lived(life: dict[str, Any]) -> None:
    found, plans = plans_of(life)
    assert not faults(found, plans)


@given(lives)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_less_asked_never_costs_more_and_nothing_is_touched(life: dict[str, Any]) -> None:
    policy = consumer_line()
    found = dossier(*told_of(life), now=NOW)
    before = policy.kernel.dump_hot(found.state), policy.kernel.dump_buckets(found.state)

    def cheapest(yuan: int) -> int | None:
        plans = find_plans(policy, found, Request(yuan * 100), T)
        own = [p for p in plans.plans if p.kind == "verified" and p.goal != "smaller"]
        if plans.status == "approved":
            return 0
        return min((p.cash_total + p.fees for p in own), default=None)

    more, less = cheapest(life["yuan"] + 600), cheapest(life["yuan"])
    assert more is None or (less is not None and less <= more)
    assert before == (policy.kernel.dump_hot(found.state), policy.kernel.dump_buckets(found.state))


def least_by_trying(found: Dossier, request: Request) -> int | None:
    """The least cash in whole yuan by closing debts and paying one more in part: slow and plain."""
    policy = consumer_line()
    when = ZONE.midnight(ZONE.day(T) + LAG)
    state = found.state.copy()
    for event in lived(found, [], when, applies=False):
        policy.kernel.fold(state, event)
    seq, best = state.seq, None

    def passes(cash: dict[str, int]) -> bool:
        steps = [Step(action="pay_down", day=ZONE.day(T), shows_at=when, cash=fen, params={"debt": d})
                 for d, fen in cash.items()]  # fmt: skip
        tried = state.copy()
        for n, (_, payload) in enumerate(read_anew(found, steps, when)):
            name = str(payload.__struct_config__.tag)
            policy.kernel.fold(
                tried, Event(f"y{n}", "b", name, 1, when, when, payload, seq + 1 + n)
            )
        facts = Facts(policy.kernel.vector(tried, when), policy.kernel.holds(tried))
        return decide(policy, facts, request, when).outcome is Outcome.APPROVE

    for mask in range(1 << len(found.debts)):
        closed = {d.id: d.balance for n, d in enumerate(found.debts) if mask >> n & 1}
        options = [closed]
        for debt in found.debts:
            if debt.id not in closed:
                low, high = 0, debt.balance // 100
                if not passes({**closed, debt.id: high * 100}):
                    continue
                while high - low > 1:
                    middle = (low + high) // 2
                    low, high = (
                        (low, middle)
                        if passes({**closed, debt.id: middle * 100})
                        else (middle, high)
                    )
                options.append({**closed, debt.id: high * 100})
        for cash in options:
            total = sum(cash.values())
            if (best is None or total < best) and passes(cash):
                best = total
    return best


SMALL = st.fixed_dictionaries(
    {
        "income": st.integers(50, 120).map(lambda n: n * 100),
        "loans": st.lists(loans, min_size=1, max_size=3),
        "card": st.none() | st.tuples(st.integers(20, 200), st.integers(200, 400)),
        "asked": st.just([]), "leak": st.just(False), "face": st.just(False), "yuan": amounts,
    }
)  # fmt: skip


@given(SMALL)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_cheapest_is_what_trying_everything_finds(life: dict[str, Any]) -> None:
    found, plans = plans_of(life)
    if plans.gates != ("debt.payment_to_income_high",) or plans.plans == ():
        return
    own = [p for p in plans.plans if p.goal == "cheapest" or "cheapest" in p.also]
    if not own or any(s.action not in ("pay_down", "stop_applying") for s in own[0].steps):
        return
    least = least_by_trying(found, Request(life["yuan"] * 100))
    assert least is not None
    # Parts of two debts together can beat any single part, by the rounding of dues to whole yuan.
    assert own[0].cash_total <= least + 100


TWO_LOANS = {"income": 9_000, "loans": [(1_400, 30_000, 24, True), (900, 9_600, 11, False),
             (650, 1_285, 2, False), (550, 3_150, 6, False)], "card": (180, 400), "asked": [],
             "leak": False, "face": False, "yuan": 8_000}  # fmt: skip
LEAKED = {**TWO_LOANS, "loans": [], "card": None, "leak": True}


def test_honest_plans_of_the_planted_cases_have_no_faults() -> None:
    for life in (TWO_LOANS, LEAKED):
        found, plans = plans_of(life)
        assert plans.status == "plan" and not faults(found, plans)


def test_planted_the_reporting_lag_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(case.Case, "lag", lambda self, action: 0)
    assert any("same day" in fault for fault in faults(*plans_of(TWO_LOANS)))


def test_planted_a_side_effect_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    """A new password that starts no wait: the plan comes too early."""
    honest = secure_account.ACTION.make

    def without_wait(*args: Any) -> Any:
        option = honest(*args)
        from xindeng.events.security import SecurityClearance

        return with_values(option, acts=tuple(
            Act(act.at, (SecurityClearance(method="phone_callback"),)) for act in option.acts
        ))  # fmt: skip

    action = with_values(secure_account.ACTION, make=without_wait)
    monkeypatch.setitem(candidates.ACTIONS, "secure_account", action)
    assert any("does not turn" in fault for fault in faults(*plans_of(LEAKED)))


def test_planted_a_plan_that_is_not_proven(monkeypatch: pytest.MonkeyPatch) -> None:
    """Paying less than it takes, and a proof that takes the search's word for it."""
    honest = payoff.cheapest_way

    def less(readings: Any) -> Any:
        way = honest(readings)
        return None if way is None else {debt: max(1, fen // 2) for debt, fen in way.items()}

    monkeypatch.setattr(candidates, "cheapest_way", less)
    found, plans = plans_of(TWO_LOANS)
    assert not faults(found, plans)  # what does not turn the answer is not shown at all
    assert all(plan.goal == "smaller" for plan in plans.plans)

    def believed(one: Any, acts: Any, *, days: Any = None) -> Any:
        seen = one.outlook
        return seen._replace(
            yes=replace(seen.yes, at=max(act.at for act in acts)) if acts else seen.yes
        )

    monkeypatch.setattr(case.Case, "ahead", believed)
    monkeypatch.setattr(prove, "_spare", lambda *_: None)
    assert any("does not turn" in fault for fault in faults(*plans_of(TWO_LOANS)))


def test_planted_an_attempt_that_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looking ahead presses no button: were each look a try, the waits would never end."""
    asked = {**TWO_LOANS, "loans": [], "card": None, "asked": list(range(160, 171))}
    _, honest = plans_of(asked)
    assert honest.status == "only_time"
    assert honest.plans[0].proof.yes.lights["attempts"] is Light.GREEN
    looked = walk.facts_of_attempt

    def counted(kernel: Any, state: Any, platform: Any, request: Any, when: int) -> Any:
        refusal = {"decision_id": f"d{when}", "outcome": "decline", "amount": 0,
                   "sitting": f"s{when}", "counted": True}  # fmt: skip
        (event,) = events_of(("decision", max(when, state.last_known_at), refusal), now=NOW)
        kernel.fold(state, replace(event, seq=state.seq + 1))
        state.seq -= 1  # the life ahead has its numbers already
        return looked(kernel, state, platform, request, when)

    monkeypatch.setattr(walk, "facts_of_attempt", counted)
    assert plans_of(asked)[1].plans == ()
