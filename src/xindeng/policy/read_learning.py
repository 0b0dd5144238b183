"""learning.yaml → the test-and-learn arm: who is drawn, what is let pass, what it may cost."""

from __future__ import annotations

from typing import Any

from xindeng.kernel.money import MAX_AMOUNT
from xindeng.policy.model import Learning, Place
from xindeng.policy.reader import Reader, Sink

MOST_PPM = 10_000
"""One borrower in a hundred: enough to learn from, too few to be a second policy."""
_MOST_HELD_OUT = 100_000


def read_learning(value: Any, sink: Sink) -> Learning | None:
    """Return the arm of learning.yaml, None after a problem with it; problems go to the sink."""
    before = len(sink.problems)
    reader = Reader(value, 1, sink, "learning.yaml")
    first, last = reader.day("from"), reader.day("until")
    if reader.ok and first is None:
        sink.add(reader.line, "learning.from", "the arm has no first day", "add `from: 2026-11-01`")
    if first is not None and last is not None and last <= first:
        sink.add(reader.at("until"), "learning.until", "the arm ends before it begins", "")
    found = Learning(
        salt=reader.text("salt"),
        share_ppm=reader.integer("share_ppm", None, 1, MOST_PPM),
        hold_out_ppm=reader.integer("hold_out_ppm", None, 1, _MOST_HELD_OUT),
        first=first or 0,
        last=last,
        passes=reader.words("passes"),
        at_most=reader.integer("at_most", None, 1, MAX_AMOUNT),
        budget=reader.integer("budget", None, 1, MAX_AMOUNT),
        place=Place(sink.path, reader.line),
        lines=dict(reader.table.lines),
    )
    if reader.ok and not found.passes:
        sink.add(reader.at("passes"), "learning.passes", "the arm lets no rule pass",
                 "name the rules whose refusals you want to learn from under `passes`")  # fmt: skip
    reader.finish()
    return None if len(sink.problems) > before else found
