"""How a challenger runs, as data: on whom, for how long, and the guard rails that stop it."""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta, Struct

from xindeng.kernel.errors import InputError, PolicyError, Problem
from xindeng.kernel.money import MAX_AMOUNT
from xindeng.policy.source import read_yaml

BUCKETS: Final = 1_000
RateName = Literal["approval", "review", "fpd1", "fpd7", "slow", "errors"]
MoneyName = Literal["at_risk", "loss"]
_Many = Annotated[int, Meta(ge=1, le=1_000_000)]


class _Rail(Struct, frozen=True, kw_only=True, tag_field="kind", forbid_unknown_fields=True):
    """Base of all rails; the tag names the kind."""


class Rate(_Rail, frozen=True, kw_only=True, tag="rate"):
    """A share that must stay within `most`.

    `approval` is by how much more or less of the borrowers it approves than the champion on the
    same facts, `review` how much more of them wait for a person; `fpd1` and `fpd7` which share of
    its loans is 1 or 7 days late on the first instalment; `slow` which share of its decisions took
    longer than `ms`; `errors` which share it failed to decide. One that keeps within `most` is
    stopped by the rail with a probability of at most `risk`, however often it is looked at, and
    never on fewer than `least`.
    """

    rail: RateName
    most: Annotated[float, Meta(gt=0, lt=1)]
    risk: Annotated[float, Meta(gt=0, le=0.1)] = 0.001
    least: _Many = 50
    ms: _Many = 50


class Money(_Rail, frozen=True, kw_only=True, tag="money"):
    """An amount (minor units) that must not be passed: `at_risk` is what is owed or on its way on
    the challenger's approvals, `loss` the part of it that is `days` late or written off."""

    rail: MoneyName
    most: Annotated[int, Meta(ge=0, le=MAX_AMOUNT)]
    days: Annotated[int, Meta(ge=1, le=365)] = 30


Rail = Rate | Money


class Terms(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a challenger runs.

    A `shadow` is decided afterwards and never acted upon; a `live` one decides for `share` per
    mille of the borrowers. `segment` limits it to one of the champion's segments. It ends by itself
    after `days`.
    """

    mode: Literal["shadow", "live"] = "shadow"
    share: Annotated[int, Meta(ge=1, le=BUCKETS, description="per mille of borrowers")] = BUCKETS
    segment: Annotated[str, Meta(max_length=64)] = ""
    days: Annotated[int, Meta(ge=1, le=366)] = 30
    rails: Annotated[tuple[Rail, ...], Meta(max_length=20)] = ()


encode: Final = msgspec.msgpack.Encoder().encode
decode: Final = msgspec.msgpack.Decoder(Terms).decode


def read_rails(raw: bytes, where: str) -> tuple[Rail, ...]:
    """Return the guard rails of a YAML list; raises PolicyError, InputError."""
    problems: list[Problem] = []
    found = read_yaml(where, raw, problems)
    if problems:
        raise PolicyError(problems)
    return rails_of(found, where)


def rails_of(plain: object, where: str) -> tuple[Rail, ...]:
    """Return the guard rails of plain lists and mappings; raises InputError."""
    try:
        return msgspec.convert(plain, tuple[Rail, ...])
    except msgspec.ValidationError as error:
        raise InputError(
            f"no guard rails: {error}",
            where=where,
            next_step="write a list as in docs/how-to/run-a-challenger.md",
            code="challenger.rails",
        ) from error
