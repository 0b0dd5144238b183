"""The test-and-learn arm in an economy whose truth is known: it narrows the bounds and covers it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.learning_arm import with_arm
from xindeng.history.backtest import Spec, backtest
from xindeng.history.page import report
from xindeng.kernel.errors import InputError
from xindeng.lab import learn_study
from xindeng.lab.economy import economy
from xindeng.lab.generators import CALIBRATED, generator
from xindeng.lab.parameters import Economy
from xindeng.policy.bundle import load
from xindeng.service.policies import read_bundle
from xindeng.web.report_page import render

REFERENCE = read_bundle("consumer_line")
POLICY = load(learn_study.with_arm(REFERENCE))
SHARES = Economy().archetype_shares
TOWN = replace(
    CALIBRATED, people=Economy(archetype_shares={**SHARES, "all_green": 0.2, "bad_record": 0.9})
)
"""A town where every second person has a bad record, so that few people are enough."""


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return learn_study.learn_study(
        tmp_path_factory.mktemp("learn"), POLICY, borrowers=150, share=0.6, seed=5, generator=TOWN
    )


def test_what_is_learnt_covers_the_truth_and_is_narrower_than_what_is_sure(study) -> None:
    seen, (sure, _, learnt) = study.learning["bad"], study.widths
    assert seen["total"] >= 15 and study.truth.total > seen["total"]
    assert sure == 1.0 and learnt < 0.5
    assert study.covered, (study.learning["bounds"], study.truth)
    low, high = study.learning["bounds"]["surely_all"]
    assert 0 < low < high < 1 and high - low < 1, "all refusals together are bounded too"
    # A truth that were another would be told: the check is not blind.
    assert not replace(study, truth=replace(study.truth, share=min(1.0, high + 0.3))).covered


def test_the_arms_loans_are_counted_apart_and_stay_within_budget(study, tmp_path) -> None:
    learning = study.learning
    groups = learning["groups"]
    assert sum(one["borrowers"] for one in groups.values()) <= 150
    lift = groups["arm"]["lift"]
    assert groups["hold_out"]["borrowers"] < 2 or lift["low"] < lift["mean"] < lift["high"]
    assert learning["loans"] >= learning["bad"]["total"]
    assert 0 < learning["spent"]["lent"] <= learning["spent"]["budget"]
    assert sum(learning["outcomes"]["fpd_1"][k] for k in ("good", "bad", "indeterminate")) > 0
    small = load(with_arm(REFERENCE, "budget: 5000000", "budget: 300000",
                          arm=ARM_OF_STUDY))  # fmt: skip
    drawn = learn_study.drawing(small, 0.6)
    lake = economy(tmp_path / "small", drawn, borrowers=60, seed=5, generator=TOWN)
    found = backtest(lake, drawn, drawn, Spec(sample=5))["learning"]
    assert found["loans"] > 0 and found["spent"]["lent"] <= 300_000 == found["spent"]["budget"]
    page = render(report(backtest(lake, drawn, load(REFERENCE), Spec(sample=5)), "en"))
    assert "Drawn by lot" in page and "hold-out" in page


def test_refusing_rules_get_a_precision_only_from_the_arm(study, tmp_path) -> None:
    lake = economy(tmp_path / "none", load(REFERENCE), borrowers=60, seed=5, generator=TOWN)
    blind = backtest(lake, load(REFERENCE), POLICY, Spec(sample=5))
    rule = "bureau.overdue_deep"
    assert blind["policies"]["champion"]["rules"][rule]["precision"]["share"] is None
    assert blind["learning"]["arm"] is None and blind["learning"]["bounds"]["learnt"] == [0.0, 1.0]
    # The challenger's arm is known, but nobody was drawn when this past was lived.
    assert blind["swap"]["in"]["count"] == 0
    one = learn_study.drawing(POLICY, 0.6)
    told = economy(tmp_path / "arm", one, borrowers=60, seed=5, generator=TOWN)
    rules = backtest(told, one, one, Spec(sample=5))["policies"]["champion"]["rules"]
    assert rules[rule]["precision"]["total"] > 0 and rules[rule]["overrides"] > 0


def test_a_policy_without_an_arm_and_shares_that_are_none_are_refused(tmp_path) -> None:
    with pytest.raises(InputError, match="no test-and-learn arm"):
        learn_study.drawing(load(REFERENCE), 0.5)
    with pytest.raises(InputError, match="a share of"):
        learn_study.drawing(POLICY, 1.5)
    with pytest.raises(InputError, match="no generator"):
        generator("dreamt")


ARM_OF_STUDY = learn_study.with_arm({})[learn_study.FILE].decode().replace(
    "budget: 100000000", "budget: 5000000"
)  # fmt: skip
