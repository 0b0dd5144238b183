"""Who is asking: a program with a key, a member of staff, or a borrower."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class Role(StrEnum):
    """What a caller is to us; the access table says what each may do."""

    borrower = "borrower"
    support = "support"
    analyst = "analyst"
    approver = "approver"
    admin = "admin"
    service = "service"


STAFF_ROLES = frozenset({Role.support, Role.analyst, Role.approver, Role.admin})
"""The roles that people who sign in here may have."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody whose key, session or token was verified.

    `borrower` is who they are where they are one; `scopes` are the actions that a program's key
    opens, each by name, by its first part (`draw.*`), or all (`*`).
    """

    kind: Literal["service", "staff", "borrower"]
    id: str
    roles: frozenset[Role]
    borrower: str | None = None
    scopes: frozenset[str] = frozenset()

    @property
    def actor(self) -> str:
        """Return the name under which their actions are recorded."""
        return f"{self.kind}:{self.id}"

    @property
    def staff(self) -> bool:
        """Say whether it is a person who signed in here."""
        return self.kind == "staff"
