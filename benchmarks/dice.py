"""DiCE (dice-ml, MIT) on the same refusals: counterfactuals of base features, judged by the policy.

The model it queries is the whole policy: features as it proposes them, everything else as the
borrower's, derived features and score computed anew. It may vary what a borrower can move. It knows
nothing of time, of cost or of which features move together, so beside validity stands the share of
borrowers with an answer in which the windows of one count at least fit into each other.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from itertools import pairwise
from typing import Any, Final

import numpy as np

from xindeng.decision.answer import Outcome
from xindeng.decision.decide import decide
from xindeng.decision.facts import Facts
from xindeng.decision.request import Request
from xindeng.features.state import State
from xindeng.language import Value
from xindeng.policy.policy import Policy

METHODS: Final = ("random", "genetic")
SEED: Final = 7
MOVABLE: Final = (
    "ext_monthly_due", "ext_balance", "ext_lenders", "ext_nonbank_lenders", "bureau_card_used",
    "bureau_open_accounts", "bureau_overdue_accounts", "bureau_overdue_amount",
    "hard_inquiries_30d", "hard_inquiries_90d", "hard_inquiries_180d", "lenders_applied_7d",
    "lenders_applied_30d", "applications_refused_90d", "days_since_purchase",
    "days_since_payment", "merchants_90d", "purchases_90d", "spending_90d", "outflow_90d",
    "instalment_purchases_90d", "instalment_amount_90d", "days_since_face_check",
)  # fmt: skip
"""Numbers that follow from what a borrower does: debts, arrears, enquiries and applications,
spending and activity, the face check."""
NESTED: Final = (
    ("hard_inquiries_30d", "hard_inquiries_90d", "hard_inquiries_180d"),
    ("lenders_applied_7d", "lenders_applied_30d"),
    ("bureau_overdue_accounts", "bureau_open_accounts"),
    ("ext_nonbank_lenders", "ext_lenders"),
)
_COUNTERFACTUALS: Final = 4


class Exhausted(Exception):
    """The peer has used up its time for one borrower."""


@dataclass(frozen=True, slots=True)
class Refused:
    """One refusal: the folded state, what was asked, when (µs)."""

    state: State
    request: Request
    at: int


@dataclass(slots=True)
class Tried:
    """How a method did: borrowers tried, with a valid answer, with a valid one that fits."""

    borrowers: int = 0
    valid: int = 0
    fitting: int = 0
    seconds: float = 0.0
    decisions: int = 0
    failures: dict[str, int] = field(default_factory=dict)

    def share(self, count: int) -> float:
        """Return a count as a share of the borrowers tried."""
        return count / self.borrowers if self.borrowers else float("nan")


def installed() -> bool:
    """Say whether the peer is there."""
    return find_spec("dice_ml") is not None


class WholePolicy:
    """The policy as a classifier of one borrower's movable features: 1 means approved."""

    def __init__(self, policy: Policy, refused: Refused) -> None:
        self.policy, self.refused = policy, refused
        kernel = policy.kernel
        self.names = [feature.name for feature in kernel.book.base]
        self.inputs = list(kernel.vector(refused.state, refused.at))
        self.holds = kernel.holds(refused.state)
        given = dict(zip(self.names, self.inputs, strict=True))
        self.places = {name: place for place, name in enumerate(self.names)}
        self.columns = [name for name in MOVABLE if given[name] is not None]
        self.query = {name: float(given[name]) for name in self.columns}  # type: ignore[arg-type]
        self.whole = {name: isinstance(given[name], int) for name in self.columns}
        self.decisions = 0
        self.end = float("inf")

    def approves(self, row: Mapping[str, float]) -> bool:
        """Put one row to the policy, whole numbers as whole numbers."""
        inputs: list[Value] = list(self.inputs)
        for name, value in row.items():
            number = max(0.0, float(value))
            inputs[self.places[name]] = round(number) if self.whole[name] else number
        self.decisions += 1
        if time.perf_counter() > self.end:
            raise Exhausted
        made = decide(self.policy, Facts(tuple(inputs), self.holds), self.refused.request,
                      self.refused.at)  # fmt: skip
        return made.outcome is Outcome.APPROVE

    def predict_proba(self, rows: Any) -> Any:
        """Return (n, 2) chances of refusal and approval; each is 0 or 1."""
        records = rows[self.columns].astype(float).to_dict("records")
        yes = np.array([self.approves(row) for row in records], dtype=float)
        return np.column_stack([1 - yes, yes])

    def predict(self, rows: Any) -> Any:
        """Return (n,) 0 or 1."""
        return self.predict_proba(rows).argmax(axis=1)


def table(policy: Policy, everyone: Sequence[Refused]) -> Any:
    """Return the movable features of a population and what the policy says of each, as a frame."""
    import pandas as pd

    kernel = policy.kernel
    names = [feature.name for feature in kernel.book.base]
    rows = []
    for one in everyone:
        inputs = kernel.vector(one.state, one.at)
        made = decide(policy, Facts(inputs, kernel.holds(one.state)), one.request, one.at)
        row = {name: value for name, value in zip(names, inputs, strict=True) if name in MOVABLE}
        rows.append({**row, "approved": int(made.outcome is Outcome.APPROVE)})
    frame = pd.DataFrame(rows).astype(float)
    return frame.fillna(frame.median()).fillna(0.0).astype({"approved": int})


def try_method(
    method: str, policy: Policy, refusals: Sequence[Refused], background: Any,
    budget_s: float, each_s: float,
) -> Tried:  # fmt: skip
    """Ask DiCE for counterfactuals of each refusal until `budget_s` is used up.

    Whoever takes longer than `each_s` for one borrower has found nothing there.
    """
    import dice_ml

    tried, end = Tried(), time.perf_counter() + budget_s
    for refused in refusals:
        if time.perf_counter() > end:
            break
        started = time.perf_counter()
        model = WholePolicy(policy, refused)
        model.end = started + each_s
        data = dice_ml.Data(
            dataframe=background[[*model.columns, "approved"]],
            continuous_features=model.columns,
            outcome_name="approved",
        )
        peer = dice_ml.Dice(data, dice_ml.Model(model=model, backend="sklearn"), method=method)
        answers = _answers(peer, method, model, tried)
        model.end = float("inf")
        valid = [row for row in answers if model.approves(row)]
        tried.borrowers += 1
        tried.valid += bool(valid)
        tried.fitting += any(fits(row) for row in valid)
        tried.decisions += model.decisions
        tried.seconds += time.perf_counter() - started
    return tried


def fits(row: Mapping[str, float]) -> bool:
    """Say whether counts that contain each other do."""
    known = ([row[name] for name in chain if name in row] for chain in NESTED)
    return all(inner <= outer for chain in known for inner, outer in pairwise(chain))


def _answers(peer: Any, method: str, model: WholePolicy, tried: Tried) -> list[dict[str, float]]:
    import pandas as pd

    np.random.seed(SEED)
    seeded = {"random_seed": SEED} if method == "random" else {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            found = peer.generate_counterfactuals(
                pd.DataFrame([model.query]), total_CFs=_COUNTERFACTUALS, desired_class=1,
                features_to_vary=model.columns, verbose=False, **seeded,
            )  # fmt: skip
        except Exception as error:
            name = type(error).__name__
            tried.failures[name] = tried.failures.get(name, 0) + 1
            return []
    frame = found.cf_examples_list[0].final_cfs_df
    if frame is None:
        return []
    rows: list[dict[str, float]] = frame[model.columns].astype(float).to_dict("records")
    return rows
