"""The shipped policies: sound, complete over the article's signals, and careful in their words."""

from __future__ import annotations

import datetime
import re

import pytest

from xindeng.kernel.time import from_date
from xindeng.policy.bundle import load
from xindeng.policy.cases import run_cases
from xindeng.policy.check import problems
from xindeng.service.policies import read_bundle

NAMES = ("consumer_line", "bank_cashflow")
# P1–P16 of the article, by the area that answers it.
AREAS = {
    "bureau", "debt", "applications", "activity", "cash_flow", "identity", "security",
    "consumption", "network", "location", "attempts", "score", "line", "platform",
}  # fmt: skip
# 冻结 means judicial status and 修复 is the swindlers' word; 关注 is a loan class.
UNFIT = re.compile(r"冻结|修复|预审通过|阻断|保证放款|保证通过|guaranteed|▲ 关注")
BLAME = re.compile(r"您的错|违规操作|恶意|不诚信|your fault\b(?<!not your fault)|dishonest", re.I)


@pytest.fixture(scope="module", params=NAMES)
def files(request):
    return read_bundle(request.param)


@pytest.fixture(scope="module")
def policy(files):
    return load(files)


def test_no_problem_and_every_case_holds(files, policy):
    assert problems(files) == []
    assert [str(result) for result in run_cases(policy) if not result.ok] == []


def test_the_consumer_line_speaks_of_every_signal():
    policy = load(read_bundle("consumer_line"))
    assert {rule.area for rule in policy.all_rules} == AREAS
    assert len(policy.all_rules) >= 60
    assert len(policy.book.base) >= 60
    assert policy.disabled_areas == {"network", "location"}
    browsing = [rule for rule in policy.all_rules if rule.data.category == "browsing"]
    assert browsing and not any(rule.enabled for rule in browsing)


def test_the_bank_policy_declares_only_what_transactions_supply():
    policy = load(read_bundle("bank_cashflow"))
    assert set(policy.areas) == {"debt", "activity", "cash_flow", "score"}
    events = {feature.event for feature in policy.book.base}
    assert events == {"payment"}
    assert not any(rule.whose == "withheld" for rule in policy.all_rules)


@pytest.mark.parametrize(
    ("name", "day"), [("consumer_line", "2020-01-01"), ("bank_cashflow", "1993-01-01")]
)
def test_parameters_are_in_force_from_the_first_day_of_history(name, day):
    policy = load(read_bundle(name))
    first = from_date(datetime.date.fromisoformat(day))
    for parameter in policy.book_of_parameters.parameters:
        assert parameter.on(first) is not None
        assert all(source.strip() for source in parameter.sources)


def test_borrowers_read_no_unfit_word(policy):
    for rule in policy.all_rules:
        for language in ("zh", "en"):
            text = rule.texts[language]["borrower"]
            assert not UNFIT.search(text), rule.id
            assert not BLAME.search(text), rule.id
            if rule.whose == "withheld":
                assert not re.search(r"\d", text), rule.id


def test_what_stands_in_the_way_names_a_next_step(policy):
    for rule in policy.all_rules:
        if rule.whose in ("borrower", "withheld"):
            assert rule.repair, rule.id


def test_a_planted_slip_is_found(files):
    name = next(path for path in files if path.startswith("areas/cash_flow"))
    less = re.sub(rb"(?m)^      borrower: .*\n", b"", files[name], count=1)
    assert any(p.code.startswith("text") for p in problems({**files, name: less}))


def test_a_planted_turned_comparison_fails_its_case():
    files = read_bundle("consumer_line")
    before = b"when: id_failures_7d >= $id_failures_max"
    assert before in files["areas/identity.yaml"]
    turned = files["areas/identity.yaml"].replace(before, before.replace(b">=", b"<"))
    results = run_cases(load({**files, "areas/identity.yaml": turned}))
    failed = {result.rule.id for result in results if not result.ok}
    assert failed == {"identity.failures_burst"}
