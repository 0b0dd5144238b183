"""The form by which a matter is put before a person, by the borrower or by support for them."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from xindeng.events.matters import MatterCause, Way


class MatterForm(Struct):
    """What a person is to look at, and why."""

    way: Way
    cause: MatterCause = "other"
    decision: Annotated[str, Meta(max_length=64)] | None = None
    record: Annotated[str, Meta(max_length=120)] | None = None
    text: Annotated[str, Meta(max_length=500)] = ""
