"""The simulated population: reproducible, complete, and readable by the engine's own reader."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from xindeng.decision.decide import decide
from xindeng.decision.facts import Facts
from xindeng.decision.request import Request
from xindeng.intake.events_file import read_events
from xindeng.kernel.errors import EventError, ImportFileError, InputError
from xindeng.kernel.time import zone
from xindeng.lab import blocks
from xindeng.lab.draws import draw_requests, read_truth
from xindeng.lab.parameters import ARCHETYPES, Economy
from xindeng.lab.population import Window, archetypes
from xindeng.lab.simulate import Simulation, chunks, events_of, simulate
from xindeng.service.policies import load_policy

SHANGHAI = zone("Asia/Shanghai")


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Simulation:
    return simulate(tmp_path_factory.mktemp("town"), borrowers=60, seed=3)


def test_the_same_seed_gives_the_same_bytes(town: Simulation, tmp_path: Path) -> None:
    again = simulate(tmp_path / "again", borrowers=60, seed=3)
    assert again.events_path.read_bytes() == town.events_path.read_bytes()
    assert again.truth_path.read_bytes() == town.truth_path.read_bytes()
    other = simulate(tmp_path / "other", borrowers=60, seed=4)
    assert other.events_path.read_bytes() != town.events_path.read_bytes()


def test_progress_is_told_after_each_chunk(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    simulate(tmp_path, borrowers=501, months=1, progress=lambda *done: seen.append(done))
    assert seen == [(500, 501), (501, 501)]


def test_the_real_reader_accepts_every_event(town: Simulation) -> None:
    events = list(read_events(town.events_path, received_at=0, zone=SHANGHAI, currency="CNY"))
    assert len(events) == town.events
    assert len({(e.borrower, e.id) for e in events}) == len(events)
    end = SHANGHAI.midnight(town.day)
    assert all(e.occurred_at <= e.known_at for e in events)
    assert max(e.occurred_at for e in events) < end
    per_borrower = Counter(e.borrower for e in events)
    assert len(per_borrower) == 60
    assert min(per_borrower.values()) >= 200
    lined = {e.borrower for e in events if e.type == "limit_change"}
    assert lined == set(per_borrower)
    assert len({e.type for e in events}) >= 25


def test_an_amount_of_zero_would_be_refused_by_that_reader(
    town: Simulation, tmp_path: Path
) -> None:
    table = pq.read_table(town.events_path).slice(0, 200)
    amounts = [0 if value is not None else None for value in table["amount"].to_pylist()]
    place = table.schema.get_field_index("amount")
    pq.write_table(table.set_column(place, "amount", pa.array(amounts, pa.int64())), tmp_path / "x")
    with pytest.raises(ImportFileError, match=r"x row \d+: \w+\.payload\.amount"):
        list(read_events(tmp_path / "x", received_at=0, zone=SHANGHAI))


def test_balances_follow_from_the_amounts(town: Simulation) -> None:
    table = pq.read_table(town.events_path)
    rows = table.select(["borrower", "type", "direction", "amount", "balance_after"]).to_pylist()
    running: dict[str, int] = {}
    for row in rows:
        if row["type"] not in ("payment", "purchase"):
            continue
        signed = row["amount"] if row["direction"] == "in" else -row["amount"]
        if row["borrower"] in running:
            running[row["borrower"]] += signed
        if row["balance_after"] is not None:
            assert row["balance_after"] == running.setdefault(row["borrower"], row["balance_after"])
            assert row["balance_after"] >= 0


def test_defaults_are_written_out_so_that_sql_reads_what_the_kernel_reads(town: Simulation) -> None:
    table = pq.read_table(town.events_path)
    purchases = table.filter(pc.equal(table["type"].cast(pa.string()), "purchase"))
    assert purchases["currency"].null_count == 0
    assert purchases["settled"].null_count == 0


def test_every_archetype_lives_even_in_a_small_town() -> None:
    codes = archetypes(40, Economy(), seed=1)
    assert set(codes) == set(range(len(ARCHETYPES)))
    many = Counter(ARCHETYPES[code] for code in archetypes(10_000, Economy(), seed=1))
    assert 0.45 < many["all_green"] / 10_000 < 0.6


def test_the_troubles_of_the_article_are_there(town: Simulation) -> None:
    truth = {row["borrower"]: row["archetype"] for row in read_truth(town.truth_path).to_pylist()}
    seen: dict[str, set[tuple[str, object]]] = {name: set() for name in ARCHETYPES}
    for event in read_events(town.events_path, received_at=0, zone=SHANGHAI):
        seen[truth[event.borrower]].add((event.type, getattr(event.payload, "result", None)))
    assert ("security_incident", None) in seen["account_theft"]
    assert ("loan_application", "refused") in seen["many_lenders"]
    assert ("limit_warning", None) in seen["zeroing"]
    assert ("hardship_request", None) in seen["hardship"]
    assert not {"limit_warning", "account_flag", "hardship_request", "loan_application"} & {
        name for name, _ in seen["all_green"]
    }


def test_thin_files_have_two_salaries_and_no_record(town: Simulation) -> None:
    thin = {
        row["borrower"]
        for row in read_truth(town.truth_path).to_pylist()
        if row["archetype"] == "thin_file"
    }
    salaries: Counter[str] = Counter()
    for event in read_events(town.events_path, received_at=0, zone=SHANGHAI, borrowers=thin):
        assert event.borrower in thin
        if event.type == "payment" and event.payload.category == "salary":  # type: ignore[attr-defined]
            salaries[event.borrower] += 1
        if event.type == "bureau_summary":
            assert not event.payload.has_record  # type: ignore[attr-defined]
    assert set(salaries) == thin
    assert set(salaries.values()) <= {2, 3}


def test_truth_is_plausible(town: Simulation) -> None:
    truth = read_truth(town.truth_path)
    pd = np.array(truth["default_propensity"])
    fine = np.array([name == "all_green" for name in truth["archetype"].to_pylist()])
    assert ((pd > 0) & (pd < 1)).all()
    assert np.median(pd[fine]) < 0.05 < np.mean(pd[~fine])
    green = np.array(truth["ability_to_pay"])[fine]
    assert (green > 0).all()


def test_the_reference_policy_tells_the_archetypes_apart(town: Simulation) -> None:
    policy = load_policy("consumer_line")
    truth = read_truth(town.truth_path)
    kind = dict(zip(truth["borrower"].to_pylist(), truth["archetype"].to_pylist(), strict=True))
    asked = {r.borrower: r for r in reversed(draw_requests(truth, town.day, 5, zone=SHANGHAI))}
    outcomes: dict[str, Counter[str]] = {name: Counter() for name in ARCHETYPES}
    events = read_events(town.events_path, received_at=0, zone=SHANGHAI, currency="CNY")
    for borrower, mine in groupby(events, key=lambda event: event.borrower):
        state = policy.kernel.empty()
        for number, event in enumerate(mine, start=1):
            policy.kernel.fold(state, msgspec.structs.replace(event, seq=number))
        wish = asked[borrower]
        facts = Facts(policy.kernel.vector(state, wish.at), policy.kernel.holds(state))
        request = Request(wish.amount, wish.term_months, wish.purpose)
        outcomes[kind[borrower]][str(decide(policy, facts, request, wish.at).outcome)] += 1
    green = outcomes["all_green"]
    assert green["approve"] + green["approve_less"] >= 0.9 * green.total()
    for name in ("over_indebted", "many_lenders", "account_theft", "hammering", "student"):
        assert not outcomes[name]["approve"], name
    assert outcomes["strange_inflow"]["retry_later"] == outcomes["strange_inflow"].total()


def test_draw_requests_are_of_the_day_and_hammerers_press_again(town: Simulation) -> None:
    truth = read_truth(town.truth_path)
    requests = draw_requests(truth, town.day, 5, zone=SHANGHAI)
    assert requests == draw_requests(truth, town.day, 5, zone=SHANGHAI)
    assert requests != draw_requests(truth, town.day, 6, zone=SHANGHAI)
    assert {SHANGHAI.day(request.at) for request in requests} == {town.day}
    assert [r.at for r in requests] == sorted(r.at for r in requests)
    tries = Counter(request.borrower for request in requests)
    limits = dict(zip(truth["borrower"].to_pylist(), truth["limit"].to_pylist(), strict=True))
    for row in truth.to_pylist():
        assert (tries[row["borrower"]] > 1) == (row["archetype"] == "hammering")
    assert all(50_000 <= r.amount <= max(50_000, limits[r.borrower]) for r in requests)


@pytest.mark.parametrize("wrong", [{"borrowers": 0}, {"months": 0}, {"seed": -1}])
def test_absurd_sizes_are_refused(wrong: dict[str, int], tmp_path: Path) -> None:
    with pytest.raises(InputError):
        simulate(tmp_path, **{"borrowers": 5, **wrong})  # type: ignore[arg-type]


def test_a_changed_draw_changes_the_content(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reproducibility test would notice an unseeded draw."""
    window = Window.ending(Economy(), 2, SHANGHAI)
    (folk,) = chunks(20, seed=1, window=window, economy=Economy())
    first = events_of(folk)
    monkeypatch.setattr(
        type(folk), "dice", lambda self, purpose: np.random.default_rng(), raising=True
    )
    assert events_of(folk) != first


def test_hashes_are_spread_and_hexadecimal() -> None:
    values = blocks.mix(np.arange(1000), np.zeros(1000, dtype=np.int64))
    assert len(set(values.tolist())) == 1000
    assert blocks.hexadecimal(values[:2]).to_pylist() == [f"{int(v):016x}" for v in values[:2]]


def test_a_missing_truth_table_is_named(tmp_path: Path) -> None:
    with pytest.raises(ImportFileError, match="not a truth table"):
        read_truth(tmp_path / "truth.parquet")


def test_an_event_error_is_not_swallowed(tmp_path: Path) -> None:
    path = tmp_path / "one.ndjson"
    path.write_text(
        '{"borrower": "b", "type": "login", "occurred_at": "2026-01-01", "payload": {}}\n'
    )
    with pytest.raises(ImportFileError, match=r"one\.ndjson:1: login\.payload\.success") as caught:
        list(read_events(path, received_at=0, zone=SHANGHAI))
    assert isinstance(caught.value.__cause__, EventError)
