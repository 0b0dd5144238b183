"""The pages of the risk desk."""

from __future__ import annotations

from functools import partial
from typing import Final

from xindeng.web.risk import (
    agents,
    audit,
    backtests,
    challengers,
    edit,
    models,
    our_side,
    overview,
    parameters,
    policy,
    ties,
)
from xindeng.web.route import Page

_LOOK: Final = partial(Page, room="desk")
_POST: Final = partial(Page, room="desk", method="POST")
# A whole file of a bundle, percent-encoded.
_DRAFT: Final = 700_000

RISK_PAGES: Final[tuple[Page, ...]] = (
    _LOOK(path="/risk", action="monitoring.read", handler=overview.overview,
          template="risk/overview.html"),

    _LOOK(path="/risk/policy", action="policy.read", handler=policy.tree,
          template="risk/tree.html"),
    _LOOK(path="/risk/policy/rule", action="policy.read", handler=policy.rule, slow=True,
          template="risk/rule.html"),
    _LOOK(path="/risk/policy/versions", action="policy.read", handler=policy.versions,
          template="risk/versions.html"),
    _LOOK(path="/risk/policy/diff", action="policy.read", handler=policy.diff,
          template="risk/diff.html"),
    _LOOK(path=edit.HERE, action="policy.check", handler=edit.edit,
          template="risk/edit.html"),
    _POST(path="/risk/policy/check", action="policy.check", handler=edit.check,
          form=edit.DraftForm, slow=True, template="risk/edit.html", largest=_DRAFT, quiet=True,
          again=edit.HERE),
    _POST(path="/risk/policy/propose", action="proposal.publish", handler=edit.propose,
          form=edit.ProposeForm, slow=True, largest=_DRAFT, again=edit.HERE),
    _POST(path="/risk/policy/back", action="proposal.publish", handler=edit.go_back,
          form=edit.BackForm, again="/risk/policy/versions"),

    _LOOK(path=backtests.HERE, action="policy.read", handler=backtests.page,
          template="risk/backtests.html"),
    _LOOK(path=backtests.HERE + "/{backtest}", action="policy.read", handler=backtests.one,
          template="risk/backtest.html"),
    _POST(path=backtests.HERE, action="policy.backtest", handler=backtests.ask,
          form=backtests.BacktestForm, largest=_DRAFT, again=edit.HERE),

    _LOOK(path=challengers.HERE, action="challenger.read", handler=challengers.page,
          template="risk/challengers.html"),
    _LOOK(path=challengers.HERE + "/{challenger}", action="challenger.read",
          handler=challengers.one, template="risk/challenger.html"),
    _POST(path=challengers.HERE, action="proposal.run_challenger", handler=challengers.propose,
          form=challengers.ChallengerForm, largest=_DRAFT, again=edit.HERE),
    _POST(path=challengers.HERE + "/{challenger}/stop", action="challenger.stop",
          handler=challengers.stop, form=challengers.StopForm,
          again=challengers.HERE + "/{challenger}"),

    _LOOK(path="/risk/parameters", action="policy.read", handler=parameters.parameters,
          template="risk/parameters.html"),
    _LOOK(path=models.HERE, action="policy.read", handler=models.models,
          template="risk/models.html"),
    _LOOK(path=models.HERE + "/drift", action="monitoring.read", handler=models.drifted, slow=True,
          template="risk/drift.html"),
    _LOOK(path=our_side.HERE, action="platform.read", handler=our_side.our_side,
          template="risk/our_side.html"),
    _POST(path="/risk/our-side/stance", action="platform.change", handler=our_side.set_stance,
          form=our_side.StanceForm, again=our_side.HERE),
    _POST(path="/risk/our-side/part", action="platform.change", handler=our_side.set_part,
          form=our_side.PartForm, again=our_side.HERE),
    _LOOK(path=ties.HERE, action="network.read", handler=ties.find,
          template="risk/ties_find.html"),
    _LOOK(path=ties.HERE + "/{borrower}", action="network.read", handler=ties.page,
          template="risk/ties.html"),
    _LOOK(path=ties.HERE + "/{borrower}/on", action="network.read", handler=ties.go_on),
    _LOOK(path=agents.HERE, action="agent.read", handler=agents.page,
          template="risk/agents.html"),
    _POST(path="/risk/agents/{agent}/finding", action="agent.close", handler=agents.close,
          form=agents.FindingForm, again=agents.HERE),
    _LOOK(path="/risk/audit", action="audit.read", handler=audit.audit,
          template="risk/audit.html"),
)  # fmt: skip
