"""Decisions read again, and explained to whoever may be told how much."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from xindeng.api.resources.wishes import DecisionAnswer, Lang, answer_of
from xindeng.api.route import Call
from xindeng.api.shapes import PageQuery, Sent, cursor
from xindeng.decision.explanation import Explanation
from xindeng.service import decisions
from xindeng.service.explain import explain as explaining


class ExplainQuery(Sent):
    """For whom and in which language."""

    audience: Literal["borrower", "support", "auditor"] = "borrower"
    lang: Lang = "zh"


class DecisionsAnswer(Struct, frozen=True, kw_only=True):
    """Decisions, newest first; `next` is the cursor of those before them."""

    items: tuple[DecisionAnswer, ...]
    next: str | None


def page(call: Call) -> DecisionsAnswer:
    """Return a borrower's decisions, newest first."""
    query: PageQuery = call.query
    below = query.start or None
    found, more = decisions.page(call.engine, call.borrower, below=below, count=query.limit)
    return DecisionsAnswer(
        items=tuple(answer_of(call, one) for one in found),
        next=None if more is None else cursor(more),
    )


def one(call: Call) -> DecisionAnswer:
    """Return a decision of the borrower."""
    return answer_of(call, decisions.read(call.engine, call.borrower, call.names["decision"]))


def explain(call: Call) -> Explanation:
    """Say why, in the words of one audience, under the policy and the facts of that day.

    A borrower is told what a borrower may be told; support and auditors more, by their role.
    """
    query: ExplainQuery = call.query
    call.need(f"explanation.{query.audience}")
    stored = decisions.read(call.engine, call.borrower, call.names["decision"])
    return explaining(call.engine, stored.id, audience=query.audience, lang=query.lang)
