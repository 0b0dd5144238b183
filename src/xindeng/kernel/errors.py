"""Every error a caller can meet.

    XindengError              500  a fault of ours
    ├── InputError            422  what was sent cannot be accepted
    │   ├── ExpressionError        a condition or derived feature
    │   ├── EventError             an event
    │   ├── PolicyError            a policy bundle; carries all its problems
    │   ├── KeyUsedError           an idempotency key that stands for another request
    │   └── ImportFileError        a bill, report or table that a person handed in
    ├── UnauthenticatedError  401  nobody knows who is asking
    ├── NotFoundError         404  no such borrower, decision or policy
    ├── ErasedError           410  it existed and was erased on request
    ├── ConflictError         409  somebody else was faster, or the order is wrong
    │   └── BusyError              somebody else is at it right now; carries when to come back
    ├── ForbiddenError        403  not yours, or not by you alone
    ├── TooManyError          429  a limit was reached; carries when to come back
    └── UnavailableError      503  a part we need is away; nothing was changed

Each error says what is wrong, where, and what to do next, and has a stable dotted `code` that
programs may compare.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal


class XindengError(Exception):
    """Base of all errors: `what` went wrong, `where`, and the `next_step`."""

    status: ClassVar[int] = 500
    default_code: ClassVar[str] = "internal"
    retry_after_s: int | None = None
    """After how many seconds the same call is worth repeating, None where it is not."""
    language: Literal["en", "zh"] = "en"
    """What its words are in; what a person handed in is refused in their language."""

    def __init__(
        self, what: str, *, where: str = "", next_step: str = "", code: str | None = None
    ) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.next_step = next_step
        self.code = code or self.default_code

    def __str__(self) -> str:
        """Return "where: what (next step)", leaving out what is empty."""
        colon, then = ("：", "下一步：") if self.language == "zh" else (": ", "next: ")
        head = f"{self.where}{colon}{self.what}" if self.where else self.what
        return f"{head}\n  {then}{self.next_step}" if self.next_step else head


class InputError(XindengError):
    """What was sent cannot be accepted; nothing was stored."""

    status = 422
    default_code = "input"


class ExpressionError(InputError):
    """A refused expression; `column` is the 1-based character where the trouble stands."""

    default_code = "expression"

    def __init__(
        self,
        what: str,
        *,
        where: str = "",
        next_step: str = "",
        code: str | None = None,
        column: int = 1,
    ) -> None:
        super().__init__(what, where=where, next_step=next_step, code=code)
        self.column = column

    def __str__(self) -> str:
        """Return the message with the column after the place."""
        place = f"{self.where}, column {self.column}" if self.where else f"column {self.column}"
        text = f"{place}: {self.what}"
        return f"{text}\n  next: {self.next_step}" if self.next_step else text


class EventError(InputError):
    """A refused event; `where` names the event type and field."""

    default_code = "event"


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding in a policy bundle: `path:line`, what is wrong, what to do, and a code."""

    path: str
    line: int
    code: str
    what: str
    next_step: str = ""

    def __str__(self) -> str:
        """Return "path:line: what [code]" and the next step below it."""
        text = f"{self.path}:{self.line}: {self.what} [{self.code}]"
        return f"{text}\n  next: {self.next_step}" if self.next_step else text


class PolicyError(InputError):
    """A bundle that does not check; `problems` holds every finding, not only the first."""

    default_code = "policy"

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        head = f"the policy has {count} problem{'' if count == 1 else 's'}"
        super().__init__("\n".join([head, *map(str, self.problems)]))


class KeyUsedError(InputError):
    """The idempotency key stands for another request already; nothing was changed."""

    default_code = "idempotency.other_request"

    def __init__(self, of: str = "request") -> None:
        super().__init__(
            f"this idempotency key was used for another {of}",
            where="Idempotency-Key",
            next_step="send the first one unchanged to get its answer, or use a new key",
        )


class ImportFileError(InputError):
    """A file a person handed in that cannot be read; `where` names file and line."""

    default_code = "import"


class UnauthenticatedError(XindengError):
    """The caller showed no key, token or session that is known and in force."""

    status = 401
    default_code = "unauthenticated"


class NotFoundError(XindengError):
    """No such borrower, decision, policy or file."""

    status = 404
    default_code = "not_found"


class ErasedError(XindengError):
    """The record existed and its key was destroyed on request; only the tombstone is left."""

    status = 410
    default_code = "erased"


class ConflictError(XindengError):
    """The record moved on meanwhile, or does not allow it as it stands."""

    status = 409
    default_code = "conflict"


class BusyError(ConflictError):
    """Another request has this record in hand; nothing was changed."""

    default_code = "busy"
    retry_after_s = 2


class ForbiddenError(XindengError):
    """The caller may not do this, or not alone."""

    status = 403
    default_code = "forbidden"


class TooManyError(XindengError):
    """A rate limit; `retry_after_s` is in seconds."""

    status = 429
    default_code = "too_many"

    def __init__(self, what: str, *, retry_after_s: int, where: str = "") -> None:
        super().__init__(what, where=where, next_step=f"try again in {retry_after_s} seconds")
        self.retry_after_s = retry_after_s


class UnavailableError(XindengError):
    """A part we need is away; nothing was changed and the call may be repeated."""

    status = 503
    default_code = "unavailable"
    retry_after_s = 2
