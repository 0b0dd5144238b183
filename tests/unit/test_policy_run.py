"""The compiled policy: masks, parameters, segments, holds, hash, and the cases rules carry."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from tests.unit.policy_bundle import bundle, planted
from xindeng.kernel.errors import InputError, NotFoundError
from xindeng.kernel.time import DAY, HOUR, from_date, zone
from xindeng.policy.bundle import load
from xindeng.policy.cases import run_cases
from xindeng.policy.context import CONTEXT
from xindeng.policy.policy import Policy, content_hash
from xindeng.service.policies import load_policy, read_bundle, shipped

TODAY = zone("Asia/Shanghai").day(zone("Asia/Shanghai").parse("2026-07-01"))


@pytest.fixture(scope="module")
def policy() -> Policy:
    return load(bundle())


def row(policy: Policy, **values) -> list:
    known = {name: entry.resting for name, entry in CONTEXT.items()}
    known.update(
        dict.fromkeys(policy.book.columns), has_record=True, inflow_90d=2_700_000, city=0,
        limit_shown=0, drawn=0, open_draws=0, today=TODAY,
    )  # fmt: skip
    assert known.keys() >= values.keys()
    known.update(values)
    return [known[name] for name in policy.inputs]


def fired(policy: Policy, mask: int) -> set[str]:
    return {rule.id for bit, rule in enumerate(policy.rules) if mask >> bit & 1}


def test_what_is_loaded(policy):
    assert policy.name == "small"
    assert policy.inputs == (*policy.book.columns, *CONTEXT)
    assert [rule.id for rule in policy.rules] == [
        "debt.payment_to_income_high", "debt.due_seen", "cash_flow.sudden_inflow", "score.low",
        "line.too_much", "platform.maintenance",
    ]  # fmt: skip
    assert {rule.id for rule in policy.all_rules} - {rule.id for rule in policy.rules} == {
        "location.many_places"
    }
    assert policy.disabled_areas == {"location"}
    assert set(policy.definitions) >= {
        "payment_to_income",
        "available",
        "points_monthly_due",
        "score",
        "score_band",
    }
    assert policy.texts["score.low"]["en"]["borrower"] == "words for the borrower"
    assert policy.stances["tight"].review_days == 14


def test_rules_fire_and_miss(policy):
    params = policy.parameters(TODAY, "neutral", "seasoned")
    values, hit, missing = policy.run(row(policy, maintenance=True, limit_shown=10_000_000), params)
    assert fired(policy, hit) == {"platform.maintenance"}
    assert fired(policy, missing) == {
        "debt.payment_to_income_high",
        "debt.due_seen",
        "cash_flow.sudden_inflow",
    }
    assert dict(zip(policy.definitions, values, strict=True))["score"] == 630
    values, hit, missing = policy.run(row(policy, monthly_due=600_000, inflow_surprise=7.0), params)
    assert fired(policy, hit) == {r.id for r in policy.rules} - {
        "platform.maintenance",
        "score.low",
    }
    assert missing == 0


def test_the_stance_shifts_what_fires(policy):
    facts = row(
        policy, monthly_due=400_000, limit_shown=10_000_000
    )  # 0.4544 of income after the draw
    by_stance = {
        stance: "debt.payment_to_income_high"
        in fired(policy, policy.run(facts, policy.parameters(TODAY, stance, "seasoned"))[1])
        for stance in ("neutral", "tight", "brake")
    }
    assert by_stance == {"neutral": False, "tight": True, "brake": True}
    assert policy.parameter("max_payment_to_income", TODAY, "brake", "thin_file") == 0.2


def test_parameters_by_name_and_day(policy):
    before = from_date(zone("UTC").local(0).date().replace(year=2023))
    assert policy.parameter("max_payment_to_income", TODAY) == 0.48
    assert policy.parameter_spec("max_payment_to_income").source_on(TODAY) == "second"
    with pytest.raises(InputError, match="has no value on 2023-01-01"):
        policy.parameters(before, "neutral", None)
    with pytest.raises(NotFoundError):
        policy.parameter("nonesuch", TODAY)


@pytest.mark.parametrize(
    ("values", "segment"),
    [
        ({}, "seasoned"),
        ({"age_days": 10}, "new"),
        ({"age_days": 90}, "seasoned"),
        ({"has_record": False, "age_days": 1}, "thin_file"),
    ],
)
def test_the_first_segment_that_holds(policy, values, segment):
    assert policy.segment(row(policy, **values), TODAY) == segment


def test_amount_rules_alone_agree_with_all_rules(policy):
    params = policy.parameters(TODAY, "neutral", "seasoned")
    assert fired(policy, policy.amount_mask) == {"debt.payment_to_income_high", "line.too_much"}
    rng = random.Random(7)
    for _ in range(300):
        facts = row(
            policy,
            monthly_due=rng.choice([None, 0, rng.randrange(10**6)]),
            inflow_90d=rng.choice([0, rng.randrange(10**7)]),
            limit_shown=rng.randrange(10**6),
            request_amount=rng.randrange(1, 10**6),
            request_instalment=rng.randrange(1, 10**5),
        )
        _, hit, missing = policy.run(facts, params)
        assert policy.run_amount(facts, params)[1:] == (
            hit & policy.amount_mask,
            missing & policy.amount_mask,
        )


def test_until_and_holds(policy):
    params = policy.parameters(TODAY, "neutral", "seasoned")
    index = policy.rule_index
    facts = row(policy, now=1_000, platform_until=5_000)
    values = policy.run(facts, params)[0]
    assert policy.until(index["platform.maintenance"], facts, values, params) == 5_000
    assert (
        policy.until(index["platform.maintenance"], row(policy, now=1_000), values, params)
        == 1_000 + HOUR
    )
    assert policy.until(index["score.low"], facts, values, params) is None
    assert (
        policy.review_at(index["cash_flow.sudden_inflow"], 1_000, facts, values, params)
        == 1_000 + 7 * DAY
    )
    assert policy.hold_cap(index["cash_flow.sudden_inflow"], facts, values, params) is None
    capped = load(
        planted(
            "areas/cash_flow.yaml",
            "mode: block, days: 7",
            "mode: cap, hours: $new_days, cap: limit_shown - drawn",
        )
    )
    params = capped.parameters(TODAY, "neutral", "seasoned")
    facts = row(capped, limit_shown=500, drawn=200)
    values = capped.run(facts, params)[0]
    assert capped.hold_cap(index["cash_flow.sudden_inflow"], facts, values, params) == 300
    assert capped.review_at(index["cash_flow.sudden_inflow"], 0, facts, values, params) == 90 * HOUR


def test_the_hash_is_of_content_and_paths():
    files = bundle()
    again = dict(reversed(files.items()))
    assert load(files).hash == load(again).hash == content_hash(files)
    assert (
        content_hash({"a": b"bc"})
        != content_hash({"ab": b"c"})
        != content_hash({"a": b"b", "c": b""})
    )
    assert content_hash({**files, "repair.yaml": files["repair.yaml"] + b"\n"}) != content_hash(
        files
    )


def test_every_case_comes_out_and_switched_off_rules_are_run_too(policy):
    results = run_cases(policy)
    assert [str(result) for result in results if not result.ok] == []
    assert len(results) == sum(len(rule.cases) for rule in policy.all_rules)
    assert "location.many_places" in {result.rule.id for result in results}


def test_a_wrong_case_is_caught():
    wrong = load(planted("areas/location.yaml", "{city: 20}", "{city: 22}"))
    failed = [result for result in run_cases(wrong) if not result.ok]
    assert [str(f) for f in failed] == [
        "areas/location.yaml:13: location.many_places case 2 fires, expected quiet"
    ]


def test_policies_are_found_by_folder_and_by_name(tmp_path: Path):
    for path, content in bundle().items():
        (tmp_path / path).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / path).write_bytes(content)
    (tmp_path / "notes.txt").write_text("not part of it")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "x.yaml").write_text("not part of it")
    assert read_bundle(tmp_path) == bundle()
    assert load_policy(str(tmp_path)).hash == content_hash(bundle())
    assert "consumer_line" in shipped()
    assert "policy.yaml" in read_bundle("consumer_line")
    for name in ("nonesuch", "../consumer_line", "", ".."):
        with pytest.raises(NotFoundError) as caught:
            read_bundle(name)
        assert "consumer_line" in caught.value.next_step


def test_running_is_fast(policy):
    params = policy.parameters(TODAY, "neutral", "seasoned")
    facts = row(policy, monthly_due=1)
    started = time.perf_counter()
    for _ in range(2000):
        policy.run(facts, params)
    # 7 rules and 10 definitions take about 3 µs; the bound only catches an interpreter in disguise.
    assert time.perf_counter() - started < 2000 * 50e-6
