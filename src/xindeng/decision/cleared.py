"""What a person has looked at and let pass: rules that ask for a person, and gaps of data.

A rule that refuses on facts is not cleared by anybody: whoever knows better adds the fact, and the
request is decided again.
"""

from __future__ import annotations

from collections.abc import Collection

from xindeng.decision.board import Board, bits, board_of
from xindeng.policy.policy import Policy


def cleared(board: Board, named: Collection[str], fired: int, missing: int, away: int) -> int:
    """Return the mask of the rules named that a person may clear as things stand.

    `away` are rules whose data is missing because a part of ours is away: that is no gap of the
    borrower's and nobody's to clear.
    """
    wanted = sum(1 << index for index, rule in enumerate(board.rules) if rule.id in named)
    return wanted & (fired & board.human | missing & board.blocking & ~away)


def clearable(policy: Policy, fired: int, missing: int) -> tuple[str, ...]:
    """Return the ids of the rules of a decision that a person may clear."""
    board = board_of(policy)
    may = fired & board.human | missing & board.blocking
    return tuple(board.rules[index].id for index in bits(may))
