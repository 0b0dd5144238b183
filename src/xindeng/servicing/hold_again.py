"""A hold that a person places again: on evidence that is new, and within the caps of its kind.

A rule never places its hold again on what the last one rested on (`decision.lapsed`); a person who
gives the same reason is bound alike. Where the policy sees something later than the last end, a
hold begins anew. Else the person must name what came up since, which is stored with the hold, and
the time and the placings under that reason count in the caps of the kind as extensions would.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from xindeng.events.envelope import Event
from xindeng.kernel.errors import ConflictError
from xindeng.kernel.time import DAY
from xindeng.servicing.hold_book import PastHold, StandingHold, hold_book
from xindeng.servicing.holds import is_true
from xindeng.servicing.view import View


def check_again(
    view: View, events: Iterable[Event], kind: str, *, reason: str, note: str, days: int | None
) -> None:
    """Raise ConflictError where a hold of the kind may not be placed for that reason again.

    `events` tell of the borrower's holds, in sequence; `days` is None for the kind's own length.
    """

    def same(hold: StandingHold) -> bool:
        return hold.kind == kind and _plain(hold.reason) == _plain(reason)

    standing, past = hold_book(events)
    if any(map(same, standing)):
        raise _refused(
            "a hold stands for that reason", kind, "extend it on new evidence", "hold.stands"
        )
    mine = [one for one in past if same(one.hold)]
    if not mine or _seen_later(view, max(mine, key=lambda one: one.ended_at)):
        return
    used = {_plain(text) for one in mine for text in one.hold.evidence}
    if not note.strip() or _plain(note) in used:
        raise _refused(
            "a hold for that reason has ended, and nothing new is named",
            kind,
            "leave it ended, or say in the note what came up since",
            "hold.again",
        )
    placings = len(mine) + sum(one.hold.extensions for one in mine)
    held = sum(one.ended_at - one.hold.placed_at for one in mine)
    length = _length(view, kind, "days") if days is None else days
    most, number = _length(view, kind, "max_days"), _length(view, kind, "max_extensions")
    if placings > number or held + length * DAY > most * DAY:
        raise _refused(
            f"for that reason draws were held {-(-held // DAY)} days in {placings} spells; "
            f"the most is {most} days in all, and {number} spells after the first",
            kind,
            "decide the case, or have a person look at each draw",
            "hold.cap",
        )


def _seen_later(view: View, last: PastHold) -> bool:
    """Say whether the policy sees something that came up after the last hold ended."""
    at_end = replace(last.hold, placed_at=last.ended_at, judged_at=last.ended_at)
    return is_true(view, at_end, "extend_when")


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def _length(view: View, kind: str, key: str) -> int:
    return view.policy.line.length(kind, key, view.parameters)


def _refused(what: str, kind: str, next_step: str, code: str) -> ConflictError:
    return ConflictError(what, where=f"hold of kind {kind}", next_step=next_step, code=code)
