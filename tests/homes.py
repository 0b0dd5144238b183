"""Where the homes of a run lie: in memory where there is plenty of it.

Each module has a database of a thousand files, and a checkpoint syncs them all: on a disk that is
minutes of a run. The server syncs in memory too, as the program demands; it costs nothing there.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

_MEMORY = Path("/dev/shm")
_PLENTY = 8 * 2**30
"""Bytes; a whole run takes about two of these eight gigabytes."""


def new_place(prefix: str) -> Path:
    """Make a folder for a home that root's server, which runs under another account, can reach."""
    plenty = _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free >= _PLENTY
    place = Path(tempfile.mkdtemp(prefix=prefix, dir=_MEMORY if plenty else None))
    place.chmod(0o711)
    return place
