"""Money, time, ids and errors: the ground everything stands on."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xindeng.kernel import errors
from xindeng.kernel.ids import new_id
from xindeng.kernel.money import MAX_AMOUNT, Money, divide_half_away
from xindeng.kernel.time import (
    DAY,
    HOUR,
    MAX_INSTANT,
    MIN_INSTANT,
    Zone,
    from_date,
    instant,
    to_date,
    zone,
)


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("8000", 800_000),
        ("8,000.00", 800_000),
        ("¥28.50", 2_850),
        (" 12元 ", 1_200),
        ("-0.01", -1),
        ("￥222228.50", 22_222_850),
        ("1,234,567.80", 123_456_780),
    ],
)
def test_amounts_as_people_write_them(text: str, minor: int) -> None:
    assert Money.parse(text) == Money(minor)


@pytest.mark.parametrize(
    "text", ["", "abc", "1.234", "1e5", "NaN", "inf", "12,34", "1.2.3", "0x10", "9" * 30, "--1"]
)
def test_inexact_or_absurd_amounts_are_refused(text: str) -> None:
    with pytest.raises(errors.InputError) as caught:
        Money.parse(text)
    assert caught.value.next_step


def test_money_prints_and_keeps_currencies_apart() -> None:
    assert str(Money(800_000)) == "¥8,000" and str(Money(800_050)) == "¥8,000.50"
    assert str(Money(-5, "CZK")) == "-0.05 CZK"
    assert Money(3) + Money(4) - Money(2) == Money(5)
    with pytest.raises(errors.InputError, match="CNY and CZK"):
        Money(1) + Money(1, "CZK")
    with pytest.raises(errors.InputError):
        Money(1.5)  # type: ignore[arg-type]
    with pytest.raises(errors.InputError):
        Money(1, "XYZ")


@given(st.integers(-MAX_AMOUNT, MAX_AMOUNT), st.integers(-1000, 1000).filter(bool))
def test_division_rounds_half_away_from_zero(numerator: int, denominator: int) -> None:
    exact = Fraction(numerator, denominator)
    rounded = divide_half_away(numerator, denominator)
    assert abs(rounded - exact) <= Fraction(1, 2)
    if abs(rounded - exact) == Fraction(1, 2):
        assert abs(rounded) > abs(exact)


@pytest.mark.parametrize("name", ["Asia/Shanghai", "Europe/Prague", "America/New_York", "UTC"])
@given(at=st.integers(MIN_INSTANT + 2 * DAY, MAX_INSTANT - 2 * DAY))
def test_local_days_agree_with_the_calendar(name: str, at: int) -> None:
    place = zone(name)
    local = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at)).astimezone(place.tzinfo)
    assert place.day(at) == from_date(local.date())
    assert place.midnight(place.day(at)) <= at < place.midnight(place.day(at) + 1)
    assert place.hour(at) == local.hour


def test_days_across_daylight_saving_are_not_24_hours() -> None:
    prague = Zone("Europe/Prague")
    day = from_date(datetime(2026, 3, 29).date())  # noqa: DTZ001
    assert prague.midnight(day + 1) - prague.midnight(day) == 23 * HOUR


def test_times_are_read_in_the_zone_unless_they_name_another() -> None:
    shanghai = zone("Asia/Shanghai")
    assert shanghai.parse("2026-07-01") == shanghai.midnight(from_date(to_date(20635)))
    assert shanghai.parse("2026-07-01T00:00:00+00:00") - shanghai.parse("2026-07-01") == 8 * HOUR
    assert instant(shanghai.local(shanghai.parse("2026-07-01 09:30"))) == shanghai.parse(
        "2026-07-01 09:30"
    )
    for bad in ("yesterday", "2026-13-01", "2026-02-30", ""):
        with pytest.raises(errors.InputError):
            shanghai.parse(bad)
    for bad in ("Mars/Olympus", "../etc/passwd", ""):
        with pytest.raises(errors.InputError):
            Zone(bad)


def test_ids_sort_by_time_and_are_version_7() -> None:
    bits = random.Random(7).getrandbits
    made = [new_id(at * 1000, bits) for at in range(0, 10_000, 7)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)
    assert {UUID(one).version for one in made} == {7}
    assert {UUID(one).variant for one in made} == {"specified in RFC 4122"}


def test_every_error_has_a_code_a_status_and_a_message_with_its_place() -> None:
    kinds = [
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, errors.XindengError)
    ]
    assert len({kind.default_code for kind in kinds}) == len(kinds)
    assert all(400 <= kind.status < 600 for kind in kinds)
    assert all(kind.__name__ in (errors.__doc__ or "") for kind in kinds)
    text = str(errors.ExpressionError("no such name", where="areas/debt.yaml:3", column=9))
    assert text == "areas/debt.yaml:3, column 9: no such name"
    problem = errors.Problem("a.yaml", 4, "policy.text", "no zh text", "write one")
    assert "a.yaml:4: no zh text [policy.text]\n  next: write one" in str(
        errors.PolicyError([problem])
    )
    assert errors.TooManyError("slow down", retry_after_s=60).next_step == "try again in 60 seconds"
