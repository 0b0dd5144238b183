"""The simulated debts: single accounts that add up to every figure told, fen by fen."""

from __future__ import annotations

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from msgspec.structs import replace

from xindeng.events.credit import CreditReport
from xindeng.events.envelope import Event
from xindeng.events.expand import expand
from xindeng.intake.events_file import read_events
from xindeng.kernel.time import zone
from xindeng.lab import debts
from xindeng.lab.draws import read_truth
from xindeng.lab.parameters import Economy
from xindeng.lab.simulate import Simulation, simulate
from xindeng.repair.debt import counted_due, debts_of_report

SHANGHAI = zone("Asia/Shanghai")


@pytest.fixture(scope="module", params=[12, 60])
def town(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Simulation:
    folder = tmp_path_factory.mktemp("debts")
    return simulate(folder, borrowers=120, seed=5, months=request.param)


@pytest.fixture(scope="module")
def events(town: Simulation) -> list[Event]:
    return list(read_events(town.events_path, received_at=0, zone=SHANGHAI))


def beside(events: list[Event]) -> list[str]:
    """What the file says otherwise than the expansion of its reports does."""
    told = {(event.borrower, event.id): event for event in events}
    reports = [event for event in events if isinstance(event.payload, CreditReport)]
    assert reports
    return [
        derived.id
        for report in reports
        for derived in expand(report, SHANGHAI)
        if told.get((derived.borrower, derived.id)) != derived
    ]


def test_the_figures_told_are_those_of_the_reports(events: list[Event]) -> None:
    assert beside(events) == []


def test_a_balance_that_is_a_fen_off_is_seen(events: list[Event]) -> None:
    place, report = next(
        (place, event.payload)
        for place, event in enumerate(events)
        if isinstance(event.payload, CreditReport) and event.payload.accounts
    )
    first = report.accounts[0]
    changed = (replace(first, balance=first.balance + 1), *report.accounts[1:])
    planted = [*events]
    planted[place] = replace(events[place], payload=replace(report, accounts=changed))
    assert beside(planted)


def test_dues_follow_from_the_debts_that_a_plan_sees(town: Simulation, events: list[Event]) -> None:
    last = {event.borrower: event.payload for event in events if event.type == "credit_report"}
    truth = {row["borrower"]: row for row in read_truth(town.truth_path).to_pylist()}
    for borrower, report in last.items():
        assert isinstance(report, CreditReport)
        listed = debts_of_report(report)
        assert sum(map(counted_due, listed)) == truth[borrower]["monthly_due"]
        assert sum(debt.balance or 0 for debt in listed) == truth[borrower]["debt"]
        assert all(debt.annual_rate_bp is not None and debt.monthly_due > 0 for debt in listed)
    held = [len(debts_of_report(report)) for report in last.values()]  # type: ignore[arg-type]
    assert max(held) >= 6
    assert min(held) == 0


def test_loans_owe_what_their_payments_repay() -> None:
    part, rate, left = np.array([[100_00, 85_00], [1200, 0], [12, 3]])
    kind = np.array([debts.LOAN, debts.INTEREST_ONLY])
    assert debts.owed(kind, part, rate, left).tolist() == [112_550, 255_00]
    assert debts.owed(kind[:1], part[:1], rate[:1], np.array([0])).tolist() == [0]


@pytest.mark.parametrize("late", range(9))
@pytest.mark.parametrize("now", [True, False])
def test_a_grid_shows_the_arrears_it_was_asked_for(late: int, now: bool) -> None:
    text = debts.grid(30, late, now)
    assert len(text) == 30
    assert sum(letter in "1234567" for letter in text) == late
    assert late in (0, 8) or (text[-1] != "N") is now
    assert debts.grid(3, 0, False, ended=True) == "NNC"


def test_rates_stay_within_the_cap_and_cards_at_their_own(events: list[Event]) -> None:
    economy = Economy()
    for event in events:
        for account in (
            getattr(event.payload, "accounts", ()) if event.type == "credit_report" else ()
        ):
            if account.kind == "R2":
                assert account.annual_rate_bp == economy.card_rate_bp
                assert account.lender_kind == "bank"
            elif account.annual_rate_bp is not None:
                low, high = economy.lender_rates_bp[account.lender_kind]
                assert low - 10 < account.annual_rate_bp <= high <= 2400


def test_a_report_travels_whole_in_one_column(town: Simulation) -> None:
    table = pq.read_table(town.events_path)
    nested = table.filter(pc.is_valid(table["payload"]))
    assert set(nested["type"].to_pylist()) == {"credit_report"}
