"""What every page of a desk has around it: the rooms that its visitor may enter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from xindeng.access.caller import Caller
from xindeng.access.permit import permit
from xindeng.kernel.errors import XindengError
from xindeng.service.finding import mask
from xindeng.web.route import Shown, Visit
from xindeng.web.terms import Terms


def _(text: str) -> str:
    """Mark a text for the catalogues."""
    return text


ROOMS: Final = (
    ("/desk", _("Find somebody"), "borrower.read"),
    ("/desk/queue", _("Waiting for a person"), "matter.queue"),
    ("/desk/proposals", _("Four eyes"), "proposal.read"),
    ("/risk", _("Portfolio"), "monitoring.read"),
    ("/risk/policy", _("Policy"), "policy.read"),
    ("/risk/parameters", _("Parameters"), "policy.read"),
    ("/risk/models", _("Models"), "policy.read"),
    ("/risk/our-side", _("Our side"), "platform.read"),
    ("/risk/ties", _("Ties"), "network.read"),
    ("/risk/agents", _("Agents"), "agent.read"),
    ("/risk/audit", _("Who did what"), "audit.read"),
)
"""Path, name and the action of the rooms of the desks, as they stand in the head."""


def rooms_of(caller: Caller | None, say: Callable[[str], str]) -> list[tuple[str, str]]:
    """Return path and name of the rooms that open to a caller."""

    def opens(action: str) -> bool:
        try:
            permit(caller, action)
        except XindengError:
            return False
        return True

    return [(path, say(name)) for path, name, action in ROOMS if opens(action)]


def shown(visit: Visit, here: str, /, template: str = "", status: int = 200, **what: Any) -> Shown:
    """Return a page of a desk; `here` is its place among the rooms."""
    about = what.get("version")
    policy = about.policy if about is not None else visit.engine.policy
    around = {
        "terms": Terms(visit.look, policy), "home": visit.engine.policy.zone.name,
        "here": here, "rooms": rooms_of(visit.caller, visit.say), "mask": mask,
        "currency": visit.engine.policy.currency,
        "may": visit.may, "now": visit.engine.clock(),
    }  # fmt: skip
    return Shown({**around, **what}, template, status)


def today(visit: Visit) -> int:
    """Return the local day."""
    return visit.engine.policy.zone.day(visit.engine.clock())


def by(visit: Visit) -> str:
    """Return the name under which what the visitor does is kept."""
    assert visit.caller is not None
    return visit.caller.actor
