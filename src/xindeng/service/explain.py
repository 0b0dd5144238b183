"""Say why: a stored decision in the words of one audience, as of the day it was made."""

from __future__ import annotations

from xindeng.decision import explain as pure
from xindeng.decision.answer import Outcome
from xindeng.decision.explanation import Explanation
from xindeng.events.catalogue import CATALOGUE
from xindeng.repair.wait import earliest_yes
from xindeng.service.engine import Engine
from xindeng.store import borrowers, decisions


def explain(
    engine: Engine, decision_id: str, *, audience: str = "borrower", lang: str = "zh"
) -> Explanation:
    """Explain a stored decision under the policy version, the facts and the platform of its time.

    Raises NotFoundError, ErasedError, InputError for an unknown audience or language, XindengError
    "store.integrity" for changed bytes.
    """
    with engine.store.snapshot() as conn:
        sealed = decisions.read(conn, decision_id)
        chain = borrowers.read(conn, engine.store.keys, sealed.column("borrower"))
        stored = sealed.unseal(chain.key)
        decision = stored.decision
        policy = engine.policy_of(conn, decision.policy_hash)
        state = engine.rebuild(conn, chain, policy, below=stored.seq)
        platform = engine.platform.at(conn, stored.platform_seq)
    dates = {name: policy.kernel.as_of(state, name) for name in CATALOGUE}
    waiting = None
    if decision.outcome is not Outcome.APPROVE:
        waiting = earliest_yes(policy, state, platform, stored.request, decision.now)
    return pure.explain(
        policy,
        decision,
        audience=audience,
        lang=lang,
        as_of={name: at for name, at in dates.items() if at is not None},
        earliest_yes=waiting,
    )
