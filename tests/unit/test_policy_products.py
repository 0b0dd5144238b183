"""Products of a policy: every price held against the caps, and terms that follow from the product."""

from __future__ import annotations

import pytest

from tests.decision_policy import files as trial_files
from xindeng.decision.facts import Facts
from xindeng.decision.pricing import priced
from xindeng.decision.request import Request
from xindeng.kernel.errors import InputError, PolicyError
from xindeng.kernel.time import zone
from xindeng.lending.terms import Method, Part
from xindeng.policy.bundle import load
from xindeng.policy.check import problems
from xindeng.policy.policy import Policy
from xindeng.policy.products import Payer
from xindeng.service.policies import read_bundle

FILES = read_bundle("consumer_line")
SHANGHAI = zone("Asia/Shanghai")
PRODUCTS, LINE = "products.yaml", "parameters/line.yaml"
CALENDAR = "calendar.yaml"
RATE = "2020-01-01: {value: 1460,"


def day(text: str) -> int:
    return SHANGHAI.day(SHANGHAI.parse(text))


def planted(path: str, old: str, new: str) -> dict[str, bytes]:
    text = FILES[path].decode()
    assert old in text, "the fault must really be planted"
    return {**FILES, path: text.replace(old, new, 1).encode()}


FAULTS = {
    "dear": (LINE, RATE, "2020-01-01: {value: 2400,", "product.cap"),
    "dear later": (LINE, RATE, "2028-01-01: {value: 2400, source: x}\n    2020-01-01: {value: 1460,",
                   "product.cap"),
    "dear by a fee": (PRODUCTS, "months: [3, 6, 12, 24]\n",
                      "months: [3, 6, 12, 24]\n    fees: [{name: {zh: 服务费, en: service},"
                      " payee: x, ppm: 6000}]\n", "product.cap"),
    "dear by a fee on the least draw": (
        PRODUCTS, "months: [3, 6, 12, 24]\n",
        "months: [3, 6, 12, 24]\n    fees: [{name: {zh: 服务费, en: service}, payee: x,"
        " every: once, amount: 600}]\n", "product.cap"),
    "dear when overdue": (PRODUCTS, "rate: $draw_rate_bp\n",
                          "rate: $draw_rate_bp\n    penalty_percent: 165\n", "product.cap"),
    "dear by day count": (PRODUCTS, "method: annuity_daily\n    months: [3, 6, 12, 24]\n    rate: $draw_rate_bp",
                          "method: annuity_daily\n    months: [3]\n    day_count: 360\n    rate: 2399",
                          "product.cap"),
    "a fee of nothing": (PRODUCTS, "rate: $draw_rate_bp\n",
                         "rate: $draw_rate_bp\n    fees: [{name: {zh: 费, en: fee}, payee: x}]\n",
                         "product.fee"),
    "unknown rate": (PRODUCTS, "rate: $draw_rate_bp", "rate: $draw_rate", "product.rate"),
    "a rate in fen": (PRODUCTS, "rate: $draw_rate_bp", "rate: $max_draw", "product.rate"),
    "a rate in words": (PRODUCTS, "rate: $draw_rate_bp", "rate: cheap", "product.rate"),
    "a band without a rate": (PRODUCTS, "rate: $draw_rate_bp", "rate: {A: 1000, B: 1200, C: 1400, D: 1460}",
                              "product.band"),
    "unknown method": (PRODUCTS, "method: bullet", "method: balloon", "bundle.choice"),
    "long bullet": (PRODUCTS, "[1, 3, 6, 12]", "[1, 3, 6, 24]", "product.terms"),
    "no term": (PRODUCTS, "[1, 3, 6, 12]", "[]", "product.months"),
    "a term of 0": (PRODUCTS, "[1, 3, 6, 12]", "[0, 3]", "product.months"),
    "day count": (PRODUCTS, "method: bullet", "method: bullet\n    day_count: 364", "product.terms"),
    "half an order": (PRODUCTS, "method: bullet",
                      "method: bullet\n    order: {by: part, parts: [interest]}", "product.order"),
    "twice": (PRODUCTS, "id: single_repayment", "id: any_time", "product.twice"),
    "a fee for early repayment": (PRODUCTS, "method: bullet", "method: bullet\n    prepayment_fee: 1",
                                  "bundle.unknown_key"),
    "a cap that moves": (LINE, "  low: 100\n  high: 3600\n",
                         "  low: 100\n  high: 3600\n  shifts: {segment: {new: {value: 3600}}}\n",
                         "product.cap_shift"),
    "a holiday": (CALENDAR, "[2026-01-01, ", "[2026-01-32, ", "bundle.date"),
    "a holiday that is worked": (CALENDAR, "[2026-01-04, ", "[2026-01-01, ", "calendar.both"),
    "a calendar of nobody": (CALENDAR, "  - source:", "  - of:", "bundle.missing_key"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_found_where_it_stands(name: str) -> None:
    path, old, new, code = FAULTS[name]
    found = problems(planted(path, old, new))
    assert code in {one.code for one in found}, found
    blamed = next(one for one in found if one.code == code)
    assert blamed.path in (PRODUCTS, LINE, CALENDAR) and blamed.line > 1


def test_a_price_above_a_cap_names_line_day_and_cap_and_is_never_loaded() -> None:
    files = planted(LINE, RATE, "2020-01-01: {value: 2400,")
    first = next(one for one in problems(files) if one.code == "product.cap")
    rates = [n for n, text in enumerate(FILES[PRODUCTS].decode().splitlines(), 1)
             if "rate: $draw_rate_bp" in text]  # fmt: skip
    assert first.line in rates and first.path == PRODUCTS
    assert "2026-08-01" in first.what and "36.00% a year" in first.what
    with pytest.raises(PolicyError):
        load(files)


def test_the_price_just_within_the_caps_is_accepted() -> None:
    assert problems(planted(LINE, RATE, "2020-01-01: {value: 1600,")) == []
    assert problems(planted(LINE, RATE, "2020-01-01: {value: 1601,"))


def test_what_a_stance_adds_counts() -> None:
    text = FILES[LINE].decode()
    start = text.index("draw_rate_bp:")
    shifted = text[:start] + text[start:].replace(
        "  low: 0\n", "  shifts: {stance: {tight: {add: 200}}}\n  low: 0\n", 1
    )
    assert {one.code for one in problems({**FILES, LINE: shifted.encode()})} == {"product.cap"}


def test_products_belong_to_the_hash() -> None:
    changed = planted(PRODUCTS, "en: equal principal}", "en: equal parts}")
    assert load(changed).hash != load(FILES).hash


@pytest.fixture(scope="module")
def policy() -> Policy:
    return load(FILES)


def no_facts() -> Facts:
    raise AssertionError("the price is the same for everybody")


def test_a_draw_follows_from_the_product_it_names(policy: Policy) -> None:
    now = SHANGHAI.parse("2026-09-01 10:00")
    asked = Request(1_000_000, 6, product="interest_first", rate_bp=0)
    found = priced(policy, asked, now, no_facts)
    assert (found.product, found.rate_bp) == ("interest_first", 1460)
    terms = policy.products.terms("interest_first", 6, 1460, "CNY", day("2026-09-01"))
    assert (terms.method, terms.months, terms.rate_ppm) == (Method.interest_only, 6, 146_000)
    plain = priced(policy, Request(1_000_000, 1), now, no_facts)
    assert plain.product == "single_repayment", "the first that is offered over one month"


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (Request(1_000_000, 12, product="payday"), "request.product"),
        (Request(1_000_000, 24, product="interest_first"), "request.term"),
        (Request(1_000_000, 7), "request.term"),
        (Request(1_000_000, 12, rate_bp=100), "request.rate"),
    ],
)
def test_what_is_not_offered_is_refused(policy: Policy, asked: Request, code: str) -> None:
    with pytest.raises(InputError) as error:
        priced(policy, asked, SHANGHAI.parse("2026-09-01 10:00"), no_facts)
    assert error.value.code == code and error.value.next_step


def test_a_policy_without_products_lends_at_the_rate_of_the_request() -> None:
    trial = load(trial_files())
    asked = Request(100_000, 7, rate_bp=300)
    assert priced(trial, asked, SHANGHAI.parse("2026-07-01 10:00"), no_facts) is asked
    with pytest.raises(InputError, match="no product"):
        priced(trial, Request(100_000, product="x"), SHANGHAI.parse("2026-07-01"), no_facts)


def test_a_price_by_band_a_fee_holidays_and_orders_reach_the_terms() -> None:
    extra = """
    due_day: 10
    shift: following
    early: shorten
    fees: [{name: {zh: 服务费, en: service}, payee: 渠道, every: once, ppm: 1000}]
    order: {by: part, parts: [principal, interest, fee, penalty]}
"""
    text = (
        FILES[PRODUCTS]
        .decode()
        .replace(
            "rate: $draw_rate_bp\n",
            f"rate: {{A: 900, B: 1000, C: 1100, D: 1200, E: 1300}}{extra}",
            1,
        )
        .replace("reading_seconds: 10", "reading_seconds: 3")
    )
    changed = load({**FILES, PRODUCTS: text.encode()})
    product = changed.products.of("equal_instalments", 12)
    assert changed.products.varies(product)
    on = day("2026-09-01")
    assert changed.products.rate_bp(product, on, Payer(band="C")) == 1100
    with pytest.raises(InputError, match="without a score"):
        changed.products.rate_bp(product, on, Payer(band=None))
    terms = changed.products.terms("equal_instalments", 12, 1100, "CNY", on)
    assert day("2026-10-01") in terms.holidays and day("2026-06-19") not in terms.holidays
    assert terms.due_dom == 10
    assert terms.fees[0].name_en == "service" and terms.order.parts[0] is Part.principal
    assert changed.products.reading_seconds == 3
    (row,) = [one for one in changed.products.offered(on) if one.id == "equal_instalments"]
    assert row.rates_bp == (900, 1000, 1100, 1200, 1300)
