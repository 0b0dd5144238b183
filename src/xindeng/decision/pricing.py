"""A request at the price of the product it names: the lender sets the price, never the request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from xindeng.decision.decide import look_at
from xindeng.decision.facts import Facts
from xindeng.decision.request import Request
from xindeng.kernel.errors import InputError
from xindeng.policy.policy import Policy
from xindeng.policy.products import Payer


def priced(policy: Policy, request: Request, now: int, facts: Callable[[], Facts]) -> Request:
    """Return the request with its product and that product's rate for this borrower at `now`.

    One that names no product gets the first that is offered over its term. Where the policy
    offers none, a request keeps the rate it came with. `facts` are asked for only where the price
    depends on the borrower. Raises InputError for an unknown product, a term it is not offered
    over, a missing price, or a rate of the request's own.
    """
    products = policy.products
    if not products and request.product is None:
        return request
    product = products.of(request.product, request.term_months)
    who = Payer()
    if products.varies(product):
        look = look_at(policy, facts(), request, now)
        who = Payer(str(look.value("stance")), str(look.value("segment")), look.value("score_band"))
    rate = products.rate_bp(product, policy.zone.day(now), who)
    if request.product is None and request.rate_bp != rate:
        raise InputError(
            f"{product.id} costs {rate / 100:.2f} % a year, not {request.rate_bp / 100:.2f} %",
            where="request.rate_bp",
            next_step="name a product and leave the rate out: the policy sets it",
            code="request.rate",
        )
    return replace(request, product=product.id, rate_bp=rate)
