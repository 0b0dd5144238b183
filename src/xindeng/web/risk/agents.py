"""Agents who act for many people: what was found of them. No page about a borrower tells of it."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from xindeng.service import agents
from xindeng.web.desk import by, shown
from xindeng.web.route import Go, Shown, Visit

HERE = "/risk/agents"


class FindingForm(Struct):
    """What a person found out; no borrower is to be named in it."""

    finding: Annotated[str, Meta(min_length=1, max_length=500)]


def page(visit: Visit) -> Shown:
    """Show the agents found so far: those that wait for a person first, then the newest."""
    found = sorted(agents.listed(visit.engine), key=lambda one: -one.opened_at)
    found.sort(key=lambda one: one.closed_at is not None)
    return shown(visit, HERE, found=found)


def close(visit: Visit) -> Go:
    """Keep what was found out about an agent."""
    agents.close(visit.engine, visit.names["agent"], by=by(visit), finding=visit.form.finding)
    return Go(HERE)
