"""The field types events are built from: bounded integers, short texts and closed vocabularies.

Units: amounts are integer minor units of the event's currency, instants µs, days local day
numbers, rates basis points a year. Bounds keep every later sum inside 2^53.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from xindeng.kernel.money import MAX_AMOUNT
from xindeng.kernel.time import MAX_DAY, MIN_DAY

Amount = Annotated[int, Meta(ge=0, le=MAX_AMOUNT, description="minor units (fen), not negative")]
PositiveAmount = Annotated[int, Meta(ge=1, le=MAX_AMOUNT, description="minor units (fen)")]
SignedAmount = Annotated[
    int, Meta(ge=-MAX_AMOUNT, le=MAX_AMOUNT, description="minor units (fen), may be negative")
]
Day = Annotated[int, Meta(ge=MIN_DAY, le=MAX_DAY, description="local days since 1970-01-01")]
Count = Annotated[int, Meta(ge=0, le=1_000_000)]
Months = Annotated[int, Meta(ge=0, le=600)]
BasisPoints = Annotated[int, Meta(ge=0, le=1_000_000, description="1/100 of a percent a year")]
Ppm = Annotated[int, Meta(ge=0, le=1_000_000, description="parts per million")]
# Names of people, accounts and devices arrive as keyed hashes or short labels, never as free text
# that could smuggle documents into the store.
Name = Annotated[str, Meta(min_length=1, max_length=128)]
Note = Annotated[str, Meta(max_length=500)]
# Ids that machines make and the hot state keeps: short and one byte a character.
Key = Annotated[
    str, Meta(min_length=1, max_length=64, pattern=r"^[!-~]+$", description="printable ASCII")
]

Currency = Literal["CNY", "CZK", "USD", "EUR", "JPY"]


class Payload(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Base of all payloads: immutable, named fields only, unknown fields refused."""
