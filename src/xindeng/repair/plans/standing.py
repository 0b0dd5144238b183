"""What kind of answer a borrower gets before any plan is looked for.

verify_first comes before everything: where safety stops a draw nothing else is told, and nothing
is searched. Then refusals that neither acts nor time move, our own side, and hardship, in which
help comes before borrowing. All of it follows from the rules in the way and their repair actions.
"""

from __future__ import annotations

from typing import Final

from xindeng.decision.answer import Outcome
from xindeng.decision.board import board_of
from xindeng.decision.explain import is_veiled
from xindeng.policy.model import Rule
from xindeng.repair.plans.actions import ACTIONS, LEADS, WITHOUT_ACTS
from xindeng.repair.plans.case import Case
from xindeng.repair.plans.plan import Status

HELP: Final = "seek_hardship_help"
_REFUSING: Final = frozenset({"decline", "cap", "zero_limit"})


def status_before(case: Case) -> Status | None:
    """Return the status of a request for which no plan is looked for, else None."""
    first = case.first
    if first.outcome is Outcome.APPROVE:
        return "approved"
    if case.value("security_hold") is True or is_veiled(board_of(case.policy), first):
        return "verify_first"
    if any(_fixed(case, rule) for rule in gates_of(case)):
        return "fixed"
    if hardship(case):
        return "hardship"
    return "our_side" if first.our_side else None


def gates_of(case: Case) -> list[Rule]:
    """Return the rules in the way, in the policy's order."""
    return [case.policy.rule_by_id[gate] for gate in case.gates]


def fixed_gates(case: Case) -> tuple[str, ...]:
    """Return the rules in the way that neither an act nor time moves."""
    return tuple(rule.id for rule in gates_of(case) if _fixed(case, rule))


def leads_of(case: Case) -> tuple[str, ...]:
    """Return the leads that the rules in the way name, hardship help first; who borrows to repay is
    told of help in any case."""
    named = {name for rule in gates_of(case) for name in rule.repair}
    if case.request.purpose == "repay_loans":
        named.add(HELP)  # a draw to pay a draw helps nobody
    found = [name for name in (HELP, "contact_support") if name in named & LEADS]
    return tuple(found)


def hardship(case: Case) -> bool:
    """Say whether help comes before borrowing.

    It does where a rule in the way names hardship help first and nothing else that the borrower
    could do, or names it first while income fell away or is none.
    """
    for rule in gates_of(case):
        if not rule.repair or rule.repair[0] != HELP:
            continue
        if not _own(rule) or case.value("income_fell") is True:
            return True
        income = case.value("monthly_income")
        if isinstance(income, int) and income <= 0:
            return True
    return False


def reviewed_by_person(case: Case) -> bool:
    """Say whether what stands in the way is a person's to decide."""
    paused = case.value("block_hold") is True or case.value("hold_cap") is not None
    asked = any(rule.effect == "review" for rule in gates_of(case))
    return paused or asked or case.first.outcome is Outcome.REVIEW


def _fixed(case: Case, rule: Rule) -> bool:
    still = bool(case.unmoved >> case.policy.rule_index[rule.id] & 1)
    helped = _own(rule) or not WITHOUT_ACTS.isdisjoint(rule.repair) or HELP in rule.repair
    return rule.effect in _REFUSING and still and not helped


def _own(rule: Rule) -> frozenset[str]:
    """Return the rule's repair actions that a plan can hold."""
    return frozenset(rule.repair) & frozenset(ACTIONS)
