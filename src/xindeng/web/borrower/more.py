"""The list of all pages, for the last tab of a phone."""

from __future__ import annotations

from xindeng.web.borrower.frame import shown
from xindeng.web.route import Shown, Visit


def more(visit: Visit) -> Shown:
    """Show where else to go."""
    return shown(visit, "/me/more")
