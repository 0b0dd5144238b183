"""From rules to outcomes in SQL, for the rows where no amount has to be searched.

Most answers follow from which rules fired. The row is left to `decide()` itself, and its outcome
NULL here, where a smaller amount might pass, less than the smallest draw is asked, our stance or a
part of ours that is away had a hand in it, a hold has ended before, a person cleared rules, the
borrower was drawn into the test-and-learn arm, or data is withheld for want of a consent.
"""

from __future__ import annotations

from xindeng.decision.board import Board, board_of
from xindeng.history.policy_sql import WORD, words_of
from xindeng.language import quote
from xindeng.policy.policy import Policy


def outcome_sql(policy: Policy) -> str:
    """Return the outcome of a row with the policy's masks, its request, platform and `available`.

    `ended` says whether a hold of the borrower ended before, `cleared` names rules that a person
    let pass, `learning` who was drawn. NULL: ask `decide()`.
    """
    board = board_of(policy)
    sql = _Masks(board)
    room = "available" if board.limited else "request_amount"
    stops = sql.any("({f} | {m})", board.blocking)
    by_amount = sql.any("({f} | {m})", board.blocking & board.amount)
    declines = sql.any("{f}", board.blocking & board.declining & ~board.amount)
    asks = sql.any("{f}", board.blocking & (board.reviewing | board.human))
    no_data = sql.any("({m} & ~{f})", board.blocking)
    ours = "request_amount < least OR maintenance OR NOT model_available OR NOT bureau_available"
    ours += " OR ended OR cleared IS NOT NULL OR learning" + "".join(
        f" OR {one}" for one in withheld(policy)
    )
    leaning = "stance <> 'neutral'"
    return (
        f"CASE WHEN {ours} THEN NULL"
        f" WHEN NOT {stops} THEN CASE WHEN request_amount <= {room} THEN 'approve' END"
        f" WHEN {declines} THEN CASE WHEN NOT ({leaning}) THEN 'decline' END"
        f" WHEN {by_amount} THEN NULL"
        f" WHEN {asks} OR {no_data} THEN 'review' ELSE 'retry_later' END"
    )


def withheld(policy: Policy) -> list[str]:
    """Return the conditions under which data is not used for want of a consent."""
    on = {feature.name for feature in policy.book.base if feature.enabled}
    found = []
    for gate in board_of(policy).gates:
        if gate.rules or any(policy.inputs[place] in on for place, _ in gate.empty):
            consent = quote(policy.inputs[gate.consent_at])
            found.append(f"{consent} IS {'NOT TRUE' if gate.must_be_given else 'FALSE'}")
    return found


class _Masks:
    """Tests of the words of a row against masks of rules."""

    def __init__(self, board: Board) -> None:
        self.words = -(-len(board.rules) // WORD)

    def any(self, word: str, mask: int) -> str:
        """Return the condition that a word, built of {f} and {m}, meets a mask anywhere."""
        tests = [
            f"({word.format(f=f'f{k}', m=f'm{k}')} & {value}) <> 0"
            for k, value in enumerate(words_of(mask, self.words))
            if value
        ]
        return f"({' OR '.join(tests)})" if tests else "FALSE"
