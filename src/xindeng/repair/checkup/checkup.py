"""check_up(): a person's papers and a reference policy → how they stand, area by area.

Nothing is judged here by rules of its own: the papers are folded into a state and put to
`decide()`. Pure: no clock and no files.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from xindeng.decision.answer import Decision, Light
from xindeng.decision.board import board_of
from xindeng.decision.decide import decide
from xindeng.decision.lights import lights_of
from xindeng.decision.precheck import facts_of_attempt, last_events
from xindeng.decision.request import Request
from xindeng.decision.trace import Recall
from xindeng.language import Value
from xindeng.policy.policy import Policy
from xindeng.repair.checkup.gates import GateRange, gate_ranges
from xindeng.repair.checkup.since import FLOW_TYPES, NO_BILLS, Since
from xindeng.repair.checkup.standing import (
    ASSUMED,
    CLEAN_REPORT,
    GONE_ON,
    complete_areas,
    told_rules,
)
from xindeng.repair.debt import Debt
from xindeng.repair.dossier import Dossier
from xindeng.repair.flows.kinds import NO_FLOWS, Flows
from xindeng.repair.review.findings import Review
from xindeng.repair.review.record import review
from xindeng.repair.review.terms import ReviewTerms, review_terms

FIGURES: Final[tuple[str, ...]] = (
    "monthly_due", "monthly_income", "payment_to_income", "payment_to_income_after_draw",
    "ext_balance", "ext_lenders", "ext_nonbank_lenders", "card_utilisation",
    "hard_inquiries_30d", "hard_inquiries_90d", "hard_inquiries_180d", "income_fall_share",
    "spend_90d", "spending_to_income", "instalment_purchases_90d", "instalment_share",
    "borrowed_share_90d", "bureau_report_age_days",
)  # fmt: skip
"""The features that a check-up shows as figures, where the policy has them."""

_OF_DEBTS: Final = ("monthly_due", "payment_to_income", "payment_to_income_after_draw")
"""Figures that are nothing as long as no paper tells of debts: nobody knows that there are none."""
_OF_REPORT: Final = frozenset({"bureau_summary", "credit_inquiry"})
_INCOME: Final = frozenset({"payment", "income_evidence"})
_OF_ALL: Final = frozenset({"score"})
"""Rests on all papers at once: of a part of them no score can be told, good or bad."""


class CheckUp(Struct, frozen=True, kw_only=True):
    """How one person stands on `now` (µs) under a reference policy.

    `lights` show no data for every area that the papers say nothing of. `asked` tells whether the
    request is the person's own or the smallest draw. `safety`: something in the papers calls for
    verification, which is all that may be said of it. `old_report`: the credit report is so old
    that nothing is said of what it no longer tells. `since` is how far the bills reach.
    """

    now: int
    policy: str
    version: str
    policy_hash: str
    request: Request
    asked: bool
    decision: Decision
    lights: dict[str, Light]
    known: frozenset[str]
    figures: dict[str, Value]
    as_of: dict[str, int]
    ranges: tuple[GateRange, ...]
    review: Review | None
    terms: ReviewTerms
    flows: Flows
    debts: tuple[Debt, ...]
    has_income: bool | None
    safety: bool
    assumed: tuple[str, ...]
    old_report: bool = False
    since: Since = NO_BILLS


def check_up(
    policy: Policy,
    dossier: Dossier,
    now: int,
    *,
    told: Iterable[str],
    request: Request | None = None,
    flows: Flows = NO_FLOWS,
    since: Since = NO_BILLS,
    report_source: str = "credit_report",
) -> CheckUp:
    """Return the check-up of a dossier whose events include those of `standing`.

    `told` are the event types that the person's papers hold. Raises InputError as `decide` does,
    NotFoundError for a policy that says nothing about credit reports.
    """
    today = policy.zone.day(now)
    asked = request is not None
    request = request or Request(_smallest(policy, today), currency=policy.currency)
    kernel = policy.kernel
    facts = facts_of_attempt(kernel, dossier.state, dossier.platform, request, now)
    decision = decide(policy, facts, request, now)
    terms = review_terms(policy, today)
    types = frozenset(told)
    old = _too_old(policy, dossier, today)
    if old:
        types -= _OF_REPORT
    lights = _lights(policy, decision, types)
    known = frozenset(area for area, light in lights.items() if light is not Light.NO_DATA)
    values = Recall(policy, decision).values
    figures = {name: values.get(name) for name in FIGURES if name in values}
    if "external_debt" not in types:
        figures |= {name: None for name in _OF_DEBTS if name in figures}
    income = figures.get("monthly_income")
    board = board_of(policy)
    return CheckUp(
        now=now,
        policy=policy.name,
        version=policy.version,
        policy_hash=policy.hash,
        request=request,
        asked=asked,
        decision=decision,
        lights=lights,
        known=known,
        figures=figures,
        as_of=_as_of(policy, dossier, since),
        ranges=gate_ranges(policy, facts, request, now, known),
        review=review(dossier.report, terms, today, source=report_source)
        if dossier.report is not None
        else None,
        terms=terms,
        flows=flows,
        debts=dossier.debts,
        has_income=None if income is None or not types & _INCOME else bool(income),
        safety=bool(decision.fired & board.withheld),
        assumed=(
            *ASSUMED,
            *(() if dossier.report is not None else (CLEAN_REPORT,)),
            *((GONE_ON,) if since.gone_on else ()),
        ),
        old_report=old,
        since=since,
    )


def _as_of(policy: Policy, dossier: Dossier, since: Since) -> dict[str, int]:
    """Return when each type of event was last told of; what is taken for granted is not told."""
    found = last_events(policy, dossier.state)
    if since.until is None:
        return found
    return {name: min(at, since.until) if name in FLOW_TYPES else at for name, at in found.items()}


def _lights(policy: Policy, decision: Decision, told: frozenset[str]) -> dict[str, Light]:
    """Return the light of every area; what may not be told and what is not known shows no data.

    Rules about a platform's own side say nothing of a person, and an area of which too little was
    told is never green: it shows what was found, or that there is no data.
    """
    board = board_of(policy)
    open_ = ~(board.withheld | board.platform)
    whole = lights_of(board, decision.fired & open_, decision.missing & open_, 0)
    part = lights_of(board, decision.fired & told_rules(policy, told), 0, 0)
    complete = complete_areas(told)
    return {
        area: light
        if area in complete
        else (Light.NO_DATA if part[area] is Light.GREEN or area in _OF_ALL else part[area])
        for area, light in whole.items()
    }


def _too_old(policy: Policy, dossier: Dossier, today: int) -> bool:
    """Return whether the credit report is so old that no lender would judge by it."""
    if dossier.report_day is None or "report_age_max_days" not in policy.parameter_names:
        return False
    most = policy.parameter("report_age_max_days", today)
    return isinstance(most, int) and today - dossier.report_day > most


def _smallest(policy: Policy, day: int) -> int:
    value = policy.parameter("min_draw", day)
    return value if type(value) is int else 1
