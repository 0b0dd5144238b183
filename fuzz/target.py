"""What all targets share: bytes become a file in memory's reach, and one importer reads it."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from xindeng.kernel.errors import ImportFileError


def over_file(read: Callable[[Path], object], name: str) -> Callable[[bytes], bool]:
    """Return a target that hands its bytes to `read` as a file called `name`.

    The target returns whether the file was understood.
    """
    folder = Path(tempfile.mkdtemp(prefix="xindeng-fuzz-"))

    def one_input(data: bytes) -> bool:
        path = folder / name
        path.write_bytes(data)
        try:
            read(path)
        except ImportFileError as error:
            if not error.where or not error.next_step:
                raise AssertionError(f"an error without a place or a next step: {error}") from error
            return False
        return True

    return one_input


def main(one_input: Callable[[bytes], bool]) -> None:
    """Run a target until it finds something or is stopped."""
    import atheris  # type: ignore[import-not-found]

    atheris.instrument_all()
    atheris.Setup(sys.argv, lambda data: one_input(data) and None)
    atheris.Fuzz()
