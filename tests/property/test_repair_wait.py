"""Waiting against brute force: no hour before the date passes, and the date itself does."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.decision_policy import NOW, SHANGHAI, Life
from xindeng.decision.answer import EarliestYes, Outcome
from xindeng.decision.decide import decide
from xindeng.decision.facts import PlatformState
from xindeng.decision.precheck import facts_of_attempt
from xindeng.decision.request import Request
from xindeng.events.credit import CreditInquiry
from xindeng.events.line import HoldPlaced
from xindeng.events.security import CredentialChange
from xindeng.kernel.time import DAY, HOUR, MINUTE
from xindeng.repair.ahead.wait import earliest_yes

ASKED = Request(amount=800_000, term_months=10, rate_bp=0)
DAYS = 12

lives = st.fixed_dictionaries(
    {
        "ages": st.lists(st.integers(160, 184), min_size=0, max_size=16, unique=True),
        "changed_hours": st.none() | st.integers(0, 14),
        "hold_hours": st.none() | st.integers(1, 200),
    }
)


def life_of(known: dict) -> Life:
    life = Life()
    for age in sorted(known["ages"], reverse=True):
        day = SHANGHAI.local(NOW - age * DAY).date().isoformat()
        life.had(day, CreditInquiry(lender=f"bank {age}", reason="loan_approval"))
    if known["changed_hours"] is not None:
        at = SHANGHAI.local(NOW - known["changed_hours"] * HOUR - 7 * MINUTE).isoformat()
        life.had(at, CredentialChange(kind="password"))
    if known["hold_hours"] is not None:
        review = NOW + known["hold_hours"] * HOUR
        hold = HoldPlaced(hold="h1", kind="manual", mode="block", reason="x", review_at=review)
        life.had(SHANGHAI.local(NOW).isoformat(), hold)
    return life


def passes(life: Life, at: int) -> bool:
    facts = facts_of_attempt(life.policy.kernel, life.state, PlatformState(), ASKED, at)
    return decide(life.policy, facts, ASKED, at).outcome is Outcome.APPROVE


def wrong(life: Life, found: EarliestYes) -> list[str]:
    """Where a wait differs from pressing the button at every hour and around every midnight."""
    tries = {NOW + n * HOUR for n in range(DAYS * 24)}
    today = SHANGHAI.day(NOW)
    tries |= {SHANGHAI.midnight(today + n) + delta for n in range(1, DAYS) for delta in (-1, 0)}
    end = NOW + DAYS * DAY
    early = [at for at in sorted(tries) if at < (found.at or end) and passes(life, at)]
    said = [f"{SHANGHAI.local(at)} passes already" for at in early]
    if found.at is not None and not passes(life, found.at):
        said.append(f"{SHANGHAI.local(found.at)} does not pass")
    return said


@given(lives)
@settings(max_examples=40, deadline=None)
def test_the_earliest_yes_is_what_trying_finds(known: dict) -> None:
    life = life_of(known)
    assert not wrong(life, earliest_yes(life.policy, life.state, PlatformState(), ASKED, NOW))


def test_planted_a_day_too_early_or_too_late_is_caught() -> None:
    life = life_of({"ages": list(range(170, 181)), "changed_hours": None, "hold_hours": None})
    found = earliest_yes(life.policy, life.state, PlatformState(), ASKED, NOW)
    assert found.at is not None and not wrong(life, found)
    for off in (-DAY, -1, DAY):
        shifted = EarliestYes(asked_at=NOW, at=found.at + off, amount=1, horizon_days=400)
        assert wrong(life, shifted)
