"""Profit by the one formula, worked out by hand; the figures it rests on; fraud kept apart."""

from __future__ import annotations

from importlib.resources import files as packaged

import numpy as np
import pytest

from xindeng.events.envelope import Event
from xindeng.events.line import (
    Disbursement,
    DrawReserved,
    InstalmentDue,
    LoanFinding,
    Repayment,
)
from xindeng.history import facts, outcomes
from xindeng.history.economics import NEEDED, read_economics, shipped
from xindeng.history.lake import Lake, events_table
from xindeng.history.profit import Draws, Ends, account, lines_of
from xindeng.history.tables import tables_of
from xindeng.kernel.errors import ImportFileError, InputError
from xindeng.kernel.time import DAY, zone

SHANGHAI = zone("Asia/Shanghai")
TEXT = packaged("xindeng.history").joinpath("economics.yaml").read_bytes()


def day(text: str) -> int:
    return SHANGHAI.day(SHANGHAI.parse(text))


def draws(**change) -> Draws:
    """Two decisions of 2026: 12,000.00 lent over 12 months at 14.60 %, and a refusal."""
    known = {
        "day": [day("2026-07-01")] * 2, "segment": ["seasoned"] * 2, "lent": [1_200_000, 0],
        "months": [12, 12], "rate_bp": [1460, 1460], "fees": [6_000, 0], "pd": [0.10, 0.5],
        "fraud": [0.02, 0.02], "undrawn": [500_000, 0], **change,
    }  # fmt: skip
    return Draws(**{
        name: np.array(values, dtype=object if name == "segment" else None)
        for name, values in known.items()
    })  # fmt: skip


BOTH = np.array([True, True])


def test_what_is_expected_is_what_a_person_works_out() -> None:
    found = account(lines_of(shipped(), draws()), BOTH)
    held = 1_200_000 * 13 / 24  # of twelve equal parts thirteen twenty-fourths are owed on average
    paid = 1 - 0.12 * 0.5
    interest, fees = held * 0.146 * paid, 6_000 * paid
    assert found["interest"] == pytest.approx(interest) and found["fees"] == pytest.approx(fees)
    assert found["loss"] == pytest.approx(0.10 * 0.75 * (held + 0.10 * 500_000))
    assert found["fraud"] == pytest.approx(0.02 * 0.95 * held)
    assert found["data"] == 2 * 300, "a refusal costs its data too"
    assert found["funder"] == pytest.approx(0.20 * (interest + fees))
    assert found["vat"] == pytest.approx(0.06 * (interest + fees))
    assert found["funding"] == pytest.approx(held * 0.032)
    assert found["capital"] == pytest.approx(held * 0.105 * 0.10)
    rest = ("funding", "loss", "fraud", "data", "funder", "servicing", "vat", "capital")
    assert found["profit"] == pytest.approx(interest + fees - sum(found[k] for k in rest))


def test_what_was_realised_takes_money_and_no_chance() -> None:
    ends = Ends(*(np.array(v) for v in ([40_000, 0], [900_000, 0], [0, 0])))
    found = account(lines_of(shipped(), draws(pd=[0.9, 0.9]), ends), BOTH)
    assert found["interest"] == 40_000 and found["loss"] == 675_000 and found["fraud"] == 0
    again = account(lines_of(shipped(), draws(pd=[0.0, 0.0]), ends), BOTH)
    assert again == found


def test_figures_are_those_of_the_day_and_the_segment() -> None:
    head = "loss_given_default:\n"
    shift = "  shifts: {segment: {thin_file: {value: 0.9}}}\n"
    shifted = TEXT.decode().replace(head, head + shift, 1)
    economics = read_economics(shifted.encode(), "mine.yaml")
    old = account(lines_of(economics, draws(day=[day("2024-07-01")] * 2)), BOTH)
    new = account(lines_of(economics, draws()), BOTH)
    assert old["funding"] / new["funding"] == pytest.approx(0.05 / 0.032)
    thin = account(lines_of(economics, draws(segment=["thin_file", "seasoned"])), BOTH)
    assert thin["loss"] / new["loss"] == pytest.approx(0.9 / 0.75)
    with pytest.raises(InputError, match="has no value on"):
        lines_of(economics, draws(day=[day("2009-12-31")] * 2))


def test_every_figure_has_a_source_and_is_told() -> None:
    told = shipped().told(day("2026-07-01"))
    assert told.keys() == NEEDED.keys()
    assert all(one["source"] and one["convention"] for one in told.values())
    assert told["funding_rate"]["since"] == "2025-05-20"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("value: 0.20, source: assumption", "value: 1.20, source: assumption", "funder_share"),
        ("data_cost:", "data_price:", "no data_cost"),
        ("  unit: fen\n", "  unit: count\n", "is in count"),
        ("value: 0.008, source: assumption", "value: 0.008", "source"),
        ("\nvat_rate:", "\ncoffee:\n  description: {zh: 咖啡, en: coffee}\n  unit: fen\n"
         "  values: {2010-01-01: {value: 1, source: x}}\nvat_rate:", "nothing uses coffee"),
        ("unit: ratio", "unit: [ratio", "economics"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_is_refused_with_its_line(old: str, new: str, said: str) -> None:
    text = TEXT.decode()
    assert old in text, "the fault must really be planted"
    with pytest.raises(ImportFileError, match=said) as caught:
        read_economics(text.replace(old, new, 1).encode(), "economics.yaml")
    assert caught.value.where.startswith("economics.yaml:")


def life(borrower: str, *told: tuple[int, object]) -> list[Event]:
    found = []
    for seq, (at_day, payload) in enumerate(told, start=1):
        at, kind = SHANGHAI.midnight(at_day) + 1, str(payload.__struct_config__.tag)
        found.append(Event(f"{borrower}{seq}", borrower, kind, 1, at, at, payload, seq))
    return found


def unpaid(borrower: str, *more: tuple[int, object]) -> list[Event]:
    """A loan of which nothing but one instalment of interest is ever paid."""
    start = day("2025-01-10")
    return life(
        borrower,
        (start, DrawReserved(f"l{borrower}", 300_000, f"d{borrower}")),
        (start, Disbursement(f"l{borrower}", 300_000, 3, monthly_due=103_650)),
        *((start + 30 * n, InstalmentDue(f"l{borrower}", start + 30 * n, 103_650)) for n in (1, 2, 3)),
        (start + 33, Repayment(f"l{borrower}", 3_650, 0)),
        *more,
    )  # fmt: skip


def test_fraud_is_no_credit_bad_whatever_became_of_the_loan(tmp_path) -> None:
    """Taken accounts, mules and bust-outs are labelled; a label that is taken back counts no more."""
    later = day("2025-06-01")
    events = [
        *unpaid("a"),
        *unpaid("b", (later, LoanFinding("lb", "account_takeover"))),
        *unpaid("c", (later, LoanFinding("lc", "bust_out")), (later + 9, LoanFinding("lc", "credit"))),
        *unpaid("d", (day("2026-06-01"), LoanFinding("ld", "mule"))),  # after the horizon
    ]  # fmt: skip
    lake = Lake.create(tmp_path / "lake", zone="Asia/Shanghai", currency="CNY", source="test")
    tables = {events_table(n): t for n, t in tables_of(events, SHANGHAI).items()}
    lake.add(tables, upto=SHANGHAI.midnight(day("2026-03-01")) + DAY)
    con = facts.connect()
    outcomes.load_loans(con, lake, SHANGHAI)
    rows = con.execute(
        f"SELECT borrower, at_90_mob_12, fpd_7, found, received, principal_left FROM {outcomes.LOANS}"
        " ORDER BY borrower"
    ).fetchall()
    assert rows == [
        ("a", "bad", "bad", None, 3_650, 300_000),
        ("b", "fraud", "fraud", "account_takeover", 3_650, 300_000),
        ("c", "bad", "bad", None, 3_650, 300_000),
        ("d", "bad", "bad", None, 3_650, 300_000),
    ]
