"""Policies tried beside the one in force: proposed from a draft, compared, stopped at once."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from xindeng.service import challengers, proposals
from xindeng.service.challenger_report import compare
from xindeng.service.challenger_terms import BUCKETS, Money, Terms
from xindeng.service.changes import RunChallenger
from xindeng.service.guard_rails import Reading
from xindeng.web.bundles import version_of
from xindeng.web.desk import by, shown
from xindeng.web.risk.edit import DraftForm, draft_of
from xindeng.web.route import Go, Shown, Visit

HERE = "/risk/challengers"


class ChallengerForm(DraftForm):
    """A draft to be tried beside the version it rests on: on whom, for how long, and why;
    `despite` cases that fail."""

    name: Annotated[str, Meta(max_length=64)] = ""
    arm: Literal["shadow", "live"] = "shadow"
    share: Annotated[int, Meta(ge=1, le=BUCKETS)] = BUCKETS
    for_days: Annotated[int, Meta(ge=1, le=366)] = 30
    why: Annotated[str, Meta(max_length=500)] = ""
    despite: bool = False


class StopForm(Struct):
    """Why a challenger is stopped."""

    why: Annotated[str, Meta(min_length=1, max_length=500)]


def propose(visit: Visit) -> Go:
    """Propose to try a draft; another person lets it run. The same wish, pressed twice, is one."""
    sent: ChallengerForm = visit.form
    draft = draft_of(version_of(visit, sent.base), sent)
    terms = Terms(mode=sent.arm, share=sent.share, days=sent.for_days,
                  rails=challengers.bounds().rails)  # fmt: skip
    files = {path: data.decode() for path, data in draft.items()}
    change = RunChallenger(name=sent.name, files=files, terms=terms,
                           despite=sent.why if sent.despite else "")  # fmt: skip
    me = by(visit)
    for one in proposals.listed(visit.engine, waiting=True):
        if one.change == change and one.row.author == me:
            return Go(f"/desk/proposals/{one.row.id}")
    made = proposals.propose(visit.engine, change, why=sent.why, by=me)
    return Go(f"/desk/proposals/{made.row.id}")


def page(visit: Visit) -> Shown:
    """Show the challengers, those that run first, then the newest."""
    rows = sorted(challengers.listed(visit.engine, every=True),
                  key=lambda one: (not one.running, -one.row.started_at))  # fmt: skip
    return shown(visit, "/risk/policy", rows=rows)


def one(visit: Visit) -> Shown:
    """Show a challenger and its champion side by side, from what both say to the same draws."""
    found = compare(visit.engine, visit.names["challenger"])
    return shown(visit, "/risk/policy", found=found, one=found.challenger, of_rail=of_rail)


def stop(visit: Visit) -> Go:
    """Stop a challenger: the next draw is the champion's. It takes one person alone."""
    name = visit.names["challenger"]
    challengers.stop(visit.engine, name, why=visit.form.why, by=by(visit))
    return Go(f"{HERE}/{name}")


def of_rail(visit: Visit, found: Reading) -> tuple[str, str]:
    """Return what a guard rail reads, and its bound, in figures."""
    rail, look = found.rail, visit.look
    if isinstance(rail, Money):
        currency = visit.engine.policy.currency
        return look.money(round(found.value), currency), look.money(rail.most, currency)
    return look.percent(found.value), look.percent(rail.most)
