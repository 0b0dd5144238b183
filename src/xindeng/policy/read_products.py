"""products.yaml → products with their terms and prices, caps, time to read."""

from __future__ import annotations

import re
from typing import Any, Final

from xindeng.kernel.money import MAX_AMOUNT
from xindeng.lending.terms import (
    IMPAIRED_ORDER,
    STANDARD_ORDER,
    Early,
    FeeRule,
    Method,
    Order,
    Part,
    Terms,
)
from xindeng.policy.model import Place
from xindeng.policy.products import ANY_BAND, CapSpec, Product, ProductSpecs, Rate
from xindeng.policy.reader import Reader, Sink
from xindeng.policy.source import Table

_RATE: Final = re.compile(r"\d{1,7}|\$[a-z][a-z0-9_]*")
_MOST_MONTHS: Final = 60


def read_products(value: Any, sink: Sink, bands: frozenset[str]) -> ProductSpecs:
    """Return what products.yaml says; `bands` are the score bands (empty: no card)."""
    reader = Reader(value, 1, sink, "products.yaml")
    products: list[Product] = []
    for spec in reader.readers("products", required=False):
        found = _product(spec, bands)
        if found is None:
            continue
        if found.id in {one.id for one in products}:
            sink.add(found.place.line, "product.twice", f"product {found.id} stands twice", "")
        products.append(found)
    specs = ProductSpecs(
        products=tuple(products),
        caps=tuple(_cap(spec) for spec in reader.readers("caps", required=False)),
        reading_seconds=reader.integer("reading_seconds", 10, 0, 600),
    )
    reader.finish()
    return specs


def _product(reader: Reader, bands: frozenset[str]) -> Product | None:
    before = len(reader.sink.problems)
    name = reader.name("id")
    reader.what = f"product {name or '?'}"
    title = reader.bilingual("title")
    months = _months(reader)
    rates = _rates(reader, bands)
    fields = _fields(reader)
    reader.finish()
    if len(reader.sink.problems) > before:
        return None
    terms = reader.sink.guard(
        reader.line, "product.terms", lambda: Terms(rate_ppm=0, months=max(months), **fields)
    )
    place = Place(reader.sink.path, reader.line)
    return None if terms is None else Product(name, title, months, rates, terms, place)


def _fields(reader: Reader) -> dict[str, Any]:
    """Return the terms that a product says: all of them but rate, months, currency, holidays."""
    fees = [_fee(spec) for spec in reader.readers("fees", required=False)]
    return {
        "method": reader.choice("method", [str(one) for one in Method]) or None,
        "day_count": reader.integer("day_count", 365, 360, 365),
        "due_dom": reader.integer("due_day", None, 1, 31) if reader.has("due_day") else None,
        "first_gap_days": reader.integer("first_gap_days", 15, 1, 60),
        "shift": reader.choice("shift", ("none", "following"), "none"),
        "grace_days": reader.integer("grace_days", 0, 0, 90),
        "penalty_percent": reader.integer("penalty_percent", 150, 100, 1000),
        "early": Early(reader.choice("early", [str(one) for one in Early], "recompute") or "next"),
        "fees": tuple(fee for fee in fees if fee is not None),
        "order": _order(reader, "order", STANDARD_ORDER),
        "impaired_order": _order(reader, "impaired_order", IMPAIRED_ORDER),
        "impaired_after_dpd": reader.integer("impaired_after_dpd", 90, 0, 3650),
    }


def _months(reader: Reader) -> tuple[int, ...]:
    found: list[int] = []
    for value, line in reader.items("months"):
        if type(value) is not int or not 1 <= value <= _MOST_MONTHS or value in found:
            what = f"{reader.what} is offered over {str(value)[:20]!r} months"
            step = f"list whole numbers from 1 to {_MOST_MONTHS}, each once"
            reader.sink.add(line, "product.months", what, step)
        else:
            found.append(value)
    if not found:
        what = f"{reader.what} is offered over no term"
        reader.sink.add(reader.at("months"), "product.months", what, "write `months: [3, 6, 12]`")
    return tuple(found)


def _rates(reader: Reader, bands: frozenset[str]) -> dict[str, Rate]:
    """Return the rate under ANY_BAND, or a rate for each score band."""
    if not isinstance(reader.table.get("rate"), Table):
        return {ANY_BAND: _rate(reader, "rate")}
    spec = reader.reader("rate")
    for band in sorted(bands - set(spec.table)):
        what = f"{reader.what} has no rate for score band {band}"
        spec.sink.add(spec.line, "product.band", what, f"add `{band}: …`")
    found = {band: _rate(spec, band) for band in sorted(bands & set(spec.table))}
    spec.finish()
    return found


def _rate(reader: Reader, key: str) -> Rate:
    text = reader.text(key)
    if text and not _RATE.fullmatch(text):
        what = f"`{key}` of {reader.what} is {text[:40]!r}"
        step = "write whole basis points a year or a $parameter: 1460, $draw_rate_bp"
        reader.sink.add(reader.at(key), "product.rate", what, step)
        text = ""
    return Rate(text or "0", Place(reader.sink.path, reader.at(key)))


def _fee(reader: Reader) -> FeeRule | None:
    names = reader.bilingual("name")
    payee = reader.text("payee")
    every = reader.choice("every", ("month", "once"), "month")
    ppm = reader.integer("ppm", 0, 0, 1_000_000)
    amount = reader.integer("amount", 0, 0, MAX_AMOUNT)
    reader.finish()
    if not (ppm or amount) and reader.ok:
        what = f"{reader.what} is a fee of nothing"
        step = "give `ppm` of the amount lent or an `amount`, or leave it out"
        reader.sink.add(reader.line, "product.fee", what, step)
        return None
    found: FeeRule | None = reader.sink.guard(
        reader.line,
        "product.fee",
        lambda: FeeRule(
            names.get("zh", ""), payee, "once" if every == "once" else "month", ppm, amount,
            name_en=names.get("en", ""),
        ),
    )  # fmt: skip
    return found


def _order(reader: Reader, key: str, usual: Order) -> Order:
    """Return an order of allocation: `{by: instalment, parts: [penalty, fee, …]}`."""
    if not reader.has(key):
        return usual
    spec = reader.reader(key)
    by = spec.choice("by", ("instalment", "part"))
    parts = tuple(Part(word) for word in spec.words("parts", [str(one) for one in Part]))
    spec.finish()
    found = spec.sink.guard(
        spec.line, "product.order", lambda: Order(parts, "part" if by == "part" else "instalment")
    )
    return found or usual


def _cap(reader: Reader) -> CapSpec:
    name = reader.name("id")
    reader.what = f"cap {name or '?'}"
    rate = _rate(reader, "rate")
    compound = reader.choice("convention", ("simple", "compound")) == "compound"
    total = reader.choice("scope", ("performing", "default_total"), "performing")
    reader.finish()
    return CapSpec(
        name, rate.text, "compound" if compound else "simple",
        "default_total" if total == "default_total" else "performing", rate.place,
    )  # fmt: skip
