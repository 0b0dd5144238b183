"""Reads the files that a person hands in: whole, bounded, and only what is a file.

A device, a pipe or a folder under a paper's name would be read without end or not at all.
"""

from __future__ import annotations

import stat
from pathlib import Path

from xindeng.intake.limits import too_large
from xindeng.kernel.errors import ImportFileError


def read_bytes(path: Path) -> bytes:
    """Return a file's bytes; raises ImportFileError for no file, no access or too many bytes."""
    try:
        about = path.stat()
        if not stat.S_ISREG(about.st_mode):
            raise ImportFileError(
                "cannot be read: a folder" if stat.S_ISDIR(about.st_mode)
                else "cannot be read: a device or a pipe, not a file",
                where=str(path), next_step="give the file itself",
            )  # fmt: skip
        too_large(about.st_size, path.name)
        with path.open("rb") as stream:
            data = stream.read(about.st_size + 1)
    except OSError as error:
        raise ImportFileError(
            f"cannot be read: {error.strerror}", where=str(path), next_step="check the path"
        ) from error
    if len(data) > about.st_size:
        raise ImportFileError(
            "the file grows while it is read", where=path.name,
            next_step="wait until it is written to its end",
        )  # fmt: skip
    return data
