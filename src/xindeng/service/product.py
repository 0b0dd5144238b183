"""The product's own figures that the service reads by name from the policy, as dated there."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from xindeng.decision.request import Request
from xindeng.kernel.errors import InputError
from xindeng.kernel.time import DAY, HOUR, MINUTE
from xindeng.service.engine import Engine

OFFER: Final = "offer_lasts_hours"
"""How long an approval may be confirmed; features should count it as spoken for as long."""
UNSEEN: Final = "unseen_transfer_minutes"
"""A transfer the rail has not heard of for so long will not come any more: the rule by which a
reservation is released when the rail was down."""

OPEN_DRAWS: Final = "max_open_draws"
"""How many draws may be open or on their way at once."""
LEGAL_CAP: Final = "legal_line_cap"
"""The most that may be owed and on its way on one line, whatever the limit."""


def request_of(
    engine: Engine, amount: int, months: int, purpose: str, *, product: str | None = None,
    rate_bp: int | None = None,
) -> Request:  # fmt: skip
    """Return a wish as the policy means it: under its product, which sets the rate, or at a rate.

    Raises InputError for what no line could mean, and for a rate where the product sets it.
    """
    products, currency = engine.policy.products, engine.policy.currency
    if rate_bp is not None and products:
        raise InputError(
            "the rate is set by the policy's product",
            where="rate",
            next_step="leave it out; see: xindeng policy products",
            code="request.rate",
        )
    plain = Request(
        amount=amount, term_months=months, purpose=purpose, currency=currency, product=product
    )
    if rate_bp is not None:
        return replace(plain, rate_bp=rate_bp)
    if product is None and products:
        return replace(plain, product=products.of(None, months).id)
    return plain


def offer_lasts(engine: Engine, made_at: int) -> int:
    """Return how long (µs) an approval made at `made_at` may be confirmed: a day where the policy
    says nothing. What was promised with it is not shortened by a later change."""
    found = _figure(engine, OFFER, made_at)
    return DAY if found is None else found * HOUR


def unseen_lasts(engine: Engine) -> int:
    """Return after how long (µs) a transfer never heard of is given up: half an hour where the
    policy says nothing."""
    found = _figure(engine, UNSEEN, engine.clock())
    return 30 * MINUTE if found is None else found * MINUTE


def most_open_draws(engine: Engine) -> int | None:
    """Return how many draws may be open at once today; None where the policy does not say."""
    return _figure(engine, OPEN_DRAWS, engine.clock())


def legal_cap(engine: Engine) -> int | None:
    """Return the most a line may owe by law today, minor units; None where the policy does not
    say."""
    return _figure(engine, LEGAL_CAP, engine.clock())


def _figure(engine: Engine, name: str, at: int) -> int | None:
    policy = engine.policy
    if name not in policy.parameter_names:
        return None
    found = policy.parameter(name, policy.zone.day(at))
    return found if type(found) is int else None
