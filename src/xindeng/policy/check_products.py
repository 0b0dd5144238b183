"""Checks of products.yaml: every price against every cap, on every day either of them changes.

A price above a cap in force is a problem of the bundle, so that such a policy can neither be
loaded nor published. What stance or segment may add to a price counts too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from xindeng.kernel.errors import InputError, Problem
from xindeng.kernel.time import to_date
from xindeng.lending.caps import Cap, check_price, percent
from xindeng.lending.terms import Terms
from xindeng.policy.model import Place
from xindeng.policy.parameters import Parameter
from xindeng.policy.products import CapSpec, Product, ProductSpecs, Rate, caps_on, reachable_on
from xindeng.policy.read_bundle import Bundle
from xindeng.policy.reader import nearest

_MONTH_LENGTHS = (0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334)
"""Days after which a loan may be paid out too: what a fee adds to a rate differs a little with the
months it falls in."""


def check_products(bundle: Bundle, problems: list[Problem]) -> None:
    """Add the problems of products and caps; a rate that is none is reported first."""
    specs = bundle.products
    known = {parameter.name: parameter for parameter in bundle.parameters}
    unknown = list(_unknown(specs, known, bundle.broken))
    problems += unknown
    if unknown or any(text in bundle.broken for text, _ in _rates(specs)):
        return
    least = known.get("min_draw")
    amounts = [v for v in least.reachable() if type(v) is int and v > 0] if least else []
    for product in specs.products:
        for rate in product.rates.values():
            problems += _dear(product, rate, specs.caps, known, min(amounts, default=10_000))


def _rates(specs: ProductSpecs) -> Iterator[tuple[str, Place]]:
    for product in specs.products:
        yield from ((rate.text, rate.place) for rate in product.rates.values())
    yield from ((cap.rate, cap.place) for cap in specs.caps)


def _unknown(
    specs: ProductSpecs, known: Mapping[str, Parameter], broken: frozenset[str]
) -> Iterator[Problem]:
    for text, place in _rates(specs):
        if not text.startswith("$") or text in broken:
            continue
        found = known.get(text[1:])
        if found is None:
            what, step = f"there is no parameter {text}", nearest(text[1:], known)
        elif found.unit != "bp" or any(type(v) is not int or v < 0 for v in found.reachable()):
            what, step = f"{text} is no yearly rate", "give it unit bp and values from 0"
        else:
            continue
        yield Problem(place.path, place.line, "product.rate", what, step)
    for cap in specs.caps:
        found = known.get(cap.rate.removeprefix("$"))
        if found is not None and found.shifted:
            what = f"cap {cap.name} moves with stance or segment"
            step = "a cap is law, the same for everybody: take the shifts away"
            yield Problem(cap.place.path, cap.place.line, "product.cap_shift", what, step)


def _dear(
    product: Product, rate: Rate, caps: tuple[CapSpec, ...], known: Mapping[str, Parameter],
    least: int,
) -> Iterator[Problem]:  # fmt: skip
    """Yield the first day on which the price lies above a cap in force."""
    for day in _days(rate, caps, known):
        found = caps_on(caps, known, day)
        dearest = max(reachable_on(rate, known, day), default=None)
        if dearest is None:
            continue
        for months in product.months:
            terms = replace(product.terms, months=months, rate_ppm=dearest * 100)
            why = _above(terms, least, day, found)
            if why:
                yield Problem(
                    rate.place.path,
                    rate.place.line,
                    "product.cap",
                    f"{product.id} over {months} months from {to_date(day)} on, at up to "
                    f"{percent(dearest * 100)}: {why}",
                    "lower the rate or the fees, or offer it no longer",
                )
                return


def _days(rate: Rate, caps: tuple[CapSpec, ...], known: Mapping[str, Parameter]) -> list[int]:
    """Return the days from which a rate or a cap is another one."""
    named = [known.get(text.removeprefix("$")) for text in (rate.text, *(c.rate for c in caps))]
    days = {day for parameter in named if parameter is not None for day in parameter.days}
    return sorted(days) or [0]


def _above(terms: Terms, amount: int, day: int, caps: tuple[Cap, ...]) -> str:
    """Return in words how a price breaks a cap, or "" where it does not."""
    starts = [day + later for later in _MONTH_LENGTHS] if terms.fees else [day]
    for start in starts:
        try:
            check_price(terms, amount, start, caps)
        except InputError as error:
            return error.what
    return ""
