"""A small sound bundle as a mapping, and the means to plant one fault in it."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import dedent, indent

TEXTS = """\
texts:
  zh: {borrower: 借款人看到的话, support: 客服看到的话, auditor: 审计看到的话}
  en: {borrower: words for the borrower, support: words for support, auditor: for the auditor}
"""
DATA = "data: {category: financial, purpose: affordability, consent: contract}\n"

POLICY = """\
name: small
version: "1"
title: {zh: 小策略, en: A small policy}
currency: CNY
zone: Asia/Shanghai
areas:
  debt: {}
  cash_flow: {title: {zh: 资金往来, en: Money in and out}}
  location: {enabled: false}
  score: {}
  line: {}
  platform: {}
stance_default: neutral
"""

PARAMETERS = """\
max_payment_to_income:
  description: {zh: 月还款占收入上限, en: Highest payment-to-income}
  unit: ratio
  low: 0.1
  high: 1.0
  values:
    2024-01-01: {value: 0.50, source: "first"}
    2026-01-01: {value: 0.48, source: "second"}
  shifts:
    segment: {thin_file: {value: 0.40}}
    stance: {tight: {add: -0.05}, brake: {multiply: 0.5}}
min_draw:
  description: {zh: 单笔最低, en: Least draw}
  unit: fen
  values: {2024-01-01: {value: 10000, source: product}}
amount_step:
  description: {zh: 金额步长, en: Step}
  unit: fen
  values: {2024-01-01: {value: 10000, source: product}}
new_days:
  description: {zh: 新户天数, en: Days a borrower is new}
  unit: days
  values: {2024-01-01: {value: 90, source: product}}
"""

STANCES = """\
neutral: {texts: {zh: 正常, en: normal}}
tight: {texts: {zh: 收紧, en: tight}, review_days: 14}
brake: {texts: {zh: 暂停, en: paused}}
"""

SEGMENTS = """\
- {id: thin_file, when: "NOT has_record"}
- {id: new, when: "COALESCE(age_days < $new_days, FALSE)"}
- {id: seasoned, when: "TRUE"}
"""

FEATURES = """\
inflow_90d: {event: payment, where: "direction = 'in'", op: sum(amount), window: 90d}
inflow_surprise: {event: payment, where: "direction = 'in'", op: robust_z(amount), over: 60}
monthly_due: {event: external_debt, op: last(monthly_due)}
has_record: {event: bureau_summary, op: last(has_record), default: false}
city: {event: location, op: count, window: 30d}
consent_location: {event: consent, where: "category = 'location'", op: last(granted), window: all}
limit_shown: {event: limit_change, op: last(limit), default: 0}
drawn: {event: disbursement, op: sum(amount), window: all}
open_draws: {event: disbursement, op: count, window: all}
age_days: {event: account_opened, op: last(occurred_at), as: days_since}
income: {derive: "FLOOR(inflow_90d / 3)"}
payment_to_income: {derive: "monthly_due / NULLIF(income, 0)"}
payment_to_income_after_draw: {derive: "(monthly_due + request_instalment) / NULLIF(income, 0)"}
exposure: {derive: "drawn"}
available: {derive: "GREATEST(limit_shown - exposure, 0)"}
"""

DEBT = f"""\
- id: debt.payment_to_income_high
  when: payment_to_income_after_draw > $max_payment_to_income
  light: red
  effect: decline
  reason: PAYMENT_BURDEN_HIGH
  whose: borrower
  missing: grey
  repair: [pay_down]
  {DATA.strip()}
  texts:
    zh:
      borrower: 每月还款占收入 {{payment_to_income_after_draw:percent}}，高于 {{$max_payment_to_income:percent}}。
      support: 月供占收入过高。
      auditor: 高于上限。
    en:
      borrower: Payments would be {{payment_to_income_after_draw:percent}} of income, over {{$max_payment_to_income:percent}}.
      support: Payments are too high a share of income.
      auditor: Above the limit.
  cases:
    - {{given: {{payment_to_income_after_draw: 0.62}}, on: 2026-11-01, expect: fires}}
    - {{given: {{payment_to_income_after_draw: 0.45}}, on: 2026-11-01, stance: tight, expect: fires}}
    - {{given: {{payment_to_income_after_draw: 0.45}}, on: 2026-11-01, expect: quiet}}
    - {{given: {{payment_to_income_after_draw: null}}, expect: missing}}
    - {{given: {{monthly_due: 100000, inflow_90d: 900000, request_instalment: 90000}}, expect: fires}}
- id: debt.due_seen
  when: monthly_due > $due_watch
  light: yellow
  effect: warn
  reason: DUE_SEEN
  whose: borrower
  missing: grey
  parameters:
    due_watch:
      description: {{zh: 月供提示, en: Due worth a word}}
      unit: fen
      values: {{2024-01-01: {{value: 500000, source: expert}}}}
  repair: [pay_down]
  {DATA.strip()}
{indent(TEXTS, "  ")}  cases:
    - {{given: {{monthly_due: 500001}}, expect: fires}}
    - {{given: {{monthly_due: 500000}}, expect: quiet}}
"""

CASH_FLOW = f"""\
- id: cash_flow.sudden_inflow
  when: inflow_surprise > $surprise
  light: red
  effect: hold
  hold: {{kind: cash_flow, mode: block, days: 7}}
  reason: SUDDEN_INFLOW
  whose: withheld
  missing: grey
  parameters:
    surprise:
      description: {{zh: 异常程度, en: How odd}}
      unit: number
      values: {{2024-01-01: {{value: 6, source: expert}}}}
  data: {{category: financial, purpose: fraud, consent: contract}}
{indent(TEXTS, "  ")}  cases:
    - {{given: {{inflow_surprise: 9.5}}, expect: fires}}
    - {{given: {{inflow_surprise: null}}, expect: missing}}
"""

LOCATION = f"""\
- id: location.many_places
  when: city > 20
  light: yellow
  effect: review
  reason: MANY_PLACES
  whose: borrower
  data: {{category: location, purpose: fraud, consent: separate}}
{indent(TEXTS, "  ")}  cases:
    - {{given: {{city: 21}}, expect: fires}}
    - {{given: {{city: 20}}, expect: quiet}}
"""

SCORE = f"""\
- id: score.low
  when: score < 600
  light: red
  effect: decline
  reason: SCORE_LOW
  whose: borrower
  {DATA.strip()}
{indent(TEXTS, "  ")}  cases:
    - {{given: {{score: 599}}, expect: fires}}
    - {{given: {{monthly_due: 0, has_record: true}}, expect: quiet}}
"""

LINE = f"""\
- id: line.too_much
  when: request_amount > available
  light: red
  effect: cap
  reason: ABOVE_AVAILABLE
  whose: borrower
  {DATA.strip()}
{indent(TEXTS, "  ")}  cases:
    - {{given: {{request_amount: 100001, available: 100000}}, expect: fires}}
    - {{given: {{request_amount: 100000, available: 100000}}, expect: quiet}}
"""

PLATFORM = f"""\
- id: platform.maintenance
  when: maintenance
  light: platform
  effect: retry_later
  reason: MAINTENANCE
  whose: platform
  until: COALESCE(platform_until, now + 3600000000)
  data: {{category: platform, purpose: operation, consent: contract}}
{indent(TEXTS, "  ")}  cases:
    - {{given: {{maintenance: true}}, expect: fires}}
    - {{given: {{}}, expect: quiet}}
"""

SCORECARD = """\
name: expert scorecard
base: 600
bounds: [300, 900]
characteristics:
  monthly_due: {label: {zh: 月供, en: dues}, bins: [{lt: 300000, points: 20}, {points: -15}], missing: 0}
  has_record: {bins: [{is: [true], points: 30}, {points: 0}], missing: 0}
bands: [{id: A, at_least: 640}, {id: B, at_least: 600}, {id: C}]
"""

LIMITS = """\
starter: {new: 500000, thin_file: 300000}
behaviours: [{id: stretched, when: "drawn > 1000000"}, {id: steady, when: "TRUE"}]
matrix:
  - {segment: seasoned, band: A, behaviour: steady, target: 9000000, step: 500000, min_gap_days: 90}
"""

REPAIR = """\
actions:
  pay_down: {texts: {zh: 先还一部分, en: Pay part of it down}}
  wait: {texts: {zh: 等待, en: Wait}}
"""


def bundle(changes: Mapping[str, str | None] | None = None) -> dict[str, bytes]:
    """Return the sound bundle with files replaced (or left out: None)."""
    files: dict[str, str | None] = {
        "policy.yaml": POLICY,
        "parameters/debt.yaml": PARAMETERS,
        "stances.yaml": STANCES,
        "segments.yaml": SEGMENTS,
        "features.yaml": FEATURES,
        "areas/debt.yaml": DEBT,
        "areas/cash_flow.yaml": CASH_FLOW,
        "areas/location.yaml": LOCATION,
        "areas/score.yaml": SCORE,
        "areas/line.yaml": LINE,
        "areas/platform.yaml": PLATFORM,
        "scorecard.yaml": SCORECARD,
        "limits.yaml": LIMITS,
        "repair.yaml": REPAIR,
        **(changes or {}),
    }
    return {path: dedent(text).encode() for path, text in files.items() if text is not None}


def planted(path: str, old: str, new: str, count: int = 1) -> dict[str, bytes]:
    """Return the sound bundle with `old` replaced by `new` once; the fault must be there."""
    files = bundle()
    text = files[path].decode()
    assert old in text, f"{old!r} does not stand in {path}"
    return {**files, path: text.replace(old, new, count).encode()}


def line_of(path: str, text: str, files: Mapping[str, bytes] | None = None) -> int:
    """Return the 1-based line of the first occurrence of `text`."""
    source = (files or bundle())[path].decode()
    return source[: source.index(text)].count("\n") + 1
