"""Answers that may be given word for word, made from the decision and from nothing else.

They are the borrower's own explanation put as a conversation, so that whoever calls hears exactly
what their page says. What no decision tells is not made up: where no day is known that is said.
"""

from __future__ import annotations

from dataclasses import dataclass

from xindeng.decision.explanation import Explanation
from xindeng.decision.words import WORDS
from xindeng.servicing.hold_words import reviewed_by
from xindeng.web.route import Visit

MOST_FACTS, MOST_STEPS = 4, 8


@dataclass(frozen=True, slots=True)
class Said:
    """A question as people put it, and the answer, line by line."""

    question: str
    lines: tuple[str, ...]


def answers(
    visit: Visit, told: Explanation, refused: bool, review: int | None = None
) -> list[Said]:
    """Return what may be said of a decision, the question asked most often first; `review` (µs) is
    by when a pause is looked at again, as the borrower was told."""
    say, words = visit.say, WORDS[visit.lang]
    facts = [row.fact for row in told.reasons if row.gate or not refused][:MOST_FACTS]
    if not refused:
        return [
            Said(say("Can I borrow?"), (told.headline, *facts)),
            _charge(visit),
            Said(say("Somebody offers to raise my limit for a fee."), (words["scam"],)),
        ]
    found = [
        Said(say("My limit is shown. Why can I not borrow?"), (told.headline, *told.lead, *facts)),
        Said(say("What can I do?"), _steps(told) or (words["nothing_to_do"],)),
        Said(say("When will it work again?"), _when(visit, told, review)),
        Said(say("Can you lift it for me?"), (
            say("No, nobody at this desk can, and nobody can for money. I can ask that a person "
                "looks at it; you are told the day by which you get an answer in writing."),
        )),
        _charge(visit),
        Said(say("Do my repayments go on?"), (
            words["repayment"],
            say("You can repay at any time, and every instalment keeps its day and its price."),
        )),
        Said(say("Somebody offers to lift it for a fee."), (words["scam"],)),
    ]  # fmt: skip
    if told.routes:
        found.append(Said(say("I do not agree."), told.routes))
    return found


def _charge(visit: Visit) -> Said:
    return Said(visit.say("Does asking count against me?"), (
        visit.say("No. Asking us and trying an amount leave no mark. Only a draw that is really "
                  "sent is recorded, and sending it over and over does not make it faster."),
    ))  # fmt: skip


def _steps(told: Explanation) -> tuple[str, ...]:
    steps = dict.fromkeys(step for row in told.reasons if row.gate for step in row.steps)
    return tuple(steps)[:MOST_STEPS]


def _when(visit: Visit, told: Explanation, review: int | None) -> tuple[str, ...]:
    known = told.when or tuple(
        dict.fromkeys(row.until for row in told.reasons if row.until and row.gate)
    )
    if review is not None:
        known = (*known, reviewed_by(review, visit.engine.policy.zone, visit.lang))
    return known or (
        visit.say("No day is known yet, and I do not want to guess one. What has to happen first "
                  "is what I have just told you."),
    )  # fmt: skip
