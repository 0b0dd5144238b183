"""The alternatives that ship with xindeng, or a person's own file of offers in their place."""

from __future__ import annotations

from pathlib import Path

from xindeng.kernel.errors import NotFoundError
from xindeng.policy.source import MAX_FILE_BYTES
from xindeng.repair.alternatives.offers import OFFERS, PARAMETERS, Reference, read_reference
from xindeng.service.policies import shipped_folder


def load_alternatives(offers: Path | None = None) -> Reference:
    """Return the shipped offers and parameters; `offers` replaces the shipped offers.

    Raises NotFoundError if a file is not there, ImportFileError with every problem as file:line.
    """
    root = shipped_folder("alternatives")
    files = {OFFERS: offers or root / OFFERS, PARAMETERS: root / PARAMETERS}
    return read_reference(
        {name: _read(path) for name, path in files.items()},
        OFFERS if offers is None else offers.name,
    )


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            # One byte more than the limit is enough for the reader to say that it is too large.
            return stream.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise NotFoundError(
            f"no file of offers at {path.name!r}", next_step="check the path of the offers file"
        ) from error
