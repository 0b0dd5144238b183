"""The way back of a zeroed line: when it is looked at next, and what would help by then."""

from __future__ import annotations

from msgspec import Struct

from xindeng.kernel.errors import ConflictError
from xindeng.kernel.time import to_date
from xindeng.policy.texts import show
from xindeng.servicing.limit_aim import Way, aim_of, evidence_of, ways_up
from xindeng.servicing.limit_book import LimitBook
from xindeng.servicing.limit_words import LIMIT_WORDS
from xindeng.servicing.limits import cause, raise_day
from xindeng.servicing.view import View


class WayBack(Struct, frozen=True, kw_only=True):
    """`limit` is what the next review would give on today's facts, in minor units (0: nothing);
    `ways` are remedies that lead to more, each worked out under this policy."""

    review_day: int
    limit: int
    ways: tuple[Way, ...]
    texts: dict[str, tuple[str, ...]]


def way_back(view: View, book: LimitBook) -> WayBack:
    """Return the way back of a line whose limit is 0; raises ConflictError for any other."""
    if book.limit != 0 or book.closed or book.changed_at is None:
        raise ConflictError(
            "the limit is not zeroed",
            next_step="only a line with a limit of 0 that is not closed has a way back",
            code="limit.not_zeroed",
        )
    aim = aim_of(view, 0)
    if aim is None:
        raise ConflictError(
            "the policy says nothing of a limit for this line",
            next_step="add the combination to limits.yaml",
            code="limit.no_cell",
        )
    day = max(raise_day(view, book, aim), view.today)
    limit = aim.next_up(0)
    ways = ways_up(view, 0, aim, max(day - view.today, 0), limit)
    since = view.policy.zone.day(book.changed_at)

    def lines(language: str) -> tuple[str, ...]:
        words, policy = LIMIT_WORDS[language], view.policy

        def money(minor: int) -> str:
            return show(minor, "money", language, policy.currency, policy.zone)

        said = [
            words["back_since"].format(
                day=to_date(since).isoformat(), cause=cause(book.reason, language)
            ),
            words["back_review"].format(day=to_date(day).isoformat()),
            words["back_yes"].format(limit=money(limit))
            if limit
            else words["back_no"].format(evidence=evidence_of(view, aim, language)),
        ]
        said += [
            words["back_step"].format(text=way.text(view, language), limit=money(way.limit))
            for way in ways
        ]
        return (*said, words["kept"], words["repay"], words["scam"])

    return WayBack(
        review_day=day, limit=limit, ways=ways, texts={"zh": lines("zh"), "en": lines("en")}
    )
