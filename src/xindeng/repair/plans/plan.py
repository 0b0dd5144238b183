"""What a plan is: dated steps, what they cost, and the answers of the policy that prove it.

Plain records that survive JSON: amounts are minor units, days local days, instants µs. Whatever is
a matter of words is a code here (`side_effects`, `assumptions`, `warnings`); the sentences are in
`xindeng.repair.plans.words`.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from xindeng.decision.answer import Assumed, GateEnd, Light, LightChange, Outcome
from xindeng.servicing.limit_book import Warned
from xindeng.servicing.way_back import WayBack

PlanKind = Literal["verified", "conditional"]
"""`verified`: only the borrower's acts and time; `conditional`: somebody else decides as well."""

Goal = Literal["fastest", "cheapest", "gentlest", "smaller"]
"""What a plan was chosen for; `smaller` lends less than was asked and asks less of one."""

Status = Literal[
    "approved", "plan", "only_time", "fixed", "our_side", "verify_first", "review", "hardship",
    "no_plan",
]  # fmt: skip
"""approved: no plan is needed. plan: see `plans`. only_time: waiting (and not applying) is all.
fixed: this line does not lend here and nothing changes that. our_side: nothing to do for the
borrower. verify_first: safety comes first, nothing else is told. review: a person decides.
hardship: help comes before borrowing. no_plan: nothing that is known to be in the borrower's
hands turns the answer; `plans` may still hold a dispute, for a record that is wrong."""

Decider = Literal["lender", "bureau", "platform"]
Params = dict[str, str | int | bool]


class Checked(Struct, frozen=True, kw_only=True):
    """What the policy answered at an instant; `gates` are the rules in the way that may be told."""

    at: int
    outcome: Outcome
    frontier: int
    gates: tuple[str, ...] = ()
    lights: dict[str, Light] = {}


class Step(Struct, frozen=True, kw_only=True):
    """One thing to do on local `day`, which the platform knows of from `shows_at` (µs) on.

    `action` is one of the policy's repair actions and `params` what is special about this step,
    enough to prove it anew. `interest_delta` is what it changes in interest still to be paid (less
    than 0: saved), None where a rate is not known. `moves` are the rules it is meant to move.
    """

    action: str
    day: int
    shows_at: int
    cash: int = 0
    fees: int = 0
    interest_delta: int | None = 0
    params: Params = {}
    decider: Decider | None = None
    side_effects: tuple[str, ...] = ()
    moves: tuple[str, ...] = ()


class Without(Struct, frozen=True, kw_only=True):
    """The answer at the time of the yes if step number `step` alone is left out."""

    step: int
    answer: Checked


class Proof(Struct, frozen=True, kw_only=True):
    """The transcript: `asked` now, `before` the last refusal on the way, `yes`, and at that same
    instant `idle` with nothing done and `without` each step. `changes` are lights by date."""

    policy_hash: str
    semantics: int
    asked: Checked
    before: Checked
    yes: Checked
    idle: Checked
    without: tuple[Without, ...] = ()
    changes: tuple[LightChange, ...] = ()


class Branch(Struct, frozen=True, kw_only=True):
    """What follows from what `decider` says about step number `step`: the earliest yes (µs) or
    None. `step` None: it is about our own pause, whatever the borrower does."""

    step: int | None
    decider: Decider
    says: Literal["yes", "no"]
    yes_at: int | None
    answer: Checked


class Stage(Struct, frozen=True, kw_only=True):
    """A draw of `amount` from `at` (µs) on; `after_hold`: the one small try after a pause, which is
    expected and never counted as probing."""

    at: int
    amount: int
    after_hold: bool = False


class Plan(Struct, frozen=True, kw_only=True):
    """Steps after which the policy of `proof` approves `amount` from `yes_at` on.

    `cash_total` is what is paid off with, `fees` come on top. Nothing of it holds after local
    `expires_day`. `enough`: the cash is so near to the amount asked that borrowing may not be
    needed at all; that is said first. `stages`: stepping up after a pause, small first.
    """

    kind: PlanKind
    goal: Goal
    steps: tuple[Step, ...]
    amount: int
    term_months: int
    rate_bp: int
    purpose: str
    yes_at: int
    cash_total: int
    fees: int
    interest_delta: int | None
    assumptions: tuple[str, ...]
    expires_day: int
    proof: Proof
    branches: tuple[Branch, ...] = ()
    stages: tuple[Stage, ...] = ()
    enough: bool = False
    after_hold: bool = False
    product: str | None = None
    also: tuple[Goal, ...] = ()


class MonthFrontier(Struct, frozen=True, kw_only=True):
    """The largest amount that passes on `day`: by doing nothing, and by the cheapest plan.

    `gate` is the rule that keeps the greater of the two from being more, "" where none does or it
    may not be told.
    """

    day: int
    idle: int
    planned: int | None = None
    gate: str = ""

    @property
    def most(self) -> int:
        """Return the greater of the two."""
        return max(self.idle, self.planned or 0)


class Rung(Struct, frozen=True, kw_only=True):
    """Closing these debts, to these lenders, for `cash` lets `frontier` pass from `day` on."""

    cash: int
    closes: tuple[str, ...]
    lenders: tuple[str, ...]
    frontier: int
    day: int


class Need(Struct, frozen=True, kw_only=True):
    """What is missing where debts are not known one by one: dues of `due_now` a month must fall
    by `cut`, to at most `due_most`."""

    due_now: int
    due_most: int
    cut: int


class Projection(Struct, frozen=True, kw_only=True):
    """What time alone brings, up to local `until_day`: lights now, and each change by date.

    `yes_at` is the earliest yes by waiting (µs), None if there is none by then. `standing` are
    the rules in the way at the end (or, with a yes, none); `later` the ones of them that only time
    ends, and when.
    """

    asked_at: int
    until_day: int
    lights: dict[str, Light]
    changes: tuple[LightChange, ...] = ()
    yes_at: int | None = None
    standing: tuple[str, ...] = ()
    assumed: Assumed = "stillness"
    later: tuple[GateEnd, ...] = ()


class Plans(Struct, frozen=True, kw_only=True):
    """The answer to "and what now?": a status, the plans if any, and what time alone brings.

    Under verify_first everything but `status`, `asked_at`, `amount` and `leads` stays empty.
    `gates` are the rules in the way of the request now; `leads` the actions that are no part of a
    proven plan (hardship help, support, verification). `review_at` is when our side, a hold or a
    person looks again (µs), where known. `way_back` is that of a limit of 0. `helps`: where no
    plan turns the answer, steps of the borrower's own that end some of what stands in the way, each
    with the rules that it moves. `warned` is an early warning that stands: no date or amount after
    its day holds once the limit has fallen.
    """

    status: Status
    asked_at: int
    amount: int
    plans: tuple[Plan, ...] = ()
    gates: tuple[str, ...] = ()
    leads: tuple[str, ...] = ()
    review_at: int | None = None
    do_nothing: Projection | None = None
    frontier_by_month: tuple[MonthFrontier, ...] = ()
    rungs: tuple[Rung, ...] = ()
    need: Need | None = None
    way_back: WayBack | None = None
    helps: tuple[Step, ...] = ()
    warned: Warned | None = None
    warnings: tuple[str, ...] = ()
