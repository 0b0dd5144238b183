"""Which payment rail, funder, bureau and notifier a process uses: none that is not chosen."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from xindeng.adapters.bureau import FileBureau, WebhookBureau
from xindeng.adapters.notifier import FileNotifier
from xindeng.adapters.ports import Bureau, Notifier
from xindeng.adapters.sandbox_file import SandboxFile
from xindeng.adapters.webhook import Hook, Webhook, WebhookNotifier
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


def hook_of(url: str, told: Mapping[str, str]) -> Webhook:
    """Return the web hook of a URL; its secret is XINDENG_HOOK_SECRET, and private addresses are
    called only with XINDENG_HOOK_PRIVATE=1. Raises InputError."""
    private = told.get("XINDENG_HOOK_PRIVATE") == "1"
    return Webhook(Hook(url, told.get("XINDENG_HOOK_SECRET", ""), allow_private=private))


def bureau_of(place: str | None, told: Mapping[str, str]) -> Bureau | None:
    """Return the credit bureau: a web hook by its URL, a folder by its path, or none."""
    if place is None:
        return None
    if place.partition("://")[0] in ("http", "https"):
        return WebhookBureau(hook_of(place, told))
    return FileBureau(Path(place))


def notifier_of(place: str | None, told: Mapping[str, str], default: Path) -> Notifier:
    """Return who delivers notices: a web hook by its URL, else a file."""
    if place is not None and place.partition("://")[0] in ("http", "https"):
        return WebhookNotifier(hook_of(place, told))
    return FileNotifier(Path(place) if place else default)


def sandbox_of(home: Path | None) -> SandboxFile:
    """Return the sandbox of a home, remembered in a file beside the database."""
    return SandboxFile(prepare_home(home or default_home()) / _FILE)
