"""What a draw asked for would take out of a month, on the terms of the product it names."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from msgspec.structs import replace

from xindeng.decision.request import instalment
from xindeng.lending.burden import monthly_due
from xindeng.policy.policy import Policy


def burden(policy: Policy, product: str | None, rate_bp: int, months: int) -> Callable[[int], int]:
    """Return the figure as a function of the amount (minor units); it never falls.

    Without a product it is an equal payment. Raises InputError for a product or term that the
    policy does not offer.
    """
    if product is None:
        return lambda amount: instalment(amount, rate_bp, months)
    terms = policy.products.of(product, months).terms
    return partial(monthly_due, replace(terms, months=months, rate_ppm=rate_bp * 100))
