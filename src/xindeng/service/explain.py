"""Say why: a stored decision in the words of one audience, as of the day it was made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xindeng.decision import explain as pure
from xindeng.decision.answer import EarliestYes, Outcome
from xindeng.decision.board import board_of
from xindeng.decision.explanation import Explanation
from xindeng.decision.words import Language
from xindeng.events.catalogue import CATALOGUE
from xindeng.policy.policy import Policy
from xindeng.repair.ahead.habits import habits
from xindeng.repair.ahead.wait import earliest_yes
from xindeng.repair.dossier import last_report
from xindeng.service.engine import Engine
from xindeng.servicing.hold_book import standing_holds
from xindeng.store import borrowers, decisions
from xindeng.store.decisions import StoredDecision


def explain(
    engine: Engine, decision_id: str, *, audience: str = "borrower", lang: str = "zh"
) -> Explanation:
    """Explain a stored decision under the policy version, the facts and the platform of its time.

    Raises NotFoundError, ErasedError, InputError for an unknown audience or language, ConflictError
    under a policy of another currency, XindengError "store.integrity" for changed bytes.
    """
    return explanations(engine, decision_id, (audience,), lang)[0]


def explanations(
    engine: Engine, decision_id: str, audiences: Sequence[str], lang: str
) -> list[Explanation]:
    """Return what each of several audiences is told, looking back once; raises as `explain`."""
    seen = _look_back(engine, decision_id)
    return [
        pure.explain(
            seen.policy,
            seen.stored.decision,
            audience=audience,
            lang=lang,
            as_of=seen.as_of,
            earliest_yes=seen.waiting,
            product=seen.stored.request.product,
        )
        for audience in audiences
    ]


@dataclass(frozen=True, slots=True)
class Line:
    """A decision in one line for its borrower; `veiled` where they are told only to verify."""

    stored: StoredDecision
    text: str
    veiled: bool


def in_a_line(engine: Engine, found: Sequence[StoredDecision], lang: Language) -> list[Line]:
    """Return decisions in a line each, under the policy versions of their times."""
    with engine.store.snapshot() as conn:
        policies = {one.decision.policy_hash: engine.policy_of(conn, one.decision.policy_hash)
                    for one in found}  # fmt: skip
    lines = []
    for one in found:
        policy = policies[one.decision.policy_hash]
        veiled = pure.is_veiled(board_of(policy), one.decision)
        lines.append(Line(one, pure.headline(policy, one.decision, lang), veiled))
    return lines


def verify_first(engine: Engine, stored: StoredDecision) -> bool:
    """Say whether the borrower is told of a decision only to have the account verified."""
    policy_hash = stored.decision.policy_hash
    policy = engine.loaded(policy_hash)
    if policy is None:
        with engine.store.snapshot() as conn:
            policy = engine.policy_of(conn, policy_hash)
    return pure.is_veiled(board_of(policy), stored.decision)


def waiting(engine: Engine, decision_id: str) -> EarliestYes | None:
    """Return what waiting would have brought as of a stored decision; None if it was approved.

    Raises as `explain` does.
    """
    return _look_back(engine, decision_id).waiting


def outcome(engine: Engine, decision_id: str) -> Outcome:
    """Return what a stored decision said in a word; raises NotFoundError."""
    with engine.store.snapshot() as conn:
        return Outcome(decisions.read(conn, decision_id).column("outcome"))


@dataclass(frozen=True, slots=True)
class _Seen:
    """A stored decision with what can be worked out from the events that came before it."""

    stored: StoredDecision
    policy: Policy
    as_of: dict[str, int]
    waiting: EarliestYes | None


def _look_back(engine: Engine, decision_id: str) -> _Seen:
    with engine.store.snapshot() as conn:
        sealed = decisions.read(conn, decision_id)
        chain = borrowers.read(conn, engine.store.keys, sealed.column("borrower"))
        engine.check_currency(chain)
        stored = sealed.unseal(chain.key)
        decision = stored.decision
        policy = engine.policy_of(conn, decision.policy_hash)
        *past, asked = engine.history(conn, chain, below=stored.seq + 1)
        platform = engine.platform.at(conn, stored.platform_seq)
    state = policy.kernel.rebuild(past)
    dates = {name: policy.kernel.as_of(state, name) for name in CATALOGUE}
    found = None
    if decision.outcome is not Outcome.APPROVE:
        policy.kernel.fold(state, asked)  # a refusal that counts holds up the next try too
        found = earliest_yes(
            policy,
            state,
            platform,
            stored.request,
            decision.now,
            habits=habits(past, decision.now),
            held=standing_holds(past),
            report=last_report(past),
        )
    as_of = {name: at for name, at in dates.items() if at is not None}
    return _Seen(stored, policy, as_of, found)
