"""What a lender offers: products with their terms and dated prices, and the caps on any price."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from msgspec.structs import replace

from xindeng.kernel.errors import InputError
from xindeng.language import Value
from xindeng.lending.annual_rate import Convention
from xindeng.lending.calendar import PLAIN, Calendar
from xindeng.lending.caps import Cap, Scope
from xindeng.lending.terms import Terms
from xindeng.policy.model import Place
from xindeng.policy.parameters import Parameter, ParameterBook

ANY_BAND: Final = ""
"""The key of a rate that is the same for every score band."""
_LONGEST_MONTH: Final = 31


@dataclass(frozen=True, slots=True)
class Rate:
    """A simple yearly rate in basis points, a number or a `$parameter`, and where it is written."""

    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class Payer:
    """What a price may depend on beside product and day."""

    stance: str = "neutral"
    segment: str = ""
    band: Value = None


@dataclass(frozen=True, slots=True)
class Product:
    """One product. `terms` are those of every loan but for rate and months; `rates` is by score
    band, or holds one rate under ANY_BAND."""

    id: str
    title: Mapping[str, str]
    months: tuple[int, ...]
    rates: Mapping[str, Rate]
    terms: Terms
    place: Place

    @property
    def by_band(self) -> bool:
        """Say whether the price depends on the score band."""
        return ANY_BAND not in self.rates


@dataclass(frozen=True, slots=True)
class CapSpec:
    """A cap as written: its rate (basis points, a number or `$parameter`), how and what it caps."""

    name: str
    rate: str
    convention: Convention
    scope: Scope
    place: Place


@dataclass(frozen=True, slots=True)
class ProductSpecs:
    """All of products.yaml.

    `reading_seconds` is how long a cost sheet must have been shown before it can be confirmed.
    """

    products: tuple[Product, ...] = ()
    caps: tuple[CapSpec, ...] = ()
    reading_seconds: int = 10


@dataclass(frozen=True, slots=True)
class Offered:
    """A product as offered on a day; `rates_bp` are all the rates that somebody may be asked."""

    id: str
    title: Mapping[str, str]
    months: tuple[int, ...]
    rates_bp: tuple[int, ...]


class Products:
    """What one policy offers, ready to be asked. Rates are basis points a year, simple."""

    def __init__(
        self, specs: ProductSpecs, parameters: ParameterBook, calendar: Calendar = PLAIN
    ) -> None:
        self.all: tuple[Product, ...] = specs.products
        self.reading_seconds = specs.reading_seconds
        self._specs, self._parameters = specs, parameters.by_name
        self._holidays = sorted(calendar.holidays)
        self._by_id = {product.id: product for product in specs.products}

    def __bool__(self) -> bool:
        """Say whether there is any product; without one a request brings its own price."""
        return bool(self.all)

    def of(self, name: str | None, months: int) -> Product:
        """Return the product of that name, or the first over so many months if None.

        Raises InputError for an unknown product, and for months it is not offered over.
        """
        if name is None:
            found = next((one for one in self.all if months in one.months), None)
            every = sorted({month for one in self.all for month in one.months})
        else:
            found = self._by_id.get(name)
            if found is None:
                raise InputError(
                    f"there is no product {name[:60]!r}",
                    where="request.product",
                    next_step=f"use one of {', '.join(self._by_id) or 'none: leave it out'}",
                    code="request.product",
                )
            every = sorted(found.months)
        if found is None or months not in found.months:
            raise InputError(
                f"{name} is not offered over {months} months"
                if name
                else f"no product is offered over {months} months",
                where="request.term_months",
                next_step=f"use one of {', '.join(map(str, every))}",
                code="request.term",
            )
        return found

    def offers(self, name: str, months: int) -> bool:
        """Say whether there is a product of that name over so many months."""
        return name in self._by_id and months in self._by_id[name].months

    def varies(self, product: Product) -> bool:
        """Say whether the price depends on who borrows: band, segment or stance."""
        parameters = (
            self._parameters.get(r.text.removeprefix("$")) for r in product.rates.values()
        )
        return product.by_band or any(one is not None and one.shifted for one in parameters)

    def rate_bp(self, product: Product, day: int, who: Payer) -> int:
        """Return the product's price on a local day.

        Raises InputError where there is no score to price by, or no price yet on that day.
        """
        rate = product.rates.get(str(who.band) if product.by_band else ANY_BAND)
        if rate is None:
            raise InputError(
                f"{product.id} has no price without a score",
                where="request.product",
                next_step="ask again when the score is available, or for another product",
                code="request.price",
            )
        return _figure(rate.text, self._parameters, day, who.stance, who.segment)

    def offered(self, day: int) -> tuple[Offered, ...]:
        """Return each product with every rate it can have on a local day, lowest first."""
        found = []
        for product in self.all:
            rates = set[int]()
            for rate in product.rates.values():
                rates.update(reachable_on(rate, self._parameters, day))
            found.append(Offered(product.id, product.title, product.months, tuple(sorted(rates))))
        return tuple(found)

    def terms(self, name: str, months: int, rate_bp: int, currency: str, day: int) -> Terms:
        """Return the terms of a loan of the product, agreed on local `day` at that rate.

        Raises InputError as `of` does. Holidays are those of the policy's
        calendar that its due days may meet.
        """
        product = self.of(name, months)
        holidays: tuple[int, ...] = ()
        if product.terms.shift != "none":
            last = day + (months + 2) * _LONGEST_MONTH
            holidays = tuple(one for one in self._holidays if day <= one <= last)
        return replace(
            product.terms, months=months, rate_ppm=rate_bp * 100, currency=currency,
            holidays=holidays,
        )  # fmt: skip

    def caps_on(self, day: int) -> tuple[Cap, ...]:
        """Return the caps that are in force on a local day."""
        return caps_on(self._specs.caps, self._parameters, day)


def caps_on(
    specs: tuple[CapSpec, ...], parameters: Mapping[str, Parameter], day: int
) -> tuple[Cap, ...]:
    """Return the caps in force on a local day; one whose parameter begins later is not yet."""
    found = []
    for spec in specs:
        parameter = parameters.get(spec.rate.removeprefix("$"))
        if parameter is not None and day < parameter.days[0]:
            continue
        bp = _figure(spec.rate, parameters, day, "neutral", "")
        source = "" if parameter is None else parameter.source_on(day)
        found.append(Cap(spec.name, bp * 100, spec.convention, source, since=day, scope=spec.scope))
    return tuple(found)


def _figure(
    text: str, parameters: Mapping[str, Parameter], day: int, stance: str, segment: str
) -> int:
    if not text.startswith("$"):
        return int(text)
    value = parameters[text[1:]].on(day, stance, segment)
    assert type(value) is int  # read and checked as basis points
    return value


def reachable_on(rate: Rate, parameters: Mapping[str, Parameter], day: int) -> list[int]:
    """Return every value a rate can take on a day, by stance and segment; none before its first."""
    parameter = parameters.get(rate.text.removeprefix("$"))
    if parameter is None:
        return [int(rate.text)]
    return [value for value in parameter.reachable_on(day) if type(value) is int]
