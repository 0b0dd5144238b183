"""How the service is: alive, ready, its figures, and the document that describes it."""

from __future__ import annotations

import msgspec
from msgspec import Raw, Struct

from xindeng.api.route import Call
from xindeng.api.shapes import Instant
from xindeng.service import sealing


class Health(Struct, frozen=True):
    """How we are: whether the process answers."""

    status: str


class Readiness(Struct, frozen=True, kw_only=True):
    """Whether we can answer; `policy` is the hash of the version in force.

    `sealed_at` is when the audit was last sealed, `unsealed_seconds` for how long at most something
    has been waiting for the next seal: until then it could be rewritten without a trace. Null
    before the first seal.
    """

    status: str
    policy: str
    sealed_at: Instant | None
    unsealed_seconds: float | None


def alive(call: Call) -> Health:
    """Say that the process answers; it asks nobody else."""
    return Health("ok")


def ready(call: Call) -> Readiness:
    """Say that the database answers too; a 503 problem where it does not."""
    engine = call.engine
    at, waiting = sealing.window(engine)
    return Readiness(
        status="ok", policy=engine.policy.hash, unsealed_seconds=waiting,
        sealed_at=Instant.maybe(at, engine.policy.zone),
    )  # fmt: skip


def metrics(call: Call) -> Raw:
    """Give the figures in Prometheus' text format; none of them tells of anybody."""
    return Raw(call.service.metrics.text())


def encoded(document: dict[str, object]) -> Raw:
    """Return a document as the bytes that are sent."""
    return Raw(msgspec.json.encode(document))
