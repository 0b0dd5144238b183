"""The Berka study: nothing of the loan's date or later is seen, and the table says something."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.unit.berka_files import folder, loan, transaction
from xindeng.events.envelope import Event
from xindeng.intake.berka import ZONE_NAME, read_berka
from xindeng.kernel.errors import InputError
from xindeng.kernel.time import from_date, zone
from xindeng.lab import berka_study as module
from xindeng.lab.berka_study import BerkaStudy, berka_study, visible
from xindeng.policy.policy import Policy
from xindeng.service.policies import load_policy

PRAGUE = zone(ZONE_NAME)
ON = from_date(date(2026, 11, 1))
LOAN_DAY = "1994-01-10"


@pytest.fixture(scope="module")
def bank() -> Policy:
    return load_policy("bank_cashflow")


def year(owner: int, wage: float, rent: float, start: int = 1) -> list[dict[str, Any]]:
    """A year of monthly wages and rents of one account, up to a few days before the loan."""
    rows, day = [], date(1993, 1, 4)
    for month in range(12):
        first = day + timedelta(days=30 * month)
        sender = {"operation": "collection from another bank", "bank": "AB", "account": 1.0}
        rows.append(transaction(start + month, owner, first.isoformat(), wage, **sender))
        spent = (first + timedelta(days=8)).isoformat()
        rows.append(transaction(start + 500 + month, owner, spent, -rent))
        last = (first + timedelta(days=20)).isoformat()
        rows.append(transaction(start + 800 + month, owner, last, -wage / 10))
    return rows


def study(path: Path, bank: Policy, extra: list[dict[str, Any]] | None = None) -> BerkaStudy:
    good, poor = year(1, 30_000, 12_000), year(2, 9_000, 8_800, start=2000)
    loans = [loan(1, 1, LOAN_DAY), loan(2, 2, LOAN_DAY, amount=240_000, payments=20_000.0,
                                        status="D", bad=1)]  # fmt: skip
    return berka_study(folder(path, [*good, *poor, *(extra or [])], loans), bank, policy_on=ON)


def test_good_and_poor_get_different_answers(tmp_path: Path, bank: Policy) -> None:
    found = study(tmp_path, bank)
    assert len(found.judged) == 2
    assert found.failure == ""
    assert len(found.table) == 2
    assert sum(sum(row.values()) for row in found.table.values()) == 2
    assert found.judged[0].loan.status == "A"
    assert found.judged[0].outcome in ("approve", "approve_less")
    assert found.judged[1].outcome == "decline"
    assert found.bad_share["decline"] == 1.0
    assert found.decisions_per_second > 0


def planted() -> list[dict[str, Any]]:
    """On the loan's own date the good account is emptied and overdrawn."""
    return [
        transaction(9000, 1, LOAN_DAY, -900_000, k_symbol="sanction interest if negative balance")
    ]


def test_a_transaction_on_the_loans_date_is_not_seen(tmp_path: Path, bank: Policy) -> None:
    without, with_it = study(tmp_path / "a", bank), study(tmp_path / "b", bank, planted())
    assert with_it.judged == without.judged
    assert with_it.events == without.events


def test_a_leak_of_that_transaction_would_change_the_answer(
    tmp_path: Path, bank: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted fault: a cut one day late must be noticed by the test above."""
    without = study(tmp_path / "a", bank)
    monkeypatch.setattr(module, "visible", lambda events, day, at: visible(events, day + 1, at))
    leaked = study(tmp_path / "b", bank, planted())
    assert leaked.judged != without.judged
    assert leaked.events == without.events + 1


def test_the_cut_is_local_midnight_and_needs_both_times(tmp_path: Path) -> None:
    rows = [transaction(1, 1, "1994-01-09", 5), transaction(2, 1, LOAN_DAY, 5)]
    histories, _ = read_berka(folder(tmp_path, rows, [loan(1, 1, LOAN_DAY)]), zone=PRAGUE)
    day = from_date(date(1994, 1, 10))
    seen = visible(histories["1"], day, PRAGUE)
    assert [event.id for event in seen] == ["account-1", "trans-1"]
    midnight = PRAGUE.midnight(day)
    payload = histories["1"][1].payload
    late = Event("late", "1", "payment", 1, midnight - 5, midnight, payload)
    early = Event("early", "1", "payment", 1, midnight, midnight - 5, payload)
    assert visible([early, late], day, PRAGUE) == []


def test_loans_without_history_are_left_out(tmp_path: Path, bank: Policy) -> None:
    rows = year(1, 30_000, 12_000)
    loans = [
        loan(1, 1, LOAN_DAY),
        loan(2, 1, LOAN_DAY, has_preloan_trans=0),
        loan(3, 1, "1993-01-02"),
    ]
    seen: list[tuple[int, int]] = []
    found = berka_study(
        folder(tmp_path, rows, loans), bank, policy_on=ON, progress=lambda *done: seen.append(done)
    )
    assert [entry.loan.loan for entry in found.judged] == ["1"]
    assert seen == [(1, 2), (2, 2)]
    assert "every loan got the same outcome" in found.failure
    assert "no loan has transactions" in BerkaStudy().failure


def test_a_policy_in_another_currency_is_refused(tmp_path: Path, bank: Policy) -> None:
    class Yuan:
        name, currency = "consumer_line", "CNY"

    with pytest.raises(InputError, match="is in CNY, the data in CZK"):
        berka_study(tmp_path, Yuan(), policy_on=ON)  # type: ignore[arg-type]
