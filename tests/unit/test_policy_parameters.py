"""Dated values, shifts by segment and stance, and what they promise to the language."""

from __future__ import annotations

from datetime import date

import pytest

from xindeng.kernel.errors import InputError
from xindeng.kernel.time import from_date
from xindeng.language import Column, Kind
from xindeng.policy.parameters import Parameter, ParameterBook, Shift


def day(text: str) -> int:
    return from_date(date.fromisoformat(text))


def ratio(**more) -> Parameter:
    return Parameter(
        "share", Kind.DOUBLE, "ratio", (day("2024-01-01"), day("2026-01-01")), (0.36, 0.5), **more
    )


@pytest.mark.parametrize(
    ("on", "value"),
    [("2024-01-01", 0.36), ("2025-12-31", 0.36), ("2026-01-01", 0.5), ("2199-01-01", 0.5)],
)
def test_the_latest_date_not_after_the_day_is_in_force(on, value):
    assert ratio().on(day(on)) == value


def test_before_the_first_date_is_an_error_that_names_it():
    with pytest.raises(InputError) as caught:
        ratio().on(day("2023-12-31"))
    assert caught.value.code == "policy.not_in_force"
    assert "$share has no value on 2023-12-31" in str(caught.value)
    assert "2024-01-01" in caught.value.next_step


def test_segment_first_then_stance():
    parameter = ratio(
        segment={"thin_file": Shift("value", 0.40)},
        stance={
            "tight": Shift("add", -0.05),
            "brake": Shift("multiply", 0.5),
            "open": Shift("value", 0.9),
        },
    )
    on = day("2025-01-01")
    assert parameter.on(on, "neutral", "seasoned") == 0.36
    assert parameter.on(on, "neutral", "thin_file") == 0.40
    assert parameter.on(on, "tight", "seasoned") == 0.31  # not 0.31000000000000005
    assert parameter.on(on, "brake", "thin_file") == 0.2
    assert parameter.on(on, "open", "thin_file") == 0.9


@pytest.mark.parametrize(
    ("value", "by", "expected"), [(5, 0.5, 3), (-5, 0.5, -3), (3, 0.5, 2), (10, 0.33, 3)]
)
def test_integers_round_half_away_from_zero(value, by, expected):
    shifted = Shift("multiply", by).apply(value, Kind.BIGINT)
    assert shifted == expected
    assert type(shifted) is int


def test_the_column_is_the_hull_of_all_reachable_values():
    parameter = ratio(segment={"new": Shift("add", 0.2)}, stance={"brake": Shift("multiply", 0.5)})
    assert parameter.column == Column(Kind.DOUBLE, low=0.18, high=0.7, nullable=False)
    flag = Parameter("on", Kind.BOOL, "flag", (0,), (True,))
    assert flag.column == Column(Kind.BOOL, nullable=False)


def test_a_book_resolves_all_at_once_and_keeps_little():
    late = Parameter("late", Kind.BIGINT, "days", (day("2025-01-01"),), (7,), path="p.yaml", line=3)
    book = ParameterBook((ratio(), late))
    assert book.first_day == day("2025-01-01")
    for offset in range(2000):
        values = book.on(day("2025-01-01") + offset, "neutral", "seasoned")
        assert values == ((0.36, 7) if offset < 365 else (0.5, 7))
    assert len(book._cache) == 2
    for _ in range(2):
        with pytest.raises(
            InputError, match=r"p\.yaml:3: parameter \$late has no value on 2024-12-31"
        ):
            book.on(day("2024-12-31"), "neutral", "seasoned")
