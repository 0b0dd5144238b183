"""The system's Chromium, driven by playwright; without it these tests are skipped, loudly."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest

FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip


def chromium() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome")
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A browser for one module: its event loop runs as long as it lives, and a later module of the
    same process may want one of its own, as the worker does."""
    path = chromium()
    if path is None:
        reason = "NO CHROMIUM: pages were not tried in a browser; install chromium or set CHROMIUM"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        driven = started.chromium.launch(executable_path=path, args=FLAGS)
        yield driven
        driven.close()
