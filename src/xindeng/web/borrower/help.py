"""In difficulty: ask for help, and see at once what there is and until when a person answers."""

from __future__ import annotations

from msgspec import Struct

from xindeng.service import hardship
from xindeng.servicing.hardship import Causes, Wish
from xindeng.web.borrower.frame import shown
from xindeng.web.route import Shown, Visit


class HelpForm(Struct):
    """Why help is asked for, and which is wished."""

    cause: Causes = "other"
    wish: Wish = "advice"


def form(visit: Visit) -> Shown:
    """Show how to ask, and what was asked already; asking costs nothing."""
    return shown(
        visit, "/me/help", menu=None, asked=hardship.waiting(visit.engine, visit.borrower),
        within=hardship.answered_by(visit.engine),
    )  # fmt: skip


def ask(visit: Visit) -> Shown:
    """Put the request before a person and show the menu; asking again keeps the first day."""
    sent: HelpForm = visit.form
    menu = hardship.ask(visit.engine, visit.borrower, cause=sent.cause, wish=sent.wish)
    return shown(
        visit, "/me/help", menu=menu,
        options=[one.texts[visit.lang] for one in menu.options],
        told=[one.texts[visit.lang] for one in menu.orders.notices],
    )  # fmt: skip
