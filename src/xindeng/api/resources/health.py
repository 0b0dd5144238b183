"""How the service is: alive, ready, its figures, and the document that describes it."""

from __future__ import annotations

import msgspec
from msgspec import Raw, Struct

from xindeng.api.route import Call


class Health(Struct, frozen=True):
    """How we are; `policy` is the hash of the version in force where it was asked."""

    status: str
    policy: str = ""


def alive(call: Call) -> Health:
    """Say that the process answers; it asks nobody else."""
    return Health("ok")


def ready(call: Call) -> Health:
    """Say that the database answers too; a 503 problem where it does not."""
    engine = call.engine
    with engine.store.snapshot() as conn:
        conn.execute("SELECT 1").fetchone()
    return Health("ok", engine.policy.hash)


def metrics(call: Call) -> Raw:
    """Give the figures in Prometheus' text format; none of them tells of anybody."""
    return Raw(call.service.metrics.text())


def encoded(document: dict[str, object]) -> Raw:
    """Return a document as the bytes that are sent."""
    return Raw(msgspec.json.encode(document))
