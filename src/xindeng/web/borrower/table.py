"""The borrower's pages."""

from __future__ import annotations

from functools import partial
from typing import Final

from xindeng.web.borrower import (
    check_up,
    data,
    draw,
    help,
    history,
    matters,
    other_ways,
    plan,
    repay,
    trial,
    why,
)
from xindeng.web.borrower.home import home
from xindeng.web.borrower.more import more
from xindeng.web.matter_form import MatterForm
from xindeng.web.route import Page

_MINE: Final = partial(Page, room="borrower")
_POST: Final = partial(Page, room="borrower", method="POST")

BORROWER_PAGES: Final[tuple[Page, ...]] = (
    _MINE(path="/me", action="line.read", handler=home, template="borrower/home.html"),
    _MINE(path="/me/why", action="explanation.borrower", handler=why.why,
          template="borrower/why.html"),
    _MINE(path="/me/decisions/{decision}", action="explanation.borrower", handler=why.one,
          template="borrower/why.html"),

    _MINE(path="/me/try", action="precheck.try", handler=trial.form,
          template="borrower/trial.html"),
    _POST(path="/me/try", action="precheck.try", handler=trial.tried, form=trial.TrialForm,
          template="borrower/trial.html"),

    _MINE(path="/me/draw", action="draw.decide", handler=draw.form, template="borrower/draw.html"),
    _POST(path="/me/draw", action="draw.decide", handler=draw.decide, form=draw.DrawForm,
          template="borrower/draw.html"),
    _MINE(path="/me/decisions/{decision}/cost", action="draw.quote", handler=draw.cost,
          template="borrower/cost.html"),
    _POST(path="/me/decisions/{decision}/confirm", action="draw.confirm", handler=draw.confirm,
          form=draw.ConfirmForm, once="outside", refused=draw.unread,
          back="/me/decisions/{decision}/cost"),
    _POST(path="/me/decisions/{decision}/drop", action="draw.confirm", handler=draw.drop,
          form=draw.DropForm, refused=draw.gone),
    _MINE(path="/me/draws/{draw}", action="draw.read", handler=draw.result,
          template="borrower/drawn.html"),

    _MINE(path="/me/plan", action="plan.read", handler=plan.latest,
          template="borrower/plan.html"),
    _POST(path="/me/plan", action="plan.make", handler=plan.make, form=plan.PlanForm, slow=True,
          template="borrower/plan.html"),
    _MINE(path="/me/plans/{plan}", action="plan.read", handler=plan.one,
          template="borrower/plan.html"),
    _POST(path="/me/plans/{plan}/steps", action="plan.tick", handler=plan.tick,
          form=plan.StepForm),

    _MINE(path="/me/repay", action="line.read", handler=repay.page,
          template="borrower/repay.html"),
    _MINE(path="/me/history", action="decision.read", handler=history.page, slow=True,
          template="borrower/history.html"),
    _MINE(path="/me/other-ways", action="line.read", handler=other_ways.page,
          template="borrower/other_ways.html"),
    _MINE(path="/me/check-up", action="checkup.run", handler=check_up.form,
          template="borrower/papers.html"),
    _POST(path="/me/check-up", action="checkup.run", handler=check_up.check, slow=True,
          form=check_up.PapersForm, largest=check_up.MOST_BYTES,
          template="borrower/papers.html"),

    _MINE(path="/me/data", action="line.read", handler=data.page, template="borrower/data.html"),
    _POST(path="/me/consents", action="consent.tell", handler=data.consent,
          form=data.ConsentForm),
    _MINE(path="/me/data/export", action="export.read", handler=data.download, slow=True),
    _POST(path="/me/lock", action="line.lock", handler=data.lock, form=data.PressForm),
    _POST(path="/me/unlock", action="line.lock", handler=data.unlock, form=data.PressForm,
          template="borrower/data.html"),

    _MINE(path="/me/help", action="hardship.ask", handler=help.form, template="borrower/help.html"),
    _POST(path="/me/help", action="hardship.ask", handler=help.ask, form=help.HelpForm,
          template="borrower/help.html"),
    _MINE(path="/me/matters", action="matter.read", handler=matters.page,
          template="borrower/matters.html"),
    _MINE(path="/me/matters/new", action="matter.open", handler=matters.new,
          template="borrower/matter.html"),
    _POST(path="/me/matters", action="matter.open", handler=matters.ask, form=MatterForm,
          template="borrower/matter.html"),
    _POST(path="/me/matters/{matter}/withdraw", action="matter.withdraw",
          handler=matters.withdraw, form=matters.WithdrawForm),

    _MINE(path="/me/more", action="line.read", handler=more, template="borrower/more.html"),
)  # fmt: skip
