"""Stories 3 (house money) and 6 (hardship) through the store: events, draws, nights, words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.service.test_stories import Person, day, text
from tests.service_world import World
from xindeng.adapters.notifier import FileNotifier
from xindeng.adapters.rail import SandboxRail
from xindeng.decision.answer import Light, Outcome
from xindeng.decision.request import Request
from xindeng.kernel.time import DAY, MINUTE
from xindeng.service import endofday, hardship, ledger, notify, repay, worker
from xindeng.service import line as lines
from xindeng.service import plan as planning
from xindeng.service.disburse import Ports, confirm
from xindeng.service.draw import Asked
from xindeng.service.draw_group import draw_group
from xindeng.service.policies import read_bundle
from xindeng.service.precheck import precheck
from xindeng.service.replay import replay
from xindeng.servicing.history_words import history_lines
from xindeng.servicing.three_numbers import line_of
from xindeng.store import Store
from xindeng.store.decisions import StoredDecision

UNFIT = re.compile(r"冻结|预审通过|阻断|多赚|增加收入|earn more|raise your income", re.I)
THRESHOLD = re.compile(r"sudden_inflow_ratio|60,000|6,000 ×|倍|times")
LANGUAGES = ("zh", "en")


@pytest.fixture
def world(store: Store) -> World:
    return World(store, read_bundle("consumer_line"))


def night(world: World, when: str, to: Path) -> None:
    """The worker's work of a day, done at `when`."""
    world.now = world.at(when)
    worker.run_once(world.engine, None, FileNotifier(to))


def house_money(world: World, name: str) -> Person:
    person = Person(world, name, "2026-03-02")
    person.salary(6_000, *(f"{month}-10" for month in ("2025-10", "2025-11", "2025-12", "2026-01",
                                                       "2026-02")))  # fmt: skip
    person.report("2026-02-25", accounts=[{"account": "old", "kind": "R2", "lender": "bank",
                                           "limit": 1_000_000, "balance": 100_000,
                                           "grid": "N" * 48}])  # fmt: skip
    world.now = world.at("2026-03-02 09:00")
    person.tell("payment", "2026-03-02 09:00", direction="in", amount=18_000_000,
                category="transfer", counterparty="nobody known")  # fmt: skip
    return person


def test_story_3_house_money(world: World, tmp_path: Path) -> None:
    person = house_money(world, "s3")
    engine, notices = world.engine, tmp_path / "notices"
    refused = person.asks("2026-03-02 10:00", 5_000)
    made = refused.decision
    assert made.outcome is Outcome.RETRY_LATER
    assert made.lights["cash_flow"] in (Light.YELLOW, Light.RED)
    assert (made.limit_shown, made.available, made.borrowable_now) == (2_000_000, 2_000_000, 0)
    seen = lines.show(engine, "s3")
    (hold,) = seen.holds
    assert hold.kind == "cash_flow" and world.now < hold.review_at <= world.now + 7 * DAY
    assert seen.numbers.amounts == (2_000_000, 2_000_000, 0) and seen.numbers.gate
    assert "受“" in line_of(engine.policy, seen.numbers, "zh")
    assert "held back" in line_of(engine.policy, seen.numbers, "en")
    assert replay(engine, refused.id).decision == made

    # The borrower was told at once, and no word tells the threshold.
    notify.deliver_all(engine, FileNotifier(notices))
    told = notices.read_text(encoding="utf-8")
    assert "hold_placed" in told and "还款照常" in told and "诈骗" in told and "合同" in told
    assert not UNFIT.search(told) and not THRESHOLD.search(told)
    for lang in LANGUAGES:
        assert not THRESHOLD.search(text(person.told(refused, lang)))
        assert not UNFIT.search(text(person.told(refused, lang)))

    # Ordinary nights change nothing, nor does a paper that was not accepted.
    night(world, "2026-03-04 03:00", notices)
    world.now = world.at("2026-03-04 09:00")
    person.tell("flow_explained", "2026-03-04 09:00", document="receipt", accepted=False)
    night(world, "2026-03-05 03:00", notices)
    assert [one.id for one in lines.show(engine, "s3").holds] == [hold.id]

    # The contract is accepted after that day's review: it is released that day all the same.
    world.now = world.at("2026-03-05 15:00")
    person.tell("flow_explained", "2026-03-05 15:00", document="contract", accepted=True)
    assert lines.show(engine, "s3").holds == ()
    yes = person.asks("2026-03-05 15:01", 5_000)
    assert yes.decision.outcome is Outcome.APPROVE
    assert [replay(engine, one.id).decision for one in (refused, yes)] == [made, yes.decision]

    changes = lines.changes(engine, "s3", since=world.at("2026-03-02 00:00"))
    told_by = {one.event.type: one for one in changes if one.event}
    assert told_by["payment"].after.borrowable == 0
    assert told_by["hold_released"].after.borrowable > 0
    zh, en = (history_lines(engine.policy, changes, lang) for lang in LANGUAGES)
    assert any("受“" in one and "账户资金往来" in one for one in zh)
    assert any("2026-03-05 15:00" in one and "解除条件已满足" in one for one in zh)
    assert any("2026-03-05 15:00" in one and "what it waited for has happened" in one for one in en)
    for lang in LANGUAGES:
        mine = history_lines(engine.policy, changes, lang, audience="borrower")
        assert not THRESHOLD.search("\n".join(mine))


def test_story_3_without_papers_it_ends_at_its_review(world: World, tmp_path: Path) -> None:
    person = house_money(world, "s3b")
    person.asks("2026-03-02 10:00", 5_000)
    (hold,) = lines.show(world.engine, "s3b").holds
    world.now = hold.review_at + 1
    worker.run_once(world.engine, None, FileNotifier(tmp_path / "n"))
    assert lines.show(world.engine, "s3b").holds == ()


def test_story_3_the_hour_told_is_the_hour_of_the_yes(world: World) -> None:
    """No worker runs between the answer and the hour it told: pressing the button is the look."""
    engine, yes = world.engine, world.at("2026-03-09 09:01")
    person = house_money(world, "s3c")
    refused = person.asks("2026-03-02 10:00", 5_000)
    assert any("2026-03-09 09:01" in line for line in person.told(refused, "en").when)
    plans = planning.make_for(engine, refused.id).made.plans.plans
    assert [plan.yes_at for plan in plans if plan.kind == "verified"] == [yes]

    def passes(at: int) -> list[bool]:
        world.now = at
        trial = precheck(engine, "s3c", Request(500_000)).decision
        seen = lines.show(engine, "s3c")
        assert seen.now == at and bool(seen.holds) == (seen.numbers.borrowable == 0)
        return [trial is not None and trial.outcome is Outcome.APPROVE, not seen.holds]

    before = world.counts()
    assert passes(yes - MINUTE) == [False, False]
    assert passes(yes) == [True, True]
    assert world.counts() == before, "a trial and a look end no hold"
    approved = person.asks("2026-03-09 09:01", 5_000)
    assert approved.decision.outcome is Outcome.APPROVE
    assert replay(engine, approved.id).decision == approved.decision
    (ended,) = [one for one in lines.changes(engine, "s3c", since=yes - MINUTE)
                if one.event and one.event.type == "hold_released"]  # fmt: skip
    assert ended.at == yes


def test_a_hold_past_its_review_ends_with_the_draw_in_a_group_too(world: World) -> None:
    person = house_money(world, "s3d")
    person.tell("hold_placed", "2026-03-02 09:00", hold="early", kind="cash_flow", mode="block",
                reason="cash_flow.sudden_inflow",
                review_at=world.at("2026-03-04 10:00"))  # fmt: skip
    for at, outcome in (
        ("2026-03-04 09:59", Outcome.RETRY_LATER), ("2026-03-04 10:00", Outcome.APPROVE)
    ):  # fmt: skip
        world.now = world.at(at)
        (answer,) = draw_group(world.engine, [Asked("s3d", Request(500_000), at)])
        assert isinstance(answer, StoredDecision) and answer.decision.outcome is outcome, at
        assert replay(world.engine, answer.id).decision == answer.decision
    world.now += 1
    assert lines.show(world.engine, "s3d").holds == ()


def dear() -> dict[str, bytes]:
    """The reference policy at 18.25 % a year, as story 6 tells, with a penalty within the caps."""
    files = read_bundle("consumer_line")
    products, line = files["products.yaml"], files["parameters/line.yaml"]
    priced = line.replace(b"value: 1460", b"value: 1825")
    fined = products.replace(
        b"rate: $draw_rate_bp", b"rate: $draw_rate_bp\n    penalty_percent: 130"
    )
    assert priced != line and fined != products
    return files | {"parameters/line.yaml": priced, "products.yaml": fined}


def distressed(world: World, name: str) -> tuple[Person, str]:
    """An instalment of about ¥1,102 of a ¥12,000 loan falls due on 04-10 and is not paid."""
    person = Person(world, name, "2026-03-10")
    person.salary(7_500, "2025-10-08", "2025-11-08", "2025-12-08", "2026-01-08", "2026-02-08",
                  "2026-03-08")  # fmt: skip
    person.report("2026-03-05", accounts=[{"account": "old", "kind": "R2", "lender": "bank",
                                           "limit": 1_000_000, "balance": 100_000,
                                           "grid": "N" * 48}])  # fmt: skip
    asked = person.asks("2026-03-10 10:00", 12_000, product="equal_instalments")
    assert asked.decision.outcome is Outcome.APPROVE, text(person.told(asked, "en"))
    world.read_cost(name, asked.id)
    loan = confirm(world.engine, Ports(SandboxRail()), name, asked.id, "c1").draw
    world.now = world.at("2026-04-01 09:00")
    person.tell("income_evidence", "2026-04-01", monthly_income=0, source="declared", verified=True)
    for passed in ("2026-04-10", "2026-04-11", "2026-04-20"):
        world.now = world.at(f"{passed} 00:30")
        endofday.run_day(world.engine, "accrual", day(passed))
    return person, loan


def test_story_6_hardship(store: Store, tmp_path: Path) -> None:
    world = World(store, dear())
    person, loan = distressed(world, "s6")
    engine = world.engine
    world.now = world.at("2026-04-20 10:00")
    late = next(one for one in lines.show(engine, "s6").loans if one.loan == loan)
    assert (late.dpd, late.tier) == (10, "special_mention")
    assert 110_000 <= late.due_now <= 111_500

    refused = person.asks(
        "2026-04-20 10:00", 1_000, purpose="repay_loans", product="equal_instalments"
    )
    made = refused.decision
    assert made.outcome is not Outcome.APPROVE and made.amount_offered is None
    for lang, help_ in (("zh", "困难"), ("en", "help")):
        told = person.told(refused, lang)
        steps = [step for row in told.reasons for step in row.steps]
        assert help_ in steps[0], steps
        assert not UNFIT.search(text(told))

    # Asking costs nothing, and a person answers within three working days of the Monday.
    score = made.score, made.score_band
    menu = hardship.ask(engine, "s6", cause="job_loss", wish="restructuring")
    assert menu.answer_by == day("2026-04-23")
    assert ("hardship", "restructuring", menu.answer_by) in lines.show(engine, "s6").tasks
    again = person.asks(
        "2026-04-20 10:05", 1_000, purpose="repay_loans", product="equal_instalments"
    ).decision
    assert (again.score, again.score_band) == score
    worse = {area for area in made.lights if again.lights[area] is not made.lights[area]}
    assert worse <= {"line", "attempts"}, worse

    # Repaying works all the time, in arrears and under any hold.
    assert repay.repay(engine, "s6", loan, 10_000, "p1").owed > 0

    world.now = world.at("2026-04-22 11:00")
    hardship.answer(
        engine, "s6", result="restructuring", by="ana", loan=loan, first_due_day=day("2026-07-10"),
        months=18,
    )  # fmt: skip
    assert not lines.show(engine, "s6").tasks, "the person has answered"
    anew = next(one for one in lines.show(engine, "s6").loans if one.loan == loan)
    assert anew.next_due is not None and anew.next_due[0] == day("2026-07-10")
    assert anew.dpd == 0 and anew.due_now < 100, "but for the penalty that ran until today"
    assert ledger.verify(engine).ok

    # Every instalment kept, and still it is watched for a year from its first due day.
    for passed in ("2026-07-10", "2026-08-10", "2026-09-10", "2026-10-10", "2026-11-10",
                   "2026-12-10", "2027-01-10", "2027-02-10", "2027-03-10", "2027-04-10",
                   "2027-05-10", "2027-06-10", "2027-07-10"):  # fmt: skip
        world.now = world.at(f"{passed} 12:00")
        due = next(one for one in lines.show(engine, "s6").loans if one.loan == loan)
        if passed < "2027-07-10":
            assert due.tier == "special_mention", passed
        assert due.due_now > 0 and due.dpd == 0
        repay.repay(engine, "s6", loan, due.due_now, f"p-{passed}")
    assert ledger.verify(engine).ok
    notify.deliver_all(engine, FileNotifier(tmp_path / "n"))
    assert "重组观察期" in (tmp_path / "n").read_text(encoding="utf-8")
