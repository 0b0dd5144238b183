"""Every fault planted in the small bundle gives exactly the right problem, at the right line."""

from __future__ import annotations

import pytest

from tests.unit.policy_bundle import bundle, line_of, planted
from xindeng.kernel.errors import PolicyError
from xindeng.policy.bundle import load
from xindeng.policy.check import problems

DEBT, CASH, LINE = "areas/debt.yaml", "areas/cash_flow.yaml", "areas/line.yaml"
SCORE, PLACE, PLATFORM = "areas/score.yaml", "areas/location.yaml", "areas/platform.yaml"
PARAMETERS, FEATURES, CARD = "parameters/debt.yaml", "features.yaml", "scorecard.yaml"
SEGMENTS, LIMITS = "segments.yaml", "limits.yaml"

# (path, what is replaced, by what, code, text on the line of the problem)
FAULTS = [
    # keys, words and types
    (DEBT, "light: red", "lihgt: red", "bundle.missing_key bundle.unknown_key", "lihgt"),
    (DEBT, "light: red", "light: rd", "bundle.choice", "light: rd"),
    (DEBT, "effect: decline", "effect: declines", "bundle.choice", "effect: declines"),
    (DEBT, "id: debt.due_seen", "id: due_seen", "rule.id", "id: due_seen"),
    (DEBT, "reason: DUE_SEEN", "reason: due seen", "rule.reason", "reason: due seen"),
    (DEBT, "id: debt.due_seen", "id: debt.payment_to_income_high", "rule.twice", "id: debt.payment_to_income_high\n  when: monthly"),
    (PARAMETERS, "unit: ratio", "unit: ration", "bundle.choice", "unit: ration"),
    (PARAMETERS, "value: 0.48", "value: high", "parameter.type", "value: high"),
    (PARAMETERS, "2026-01-01:", "2026-02-30:", "bundle.date", "2026-02-30"),
    (PARAMETERS, "value: 0.48", "value: 1.48", "parameter.bounds", "high: 1.0"),
    (PARAMETERS, "{add: -0.05}", "{add: -0.45}", "parameter.bounds", "low: 0.1"),
    (PARAMETERS, "{add: -0.05}", "{plus: -0.05}", "parameter.shift", "{plus: -0.05}"),
    (PARAMETERS, "tight: {add", "neutral: {add", "parameter.neutral", "neutral: {add"),
    (PARAMETERS, "tight: {add", "open: {add", "parameter.shift_nowhere", "max_payment_to_income:"),
    (PARAMETERS, 'source: "first"', 'source: ""', "bundle.text", 'source: ""'),
    (PARAMETERS, "new_days:", "min_draw:", "yaml.duplicate_key", "min_draw:\n  description: {zh: 新"),
    # names the engine needs
    (PARAMETERS, "amount_step:", "amount_steps:", "parameter.engine", None),
    (PARAMETERS, "{value: 10000, source: product}}\namount", "{value: 0, source: product}}\namount", "parameter.engine", "min_draw:"),
    (FEATURES, "open_draws:", "open_draw:", "feature.reserved", None),
    (FEATURES, "city:", "today: {event: login, op: count, window: 30d}\ncity:", "feature.name", "today:"),
    (FEATURES, 'exposure: {derive: "drawn"}', 'exposure: {derive: "available"}', "feature.cycle", "exposure: {derive"),
    # expressions
    (DEBT, "when: monthly_due >", "when: montly_due >", "expression.name", "when: montly_due"),
    (DEBT, "> $due_watch\n", "> $due_wach\n", "expression.parameter", "when: monthly_due > $due_wach"),
    (DEBT, "when: monthly_due > $due_watch", "when: monthly_due >", "expression.", "when: monthly_due >"),
    (DEBT, "when: monthly_due > $due_watch", "when: monthly_due + $due_watch", "expression.", "when: monthly_due +"),
    (FEATURES, 'income: {derive: "FLOOR(inflow_90d / 3)"}', 'income: {derive: "inflow_90d / \'3\'"}', "expression.", "income: {derive"),
    (SEGMENTS, "$new_days", "$max_payment_to_income", "segment.circular", "id: new"),
    (SEGMENTS, 'when: "TRUE"', 'when: "has_record"', "segment.last", "seasoned"),
    (SEGMENTS, "NOT has_record", "stance = 'tight'", "segment.circular", "thin_file"),
    # can it fire, does it hang together
    (DEBT, "when: monthly_due > $due_watch", "when: monthly_due > $due_watch AND monthly_due < 400000", "rule.never", "AND monthly_due < 400000"),
    (DEBT, "when: monthly_due > $due_watch", "when: monthly_due > $due_watch AND monthly_due IS NULL", "rule.never", "IS NULL"),
    (DEBT, "when: monthly_due > $due_watch", "when: monthly_due >= -$due_watch", "rule.always", ">= -$due_watch"),
    (PLATFORM, "when: maintenance", "when: maintenance AND segment = 'new' AND segment IN ('seasoned', 'dormant')", "rule.never", "when: maintenance"),
    (DEBT, "  missing: grey\n  repair: [pay_down]\n  data", "  repair: [pay_down]\n  data", "rule.missing", "when: payment_to_income_after_draw"),
    (LINE, "request_amount > available", "request_amount < available", "rule.amount_polarity", "when:"),
    (LINE, "request_amount > available", "request_amount > available AND request_instalment < 100000", "rule.amount_polarity", "when:"),
    (FEATURES, "FLOOR(inflow_90d / 3)", "inflow_90d / 3", "rule.amount_polarity", None),
    (SCORE, "whose: borrower", "whose: withheld", "rule.withheld", "whose: withheld"),
    (SCORE, "light: red", "light: platform", "rule.our_side", "light: platform"),
    (SCORE, "light: red", "light: yellow", "rule.light", "light: yellow"),
    (CASH, "effect: hold", "effect: review", "rule.hold", "hold: {kind"),
    (CASH, "days: 7", "days: soon", "rule.hold_length", "days: soon"),
    (CASH, "mode: block", "mode: cap", "bundle.missing_key", "mode: cap"),
    (DEBT, "repair: [pay_down]", "repair: [pay_dwn]", "rule.repair", "repair: [pay_dwn]"),
    (DEBT, "repair: [pay_down]", "repair: [consolidate]", "rule.repair", "repair: [consolidate]"),
    (PLACE, "consent: separate", "consent: contract", "rule.consent", "consent: contract"),
    (PLACE, "category: location", "category: behaviour", "rule.consent", "category: behaviour"),
    (FEATURES, "consent_location: {event", "agreed: {event", "rule.unfollowed", None),
    (SCORE, "when: score < 600", "when: score < 600 OR COALESCE(monthly_due > $due_watch, FALSE)", "parameter.inline_shared", None),
    # words
    (SCORE, "support: words for support, ", "", "text.absent", "  en: {borrower"),
    (SCORE, "support: 客服看到的话", 'support: ""', "text.absent", "  zh: {borrower"),
    (DEBT, "{payment_to_income_after_draw:percent}，", "{payment_to_incom:percent}，", "text.placeholder", "      borrower: 每月"),
    (DEBT, "{payment_to_income_after_draw:percent}，", "{payment_to_income_after_draw:days}，", "text.placeholder", "      borrower: 每月"),
    (DEBT, "{payment_to_income_after_draw:percent}，", "{payment_to_income_after_draw}，", "text.placeholder", "      borrower: 每月"),
    (DEBT, "{payment_to_income_after_draw:percent}，", "{payment_to_income_after_draw:share}，", "text.placeholder", "      borrower: 每月"),
    (CASH, "borrower: 借款人看到的话", 'borrower: "金额 {inflow_90d:money}"', "text.withheld", "  zh: {borrower: \"金额"),
    # cases
    (SCORE, "    - {given: {score: 599}, expect: fires}\n", "", "case.few", "cases:"),
    (SCORE, "expect: quiet", "expect: fires", "case.one_sided", "cases:"),
    (SCORE, "score: 599", "scor: 599", "case.unknown", "scor: 599"),
    (SCORE, "score: 599", "score: low", "case.value", "score: low"),
    (SCORE, "score: 599", "score: 599, drawn: 5", "case.unused", "drawn: 5"),
    (DEBT, "0.62}, on: 2026-11-01", "0.62}, on: 2023-11-01", "case.early", "on: 2023-11-01"),
    (DEBT, "stance: tight, expect", "stance: open, expect", "case.stance", "stance: open"),
    (PLATFORM, "given: {maintenance: true}", "given: {maintenance: true, stance: tight}", "case.stance", "maintenance: true"),
    (PLATFORM, "given: {maintenance: true}", "given: {maintenance: null}", "case.value", "maintenance: null"),
    # card and matrix
    (CARD, "bounds: [300, 900]", "bounds: [900, 300]", "scorecard.bounds", "bounds:"),
    (CARD, "{lt: 300000, points: 20}", "{points: 20}", "scorecard.bin", "{points: 20}"),
    (CARD, "{id: B, at_least: 600}", "{id: B, at_least: 650}", "scorecard.band", "{id: B"),
    (CARD, "  monthly_due:", "  monthly_dues:", "expression.name", "monthly_dues:"),
    (LIMITS, "band: A", "band: AA", "bundle.choice", "band: AA"),
    (LIMITS, "segment: seasoned", "segment: dormant", "limits.segment", "segment: dormant"),
    # whole files
    ("policy.yaml", "  debt: {}", "  debts: {}", "area.undeclared area.unknown", None),
    ("policy.yaml", "zone: Asia/Shanghai", "zone: Asia/Shangai", "head.zone", "zone:"),
    ("policy.yaml", "  debt: {}", "  debt: {}\n  bureau: {}", "area.no_rules", "bureau"),
]  # fmt: skip


def test_the_small_bundle_is_sound():
    assert problems(bundle()) == []


@pytest.mark.parametrize(("path", "old", "new", "codes", "mark"), FAULTS, ids=lambda v: str(v)[:30])
def test_each_planted_fault_is_found_where_it_stands(path, old, new, codes, mark):
    files = planted(path, old, new)
    found = problems(files)
    wanted = codes.split()
    assert len(found) == len(wanted), "\n".join(map(str, found))
    for problem, code in zip(sorted(found, key=lambda p: p.code), wanted, strict=True):
        assert problem.code == code or (
            code.endswith((".", "unknown")) and problem.code.startswith(code)
        ), str(problem)
        assert problem.next_step, str(problem)
    if mark is not None:
        assert (path, line_of(path, mark, files)) in {(p.path, p.line) for p in found}, found


def test_all_problems_come_at_once_in_order_of_place():
    files = planted(DEBT, "light: red", "light: rd")
    files[SCORE] = files[SCORE].replace(b"score < 600", b"scored < 600")
    files[PARAMETERS] = files[PARAMETERS].replace(b"value: 0.48", b"value: high")
    found = problems(files)
    assert [p.path for p in found] == [DEBT, SCORE, PARAMETERS]
    with pytest.raises(PolicyError) as caught:
        load(files)
    assert list(caught.value.problems) == found
    assert "the policy has 3 problems" in str(caught.value)
    assert f"{SCORE}:2" in str(caught.value)


def test_one_mistake_is_not_reported_once_a_use():
    broken = planted(
        FEATURES,
        'income: {derive: "FLOOR(inflow_90d / 3)"}',
        'income: {derive: "FLOOR(inflow_90 / 3)"}',
    )
    assert [(p.path, p.line) for p in problems(broken)] == [
        (FEATURES, line_of(FEATURES, "income:", broken))
    ]
    unreadable = planted(PARAMETERS, "max_payment_to_income:", "max_payment_to_income: [")
    assert [(p.path, p.code) for p in problems(unreadable)] == [(PARAMETERS, "yaml.syntax")]


@pytest.mark.parametrize(
    "path", ["policy.yaml", "stances.yaml", "segments.yaml", "features.yaml", "repair.yaml"]
)
def test_a_missing_file_is_named(path):
    found = problems(bundle({path: None}))
    assert (path, "bundle.missing_file") in {(p.path, p.code) for p in found}
    assert len(found) <= 2, found


def test_a_stray_file_is_named():
    found = problems(bundle({"featurs.yaml": "a: 1\n"}))
    assert [(p.path, p.code) for p in found] == [("featurs.yaml", "bundle.file")]
    assert "features.yaml" in found[0].next_step


@pytest.mark.parametrize(
    "attempt",
    [
        "__import__('os').system('true')",
        "(SELECT 1) = 1",
        "read_text('/etc/passwd') = 'x'",
        "monthly_due > 1; DROP TABLE x",
        "(" * 500 + "monthly_due > 1" + ")" * 500,
        " OR ".join(["monthly_due > 1"] * 2000),
    ],
)
def test_code_and_floods_in_an_expression_are_refused(attempt):
    files = planted(DEBT, "when: monthly_due > $due_watch", f'when: "{attempt}"')
    found = [p for p in problems(files) if p.code.startswith("expression.")]
    assert [(p.path, p.line) for p in found] == [(DEBT, line_of(DEBT, 'when: "', files))]
    assert len(str(found[0])) < 400
