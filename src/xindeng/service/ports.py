"""Which payment rail and funder a process uses: none unless one is chosen by name."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from xindeng.adapters.sandbox_file import SandboxFile
from xindeng.kernel.errors import InputError
from xindeng.service.disburse import Ports
from xindeng.store.paths import default_home, prepare_home

SANDBOX: Final = "sandbox"
"""The rail and the funder that this program knows by itself; no real money moves."""
_FILE: Final = "sandbox.json"


def ports_of(rail: str | None, funder: str | None, home: Path | None) -> Ports | None:
    """Return the chosen ports, None where no rail is; raises InputError for an unknown name."""
    for name in (rail, funder):
        if name not in (None, SANDBOX):
            raise InputError(f"no rail or funder is called {name[:40]!r}", where="--rail, --funder")
    if rail is None:
        return None
    file = sandbox_of(home)
    return Ports(file.rail(), None if funder is None else file.funder())


def sandbox_of(home: Path | None) -> SandboxFile:
    """Return the sandbox of a home, remembered in a file beside the database."""
    return SandboxFile(prepare_home(home or default_home()) / _FILE)
