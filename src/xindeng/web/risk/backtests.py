"""Backtests of drafts: asked for here, run by a worker, shown with their swap sets."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta
from msgspec.structs import replace

from xindeng.api.resources.money import read_day
from xindeng.history.backtest import Spec
from xindeng.history.page import report
from xindeng.kernel.errors import InputError
from xindeng.repair.checkup.blocks import Block, Chart, Report
from xindeng.service import backtests
from xindeng.web.bundles import changed_of, version_of
from xindeng.web.desk import by, shown
from xindeng.web.risk.edit import DraftForm, draft_of
from xindeng.web.route import Go, Shown, Visit
from xindeng.web.terms import Terms

HERE = "/risk/backtests"
_Day = Annotated[str, Meta(max_length=10)]


class BacktestForm(DraftForm):
    """A draft to be held against the version it rests on, over which days and how."""

    first_on: _Day = ""
    last_on: _Day = ""
    mode: Literal["static", "feedback"] = "static"


def ask(visit: Visit) -> Go:
    """Have a draft backtested; pressed twice it is one, for the form has one key."""
    sent: BacktestForm = visit.form
    if not visit.key:
        raise InputError("a form without its key", where="form", code="request.key")
    version = version_of(visit, sent.base)
    first = read_day(sent.first_on, "form.first_on") if sent.first_on else None
    last = read_day(sent.last_on, "form.last_on") + 1 if sent.last_on else None
    spec = Spec(first=first, last=last, mode=sent.mode)
    ident = backtests.ask(visit.engine, version.hash, draft_of(version, sent), spec,
                          by=by(visit), key=visit.key)  # fmt: skip
    return Go(f"{HERE}/{ident}")


def page(visit: Visit) -> Shown:
    """Show the backtests asked for, the newest first."""
    return shown(visit, "/risk/policy", rows=backtests.listed(visit.engine))


def one(visit: Visit) -> Shown:
    """Show what came of one: how the draft does, whom it lets in and keeps out, what it changes."""
    found = backtests.read(visit.engine, visit.names["backtest"])
    base = version_of(visit, found.row.base)
    return shown(
        visit, "/risk/policy", row=found.row, base=base,
        report=None if found.figures is None else _worded(visit, report(found.figures, visit.lang)),
        changed=changed_of(base.files, found.draft, visit.lang, base.policy.currency),
    )  # fmt: skip


def _worded(visit: Visit, found: Report) -> Report:
    """Return a report with the places of its charts named in words; tables keep their names."""
    terms = Terms(visit.look, visit.engine.policy)

    def block(one: Block) -> Block:
        if not isinstance(one, Chart):
            return one
        return replace(one, labels=tuple(terms.plain(label) for label in one.labels))

    return replace(found, sections=tuple(
        replace(one, blocks=tuple(block(each) for each in one.blocks)) for one in found.sections
    ))  # fmt: skip
