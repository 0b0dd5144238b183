"""The table of routes: method, path, action, handler, what goes in and what comes out.

Everything else follows from it: the application, the OpenAPI document, the test of who may what.
A new route is one line here, one function in `resources/` and one row in docs/reference/api.md.
"""

from __future__ import annotations

from functools import cache, partial
from typing import Final

from msgspec import Raw, Struct

from xindeng.api.openapi import document
from xindeng.api.resources import (
    agents,
    borrowers,
    bureau,
    challengers,
    checkups,
    confirmations,
    contacts,
    decisions,
    events,
    hardship,
    health,
    holds,
    lines,
    matters,
    money,
    monitoring,
    plans,
    platform,
    policies,
    privacy,
    proposals,
    sessions,
    wishes,
)
from xindeng.api.resources.sessions import Done
from xindeng.api.route import Call, Route
from xindeng.api.shapes import PageQuery
from xindeng.decision.explanation import Explanation


class Document(Struct, frozen=True):
    """The OpenAPI document; see its own specification for what is in it."""

    openapi: str


def _document(call: Call) -> Raw:
    """Return this very document."""
    return _encoded()


@cache
def _encoded() -> Raw:
    return health.encoded(document(ROUTES))


_GET: Final = partial(Route, method="GET")
_POST: Final = partial(Route, method="POST")
# A decision or a movement of money: once under its key, with its answer, in one transaction.
_ONCE: Final = partial(Route, method="POST", once="joined", money=True, status=201)
_TELL: Final = partial(Route, method="POST", lane="events")
_B: Final = "/v1/borrowers/{borrower}"
_D: Final = _B + "/decisions/{decision}"

ROUTES: Final[tuple[Route, ...]] = (
    _GET(path="/healthz", action="health.read", handler=health.alive, answer=health.Health,
         summary="Is the process alive?"),
    _GET(path="/readyz", action="health.read", handler=health.ready, answer=health.Readiness,
         summary="Can it answer requests?"),
    _GET(path="/metrics", action="health.read", handler=health.metrics, answer=health.Health,
         summary="Figures for Prometheus"),
    _GET(path="/v1/openapi.json", action="document.read", handler=_document, answer=Document,
         summary="This document"),
    _POST(path="/v1/sessions", action="session.open", handler=sessions.sign_in, status=201,
          body=sessions.SignIn, answer=sessions.SessionAnswer, summary="Sign in as staff"),
    _POST(path="/v1/sessions/oidc", action="session.open", handler=sessions.begin, status=201,
          answer=sessions.DoorAnswer, summary="Begin to sign in at the identity provider"),
    _POST(path="/v1/sessions/oidc/return", action="session.open", handler=sessions.finish,
          status=201, body=sessions.ReturnSent, answer=sessions.SessionAnswer,
          summary="Come back from the identity provider"),
    _POST(path="/v1/sessions/password", action="password.change", handler=sessions.change,
          body=sessions.PasswordSent, answer=Done, summary="Take another password"),
    Route(method="DELETE", path="/v1/sessions/current", action="session.close",
          handler=sessions.sign_out, answer=Done, summary="Sign out"),

    _TELL(path="/v1/borrowers", action="borrower.create", handler=borrowers.create, status=201,
          body=borrowers.BorrowerSent, answer=events.IngestAnswer,
          summary="Create a borrower by the first events"),
    _GET(path=_B, action="borrower.read", handler=borrowers.show, answer=borrowers.BorrowerAnswer,
         summary="How a borrower stands"),
    _TELL(path=_B + "/events", action="event.write", handler=events.one, body=events.EventSent,
          answer=events.IngestAnswer, summary="Tell one event"),
    _TELL(path="/v1/events", action="event.write", handler=events.batch, body=events.EventsSent,
          answer=events.IngestAnswer, summary="Tell up to 1,000 events"),
    _TELL(path="/v1/events/stream", action="event.write", handler=events.stream, lines=True,
          answer=events.StreamAnswer, summary="Tell many events, one a line"),
    _GET(path="/v1/events/schema", action="document.read", handler=events.schema,
         answer=events.SchemaAnswer, summary="The catalogue of events"),

    _POST(path=_B + "/prechecks", action="precheck.try", handler=wishes.try_out,
          body=wishes.WishSent, query=wishes.LangQuery, answer=wishes.TrialAnswer,
          example=wishes.WishSent(amount=300_000), summary="Try an amount without leaving a mark"),
    _ONCE(path=_B + "/draws", action="draw.decide", once="together", lane="draws",
          handler=wishes.decide, body=wishes.WishSent, answer=wishes.DecisionAnswer,
          example=wishes.WishSent(amount=800_000, term_months=12),
          summary="Decide a draw"),
    _GET(path=_B + "/decisions", action="decision.read", handler=decisions.page, query=PageQuery,
         answer=decisions.DecisionsAnswer, summary="Decisions, newest first"),
    _GET(path=_D, action="decision.read", handler=decisions.one, answer=wishes.DecisionAnswer,
         summary="One decision"),
    _GET(path=_D + "/explanation", action="explanation.borrower", handler=decisions.explain,
         query=decisions.ExplainQuery, answer=Explanation, summary="Why"),
    _GET(path=_D + "/cost-sheet", action="draw.quote", handler=confirmations.sheet,
         answer=confirmations.SheetAnswer, summary="What the draw costs, to be read"),
    _POST(path=_B + "/confirmations", action="draw.confirm", handler=confirmations.confirm,
          once="outside", money=True, status=201, body=confirmations.ConfirmSent,
          answer=confirmations.DrawAnswer, summary="Confirm a draw whose cost was read"),
    _GET(path=_B + "/draws/{draw}", action="draw.read", handler=confirmations.one,
         answer=confirmations.DrawAnswer, summary="A draw as it stands"),
    _ONCE(path=_B + "/repayments", action="repayment.book", lane="money_in", handler=money.book,
          body=money.RepaymentSent, answer=money.ReceiptsAnswer,
          example=money.RepaymentSent(amount=110_200), summary="Book a payment"),
    _ONCE(path=_B + "/refunds", action="refund.book", lane="money_in", handler=money.refund,
          body=money.RefundSent, answer=money.ReceiptsAnswer,
          summary="Book a refund of what was paid too much"),

    _GET(path=_B + "/line", action="line.read", handler=lines.show, answer=lines.LineAnswer,
         summary="Limit, available, borrowable now"),
    _GET(path=_B + "/line/history", action="line.read", handler=lines.history,
         query=lines.HistoryQuery, answer=lines.HistoryAnswer, summary="Every change, with cause"),
    _ONCE(path=_B + "/lock", action="line.lock", handler=holds.lock, answer=Done, status=200,
          summary="Lock draws at once"),
    _ONCE(path=_B + "/unlock", action="line.lock", handler=holds.unlock, answer=Done, status=200,
          summary="Ask for the own lock to go off"),
    _GET(path=_B + "/holds", action="hold.read", handler=holds.standing,
         answer=holds.HoldsAnswer, summary="The holds that stand"),
    _ONCE(path=_B + "/holds", action="hold.place", handler=holds.place, body=holds.HoldSent,
          answer=holds.HoldPlacedAnswer, summary="Place a hold"),
    _ONCE(path=_B + "/holds/{hold}/extensions", action="hold.extend", handler=holds.extend,
          body=holds.ExtensionSent, answer=Done, summary="Extend a hold on new evidence"),

    _POST(path=_B + "/plans", action="plan.make", handler=plans.make, body=plans.PlanSent,
          query=wishes.LangQuery, answer=plans.PlansAnswer, status=201,
          example=plans.PlanSent(amount=800_000), summary="Find what turns a refusal"),
    _GET(path=_B + "/plans", action="plan.read", handler=plans.page, query=plans.PlansQuery,
         answer=plans.PlansPage, summary="Stored plans"),
    _GET(path=_B + "/plans/{plan}", action="plan.read", handler=plans.one,
         query=wishes.LangQuery, answer=plans.PlansAnswer, summary="Plans and how they stand"),
    _POST(path=_B + "/plans/{plan}/steps", action="plan.tick", handler=plans.tick,
          body=plans.StepSent, answer=plans.TickAnswer, summary="Tick off a step"),
    _ONCE(path=_B + "/hardship-requests", action="hardship.ask", handler=hardship.ask,
          body=hardship.HardshipSent, query=wishes.LangQuery, answer=hardship.MenuAnswer,
          summary="Ask for help"),
    _ONCE(path=_B + "/hardship-answers", action="hardship.answer", handler=hardship.answer,
          body=hardship.HardshipAnswerSent, answer=Done, summary="Answer a request for help"),

    _POST(path=_B + "/bureau-reports", action="bureau.pull", handler=bureau.pull, status=201,
          once="outside", answer=events.IngestAnswer, summary="Ask the credit bureau for a report"),
    _ONCE(path=_B + "/contacts", action="contact.record", handler=contacts.record,
          body=contacts.ContactSent, answer=Done, summary="Take in a contact about what is owed"),
    _ONCE(path=_B + "/matters", action="matter.open", handler=matters.ask,
          body=matters.MatterSent, answer=matters.MatterTold,
          example=matters.MatterSent(way="review"),
          summary="Appeal, dispute, complain, or ask that a person look"),
    _GET(path=_B + "/matters", action="matter.read", handler=matters.page, query=PageQuery,
         answer=matters.MattersAnswer, summary="What was put before a person"),
    _GET(path=_B + "/matters/{matter}", action="matter.read", handler=matters.one,
         answer=matters.MatterTold, summary="One matter and its answer"),
    _ONCE(path=_B + "/matters/{matter}/withdrawal", action="matter.withdraw", status=200,
          handler=matters.withdraw, answer=matters.MatterTold, summary="Withdraw a matter"),
    _ONCE(path=_B + "/matters/{matter}/taking", action="matter.take", status=200,
          handler=matters.take, answer=matters.MatterTold, summary="Take a matter in hand"),
    _ONCE(path=_B + "/matters/{matter}/answer", action="matter.answer", handler=matters.answer,
          body=matters.AnswerSent, answer=matters.MatterTold, summary="Answer a matter in writing"),
    _GET(path="/v1/matters", action="matter.queue", handler=matters.queue,
         query=matters.QueueQuery, answer=matters.MattersAnswer, summary="What waits for us"),

    _POST(path=_B + "/checkups", action="checkup.run", handler=checkups.check_up, large=True,
          body=checkups.CheckupSent, query=wishes.LangQuery, answer=checkups.CheckupAnswer,
          example=checkups.CheckupSent(income=900_000), summary="Check up a person's own papers"),
    _GET(path="/v1/agents", action="agent.read", handler=agents.page, query=PageQuery,
         answer=agents.AgentsAnswer, summary="Agents who act for many people"),
    _POST(path="/v1/agents/{agent}/finding", action="agent.close", handler=agents.close,
          body=agents.FindingSent, answer=agents.AgentTold, summary="What was found of an agent"),
    _GET(path="/v1/monitoring", action="monitoring.read", handler=monitoring.show,
         query=monitoring.MonitoringQuery, answer=monitoring.MonitoringAnswer,
         summary="Counts by outcome and reason, and times"),

    _GET(path=_B + "/consents", action="consent.read", handler=privacy.register,
         answer=privacy.ConsentsAnswer, summary="The register of consents"),
    _ONCE(path=_B + "/consents", action="consent.tell", handler=privacy.consent,
          body=privacy.ConsentSent, answer=privacy.ConsentTold,
          summary="Give or withdraw a consent"),
    _GET(path=_B + "/export", action="export.read", handler=privacy.export,
         answer=privacy.ExportAnswer, summary="All that is stored of a person"),
    _POST(path=_B + "/erasure", action="borrower.erase", handler=privacy.erase,
          answer=privacy.ErasureAnswer, summary="Erase a person for good"),
    _GET(path="/v1/retention", action="document.read", handler=privacy.retention,
         answer=privacy.RetentionAnswer, summary="What is kept how long, and why"),

    _POST(path="/v1/proposals", action="proposal.make", handler=proposals.propose, status=201,
          body=proposals.ProposalSent, answer=proposals.ProposalTold,
          summary="Propose what nobody does alone"),
    _GET(path="/v1/proposals", action="proposal.read", handler=proposals.page,
         query=proposals.ProposalsQuery, answer=proposals.ProposalsAnswer,
         summary="What waits to be judged"),
    _GET(path="/v1/proposals/{proposal}", action="proposal.read", handler=proposals.one,
         answer=proposals.ProposalTold, summary="One proposal"),
    _POST(path="/v1/proposals/{proposal}/approval", action="proposal.judge",
          handler=proposals.approve, answer=proposals.ProposalTold,
          summary="Approve what another proposed, and carry it out"),
    _POST(path="/v1/proposals/{proposal}/refusal", action="proposal.judge",
          handler=proposals.refuse, answer=proposals.ProposalTold,
          summary="Refuse what another proposed"),

    _GET(path="/v1/policies", action="policy.read", handler=policies.page, query=PageQuery,
         answer=policies.VersionsAnswer, summary="Policy versions"),
    _POST(path="/v1/policies/check", action="policy.check", handler=policies.check,
          body=policies.BundleSent, answer=policies.CheckAnswer, summary="Check a bundle"),
    _GET(path="/v1/challengers", action="challenger.read", handler=challengers.page,
         query=challengers.ChallengersQuery, answer=challengers.ChallengersAnswer,
         summary="Policies tried beside the one in force"),
    _GET(path="/v1/challengers/{challenger}", action="challenger.read", handler=challengers.one,
         answer=challengers.ComparisonAnswer, summary="Champion and challenger side by side"),
    _POST(path="/v1/challengers/{challenger}/stop", action="challenger.stop",
          handler=challengers.stop, body=challengers.StopSent, answer=challengers.ChallengerTold,
          summary="Stop a challenger at once"),
    _GET(path="/v1/platform", action="platform.read", handler=platform.show,
         answer=platform.PlatformAnswer, summary="Our own side: stances, what is away"),
    _POST(path="/v1/platform/events", action="platform.change", handler=platform.change,
          body=platform.PlatformSent, answer=events.IngestAnswer,
          summary="Change a stance, or what is away"),
)  # fmt: skip
