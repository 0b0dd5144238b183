"""A check-up of a person's own papers, sent for it and kept by nobody."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from xindeng.api.resources.wishes import Lang, LangQuery, Months
from xindeng.api.route import Call
from xindeng.api.shapes import Amount, Name, Sent, Traces, traces_of
from xindeng.decision.request import Request
from xindeng.repair.checkup.blocks import Report
from xindeng.service import agents
from xindeng.service.checkup_sent import MOST_PAPERS, Paper, check_up_sent, reference

MOST_BYTES = 10_000_000


class PaperSent(Sent):
    """A file: its kind, its name, and its bytes in base64."""

    kind: Literal["bills", "statement", "report", "debts"]
    name: Name
    content: Annotated[bytes, Meta(min_length=1, max_length=MOST_BYTES)]


class CheckupSent(Sent):
    """A person's own papers, a monthly income they state, a sum they have in mind; `traces` say
    from where it was sent."""

    papers: Annotated[tuple[PaperSent, ...], Meta(max_length=MOST_PAPERS)] = ()
    income: Amount | None = None
    amount: Amount | None = None
    term_months: Months = 12
    traces: Traces | None = None


class CheckupAnswer(Struct, frozen=True, kw_only=True):
    """The report, block by block in the order of reading; an estimate under a reference policy
    and not the approval rules of any lender."""

    policy: str
    policy_hash: str
    lang: Lang
    report: Report


def check_up(call: Call) -> CheckupAnswer:
    """Check up the papers sent: they are read, answered and forgotten; no mark is left."""
    sent: CheckupSent = call.body
    query: LangQuery = call.query
    engine = call.engine
    agents.seen(engine, call.borrower, traces_of(sent.traces))
    call.service.checkups.enter(call.borrower)
    policy = reference()
    request = None
    if sent.amount is not None:
        request = Request(amount=sent.amount, term_months=sent.term_months,
                          currency=policy.currency)  # fmt: skip
    done = check_up_sent(
        [Paper(one.kind, one.name, one.content) for one in sent.papers], engine.clock(),
        query.lang, income=sent.income, request=request,
    )  # fmt: skip
    found = done.checkup
    return CheckupAnswer(
        policy=found.policy, policy_hash=found.policy_hash, lang=query.lang, report=done.report
    )
