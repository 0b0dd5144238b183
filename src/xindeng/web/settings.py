"""What the pages are told when they start: demo or not, where borrowers sign in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from xindeng.lab.personas import Persona


@dataclass(frozen=True, slots=True)
class Demo:
    """The demo: whom one may be, and how a credential for one of them is made.

    `enter` takes a borrower's id or the name of a desk and returns the credential.
    """

    personas: tuple[Persona, ...]
    desks: tuple[str, ...]
    enter: Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Site:
    """The site as a whole. `sign_in_at` is the lender's own page where borrowers sign in.

    Cookies are sent over TLS only, but in a demo on loopback, where some browsers would drop them.
    """

    demo: Demo | None = None
    sign_in_at: str = ""
    secure: bool = field(default=True)
    series: Path | None = None
    """The folder or file of the monthly series that the stance follows, if any."""
