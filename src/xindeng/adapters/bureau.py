"""The credit bureau by files, for rehearsals, and by a web hook of the lender's gateway."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import msgspec

from xindeng.adapters.ports import Filing
from xindeng.adapters.webhook import Webhook, read_json
from xindeng.kernel.errors import UnavailableError

_NAME: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}")


class FileBureau:
    """Reports are `FOLDER/BORROWER.json`; filings are appended to `FOLDER/filings.ndjson`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def report(self, key: str, borrower: str) -> bytes | None:
        """Return the report in the folder, None where there is none of that name."""
        if _NAME.fullmatch(borrower) is None:
            return None  # a name must not lead out of the folder
        try:
            return (self.folder / f"{borrower}.json").read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _away(self.folder, error) from error

    def file(self, filing: Filing) -> None:
        """Append the filing; a repeated key is told apart by whoever reads the file."""
        try:
            with (self.folder / "filings.ndjson").open("ab") as file:
                file.write(msgspec.json.encode(filing) + b"\n")
        except OSError as error:
            raise _away(self.folder, error) from error


class WebhookBureau:
    """Asks a hook {"kind": "report", "borrower"} and tells it {"kind": "filing", …}."""

    def __init__(self, hook: Webhook) -> None:
        self._hook = hook

    def report(self, key: str, borrower: str) -> bytes | None:
        """Return what the hook answers under `report`, None where that is null."""
        sent = msgspec.json.encode({"kind": "report", "borrower": borrower})
        answer = read_json(self._hook.post(key, sent))
        found = answer.get("report") if isinstance(answer, dict) else None
        return None if found is None else msgspec.json.encode(found)

    def file(self, filing: Filing) -> None:
        """Post the filing under its key."""
        sent = {"kind": "filing", "filing": filing}
        self._hook.post(filing.key, msgspec.json.encode(sent))


def _away(folder: Path, error: OSError) -> UnavailableError:
    return UnavailableError(
        f"the bureau's folder cannot be used: {type(error).__name__}",
        where=str(folder),
        next_step="give the folder back to this user; it is tried again",
        code="bureau.file",
    )
