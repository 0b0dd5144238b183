"""Points become expressions that add up, and explain themselves."""

from __future__ import annotations

import pytest

from xindeng.language import Column, Kind, compile_python, parse
from xindeng.scoring.scorecard import (
    Band,
    Bin,
    Characteristic,
    Scorecard,
    contributions,
    expressions,
)

CARD = Scorecard(
    name="expert scorecard",
    base=600,
    low=300,
    high=700,
    characteristics=(
        Characteristic("inquiries", (Bin(20, lt=3), Bin(-5, lt=6.5), Bin(-40)), missing=0),
        Characteristic("job", (Bin(-10, members=("student", "none")), Bin(5)), missing=-1),
        Characteristic("card", (Bin(15, members=(True,)), Bin(-15)), missing=2),
    ),
    bands=(Band("A", 640), Band("B", 600), Band("C", None)),
)
SCHEMA = {
    "inquiries": Column(Kind.BIGINT, low=0, high=1000),
    "job": Column(Kind.TEXT, values=("student", "none", "employed")),
    "card": Column(Kind.BOOL),
}


def run(card: Scorecard, /, **row) -> dict:
    schema, values = dict(SCHEMA), dict(row)
    for name, text in expressions(card):
        expression = parse(text, schema)
        schema[name] = expression.column
        names = sorted(values)
        values[name] = compile_python(expression, names)([values[n] for n in names], ())
    return values


@pytest.mark.parametrize(
    ("inquiries", "job", "card", "score", "band"),
    [
        (2, "employed", True, 640, "A"),
        (3, "employed", True, 615, "B"),
        (6, "employed", True, 615, "B"),
        (7, "student", False, 535, "C"),
        (None, None, None, 601, "B"),
    ],
)
def test_points_add_up(inquiries, job, card, score, band):
    found = run(CARD, inquiries=inquiries, job=job, card=card)
    assert (found["score"], found["score_band"]) == (score, band)


def test_the_score_is_held_inside_its_bounds():
    many = tuple(Characteristic(n, (Bin(500),), missing=500) for n in SCHEMA)
    high = Scorecard("all", 600, 300, 700, many, (Band("A", None),))
    assert run(high, inquiries=1, job=None, card=None)["score"] == 700
    assert run(high, inquiries=1, job=None, card=None)["score_band"] == "A"


def test_fifty_characteristics_stay_within_the_language():
    schema = {f"c{i}": Column(Kind.BIGINT, low=0, high=9) for i in range(50)}
    card = Scorecard(
        "wide",
        0,
        -999,
        999,
        tuple(Characteristic(n, (Bin(1, lt=5), Bin(0)), 0) for n in schema),
        (Band("A", None),),
    )
    for name, text in expressions(card):
        schema[name] = parse(text, schema).column
    assert schema["score"].nullable is False


def test_what_was_lost_comes_first():
    values = run(CARD, inquiries=7, job="student", card=True)
    found = contributions(CARD, values)
    assert [(c.characteristic.column, c.points, c.lost) for c in found] == [
        ("inquiries", -40, 60), ("job", -10, 15), ("card", 15, 0),
    ]  # fmt: skip
    assert found[0].value == 7
