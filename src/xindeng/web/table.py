"""The table of pages: path, action for `permit`, handler, template.

A new page is one line in the table of its part, one function, one template, and its words in
`words/`. The tests of layout, of access and of words go through this table.
"""

from __future__ import annotations

from typing import Final

from xindeng.web.borrower.table import BORROWER_PAGES
from xindeng.web.risk.table import RISK_PAGES
from xindeng.web.route import Page
from xindeng.web.site.table import SITE_PAGES
from xindeng.web.support.table import SUPPORT_PAGES

PAGES: Final[tuple[Page, ...]] = (*SITE_PAGES, *BORROWER_PAGES, *SUPPORT_PAGES, *RISK_PAGES)
