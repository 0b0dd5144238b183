"""Who saw and did what: each actor's chain, searched by actor, subject and kind."""

from __future__ import annotations

from xindeng.service import deeds
from xindeng.web.desk import shown
from xindeng.web.risk.action_words import ACTION_WORDS
from xindeng.web.route import Shown, Visit

PAGE = 100


def audit(visit: Visit) -> Shown:
    """Show what was seen and done, newest first."""
    asked = {name: visit.query.get(name, "").strip()[:128] for name in ("actor", "subject", "kind")}
    text = visit.query.get("before", "")
    below = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
    found = deeds.search(visit.engine, **asked, below=below, count=PAGE + 1)
    rows = found[:PAGE]
    return shown(visit, "/risk/audit", rows=rows, asked=asked, done=done,
                 older=rows[-1].at if len(found) > PAGE else None)  # fmt: skip


def done(visit: Visit, kind: str) -> str:
    """Return what was done in words, "" for a kind that has none."""
    text = ACTION_WORDS.get(kind)
    return "" if text is None else visit.say(text)
