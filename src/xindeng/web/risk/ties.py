"""The ties of one account: whom it deals with, who of them is flagged, as a drawing and a table."""

from __future__ import annotations

from urllib.parse import quote

from xindeng.service.neighbourhood import Neighbourhood, follow, neighbourhood
from xindeng.web.desk import shown
from xindeng.web.graph import draw_ties
from xindeng.web.route import Go, Shown, Visit

HERE = "/risk/ties"


def find(visit: Visit) -> Shown | Go:
    """Ask for an account, and go to its ties."""
    asked = visit.query.get("borrower", "").strip()[:128]
    return Go(path_of(asked)) if asked else shown(visit, HERE)


def page(visit: Visit) -> Shown:
    """Show the accounts one and two ties away."""
    found = neighbourhood(visit.engine, visit.borrower)
    flagged = sum(bool(one.flags) for one in found.accounts[1:])
    told = visit.say("{count} accounts, {flagged} of them flagged; the table says the same.",
                     count=max(len(found.accounts) - 1, 0), flagged=flagged)  # fmt: skip
    return shown(
        visit, HERE, borrower=visit.borrower, found=found, flagged=flagged,
        drawing=draw_ties(found, told) if found.ties else "", at=path_of(visit.borrower),
        tied=_tied(found),
    )  # fmt: skip


def go_on(visit: Visit) -> Go:
    """Go to the ties of an account of the neighbourhood; the page itself never names it."""
    return Go(path_of(follow(visit.engine, visit.borrower, visit.query.get("at", "")[:64])))


def path_of(borrower: str) -> str:
    """Return the path of an account's ties."""
    return f"{HERE}/{quote(borrower, safe='')}"


def _tied(found: Neighbourhood) -> dict[int, list[tuple[int, dict[str, int], int]]]:
    """Return, for each account, (number of the other, kinds, last seen) of its ties."""
    rows: dict[int, list[tuple[int, dict[str, int], int]]] = {}
    for tie in found.ties:
        for mine, other in ((tie.one, tie.other), (tie.other, tie.one)):
            rows.setdefault(mine, []).append((other, dict(tie.kinds), tie.last))
    return rows
