"""A policy is held to its own cases before it decides, whoever hands it in and however."""

from __future__ import annotations

from typing import Final

from xindeng.kernel.errors import InputError
from xindeng.policy.cases import failing_cases
from xindeng.policy.policy import Policy

_MOST_NAMED: Final = 5


def hold_to_cases(policy: Policy, despite: str) -> None:
    """Raise InputError "policy.cases", with the cases by name, for a policy of which cases fail.

    `despite` is why it is to decide all the same: whoever goes back to an older version in an
    emergency cannot mend its cases, as that would be another version.
    """
    if despite.strip():
        return
    found = failing_cases(policy)
    if not found:
        return
    named = [f"{one.where} {one.rule.id} #{one.number} {one.got} ≠ {one.case.expect}"
             for one in found[:_MOST_NAMED]]  # fmt: skip
    if len(found) > _MOST_NAMED:
        named.append(f"… (+{len(found) - _MOST_NAMED})")
    raise InputError(
        f"{len(found)} of its own cases fail: {'; '.join(named)}",
        where=f"policy {policy.hash[:12]}",
        next_step="mend the rule or its case; if it must decide all the same, say why in `despite` "
        "(--despite), which whoever approves it reads",
        code="policy.cases",
    )
