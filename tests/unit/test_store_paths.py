"""Secrets made on first use: whole or not at all, the same for all who start together."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from xindeng.store.paths import secret_file


def test_processes_that_start_together_read_one_whole_secret(tmp_path: Path) -> None:
    for round_ in range(20):
        path = tmp_path / f"key{round_}"
        with ThreadPoolExecutor(8) as pool:
            found = set(pool.map(lambda _, p=path: secret_file(p), range(8)))
        assert len(found) == 1 and len(found.pop()) == 32
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not list(tmp_path.glob(".key*"))
