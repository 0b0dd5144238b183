"""What is told where data may not be used: one row a category, and nothing about anybody.

Many rules lack data at once when a consent ends. To tell each of them would say one thing many
times, and none of the times what it is.
"""

from __future__ import annotations

from collections.abc import Mapping

from xindeng.decision.answer import Decision, Light
from xindeng.decision.board import Board
from xindeng.decision.consent import Gate, refused, unseen
from xindeng.decision.explanation import ReasonRow
from xindeng.decision.speech import Speech
from xindeng.decision.words import AREA_WORDS, CONSENT_WORDS, SOURCES, WHOSE
from xindeng.policy.policy import Policy


def consent_rows(
    speech: Speech, board: Board, audience: str, as_of: Mapping[str, int]
) -> tuple[ReasonRow, ...]:
    """Return a row for each category whose data was wanted and not allowed to be used; none for
    the auditor, who sees every rule. `as_of` as for `explain`."""
    if audience == "auditor":
        return ()
    told = {reason.rule for reason in speech.decision.reasons}
    return tuple(
        _row(speech, gate, as_of)
        for gate in refused(board.gates, speech.decision.inputs)
        if any(gate.rules >> speech.policy.rule_index[rule] & 1 for rule in told)
    )


def untold(board: Board, decision: Decision, audience: str) -> int:
    """Return the rules (a bit mask) that the rows of consents stand for."""
    return 0 if audience == "auditor" else unseen(board.gates, decision.inputs) & decision.missing


def for_want_of_consent(policy: Policy, board: Board, decision: Decision, rule: str) -> bool:
    """Return whether a rule stood in the way only because its data may not be used."""
    mask = unseen(board.gates, decision.inputs) & decision.missing
    return bool(mask >> policy.rule_index[rule] & 1)


def _row(speech: Speech, gate: Gate, as_of: Mapping[str, int]) -> ReasonRow:
    withdrawn = speech.decision.inputs[gate.consent_at] is False
    what = CONSENT_WORDS[speech.lang][gate.category]
    return ReasonRow(
        title=AREA_WORDS[speech.lang]["consent"],
        light=Light.NO_DATA,
        fact=speech.say("consent_withdrawn" if withdrawn else "consent_never", what=what),
        source=SOURCES[speech.lang]["consent"],
        as_of=speech.day(as_of["consent"]) if "consent" in as_of else "",
        whose=WHOSE[speech.lang]["borrower"],
        steps=(
            speech.say("step", step=speech.say("consent_again")),
            speech.say("step", step=speech.say("consent_person")),
        ),
    )
