"""The offers a person may compare, from an editable file; every fault is told as file:line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, cast, get_args

from msgspec import Struct

from xindeng.events.credit import LenderKind
from xindeng.kernel.errors import ImportFileError, InputError, Problem
from xindeng.kernel.money import MAX_AMOUNT
from xindeng.lending.terms import MAX_BULLET_MONTHS, MAX_MONTHS, FeeRule, Method
from xindeng.policy.parameters import Parameter
from xindeng.policy.read_parameters import read_named
from xindeng.policy.reader import Reader, Sink
from xindeng.policy.source import Items, read_yaml
from xindeng.repair.debts.running import CardRule

OfferKind = Literal[
    "bank_loan", "card_instalment", "cash_advance", "pay_later", "small_reserve", "savings",
    "family",
]  # fmt: skip
OFFERS: Final = "offers.yaml"
PARAMETERS: Final = "parameters.yaml"
MOST_OFFERS: Final = 100
_NEEDED: Final = {
    "card_minimum_percent": "bp",
    "card_minimum_floor": "fen",
    "card_residual_days": "days",
    "emergency_fund_months": "months",
    "emergency_fund_first_step": "fen",
}


class Offer(Struct, frozen=True, kw_only=True):
    """One way to have money. Amounts in fen, `rate_ppm` simple a year.

    `months` are the terms there are, () for whatever is asked; `days` a fixed number of days
    instead. Nothing is charged for the first `free_days`. Of savings the rate is what they earn.
    `enquiry`, `account`: whether it asks the credit bureau and stands on the report. `confirmed`
    False: nobody has checked the figures against a lender's own paper, which is said.
    """

    id: str
    kind: OfferKind
    name: dict[str, str]
    lender_kind: LenderKind
    method: Method
    rate_ppm: int
    low: int
    high: int
    months: tuple[int, ...]
    days: int
    free_days: int
    fees: tuple[FeeRule, ...]
    fee_at_least: int
    enquiry: bool
    account: bool
    source: dict[str, str]
    as_of: int
    confirmed: bool
    catch: dict[str, str]


class Reference(Struct, frozen=True):
    """Offers, and the dated parameters that debts and savings are reckoned with."""

    offers: tuple[Offer, ...]
    parameters: dict[str, Parameter]

    def on(self, name: str, day: int) -> int:
        """Return a parameter's value on a local day."""
        return cast(int, self.parameters[name].on(day))

    def card_rule(self, day: int) -> CardRule:
        """Return how cards are reckoned on a local day where their bills do not say."""
        return CardRule(
            percent_bp=self.on("card_minimum_percent", day),
            floor=self.on("card_minimum_floor", day),
            residual_days=self.on("card_residual_days", day),
        )


def read_reference(files: Mapping[str, bytes], name: str = OFFERS) -> Reference:
    """Return offers and parameters from `offers.yaml`, which errors call `name`, and
    `parameters.yaml`.

    Raises ImportFileError with every problem, each with its file and line.
    """
    problems: list[Problem] = []
    offers = tuple(_offers(name, files.get(OFFERS, b""), problems))
    parameters = read_named(
        files.get(PARAMETERS, b""), PARAMETERS, _NEEDED, problems, "alternatives"
    )
    if problems:
        raise ImportFileError(
            "\n".join(map(str, problems)),
            where=f"{problems[0].path}:{problems[0].line}",
            next_step="mend each line that is named",
            code="alternatives.file",
        )
    return Reference(offers, parameters)


def _offers(name: str, data: bytes, problems: list[Problem]) -> list[Offer]:
    sink = Sink(name, problems)
    root = read_yaml(name, data, problems)
    if root is None:
        return []
    if not isinstance(root, Items) or not 0 < len(root) <= MOST_OFFERS:
        sink.add(1, "alternatives.shape", f"not a list of 1 to {MOST_OFFERS} offers",
                 "begin each offer with `- id: …`")  # fmt: skip
        return []
    found: list[Offer] = []
    for value, line in zip(root, root.lines, strict=True):
        offer = _offer(Reader(value, line, sink, "an offer"))
        if offer is not None and any(offer.id == other.id for other in found):
            sink.add(line, "alternatives.twice", f"{offer.id!r} stands twice", "rename one")
        elif offer is not None:
            found.append(offer)
    return found


def _offer(reader: Reader) -> Offer | None:
    before = len(reader.sink.problems)
    amount = reader.reader("amount")
    low, high = (
        amount.integer("low", low=1, high=MAX_AMOUNT),
        amount.integer("high", high=MAX_AMOUNT),
    )
    amount.finish()
    if amount.ok and low > high:
        amount.sink.add(amount.line, "alternatives.amount", "low is above high", "exchange them")
    day = reader.day("as_of")
    if not reader.has("as_of"):
        reader.sink.add(reader.line, "bundle.missing_key", "an offer has no `as_of`",
                        "say on which day the figures were true")  # fmt: skip
    method = reader.choice("method", [str(one) for one in Method])
    months = _months(reader, method)
    fields: dict[str, Any] = {
        "id": reader.name("id"),
        "kind": reader.choice("kind", get_args(OfferKind)),
        "name": reader.bilingual("name"),
        "lender_kind": reader.choice("lender_kind", get_args(LenderKind)),
        "rate_ppm": reader.integer("rate_ppm", high=100_000_000),
        "days": reader.integer("days", 0, high=365),
        "free_days": reader.integer("free_days", 0, high=365),
        "fees": tuple(fee for fee in map(_fee, reader.readers("fees", required=False)) if fee),
        "fee_at_least": reader.integer("fee_at_least", 0, high=MAX_AMOUNT),
        "enquiry": reader.flag("enquiry", False),
        "account": reader.flag("account", False),
        "source": reader.bilingual("source"),
        "confirmed": reader.flag("confirmed", False),
        "catch": reader.bilingual("catch"),
    }
    reader.finish()
    if len(reader.sink.problems) > before or day is None:
        return None
    return Offer(low=low, high=high, method=Method(method), months=months, as_of=day, **fields)


def _months(reader: Reader, method: str) -> tuple[int, ...]:
    most = MAX_BULLET_MONTHS if method == Method.bullet else MAX_MONTHS
    found = []
    for value, line in reader.items("months", required=not reader.has("days")):
        if type(value) is int and 1 <= value <= most:
            found.append(value)
        else:
            reader.sink.add(line, "alternatives.months", f"a term of {value!r} months",
                            f"give whole months from 1 to {most}")  # fmt: skip
    return tuple(found)


def _fee(reader: Reader) -> FeeRule | None:
    before = len(reader.sink.problems)
    name, payee = reader.text("name"), reader.text("payee")
    every = reader.choice("every", ("month", "once"))
    ppm, amount = reader.integer("ppm", 0, high=1_000_000), reader.integer("amount", 0)
    reader.finish()
    if len(reader.sink.problems) > before:
        return None
    try:
        return FeeRule(name, payee, cast(Literal["month", "once"], every), ppm, amount)
    except InputError as error:
        reader.sink.add(reader.line, error.code, error.what, error.next_step)
        return None
