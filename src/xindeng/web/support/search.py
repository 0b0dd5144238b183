"""The desk's first page: find somebody by a number that they can tell, and what waits."""

from __future__ import annotations

from collections import Counter
from urllib.parse import quote

from xindeng.service import finding, matters, proposals
from xindeng.web.desk import by, shown
from xindeng.web.route import Go, Shown, Visit

MOST_WAITING = 200


def search(visit: Visit) -> Shown:
    """Show the search, masked results, and how much waits for a person."""
    asked = visit.query.get("q", "").strip()[:128]
    found = finding.find(visit.engine, asked) if asked else []
    rows = []
    if visit.may("matter.queue"):
        rows = list(matters.queue(visit.engine, None, None, MOST_WAITING))
    me = by(visit)
    return shown(
        visit, "/desk",
        asked=asked,
        found=found,
        short=bool(asked) and len(asked) < finding.LEAST,
        least=finding.LEAST,
        waiting=Counter(row.way for row in rows),
        late=sum(row.late for row in rows),
        mine=[row for row in rows if row.taken_by == me],
        proposed=len(proposals.listed(visit.engine, waiting=True))
        if visit.may("proposal.read") else 0,
    )  # fmt: skip


def open_found(visit: Visit) -> Go:
    """Go to the page of somebody found; the list itself never names them."""
    asked, handle = visit.query.get("q", "")[:128], visit.query.get("at", "")[:64]
    return Go(path_of(finding.open_found(visit.engine, asked, handle)))


def path_of(borrower: str) -> str:
    """Return the path of a borrower's page at the desk."""
    return f"/desk/borrowers/{quote(borrower, safe='')}"
