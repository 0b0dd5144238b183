"""Proposals: what one person asked for and another judges."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec
from msgspec import Struct

from xindeng.kernel.errors import PolicyError
from xindeng.policy.bundle import load
from xindeng.service import backtests, changes, proposals
from xindeng.service.proposals import Proposal
from xindeng.store import policies
from xindeng.web.bundles import Changed, changed_of, version_of
from xindeng.web.cautions import Cautions, cautions_of
from xindeng.web.desk import by, shown, today
from xindeng.web.route import Go, Shown, Visit

MOST_PAST = 50


class JudgeForm(Struct):
    """Approving carries it out at once."""

    verdict: Literal["approved", "refused"]


def page(visit: Visit) -> Shown:
    """Show what waits to be judged, and what was judged lately."""
    every = proposals.listed(visit.engine, waiting=False)
    waiting = [one for one in every if one.state == "open"]
    past = [one for one in reversed(every) if one.state != "open"][:MOST_PAST]
    return shown(visit, "/desk/proposals", waiting=waiting, past=past, me=by(visit),
                 detail=detail)  # fmt: skip


def one(visit: Visit) -> Shown:
    """Show one proposal: what it would do, and why."""
    found = proposals.read(visit.engine, visit.names["proposal"])
    return shown(
        visit, "/desk/proposals", found=found, row=found.row, me=by(visit), detail=detail,
        changed=_changed(visit, found), cautions=_cautions(visit, found),
        report=_report(visit, found),
    )  # fmt: skip


def judge(visit: Visit) -> Go:
    """Approve what another proposed, which carries it out, or refuse it."""
    ident = visit.names["proposal"]
    proposals.judge(visit.engine, ident, visit.form.verdict, by=by(visit))
    return Go(f"/desk/proposals/{ident}")


def detail(found: Proposal) -> list[tuple[str, object]]:
    """Return what a change holds, name by name; bundles are shown by their differences."""
    change = found.change
    if change is None:
        return []
    told: list[tuple[str, object]] = [
        (name, getattr(change, name)) for name in change.__struct_fields__
        if name not in ("files", "borrower", "terms") and getattr(change, name) not in ("", 0, None)
    ]  # fmt: skip
    if isinstance(change, changes.RunChallenger):
        terms = msgspec.to_builtins(change.terms)
        told += [(name, value) for name, value in terms.items() if value != ""]
    return told + ([("files", len(change.files))] if isinstance(change, changes.Bundled) else [])


def _report(visit: Visit, found: Proposal) -> str | None:
    """Return the backtest that a proposed policy rests on, None where it has none here."""
    change = found.change
    return backtests.of_digest(visit.engine, change.backtest) if (
        isinstance(change, changes.Publish)) else None  # fmt: skip


def _changed(visit: Visit, found: Proposal) -> Changed | None:
    """Return how the policy proposed differs from the one in force; None for any other change."""
    change = found.change
    if not isinstance(change, changes.Bundled) or not visit.may("policy.read"):
        return None
    files = _files(visit, change)
    now = version_of(visit)
    return changed_of(now.files, files, visit.lang, now.policy.currency)


def _cautions(visit: Visit, found: Proposal) -> Cautions | None:
    """Return what whoever judges a policy proposed is warned of; None for any other change."""
    change = found.change
    if not isinstance(change, changes.Bundled) or found.state != "open":
        return None
    if not visit.may("policy.read"):
        return None
    try:
        after = load(_files(visit, change))
    except PolicyError:  # stored by an older version of the engine; it cannot be put in force
        return None
    return cautions_of(visit.engine.policy, after, today(visit))


def _files(visit: Visit, change: changes.Bundled) -> Mapping[str, bytes]:
    """Return the bundle that a change holds, or names by its version."""
    if not change.version:
        return {path: text.encode() for path, text in change.files.items()}
    with visit.engine.store.snapshot() as conn:
        return policies.get(conn, change.version)
