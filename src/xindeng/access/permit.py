"""The one call that decides whether a caller may do something, to whose things."""

from __future__ import annotations

from xindeng.access.caller import Caller
from xindeng.access.table import ACTIONS, Rule
from xindeng.kernel.errors import ForbiddenError, UnauthenticatedError
from xindeng.store import borrowers


def permit(caller: Caller | None, action: str, borrower: str | None = None) -> None:
    """Return if `caller` may do `action`, to the things of `borrower` where it concerns one.

    Raises UnauthenticatedError for nobody, ForbiddenError for a role or key that may not, and for
    another borrower's things NotFoundError, as if there were no such borrower: whether there is
    one is nobody else's business.
    """
    rule = ACTIONS[action]
    if rule.public:
        return
    if caller is None:
        raise UnauthenticatedError(
            "this needs a key, a session or a borrower's token",
            where="Authorization",
            next_step="send: Authorization: Bearer …",
        )
    if not _may(caller, rule, action):
        raise ForbiddenError(
            f"this caller may not do {action}",
            where="Authorization",
            next_step="ask an administrator for a role or key scope that allows it",
            code="forbidden.action",
        )
    if caller.kind == "borrower" and borrower is not None and borrower != caller.borrower:
        raise borrowers.unknown(borrower)


def _may(caller: Caller, rule: Rule, action: str) -> bool:
    if not caller.roles & rule.roles:
        return False
    return caller.kind != "service" or any(opens(scope, action) for scope in caller.scopes)


def opens(scope: str, action: str) -> bool:
    """Say whether a key's scope covers an action: by name, by its first part, or all."""
    return scope in ("*", action, action.partition(".")[0] + ".*")
