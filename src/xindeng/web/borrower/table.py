"""The borrower's pages."""

from __future__ import annotations

from functools import partial
from typing import Final

from xindeng.web.borrower.home import home
from xindeng.web.borrower.more import more
from xindeng.web.route import Page

_MINE: Final = partial(Page, room="borrower")

BORROWER_PAGES: Final[tuple[Page, ...]] = (
    _MINE(path="/me", action="line.read", handler=home, template="borrower/home.html"),
    _MINE(path="/me/more", action="line.read", handler=more, template="borrower/more.html"),
)
