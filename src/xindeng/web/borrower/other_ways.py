"""Other ways: one's debts with the ways to pay them, what other loans cost, a fund of one's own."""

from __future__ import annotations

from xindeng.kernel.errors import InputError
from xindeng.service.own_ways import own_ways
from xindeng.service.product import request_of
from xindeng.web.borrower.amount import minor_of, wrong_amount
from xindeng.web.borrower.frame import shown
from xindeng.web.borrower.trial import terms
from xindeng.web.route import Shown, Visit

_USUAL = "8000"


def page(visit: Visit) -> Shown:
    """Show the other ways for an amount that one has in mind."""
    engine, months = visit.engine, visit.query.get("months", "")
    offered = terms(visit)
    over = int(months) if months.isdigit() and int(months[:4]) in offered else offered[-1]
    if not months:
        over = 12 if 12 in offered else over
    amount, problem = visit.query.get("amount", _USUAL)[:20], ""
    try:
        request = request_of(engine, minor_of(visit, amount), over, "consumption")
    except InputError:
        problem = wrong_amount(visit, amount)
        request = request_of(engine, 800_000, over, "consumption")
    found = own_ways(engine, visit.borrower, request, visit.lang)
    return shown(visit, "/me/other-ways", status=422 if problem else 200, found=found,
                 amount=amount, months=over, terms=offered, problem=problem)  # fmt: skip
