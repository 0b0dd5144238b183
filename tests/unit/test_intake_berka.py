"""Berka tables: exact amounts, categories from the past alone, order proven by balances."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.berka_files import folder, loan, transaction
from xindeng.events.life import Payment
from xindeng.intake.berka import read_berka, read_loans
from xindeng.kernel.errors import ImportFileError
from xindeng.kernel.time import zone

PRAGUE = zone("Europe/Prague")
WAGE = {"operation": "collection from another bank", "bank": "AB", "account": 123.0}
ORDER = {"operation": "remittance to another bank", "bank": "CD", "account": 9.0}


def payments(path: Path) -> list[Payment]:
    histories, _ = read_berka(path, zone=PRAGUE)
    found = [event.payload for event in histories["1"] if event.type == "payment"]
    return [payload for payload in found if isinstance(payload, Payment)]


def test_amounts_are_exact_and_balances_follow(tmp_path: Path) -> None:
    rows = [transaction(1, 1, "1993-01-05", 700.1), transaction(2, 1, "1993-01-06", -14.6)]
    first, second = payments(folder(tmp_path, rows, [loan(1, 1, "1993-06-01")]))
    assert (first.amount, first.direction, first.currency) == (70010, "in", "CZK")
    assert (second.amount, second.direction, second.balance_after) == (1460, "out", 68550)


def test_a_sender_is_an_employer_only_once_it_paid_before(tmp_path: Path) -> None:
    rows = [transaction(i, 1, f"1993-0{i}-07", 17_000, **WAGE) for i in (1, 2, 3)]
    categories = [p.category for p in payments(folder(tmp_path, rows, [loan(1, 1, "1993-06-01")]))]
    assert categories == ["transfer", "salary", "salary"]


def test_a_repeated_payee_is_a_standing_order_with_its_purpose(tmp_path: Path) -> None:
    rows = [
        transaction(i, 1, f"1993-0{i}-07", -400, k_symbol="insurance payment", **ORDER)
        for i in (1, 2)
    ]
    first, second = payments(folder(tmp_path, rows, [loan(1, 1, "1993-06-01")]))
    assert (first.category, first.channel, second.channel) == (
        "insurance", "transfer", "standing_order",
    )  # fmt: skip
    assert first.counterparty == second.counterparty
    assert first.counterparty != "9"


@pytest.mark.parametrize(
    ("cells", "amount", "category"),
    [
        ({"k_symbol": "household", **ORDER}, -500, "utilities"),
        ({"k_symbol": "loan payment", **ORDER}, -500, "loan_repayment"),
        ({"k_symbol": "old-age pension", **WAGE}, 5000, "other_income"),
        ({"k_symbol": "interest credited", "operation": None}, 3.5, "interest"),
        ({"k_symbol": "sanction interest if negative balance"}, -7, "penalty_interest"),
        ({"k_symbol": "payment for statement"}, -14.6, "fee"),
        ({}, -100, "cash"),
        ({}, 100, "cash"),
    ],
)
def test_purposes(tmp_path: Path, cells: dict[str, object], amount: float, category: str) -> None:
    rows = [transaction(1, 1, "1993-01-05", amount, **cells)]
    (payment,) = payments(folder(tmp_path, rows, [loan(1, 1, "1993-06-01")]))
    assert payment.category == category


def test_the_order_within_a_day_is_the_one_that_balances_prove(tmp_path: Path) -> None:
    rows = [
        transaction(1, 1, "1993-01-05", 1000, balance=1000.0),
        transaction(3, 1, "1993-01-06", -300, balance=700.0),
        transaction(2, 1, "1993-01-06", 50, balance=750.0),
    ]
    found = payments(folder(tmp_path, rows, [loan(1, 1, "1993-06-01")]))
    assert [p.balance_after for p in found] == [100_000, 70_000, 75_000]


def test_events_stand_on_their_local_day_and_carry_the_owners_birth(tmp_path: Path) -> None:
    rows = [transaction(1, 1, "1993-07-05", 10), transaction(2, 1, "1993-07-05", 20)]
    histories, report = read_berka(folder(tmp_path, rows, [loan(1, 1, "1994-01-01")]), zone=PRAGUE)
    opened, *paid = histories["1"]
    assert opened.type == "account_opened"
    assert [PRAGUE.local(event.occurred_at).hour for event in paid] == [12, 12]
    assert paid[0].occurred_at < paid[1].occurred_at
    assert all(event.known_at == event.occurred_at for event in paid)
    assert report.understood == 3
    assert "standing orders" in report.notes[0]


def test_loans_in_haler(tmp_path: Path) -> None:
    path = folder(tmp_path, [transaction(1, 1, "1993-01-05", 10)], [loan(7, 1, "1993-06-01")])
    (found,) = read_loans(path)
    assert (found.amount, found.payment, found.months, found.bad) == (1_200_000, 100_000, 12, False)
    assert PRAGUE.local(PRAGUE.midnight(found.day)).date().isoformat() == "1993-06-01"


def test_strangers_and_specks_are_skipped_with_their_row(tmp_path: Path) -> None:
    path = folder(tmp_path, [transaction(1, 1, "1993-01-05", 10)], [loan(1, 1, "1993-06-01")])
    rows = [transaction(1, 1, "1993-01-05", 0.001), transaction(2, 9, "1993-01-05", 5)]
    other = folder(tmp_path / "other", rows, [])
    (path / "trans.parquet").write_bytes((other / "trans.parquet").read_bytes())
    _, report = read_berka(path, zone=PRAGUE)
    assert [(skip.line, skip.reason.split()[0]) for skip in report.skipped] == [(1, "an"), (2, "a")]


def test_a_wrong_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(ImportFileError, match=r"client\.parquet"):
        read_berka(tmp_path, zone=PRAGUE)
    folder(tmp_path, [transaction(1, 1, "1993-01-05", 10)], [loan(1, 1, "1993-06-01")])
    (tmp_path / "trans.parquet").write_bytes((tmp_path / "disp.parquet").read_bytes())
    with pytest.raises(ImportFileError, match=r"trans\.parquet: no column trans_id"):
        read_berka(tmp_path, zone=PRAGUE)
