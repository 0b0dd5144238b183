"""The files that pages load: our own style, scripts and picture, named by their content.

A name that tells the content may be kept by browsers for good.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

_MEDIA: Final = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
PREFIX: Final = "/assets/"


@dataclass(frozen=True, slots=True)
class Asset:
    """A file as it is sent."""

    name: str
    body: bytes
    media: str


@cache
def assets() -> dict[str, Asset]:
    """Return every file by the name under which it is asked for."""
    return {one.name: one for one in _by_plain_name().values()}


def place(plain: str) -> str:
    """Return the path of a file, e.g. of app.css; raises KeyError for one that is not there."""
    return PREFIX + _by_plain_name()[plain].name


@cache
def _by_plain_name() -> dict[str, Asset]:
    found = {}
    for one in (files("xindeng.web") / "static").iterdir():
        stem, _, ending = one.name.rpartition(".")
        if ending in _MEDIA:
            body = one.read_bytes()
            digest = hashlib.sha256(body).hexdigest()[:12]
            found[one.name] = Asset(f"{stem}.{digest}.{ending}", body, _MEDIA[ending])
    return found
