"""A small policy whose every number can be worked out by hand, for the tests of decision and repair.

Income and dues are features of their own, so that a test writes `facts(income=900_000)` and gets
it. With a rate of 0 the instalment is the amount divided by the months, rounded up.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from xindeng.decision.answer import Decision
from xindeng.decision.decide import decide
from xindeng.decision.facts import Facts, PlatformState
from xindeng.decision.request import Request
from xindeng.events.credit import CreditInquiry, ExternalDebt
from xindeng.events.envelope import Event
from xindeng.events.fields import Payload
from xindeng.events.life import IncomeEvidence
from xindeng.events.line import LimitChange
from xindeng.features.kernel import Hold
from xindeng.kernel.time import DAY, zone
from xindeng.policy.bundle import load
from xindeng.policy.policy import Policy

SHANGHAI = zone("Asia/Shanghai")
NOW = SHANGHAI.parse("2026-07-01 10:00")

HEAD = """
name: trial_policy
version: "1"
title: {zh: 试验策略, en: A trial policy}
currency: CNY
zone: Asia/Shanghai
areas: {debt: {}, applications: {}, cash_flow: {}, security: {}, score: {}, attempts: {},
        line: {}, platform: {}}
stance_default: neutral
"""

STANCES = """
neutral: {texts: {zh: 平台按常规放款。, en: We lend as usual.}}
tight: {texts: {zh: 平台目前收紧放款。, en: We lend less for now.}}
brake: {texts: {zh: 平台暂停新的借款。, en: New draws are paused.}}
"""

SEGMENTS = """
- {id: thin_file, when: "NOT has_record"}
- {id: seasoned, when: "TRUE"}
"""

FEATURES = """
income: {event: income_evidence, op: last(monthly_income)}
dues: {event: external_debt, op: last(monthly_due)}
has_record: {event: bureau_summary, op: last(has_record), default: true}
inquiries_180d: {event: credit_inquiry, where: "reason = 'loan_approval'", op: count, window: 180d, requires: limit_change}
inquiries_90d: {event: credit_inquiry, where: "reason = 'loan_approval'", op: count, window: 90d, requires: limit_change}
surprise: {event: payment, op: robust_z(amount), over: 60}
incident_at: {event: security_incident, op: last(occurred_at)}
credential_at: {event: credential_change, op: last(occurred_at)}
refused_24h: {event: decision, where: "counted", op: count, window: 24h}
limit_shown: {event: limit_change, op: last(limit)}
drawn: {event: disbursement, op: sum(amount), window: all, requires: limit_change}
open_draws: {event: disbursement, op: count, window: all}
burden: {derive: "(dues + request_instalment) / NULLIF(income, 0)"}
exposure: {derive: "drawn"}
available: {derive: "GREATEST(limit_shown - exposure, 0)"}
cooling: {derive: "COALESCE(credential_at + $cooldown_hours * 3600000000 > now, FALSE)"}
"""

PARAMETERS: dict[str, tuple[str, Any, str]] = {
    "min_draw": ("fen", 10_000, ""),
    "amount_step": ("fen", 10_000, ""),
    "max_burden": ("ratio", 0.5, "{tight: {value: 0.3}, brake: {value: 0.1}}"),
    "max_inquiries": ("count", 10, ""),
    "many_inquiries": ("count", 6, ""),
    "review_from": ("fen", 5_000_000, ""),
    "cooldown_hours": ("hours", 12, ""),
    "cooling_amount": ("fen", 200_000, ""),
    "pause": ("flag", False, "{brake: {value: true}}"),
    "low_score": ("points", 500, ""),
    "objection_answer_days": ("days", 15, ""),
    "dispute_answer_days": ("days", 20, ""),
    "complaint_line_finance": ("count", 12_378, ""),
}

Rule = dict[str, Any]


def rule(
    id: str, when: str, effect: str = "decline", *, light: str = "red", whose: str = "borrower",
    said: str = "", fires: Mapping[str, Any], quiet: Mapping[str, Any], **more: Any,
) -> str:  # fmt: skip
    """One rule in YAML; `said` is put into every text, `more` are further keys as written."""
    area, _, name = id.partition(".")
    category = (
        "platform" if area == "platform" else "security" if area == "security" else "financial"
    )
    lines = [
        f"- id: {id}",
        f'  when: "{when}"',
        f"  light: {light}",
        f"  effect: {effect}",
        f"  reason: {name.upper()}",
        f"  whose: {whose}",
        f"  data: {{category: {category}, purpose: lending, consent: contract}}",
        *(f"  {key}: {value}" for key, value in more.items()),
        "  texts:",
    ]
    told = "" if whose == "withheld" else said
    for lang, words in (("zh", "说明"), ("en", "words")):
        lines.append(f"    {lang}:")
        lines += [
            f'      {who}: "{name} {words} {told if who == "borrower" else said}"'
            for who in ("borrower", "support", "auditor")
        ]
    lines.append("  cases:")
    for given, expect in ((fires, "fires"), (quiet, "quiet")):
        inner = ", ".join(f"{k}: {_yaml(v)}" for k, v in given.items())
        lines.append(f"    - {{given: {{{inner}}}, expect: {expect}}}")
    return "\n".join(lines)


def _yaml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "null" if value is None else str(value)


RULES = [
    rule("debt.burden", "burden > $max_burden", missing="grey", repair="[pay_down]", rank=10,
         said="{burden:percent} > {$max_burden:percent}", fires={"burden": 1.5}, quiet={"burden": 0.001}),
    rule("debt.large", "request_amount > $review_from", "review", light="yellow", whose="time",
         fires={"request_amount": 5_000_001}, quiet={"request_amount": 100_000}),
    rule("applications.many", "inquiries_180d > $max_inquiries", missing="grey", repair="[stop_applying]", rank=5,
         said="{inquiries_180d:count}", fires={"inquiries_180d": 11}, quiet={"inquiries_180d": 10}),
    rule("applications.often", "inquiries_90d >= $many_inquiries", "warn", light="yellow", missing="grey", repair="[stop_applying]",
         fires={"inquiries_90d": 6}, quiet={"inquiries_90d": 5}),
    rule("cash_flow.surprise", "COALESCE(surprise > 6.0, FALSE)", "hold", whose="withheld",
         hold="{kind: cash_flow, mode: block, days: 7}",
         fires={"surprise": 7.0}, quiet={"surprise": 1.0}),
    rule("security.incident", "COALESCE(incident_at > now - 86400000000, FALSE)", "hold",
         hold="{kind: security, mode: block, hours: 24}", repair="[secure_account]",
         fires={"incident_at": "1800000000000000", "now": 1_800_000_000_000_001},
         quiet={"incident_at": None}),
    rule("security.cooling", "cooling AND request_amount > $cooling_amount", "retry_later",
         whose="time", until="credential_at + $cooldown_hours * 3600000000", light="yellow",
         fires={"cooling": True, "request_amount": 300_000},
         quiet={"cooling": False, "request_amount": 300_000}),
    rule("score.low", "score < $low_score", fires={"score": 400}, quiet={"score": 600}),
    rule("attempts.today", "refused_24h >= 3", "retry_later", whose="time",
         fires={"refused_24h": 3}, quiet={"refused_24h": 2}),
    rule("line.available", "request_amount > available", "cap", missing="grey",
         fires={"request_amount": 200_000, "available": 100_000},
         quiet={"request_amount": 100_000, "available": 100_000}),
    rule("line.held", "block_hold", "retry_later", whose="time", until="hold_review_at", rank=4,
         fires={"block_hold": True}, quiet={"block_hold": False}),
    rule("line.security_hold", "security_hold", "review", whose="time", rank=3,
         fires={"security_hold": True}, quiet={"security_hold": False}),
    rule("platform.maintenance", "maintenance", "retry_later", light="platform", whose="platform",
         until="platform_until", rank=1, fires={"maintenance": True}, quiet={"maintenance": False}),
    rule("platform.model_away", "NOT model_available", "retry_later", light="platform",
         whose="platform", rank=1, fires={"model_available": False}, quiet={"model_available": True}),
    rule("platform.pause", "$pause", "retry_later", light="platform", whose="platform", rank=1,
         until="stance_review_day * 86400000000 - 28800000000",
         fires={}, quiet={}).replace("expect: fires", "stance: brake, expect: fires"),
]  # fmt: skip

REPAIR = """
actions:
  pay_down: {texts: {zh: 先还清一部分借款, en: pay part of it down}, lag_days: 3}
  stop_applying: {texts: {zh: 先不要再申请新的借款, en: stop applying for now}}
  secure_account: {texts: {zh: 核实账户安全, en: secure the account}, channel: {zh: 安全中心, en: security centre}}
"""

SCORECARD = """
name: expert scorecard
base: 600
bounds: [300, 900]
characteristics:
  dues: {label: {zh: 月供, en: dues}, bins: [{lt: 100000000, points: 0}, {points: -200}], missing: 0}
bands: [{id: A, at_least: 600}, {id: B}]
"""


def files(*extra: str, without: str = "", **parameters: Any) -> dict[str, bytes]:
    """The bundle with further rules, without one rule, or with other parameter values."""
    rules = [text for text in [*RULES, *extra] if not without or f"id: {without}\n" not in text]
    by_area: dict[str, list[str]] = {}
    for text in rules:
        by_area.setdefault(text.split("id: ")[1].split(".")[0], []).append(text)
    specs = []
    for name, (unit, value, shifts) in PARAMETERS.items():
        specs.append(
            f"{name}:\n  description: {{zh: 参数, en: a parameter}}\n  unit: {unit}\n"
            f"  values: {{2020-01-01: {{value: {_yaml(parameters.get(name, value))}, source: test}}}}\n"
            + (f"  shifts: {{stance: {shifts}}}\n" if shifts else "")
        )
    texts = {
        "policy.yaml": HEAD,
        "stances.yaml": STANCES,
        "segments.yaml": SEGMENTS,
        "features.yaml": FEATURES,
        "parameters/all.yaml": "".join(specs),
        "scorecard.yaml": SCORECARD,
        "repair.yaml": REPAIR,
        **{f"areas/{area}.yaml": "\n".join(rules) + "\n" for area, rules in by_area.items()},
    }
    return {path: text.encode() for path, text in texts.items()}


@cache
def policy() -> Policy:
    """The trial policy as it stands."""
    return load(files())


USUAL: dict[str, Any] = {
    "income": 900_000,
    "dues": 100_000,
    "has_record": True,
    "inquiries_180d": 0,
    "inquiries_90d": 0,
    "surprise": None,
    "incident_at": None,
    "credential_at": None,
    "refused_24h": 0,
    "limit_shown": 2_000_000,
    "drawn": 0,
    "open_draws": 0,
}


def facts(
    of: Policy | None = None,
    *,
    holds: tuple[Hold, ...] = (),
    platform: PlatformState | None = None,
    **values: Any,
) -> Facts:
    """Facts of an ordinary borrower, changed by name."""
    known = USUAL | values
    assert known.keys() == USUAL.keys()
    book = (of or policy()).book
    vector = [known[feature.name] for feature in book.base]
    return Facts(vector, holds, platform or PlatformState())


def ask(
    amount: int = 800_000, *, of: Policy | None = None, now: int = NOW, **known: Any
) -> Decision:
    """Decide a request of `amount` fen over 10 months at no interest."""
    asked = Request(amount=amount, term_months=10, rate_bp=0)
    return decide(of or policy(), facts(of, **known), asked, now)


def brake(review_day: str = "2026-07-20") -> PlatformState:
    """The platform with its foot on the brake for everybody."""
    return PlatformState(stance={"all": ("brake", SHANGHAI.day(SHANGHAI.parse(review_day)))})


def hold(kind: str = "manual", days: float = 3, **more: Any) -> Hold:
    """A blocking hold that is reviewed `days` after NOW."""
    known = {"id": "h1", "mode": "block", "reason": "by hand", "cap": None, **more}
    return Hold(kind=kind, review_at=NOW + int(days * DAY), **known)


class Life:
    """A borrower whose events a test writes down, folded as the store would fold them."""

    def __init__(self, of: Policy | None = None, *, limit: int = 2_000_000) -> None:
        self.policy = of or policy()
        self.state = self.policy.kernel.empty()
        began = "2025-06-01"
        self.had(began, LimitChange(limit=limit, change="granted"))
        self.had(began, IncomeEvidence(monthly_income=900_000, source="payroll"))
        self.had(began, ExternalDebt(monthly_due=100_000, balance=0, lenders=1, nonbank_lenders=0))

    def had(self, when: str, payload: Payload) -> Life:
        """Fold one event that occurred at local `when`."""
        at = SHANGHAI.parse(when)
        seq = self.state.seq + 1
        kind = str(payload.__struct_config__.tag)
        event = Event(f"e{seq}", "b1", kind, 1, at, at, payload, seq)
        self.policy.kernel.fold(self.state, event)
        return self

    def inquired(self, *days: str) -> Life:
        """Fold an approval enquiry for each day of 2026, written MM-DD."""
        for day in days:
            self.had(f"2026-{day}", CreditInquiry(lender=f"bank {day}", reason="loan_approval"))
        return self
