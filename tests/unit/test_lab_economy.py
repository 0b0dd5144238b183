"""The closed loop: people react to answers, fraud is labelled apart, times change, laws differ."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.decision_policy import NOW, SHANGHAI, ask
from xindeng.decision.answer import Outcome
from xindeng.decision.request import Request
from xindeng.events.credit import CreditInquiry, ExternalDebt, LoanApplication
from xindeng.events.line import Delinquency, InstalmentDue, LoanFinding, Repayment
from xindeng.events.security import IdentityStep
from xindeng.history import facts, outcomes
from xindeng.history.backtest import Spec, backtest
from xindeng.history.lake import DECISIONS
from xindeng.history.rehearsal import Ask
from xindeng.kernel.time import DAY
from xindeng.lab.economy import TRUTH, economy
from xindeng.lab.generators import CALIBRATED, MISSPECIFIED
from xindeng.lab.parameters import ARCHETYPES, Economy
from xindeng.lab.population import Window, truth
from xindeng.lab.simulate import chunks
from xindeng.lab.world import Habits, World
from xindeng.policy.bundle import load
from xindeng.service.policies import read_bundle

DOCS = Path(__file__).parents[2] / "docs"
POLICY = load(read_bundle("consumer_line"))
TODAY = SHANGHAI.day(NOW)
SOUND = {
    "borrower": "b1", "fraud": "none", "scheme": "none", "scheme_day": TODAY, "default_month": -1,
    "default_propensity": 0.0, "ability_to_pay": 10**9, "occupation": "employed", "lenders": 1,
    "income": 900_000,
}  # fmt: skip
SURE = Habits(takes_approved=1, takes_less=1, careless=0, goes_elsewhere=1, lent_elsewhere=1,
              verifies=1, found_out=1, swing=0)  # fmt: skip
YES, NO = ask(800_000), ask(800_000, inquiries_180d=11)


def asked(ident: str = "q1", now: int = NOW) -> Ask:
    return Ask(1, ident, now, Request(amount=600_000, term_months=6), ())


def world(kind=World, habits: Habits = SURE, **truth) -> World:
    return kind({**SOUND, **truth}, SHANGHAI, 7, habits)


def lived(one: World, days: int = 400) -> list[object]:
    return [payload for _, payload in one.until(NOW + days * DAY)]


def of(told: list[object], kind: type) -> list[object]:
    return [payload for payload in told if isinstance(payload, kind)]


def test_a_sound_borrower_takes_up_and_repays() -> None:
    one = world()
    one.answered(asked(), YES)
    told = lived(one)
    paid = of(told, Repayment)
    assert len(paid) == len(of(told, InstalmentDue)) == 6
    assert sum(p.principal for p in paid) == YES.amount_offered and paid[-1].settled
    assert not of(told, Delinquency) and not of(told, LoanFinding)


def test_who_is_refused_goes_elsewhere_once_a_day_and_owes_more_there() -> None:
    one = world()
    one.remember(NOW + 20 * DAY, ExternalDebt(100_000, 900_000, 1, 0))
    assert NO.outcome is Outcome.DECLINE
    for minute in range(3):
        one.answered(asked(f"q{minute}", NOW + minute * 60_000_000), NO)
    told = lived(one, 30)
    assert len(of(told, CreditInquiry)) == len(of(told, LoanApplication)) == 1
    assert of(told, LoanApplication)[0].result == "approved"
    assert of(told, ExternalDebt)[0].monthly_due == 160_000, "a tenth of the amount a month"
    quiet = world(habits=replace(SURE, goes_elsewhere=0))
    quiet.answered(asked(), NO)
    assert lived(quiet) == []


def test_what_is_owed_elsewhere_can_bring_a_loan_here_down() -> None:
    habits = replace(SURE, stress_default=1)
    safe = world(habits=habits, ability_to_pay=200_000)
    safe.answered(asked(), YES)
    assert safe.stops is None
    burdened = world(habits=habits, ability_to_pay=200_000)
    burdened.answered(asked("q0"), NO)
    lived(burdened, 7)
    burdened.answered(asked("q1", NOW + 8 * DAY), YES)
    assert burdened.stops is not None


def test_who_is_stopped_by_an_identity_step_completes_it_once() -> None:
    reason = NO.reasons[0]
    stopped = type(NO)(**{
        **{f: getattr(NO, f) for f in NO.__struct_fields__},
        "outcome": Outcome.REVIEW, "reasons": (type(reason)(**{
            **{f: getattr(reason, f) for f in reason.__struct_fields__}, "area": "identity"}),),
    })  # fmt: skip
    one = world()
    for minute in range(2):
        one.answered(asked(f"q{minute}", NOW + minute * 60_000_000), stopped)
    steps = of(lived(one), IdentityStep)
    assert [(s.step, s.result) for s in steps] == [("document", "passed"), ("face", "passed")]


def test_a_thiefs_loan_is_found_to_be_one_and_blames_nobody() -> None:
    one = world()
    one.by_thief = {"q1"}
    one.answered(asked(), YES)
    one.answered(asked("q2", NOW + DAY), YES)
    told = lived(one)
    assert [(f.loan, f.found) for f in of(told, LoanFinding)] == [("q1", "account_takeover")]
    assert not of(told, Delinquency), "the owner is not late with what a thief took"
    assert {p.loan for p in of(told, Repayment)} == {"q2"}, "and goes on paying what is theirs"
    refused = world()
    refused.by_thief = {"q1"}
    refused.answered(asked(), NO)
    assert lived(refused) == [], "a thief who is refused applies nowhere in the owner's name"


@pytest.mark.parametrize(
    ("truth", "kind"),
    [({"fraud": "mule"}, "mule"), ({"fraud": "ring"}, "first_party"),
     ({"scheme": "bust_out"}, "bust_out"), ({"scheme": "first_party"}, "first_party"),
     ({"scheme": "bust_out", "scheme_day": TODAY + 1}, None)],
)  # fmt: skip
def test_each_kind_of_fraud_has_its_own_label(truth, kind) -> None:
    one = world(**truth)
    one.answered(asked(), YES)
    told = lived(one)
    assert [f.found for f in of(told, LoanFinding)] == ([kind] if kind else [])
    assert bool(of(told, Repayment)) == (kind is None)
    hidden = world(habits=replace(SURE, found_out=0), **truth)
    hidden.answered(asked(), YES)
    assert not of(lived(hidden), LoanFinding), "what nobody finds stays in the record as credit"


def test_hard_times_bring_more_defaults_for_the_same_people() -> None:
    habits = replace(SURE, swing=0.6)
    strains = [world(habits=habits).strain(day) for day in range(habits.cycle_days)]
    assert sum(strains) / len(strains) == pytest.approx(1) and max(strains) == pytest.approx(1.6)
    top = next(d for d in range(TODAY, TODAY + habits.cycle_days)
               if world(habits=habits).strain(d) > 1.599)  # fmt: skip
    falls = Counter()
    for name, when in (("hard", top), ("easy", top + habits.cycle_days // 2)):
        for n in range(400):
            one = world(habits=habits, borrower=f"b{n}", default_propensity=0.2,
                        default_month=6 if n % 5 == 0 else -1)  # fmt: skip
            one.answered(asked(f"q{n}", SHANGHAI.midnight(when)), YES)
            falls[name] += one.stops is not None
    assert falls["hard"] > 1.8 * falls["easy"] > 0


def test_the_second_generator_has_other_causes() -> None:
    """What the policy reads hardly moves it: a default follows from the kind of income instead."""

    def share(kind, **truth) -> float:
        stops = 0
        for n in range(600):
            one = world(kind, borrower=f"b{n}", **truth)
            one.answered(asked(f"q{n}"), YES)
            stops += one.stops is not None
        return stops / 600

    other = MISSPECIFIED.world
    assert share(other, ability_to_pay=0) == share(other), "the burden is no cause there"
    assert share(World, ability_to_pay=0) > 0.25 > share(World) == 0
    assert share(other, occupation="freelance") > 2 * share(other)
    assert MISSPECIFIED.people != CALIBRATED.people and MISSPECIFIED.habits != CALIBRATED.habits


def test_the_calibration_notes_say_what_is_drawn() -> None:
    """docs/explanation/calibration.md: the column "here", to its last digit told."""
    people = list(chunks(10_000, seed=7, economy=Economy(),
                         window=Window.ending(Economy(), 24, SHANGHAI)))  # fmt: skip
    income, occupation, limit, used, scheme, archetype = (
        np.concatenate([getattr(folk, name) for folk in people])
        for name in ("income", "occupation", "card_limit", "card_used", "scheme", "archetype")
    )
    employed = np.sort(income[occupation == 0]).astype(float)
    count = len(employed)
    gini = (2 * np.arange(1, count + 1) - count - 1).dot(employed) / (count * employed.sum())
    month = np.concatenate([truth(folk)["default_month"] for folk in people])
    told = (DOCS / "explanation/calibration.md").read_text(encoding="utf-8").replace(" %", "%")
    sound = archetype == ARCHETYPES.index("all_green")
    for figure in (
        f"| ¥{employed.mean() / 100:,.0f} |", f"| {gini:.2f} |",
        f"| {np.isin(occupation, (1, 2)).mean():.0%} |", f"| {used.sum() / limit.sum():.0%} |",
        f"| ¥{limit[limit > 0].mean() / 100:,.0f} a person |",
        f"| {(month > 0).mean():.1%} of all, {(month[sound] > 0).mean():.1%} of the sound |",
        f"| {np.isin(scheme, (2, 3)).mean():.1%} of people |",
        f"takeovers ({(scheme == 1).mean():.1%} of",
    ):  # fmt: skip
        assert figure in told, figure


def test_fraud_in_a_whole_economy_is_counted_apart_from_credit(tmp_path) -> None:
    many = Economy(takeover_share=0.25, bust_out_share=0.25, first_party_share=0.25)
    lake = economy(tmp_path / "lake", POLICY, borrowers=70, seed=3, occasions=2.0,
                   generator=replace(CALIBRATED, people=many))  # fmt: skip
    con = facts.connect()
    outcomes.load_loans(con, lake, POLICY.zone)
    ends = con.execute(f"SELECT found, fpd_30, at_90_mob_12, loan FROM {outcomes.LOANS}").fetchall()
    kinds = {found for found, *_ in ends}
    assert {"bust_out", "first_party"} <= kinds
    assert all((found is not None) == (a == b == "fraud") for found, a, b, _ in ends)
    truth = con.execute(f"SELECT DISTINCT scheme FROM {lake.relation(TRUTH)}").fetchall()
    assert len(truth) == 4
    decided = con.execute(f"SELECT count(*) FROM {lake.relation(DECISIONS)}").fetchone()[0]
    con.close()
    found = backtest(lake, POLICY, POLICY, Spec(sample=40))
    assert found["checks"]["reproduced"] == {"decisions": decided, "same": decided}
    assert sum(one["loans"] for one in found["fraud"].values()) == sum(
        f is not None for f, *_ in ends
    )
    one = found["policies"]["champion"]
    assert one["outcomes"]["fpd_30"]["fraud"] > 0
    assert one["profit"]["realised"]["all"]["fraud"] > 0
    assert {n for n in lake.manifest.rows if "credit_inquiry" in n or "loan_finding" in n}
