"""A trial that leaves no mark: the same decision on a copy of the state, told coarsely.

Amounts asked and told are rounded down, so that trying many amounts does not map the policy, and
under a security hold the only answer is that the account must be verified first.
"""

from __future__ import annotations

import dataclasses
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from xindeng.decision.answer import Decision
from xindeng.decision.board import board_of
from xindeng.decision.decide import decide
from xindeng.decision.explain import explain, is_veiled
from xindeng.decision.explanation import Explanation
from xindeng.decision.facts import Facts, PlatformState, facts_of
from xindeng.decision.pricing import priced
from xindeng.decision.request import Request
from xindeng.decision.words import WORDS, Language
from xindeng.events.catalogue import CATALOGUE
from xindeng.events.envelope import Event
from xindeng.events.line import DrawAttempt
from xindeng.features.kernel import Kernel
from xindeng.features.state import State
from xindeng.policy.policy import Policy

GRID_PARAMETER: Final = "precheck_step"
"""A policy's own grid for trials, in minor units; ¥500 where it has none."""
_USUAL_GRID: Final = 50_000


class PreCheck(Struct, frozen=True, kw_only=True):
    """The answer to a trial: `decision` with its amounts rounded down, or None where the account
    must be verified first; `as_of` the instant (µs) of the last event of each type behind it. It is
    shown once and stored nowhere."""

    decision: Decision | None
    as_of: dict[str, int] = {}
    product: str | None = None

    @property
    def verify_first(self) -> bool:
        """Return whether the only answer is 需先核实."""
        return self.decision is None


def precheck(
    policy: Policy, state: State, platform: PlatformState, request: Request, now: int
) -> PreCheck:
    """Return what a draw at `now` would be answered; `state` is not touched.

    Raises InputError as `decide` does.
    """
    grid = grid_of(policy, now)
    asked = max(request.amount // grid * grid, min(grid, request.amount))
    request = priced(policy, request, now, lambda: facts_of(policy.kernel, state, platform, now))
    tried = dataclasses.replace(request, amount=asked)
    facts = facts_of_attempt(policy.kernel, state, platform, tried, now)
    decision = decide(policy, facts, tried, now)
    recorded = dict(zip(policy.inputs, decision.inputs, strict=True))
    if recorded["security_hold"] is True or is_veiled(board_of(policy), decision):
        return PreCheck(decision=None)
    frontier = decision.frontier // grid * grid
    offered = decision.amount_offered
    if offered is not None and offered != asked:
        offered = offered // grid * grid or offered
    return PreCheck(
        decision=replace(
            decision,
            frontier=frontier,
            borrowable_now=max(frontier, offered or 0),
            amount_offered=offered,
        ),
        as_of=last_events(policy, state),
        product=request.product,
    )


def explain_precheck(policy: Policy, answer: PreCheck, lang: Language) -> Explanation:
    """Return the trial in words: a result that promises nothing, for the borrower only."""
    if answer.decision is not None:
        return explain(
            policy,
            answer.decision,
            audience="borrower",
            lang=lang,
            as_of=answer.as_of,
            trial=True,
            product=answer.product,
        )
    words = WORDS[lang]
    return Explanation(
        audience="borrower",
        lang=lang,
        headline=words["verify_first"],
        lead=(),
        figures=(),
        gate="",
        lights=(),
        reasons=(),
        when=(),
        notices=(words["trial_bureau"], words["repayment"], words["scam"]),
        routes=(),
    )


def facts_of_attempt(
    kernel: Kernel, state: State, platform: PlatformState, request: Request, now: int
) -> Facts:
    """Return the facts as they would be if the button were pressed at `now`, `state` untouched."""
    if reads_attempts(kernel):
        state = state.glimpse()
        kernel.fold(state, _attempt(kernel, state, request, now))
    return facts_of(kernel, state, platform, now)


def reads_attempts(kernel: Kernel) -> bool:
    """Return whether any feature would see the attempt itself; otherwise none need be folded."""
    return "draw_attempt" in kernel.reads


def _attempt(kernel: Kernel, state: State, request: Request, now: int) -> Event:
    return Event(
        id="trial",
        borrower="trial",
        type="draw_attempt",
        version=1,
        occurred_at=now,
        known_at=now,
        payload=DrawAttempt(
            amount=request.amount,
            term_months=request.term_months,
            sitting=kernel.sitting(state, now) or "trial",
            currency=request.currency,  # type: ignore[arg-type]
            purpose=request.purpose,
        ),
        seq=state.seq + 1,
    )


def last_events(policy: Policy, state: State) -> dict[str, int]:
    """Return the instant (µs) of the last event of each type that the state has seen."""
    kernel = policy.kernel
    dates = {name: kernel.as_of(state, name) for name in CATALOGUE}
    return {name: at for name, at in dates.items() if at is not None}


def grid_of(policy: Policy, now: int) -> int:
    """Return the grid in minor units to which amounts of a trial are rounded down."""
    if GRID_PARAMETER not in policy.parameter_names:
        return _USUAL_GRID
    value = policy.parameter(GRID_PARAMETER, policy.zone.day(now))
    return value if type(value) is int and value > 0 else _USUAL_GRID
