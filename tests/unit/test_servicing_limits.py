"""Limits: the matrix, early warning, what would avert it, by hand, and the way back."""

from __future__ import annotations

import pytest

from tests.line_life import Life, day, sound
from xindeng.decision.facts import PlatformState
from xindeng.events.line import LimitChange, LimitWarning, LimitWarningWithdrawn
from xindeng.kernel.errors import ConflictError, InputError
from xindeng.kernel.time import DAY
from xindeng.servicing.limit_aim import aim_of
from xindeng.servicing.limits import change_by_hand, grant, reevaluate
from xindeng.servicing.way_back import way_back


def late(**more: int) -> Life:
    """A line of ¥50,000 whose borrower is overdue, so that the matrix wants less."""
    life = sound("2026-06-01", **{"limit": 50_000, **more})
    life.tell(
        "disbursement",
        "2026-05-01",
        draw="l1",
        amount=1_000_000,
        term_months=12,
        monthly_due=90_000,
    )
    life.tell(
        "delinquency", "2026-06-01 00:10", dpd=5, overdue_amount=90_000, tier="special_mention"
    )
    return life


def settle(life: Life) -> None:
    """Paying what is overdue is itself a late repayment."""
    life.tell(
        "repayment", "2026-06-04 09:00", loan="l1", amount=90_000, principal=80_000, days_late=8
    )
    life.tell("delinquency", "2026-06-05 00:10", dpd=0, overdue_amount=0)


def weigh(life: Life, when: str | int):
    return life.carry(reevaluate(life.at(when), life.book))


def kinds(orders) -> list[str]:
    return [type(p).__name__ for p in orders.payloads]


def test_a_limit_rises_by_one_step_and_not_again_within_the_gap() -> None:
    life = sound("2026-06-01", limit=5_000)
    view = life.at("2026-06-01 10:00")
    aim = aim_of(view, 500_000)
    assert aim is not None and aim.target > 500_000
    (change,) = weigh(life, "2026-06-01 10:00").payloads
    assert isinstance(change, LimitChange) and change.change == "increased"
    assert change.limit == min(aim.target, 500_000 + aim.step)
    assert not weigh(life, "2026-06-02 10:00"), "nothing more within the gap"
    assert not weigh(life, life.now + (aim.gap_days - 2) * DAY)


def test_a_cut_is_warned_of_first_with_date_evidence_and_what_averts_it() -> None:
    life = late(limit=30_000)
    warned = weigh(life, "2026-06-01 10:00")
    (warning,) = warned.payloads
    assert isinstance(warning, LimitWarning)
    assert warning.effective_day == day("2026-06-15") and warning.limit is not None
    zh, en = warned.notices[0].texts["zh"], warned.notices[0].texts["en"]
    assert "2026-06-15" in zh and "依据（截至 2026-06-01）" in zh and "还清到期账单" in zh
    assert "Evidence (as of 2026-06-01)" in en and "not called in" in en and "诈骗" in zh
    assert not weigh(life, "2026-06-14 10:00"), "not a day early, and not told twice"
    (cut,) = weigh(life, "2026-06-15 10:00").payloads
    assert isinstance(cut, LimitChange) and cut.limit == warning.limit


def test_doing_what_averts_it_withdraws_the_warning() -> None:
    life = late(limit=30_000)
    weigh(life, "2026-06-01 10:00")
    assert life.book.warned is not None
    settle(life)
    assert kinds(weigh(life, "2026-06-06 10:00"))[0] == LimitWarningWithdrawn.__name__
    assert life.book.warned is None and not life.at("2026-06-07").value("limit_warned")
    assert not [
        p
        for p in weigh(life, "2026-06-20 10:00").payloads
        if getattr(p, "change", "") == "decreased"
    ]


def test_what_is_said_to_avert_a_cut_really_does() -> None:
    """Every remedy told is carried out on a twin; the limit must stand as was told."""
    life = late(limit=30_000)
    orders = reevaluate(life.at("2026-06-01 10:00"), life.book)
    assert "可以避免的办法：还清到期账单" in orders.notices[0].texts["zh"]
    life.carry(orders)
    settle(life)
    for later in range(6, 29):
        weigh(life, f"2026-06-{later:02d} 10:00")
    assert (life.book.limit or 0) >= 3_000_000


def test_who_was_late_before_is_not_told_that_settling_keeps_the_limit() -> None:
    """The trial counts the late repayment that settling makes, so it promises nothing untrue."""
    life = late(limit=30_000)
    life.tell("repayment", "2026-05-20", loan="l1", amount=1, principal=0, days_late=3)
    text = weigh(life, "2026-06-01 10:00").notices[0].texts["zh"]
    assert "还清到期账单" not in text and "可以避免" not in text


def test_where_nothing_helps_that_is_said_and_nobody_is_told_to_borrow() -> None:
    life = sound("2026-06-01", limit=80_000)
    warned = weigh(life, "2026-06-01 10:00")
    assert kinds(warned) == ["LimitWarning"]
    texts = warned.notices[0].texts
    assert "不需要为保住额度而借款" in texts["zh"] and "可以避免" not in texts["zh"]
    assert "no need to draw" in texts["en"]


def test_a_cut_touches_nothing_that_is_lent() -> None:
    life = late()
    before = life.at("2026-06-01 10:00")
    weigh(life, "2026-06-01 10:00")
    weigh(life, "2026-06-15 10:00")
    after = life.at("2026-06-15 10:00")
    for name in ("exposure", "own_monthly_due", "instalments_due", "open_draws", "line_dpd"):
        assert before.value(name) == after.value(name), name
    assert set(LimitChange.__struct_fields__) == {"limit", "change", "currency", "reason"}


def test_a_cut_is_never_deeper_than_was_announced() -> None:
    life = late()
    (warning,) = weigh(life, "2026-06-01 10:00").payloads
    life.tell(
        "delinquency", "2026-06-10 00:10", dpd=60, overdue_amount=900_000, tier="special_mention"
    )
    weigh(life, "2026-06-15 10:00")
    assert life.book.limit == warning.limit


def test_an_old_warning_lapses() -> None:
    life = late()
    weigh(life, "2026-06-01 10:00")
    again = weigh(life, "2026-08-20 10:00")
    assert kinds(again) == ["LimitWarning"], "warned anew, not cut on a warning of June"


def test_no_line_and_a_closed_line_are_left_alone() -> None:
    life = late()
    assert not reevaluate(life.at("2026-06-02"), Life().book)
    life.carry(change_by_hand(life.at("2026-06-02"), life.book, limit=0, by="ana", reason="wish",
                              asked_by_borrower=True, close=True))  # fmt: skip
    assert life.book.closed and not weigh(life, "2027-06-02")
    with pytest.raises(ConflictError, match="closed"):
        change_by_hand(life.at(life.now), life.book, limit=5, by="a", reason="r")
    with pytest.raises(ConflictError, match="closed"):
        grant(life.at(life.now), life.book, reason="r")


def test_granting_gives_the_segments_first_limit() -> None:
    life = Life()
    life.tell("account_opened", "2026-05-01", birth_day=9000)
    life.carry(grant(life.at("2026-06-01"), life.book, reason="applied"))
    assert life.book.limit == 300_000 and life.book.change == "granted"  # thin file
    with pytest.raises(ConflictError, match="granted already"):
        grant(life.at("2026-06-01"), life.book, reason="again")


def test_by_hand_a_reason_is_required_and_amounts_are_checked() -> None:
    life = sound("2026-06-01")
    view, book = life.at("2026-06-01"), life.book
    for wrong in (-1, 20_000_001, 1.5, True):
        with pytest.raises(InputError):
            change_by_hand(view, book, limit=wrong, by="a", reason="r")
    with pytest.raises(InputError, match="reason"):
        change_by_hand(view, book, limit=5, by="a", reason="")
    assert not change_by_hand(view, book, limit=2_000_000, by="a", reason="same")


def test_by_hand_a_cut_is_warned_of_and_made_on_its_day() -> None:
    life = sound("2026-06-01")

    def cut(when: str, limit: int = 500_000) -> list[str]:
        return kinds(
            life.carry(
                change_by_hand(
                    life.at(when), life.book, limit=limit, by="ana", reason="fewer funds"
                )
            )
        )

    assert cut("2026-06-01 10:00") == ["LimitWarning"]
    assert "工作人员的判断：fewer funds" in life.notices[-1].texts["zh"]
    assert cut("2026-06-02 10:00") == [] and cut("2026-06-14 10:00") == []
    assert cut("2026-06-15 10:00") == ["LimitChange"]
    assert life.book.limit == 500_000 and life.book.reason == "ana: fewer funds"


def test_the_borrower_may_lower_or_close_at_once() -> None:
    life = sound("2026-06-01")
    life.carry(change_by_hand(life.at("2026-06-01"), life.book, limit=100_000, by="x", reason="enough",
                              asked_by_borrower=True))  # fmt: skip
    assert life.book.limit == 100_000 and "您的申请" in life.notices[-1].texts["zh"]


def test_a_zeroed_line_shows_its_way_back_and_takes_it() -> None:
    life = sound("2026-06-01")
    life.carry(change_by_hand(life.at("2026-06-01"), life.book, limit=0, by="a", reason="own wish",
                              asked_by_borrower=True))  # fmt: skip
    back = way_back(life.at("2026-06-02"), life.book)
    assert back.review_day == day("2026-06-01") + 90 and back.limit > 0
    assert any("2026-08-30" in line for line in back.texts["zh"])
    assert any("not a promise" in line for line in back.texts["en"])
    assert not weigh(life, "2026-08-29 10:00")
    # Facts have aged by then, so keep the account as it was.
    life.tell("payment", "2026-08-20", direction="in", amount=900_000, category="salary")
    (again,) = weigh(life, "2026-08-30 10:00").payloads
    assert again.change == "increased" and 0 < again.limit <= back.limit


def test_only_a_zeroed_line_has_a_way_back() -> None:
    life = sound("2026-06-01")
    with pytest.raises(ConflictError):
        way_back(life.at("2026-06-01"), life.book)


def test_a_brake_raises_no_limit() -> None:
    life = sound("2026-06-01", limit=5_000)
    life.platform = PlatformState(stance={"all": ("brake", None)})
    assert not weigh(life, "2026-06-01 10:00")
