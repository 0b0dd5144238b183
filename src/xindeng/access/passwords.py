"""Which passwords are taken: long ones, of any characters, that nobody would try first."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Final

from xindeng.kernel.errors import InputError, UnavailableError

SHORTEST: Final = 12
LONGEST: Final = 256
_LEAST_DIFFERENT: Final = 5
WORDS: Final = ("xindeng", "信灯", "password", "passw0rd", "support", "analyst", "approver",
                "administrator", "welcome", "letmein", "qwerty", "iloveyou", "woaini")  # fmt: skip
"""What a guesser tries first here; a password that is little else than one of them is refused."""
_RUNS: Final = ("abcdefghijklmnopqrstuvwxyz", "01234567890123456789", "qwertyuiopasdfghjklzxcvbnm")
_RUN: Final = 6


def check(name: str, password: str) -> None:
    """Raise InputError for a password that could be guessed; it says why, never with what.

    `XINDENG_BAD_PASSWORDS` names a file of further ones, a line each, such as a list of breached
    passwords; raises UnavailableError where it cannot be read.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise _refused(f"a password has {SHORTEST} to {LONGEST} characters")
    lower = password.lower()
    if len(set(lower)) < _LEAST_DIFFERENT:
        raise _refused("a password of so few different characters is guessed at once")
    rest = lower
    for word in (name.lower().partition("@")[0], *WORDS):
        rest = rest.replace(word, "") if len(word) > 2 else rest
    for run in _RUNS:
        for start in range(len(run) - _RUN + 1):
            rest = rest.replace(run[start : start + _RUN], "")
    if len(rest) < SHORTEST // 2:
        raise _refused("little is left of this password without what anybody would try first")
    if lower in _bad(os.environ.get("XINDENG_BAD_PASSWORDS", "")):
        raise _refused("this password is known to others")


@cache
def _bad(path: str) -> frozenset[str]:
    if not path:
        return frozenset()
    try:
        lines = Path(path).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError as error:
        raise UnavailableError(
            f"the list of bad passwords cannot be read: {type(error).__name__}",
            where="XINDENG_BAD_PASSWORDS",
            next_step="give the file back, or unset it",
            code="staff.bad_passwords",
        ) from error
    return frozenset(line.strip().lower() for line in lines if len(line.strip()) >= SHORTEST)


def _refused(what: str) -> InputError:
    return InputError(
        what,
        where="password",
        next_step="take a long sentence, or let a password manager make one",
        code="staff.password",
    )
