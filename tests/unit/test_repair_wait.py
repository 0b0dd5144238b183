"""The earliest yes by waiting alone, against trying every hour, and what makes it stop."""

from __future__ import annotations

import time

import pytest

from tests.decision_policy import SHANGHAI, Life, files
from xindeng.decision.answer import EarliestYes, Light, Outcome
from xindeng.decision.decide import decide
from xindeng.decision.facts import PlatformState
from xindeng.decision.precheck import facts_of_attempt
from xindeng.decision.request import Request
from xindeng.events.credit import ExternalDebt
from xindeng.events.envelope import Event
from xindeng.events.life import Payment
from xindeng.events.line import HoldPlaced
from xindeng.events.security import CredentialChange
from xindeng.kernel.time import HOUR
from xindeng.policy.bundle import load
from xindeng.repair.ahead.habits import ahead, habits
from xindeng.repair.ahead.wait import earliest_yes

ASKED = Request(amount=800_000, term_months=10, rate_bp=0)
ELEVEN = ("01-05", "01-08", "01-20", "02-10", "03-03", "04-11", "05-02", "05-20", "06-05", "06-12",
          "06-25")  # fmt: skip


def waits(life: Life, when: str, **platform):
    state = PlatformState(**platform)
    return earliest_yes(life.policy, life.state, state, ASKED, SHANGHAI.parse(when))


def first_yes_by_trying(life: Life, when: str, hours: int) -> int | None:
    """Ask at every full hour: slow and without any cleverness."""
    now = SHANGHAI.parse(when)
    for n in range(hours):
        at = now + n * HOUR
        facts = facts_of_attempt(life.policy.kernel, life.state, PlatformState(), ASKED, at)
        if decide(life.policy, facts, ASKED, at).outcome is Outcome.APPROVE:
            return at
    return None


def local(at: int | None) -> str:
    return "" if at is None else f"{SHANGHAI.local(at):%Y-%m-%d %H:%M}"


def test_enquiries_leave_the_window_at_local_midnight() -> None:
    life = Life().inquired(*ELEVEN)
    found = waits(life, "2026-07-01 10:00")
    # 01-05 is the 181st day before 07-05: floored at midnight it still counts all of 07-04.
    assert local(found.at) == "2026-07-05 00:00"
    assert found.at == first_yes_by_trying(life, "2026-07-01 00:00", 24 * 7)
    turns = {(local(c.at)[:10], c.before, c.after) for c in found.light_changes}
    assert turns == {
        ("2026-07-05", Light.RED, Light.YELLOW),
        ("2026-07-11", Light.YELLOW, Light.GREEN),
    }


def test_a_new_application_moves_the_date() -> None:
    life = Life().inquired(*ELEVEN, "07-02")
    found = waits(life, "2026-07-02 12:00")
    assert local(found.at) == "2026-07-08 00:00"


def test_caution_that_outlasts_the_yes_is_told_too() -> None:
    days = [f"{month:02d}-{day:02d}" for month, day in ((1, 5), (4, 20), (4, 21), (4, 22), (5, 2),
            (5, 3), (5, 4), (5, 5), (5, 6), (5, 7), (5, 8))]  # fmt: skip
    found = waits(Life().inquired(*days), "2026-07-03 10:00")
    assert local(found.at) == "2026-07-05 00:00"
    assert [(local(c.at)[:10], c.before, c.after) for c in found.light_changes] == [
        ("2026-07-05", Light.RED, Light.YELLOW),
        ("2026-08-02", Light.YELLOW, Light.GREEN),
    ]


def test_a_gate_within_the_day_is_found_to_the_minute() -> None:
    life = Life().had("2026-07-01 09:12", CredentialChange(kind="password"))
    found = waits(life, "2026-07-01 10:00")
    assert local(found.at) == "2026-07-01 21:12"
    # Without an `until` in the rule the turn must be found between two midnights.
    silent = files()["areas/security.yaml"].decode()
    silent = silent.replace("  until: credential_at + $cooldown_hours * 3600000000\n", "")
    life = Life(load({**files(), "areas/security.yaml": silent.encode()}))
    life.had("2026-07-01 09:12", CredentialChange(kind="password"))
    assert local(waits(life, "2026-07-01 10:00").at) == "2026-07-01 21:12"


def test_what_time_cannot_heal_is_not_promised() -> None:
    burdened = Life()
    burdened.had("2026-06-01", ExternalDebt(monthly_due=880_000, balance=0, lenders=1,
                                            nonbank_lenders=0))  # fmt: skip
    found = waits(burdened.inquired(*ELEVEN), "2026-07-01 10:00")
    assert found.at is None and found.amount is None and found.light_changes == ()


def test_an_approved_request_needs_no_wait() -> None:
    found = waits(Life(), "2026-07-01 10:00")
    assert local(found.at) == "2026-07-01 10:00" and found.amount == ASKED.amount


def test_a_hold_under_review_is_never_projected_to_a_release_before_its_date() -> None:
    life = Life()
    life.had("2026-07-01 09:00", HoldPlaced(hold="h1", kind="manual", mode="block",
             reason="check", review_at=SHANGHAI.parse("2026-07-03 15:00")))  # fmt: skip
    assert local(waits(life, "2026-07-01 10:00").at) == "2026-07-03 15:00"


def test_our_own_side_is_taken_to_stay_as_it_is() -> None:
    assert waits(Life(), "2026-07-01 10:00", maintenance=True).at is None


def test_it_leaves_the_state_alone_and_is_quick() -> None:
    life = Life().inquired(*ELEVEN)
    kernel = life.policy.kernel
    before = kernel.dump_hot(life.state), kernel.dump_buckets(life.state)
    began = time.perf_counter()
    for _ in range(5):
        waits(life, "2026-07-01 10:00")
    # 20 ms is typical; the bound is generous for a busy machine.
    assert (time.perf_counter() - began) / 5 < 0.1
    assert (kernel.dump_hot(life.state), kernel.dump_buckets(life.state)) == before


@pytest.mark.parametrize("day", ["07-04", "07-05"])
def test_planted_an_hour_too_early_is_caught_by_trying(day: str) -> None:
    life = Life().inquired(*ELEVEN)
    honest = waits(life, f"2026-{day} 10:00").at
    assert honest == first_yes_by_trying(life, f"2026-{day} 10:00", 48)
    assert honest is not None and honest - HOUR != first_yes_by_trying(
        life, f"2026-{day} 10:00", 48
    )


# A policy that reads income from the account: without wages it forgets the income after 40 days.
EARNED = """
- id: cash_flow.no_wages
  when: "wages_40d < 100000"
  light: red
  effect: decline
  reason: NO_WAGES
  whose: borrower
  data: {category: financial, purpose: lending, consent: contract}
  repair: [pay_down]
  missing: grey
  texts:
    zh: {borrower: 无工资, support: 无工资, auditor: 无工资}
    en: {borrower: no wages, support: no wages, auditor: no wages}
  cases:
    - {given: {wages_40d: 0}, expect: fires}
    - {given: {wages_40d: 900000}, expect: quiet}
"""


def earner(*paydays: str, inquiries: tuple[str, ...]) -> tuple[Life, list[Event]]:
    """A borrower under that policy, and the wages among what happened."""
    bundle = files()
    wages = (
        "wages_40d: {event: payment, where: \"direction = 'in' AND category = 'salary'\", "
        "op: sum(amount), window: 40d}\n"
    )
    bundle["features.yaml"] += wages.encode()
    bundle["areas/cash_flow.yaml"] += EARNED.encode()
    life = Life(load(bundle))
    past = []
    for number, day in enumerate(paydays):
        paid = Payment("in", 900_000, category="salary", counterparty="employer")
        life.had(day, paid)
        at = SHANGHAI.parse(day)
        past.append(Event(f"w{number}", "b1", "payment", 1, at, at, paid, number + 1))
    return life.inquired(*inquiries), past


LATER = ("02-10", "03-03", "04-11", "05-02", "05-20", "06-05", "06-12", "06-25", "06-26", "06-27",
         "06-28")  # fmt: skip
WAGES = ("2026-04-20", "2026-05-20", "2026-06-20")


def test_income_goes_on_while_waiting() -> None:
    # Ten enquiries are left on 08-10; the wages of 06-20 alone would be forgotten on 07-31.
    life, past = earner(*WAGES, inquiries=LATER)
    now = SHANGHAI.parse("2026-07-01 10:00")
    known = habits(past, now)

    def asked(with_habits: bool) -> EarliestYes:
        return earliest_yes(
            life.policy, life.state, PlatformState(), ASKED, now,
            habits=known if with_habits else (),
        )  # fmt: skip

    assert local(asked(True).at) == "2026-08-10 00:00"
    assert asked(True).assumed == "life"
    # Planted: the old reading, in which life stops, never comes to a yes.
    still = asked(False)
    assert still.at is None and still.standing == ("cash_flow.no_wages",)
    assert [(end.rule, local(end.at)) for end in still.cleared] == [
        ("applications.many", "2026-08-10 00:00")
    ]


def test_a_projected_yes_is_what_living_on_finds() -> None:
    life, past = earner(*WAGES, inquiries=ELEVEN)
    now = SHANGHAI.parse("2026-07-01 10:00")
    known = habits(past, now)
    found = earliest_yes(life.policy, life.state, PlatformState(), ASKED, now, habits=known)
    before = life.policy.kernel.dump_buckets(life.state)
    lived = life.policy.kernel.copy(life.state)
    coming = iter([*ahead(known, lived.seq, now + 60 * 24 * HOUR), None])
    nxt, first = next(coming), None
    for day in range(60):
        at = SHANGHAI.midnight(SHANGHAI.day(now) + 1 + day)
        while nxt is not None and nxt.occurred_at <= at:
            life.policy.kernel.fold(lived, nxt)
            nxt = next(coming)
        facts = facts_of_attempt(life.policy.kernel, lived, PlatformState(), ASKED, at)
        if decide(life.policy, facts, ASKED, at).outcome is Outcome.APPROVE:
            first = at
            break
    assert found.at == first == SHANGHAI.parse("2026-07-05")
    assert life.policy.kernel.dump_buckets(life.state) == before


def test_what_stands_and_what_opens_is_told_without_a_yes() -> None:
    life = Life().had("2026-06-20", ExternalDebt(monthly_due=880_000, balance=0, lenders=1,
                                                 nonbank_lenders=0))  # fmt: skip
    found = waits(life.inquired(*ELEVEN), "2026-07-01 10:00")
    assert found.at is None and found.standing == ("debt.burden",)
    assert [(end.rule, local(end.at)[:10]) for end in found.cleared] == [
        ("applications.many", "2026-07-05")
    ]
