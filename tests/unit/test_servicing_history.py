"""The three numbers and their history: every change has a cause, and what is withheld stays so."""

from __future__ import annotations

from random import Random

import msgspec
import pytest

from tests.line_life import ZONE, Life, day, sound
from xindeng.decision.facts import PlatformState
from xindeng.kernel.errors import InputError
from xindeng.kernel.time import HOUR, MINUTE
from xindeng.lending.calendar import Calendar, months_after
from xindeng.servicing import history as history_room
from xindeng.servicing.hardship import answer, ask
from xindeng.servicing.history import NumberChange, history
from xindeng.servicing.history_words import history_lines
from xindeng.servicing.three_numbers import line_of, three_numbers
from xindeng.servicing.view import view_of


def changes(life: Life, since: str = "2026-06-01", **more):
    return history(life.policy, life.events, since=ZONE.parse(since), until=life.now, **more)


def test_time_alone_is_named_as_the_cause_to_the_hour() -> None:
    life = sound("2026-06-01")
    life.tell("payout_card", "2026-06-02 09:30", action="changed", card="c2")
    life.at("2026-06-06 12:00")
    found = changes(life)
    assert [(c.cause, c.event.type if c.event else None) for c in found][:3] == [
        ("time", None), ("event", "payout_card"), ("time", None),
    ]  # fmt: skip
    assert found[2].at - found[1].at == 24 * HOUR, (
        "a wait that only larger draws meet ends to the hour"
    )
    zh, en = history_lines(life.policy, found, "zh"), history_lines(life.policy, found, "en")
    assert "时间到期" in zh[1] and "time alone" in en[1] and "收款卡变更" in zh[0]
    assert not any("起始" in line for line in zh), "where a look back begins nothing happened"


def test_our_side_is_named_as_ours() -> None:
    life = sound("2026-06-01")
    life.at("2026-06-05")
    sides = ((ZONE.parse("2026-06-02"), PlatformState(maintenance=True)),
             (ZONE.parse("2026-06-03"), PlatformState()))  # fmt: skip
    found = changes(life, platform=sides)
    assert [c.cause for c in found] == ["time", "platform", "platform"]
    assert found[1].after.borrowable == 0 and found[1].after.whose == "platform"
    assert found[2].after.amounts == found[0].after.amounts
    assert "平台安排变化" in history_lines(life.policy, found, "zh")[0]


def mule() -> Life:
    life = sound("2026-06-01")
    for k in range(9):
        at = ZONE.parse("2026-06-02 09:00") + k * 10 * MINUTE
        life.tell(
            "payment", at, direction="in", amount=460_000, category="transfer", counterparty=f"p{k}"
        )
        life.tell("payment", at + MINUTE, direction="out", amount=450_000, category="transfer",
                  counterparty=f"q{k}")  # fmt: skip
    life.asks("2026-06-02 12:00", 1_000)
    return life


def test_a_gate_that_ends_was_named_by_an_earlier_line() -> None:
    """Gates may change while the numbers stay: such a gate is on no line, so none ends it."""
    life = sound("2026-06-01")
    life.at("2026-06-05")
    first, later = changes(life)[0], changes(life)[-1]
    gated = msgspec.structs.replace(
        first.after, gate="platform.maintenance", area="platform", whose="platform"
    )
    found = [first, NumberChange(at=later.at, cause="time", before=gated, after=first.after,
                                 told=first.told, held=False, event=None)]  # fmt: skip
    for lang in ("zh", "en"):
        last = history_lines(life.policy, found, lang, audience="support")[-1]
        assert "限制解除" not in last and "no longer held back" not in last


def test_a_borrower_learns_nothing_withheld_from_the_history() -> None:
    life = mule()
    found = changes(life)
    assert any(c.told.borrowable is None for c in found)
    for lang in ("zh", "en"):
        borrower = history_lines(life.policy, found, lang)
        staff = history_lines(life.policy, found, lang, audience="support")
        verify = {"zh": "需先核实", "en": "verification needed first"}[lang]
        # One line says that the account must be verified, when the hold was placed: not at the
        # minute of each transfer that turned a withheld rule on or off.
        assert [line[:16] for line in borrower if verify in line] == ["2026-06-02 12:00"]
        assert len(staff) > len(borrower)
        area = {"zh": "受“资金往来”", "en": "held back by: Money in"}[lang]
        assert area not in "\n".join(borrower) and area in "\n".join(staff)
    numbers = three_numbers(life.policy, life.at(life.now).decision)
    assert numbers.borrowable is None and numbers.gate is None
    assert "需先核实" in line_of(life.policy, numbers, "zh")
    assert three_numbers(life.policy, life.at(life.now).decision, veil=False).gate


def test_a_thief_learns_no_cool_down_from_the_history() -> None:
    life = sound("2026-06-01")
    life.tell("payout_card", "2026-06-02 09:30", action="changed", card="c2")
    life.at("2026-06-06 12:00")
    before = "\n".join(history_lines(life.policy, changes(life), "zh"))
    assert "2026-06-02 09:30" in before and "账户安全" in before, "their own wait is told to them"
    life.tell("security_incident", "2026-06-06 13:00", kind="account_takeover")
    life.asks("2026-06-06 13:01", 1_000)
    for since in ("2026-06-01", "2026-06-02 12:00"):
        found = changes(life, since)
        for lang, area in (("zh", "账户安全"), ("en", "ccount security")):
            told = history_lines(life.policy, found, lang)
            assert [line[:16] for line in told] == ["2026-06-06 13:01"], told
            assert area not in "\n".join(told)
            assert area in "\n".join(history_lines(life.policy, found, lang, audience="support"))


def test_a_pause_and_a_warning_are_told_where_the_numbers_stay() -> None:
    life = sound("2026-06-01")
    life.tell("limit_warning", "2026-06-02 09:00", change="zero", effective_day=day("2026-07-02"),
              reason="idle")  # fmt: skip
    hold = {"kind": "manual", "reason": "x", "review_at": ZONE.parse("2026-06-20")}
    life.tell("hold_placed", "2026-06-03 09:00", hold="seen", mode="monitor", **hold)
    life.tell("hold_placed", "2026-06-04 09:00", hold="h1", mode="block", **hold)
    life.tell("hold_placed", "2026-06-05 09:00", hold="h2", mode="block", **hold)
    life.at("2026-06-06")
    told = history_lines(life.policy, changes(life), "zh")
    assert [line[:16] for line in told] == [
        "2026-06-02 09:00", "2026-06-04 09:00", "2026-06-05 09:00",
    ]  # fmt: skip
    assert "额度预警" in told[0] and "暂停借款" in told[2]


def steps(life: Life, *gates: tuple[int, str, int | None]) -> list[NumberChange]:
    """Changes by time alone: (minutes after the first look, area of the gate, borrowable)."""
    first = changes(life)[0]
    found, before = [first], first.after
    for minutes, area, borrowable in gates:
        rule = next(rule.id for rule in life.policy.rules if rule.area == area
                    and rule.whose != "withheld" and rule.id != before.gate) if area else None  # fmt: skip
        after = msgspec.structs.replace(before, gate=rule, area=area or None, borrowable=borrowable)
        found.append(NumberChange(at=first.at + minutes * MINUTE, cause="time", before=before,
                                  after=after, told=after))  # fmt: skip
        before = after
    return found


@pytest.mark.parametrize("audience", ["borrower", "support"])
def test_an_area_is_not_both_freed_and_in_the_way(audience: str) -> None:
    life = sound("2026-06-01")
    life.at("2026-06-05")
    found = steps(life, (10, "bureau", 900), (20, "bureau", 500), (30, "", 800))
    for lang, freed in (("zh", "限制解除"), ("en", "no longer held back")):
        told = history_lines(life.policy, found, lang, audience=audience)
        assert freed not in told[-2] and freed in told[-1]


def test_time_that_tightens_is_not_told_as_a_wait_that_ended() -> None:
    life = sound("2026-06-01")
    life.at("2026-06-05")
    zh = history_lines(life.policy, steps(life, (10, "debt", 0), (20, "", 700)), "zh")
    assert "统计窗口前移" in zh[0] and "时间到期" not in zh[0] and "时间到期" in zh[1]


def test_no_line_shows_numbers_that_did_not_last_a_minute() -> None:
    life = sound("2026-06-01")
    life.tell("limit_change", "2026-06-02 10:00", limit=3_000_000, change="increased", reason="x")
    life.tell("hold_placed", "2026-06-02 10:00", hold="h1", mode="block", kind="manual",
              reason="x", review_at=ZONE.parse("2026-06-20"))  # fmt: skip
    life.at("2026-06-06")
    found = changes(life)
    (told,) = history_lines(life.policy, found, "zh")
    assert "¥30,000" in told and "额度调整" in told and "暂停借款" in told
    assert "当前可借：¥0" in told
    assert len(history_lines(life.policy, found, "zh", audience="support")) == len(found) == 3


def test_the_history_is_what_a_look_at_each_moment_would_show() -> None:
    """Against folding anew and looking at random instants; a planted blindness to time fails."""
    life = sound("2026-06-01")
    dice = Random(3)
    life.tell("payout_card", "2026-06-02 09:30", action="changed", card="c2")
    life.tell("payment", "2026-06-05", direction="in", amount=18_000_000, category="unknown")
    life.asks("2026-06-05 10:00", 1_000)
    life.tell("repayment", "2026-06-09", loan="x", amount=5, principal=5)
    life.at("2026-07-20")
    assert disagreements(life, changes(life), dice) == 0


def test_a_history_blind_to_time_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    life = sound("2026-06-01")
    life.tell("payout_card", "2026-06-02 09:30", action="changed", card="c2")
    life.at("2026-07-20")
    monkeypatch.setattr(history_room._Teller, "_instants", lambda *_: [])
    assert disagreements(life, changes(life), Random(3)) > 0


def disagreements(life: Life, found, dice: Random) -> int:
    wrong = 0
    for number in range(200):
        start = ZONE.parse("2026-06-01") + 1
        # Half of them in the first days, where waits end by the hour.
        at = dice.randrange(start, start + 6 * 24 * HOUR if number % 2 else life.now)
        state = life.policy.kernel.empty()
        for event in life.events:
            if event.known_at <= at:
                life.policy.kernel.fold(state, event)
        decision = view_of(life.policy, state, PlatformState(), at).decision
        mine = [c for c in found if c.at <= at][-1].after
        wrong += mine.amounts != three_numbers(life.policy, decision, veil=False).amounts
    return wrong


def test_the_numbers_stand_together_in_both_languages() -> None:
    life = sound("2026-06-01")
    life.tell(
        "disbursement", "2026-06-01", draw="d", amount=500_000, term_months=12, monthly_due=40_000
    )
    numbers = three_numbers(life.policy, life.at("2026-06-02").decision)
    assert numbers.limit == 2_000_000 and numbers.available == 1_500_000
    assert numbers.borrowable is not None and numbers.borrowable <= numbers.available
    assert line_of(life.policy, numbers, "zh").startswith("额度：¥20,000")
    assert "Borrowable now" in line_of(life.policy, numbers, "en")


# ---- the calendar of help --------------------------------------------------------------------


def test_working_days_pass_over_weekends_and_holidays() -> None:
    golden = frozenset(range(day("2026-10-01"), day("2026-10-09")))
    calendar = Calendar(golden, frozenset({day("2026-10-10")}))
    assert calendar.after(day("2026-09-30"), 1) == day("2026-10-09")
    assert calendar.after(day("2026-09-30"), 3) == day("2026-10-12")  # Saturday 10-10 is worked
    assert Calendar().after(day("2026-04-24"), 3) == day("2026-04-29")
    with pytest.raises(InputError):
        Calendar(frozenset(range(99_999))).after(day("2026-01-01"), 1)


def test_a_month_later_is_clipped_to_its_end() -> None:
    assert months_after(day("2026-01-31"), 1) == day("2026-02-28")
    assert months_after(day("2024-02-29"), 12) == day("2025-02-28")
    assert months_after(day("2026-07-10"), 12) == day("2027-07-10")


@pytest.mark.parametrize(
    "wrong",
    [
        {"result": "declined"}, {"result": "restructuring"}, {"result": "miracle"},
        {"result": "advice", "by": " "}, {"result": "collection_pause"},
        {"result": "restructuring", "loan": "l", "first_due_day": 5},
    ],
)  # fmt: skip
def test_an_answer_that_lacks_something_is_refused(wrong: dict) -> None:
    view = sound("2026-06-01").at("2026-06-02")
    with pytest.raises(InputError) as caught:
        answer(view, **{"by": "ana", **wrong})
    assert caught.value.next_step


def test_an_answer_closes_the_request() -> None:
    life = sound("2026-06-01")
    life.carry(ask(life.at("2026-06-02 10:00")).orders)
    assert life.at("2026-06-02 11:00").value("hardship_open") is True
    life.carry(answer(life.at("2026-06-03"), result="declined", by="ana", note="no loan is open"))
    assert life.at("2026-06-03 01:00").value("hardship_open") is False
    assert "申诉" in life.notices[-1].texts["zh"] and "appeal" in life.notices[-1].texts["en"]
