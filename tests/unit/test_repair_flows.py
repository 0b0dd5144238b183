"""Flows: income, rent and lenders by stated rules; the traps that look like income and are none."""

from __future__ import annotations

import string
from datetime import date

import pytest

from xindeng.events.envelope import Event
from xindeng.events.life import InstalmentPurchase, Payment, PaymentCategory, Purchase
from xindeng.kernel.time import HOUR, from_date, zone
from xindeng.repair.flows.recognise import Correction, Flows, recognise, relabelled
from xindeng.repair.flows.words import MEANINGS, WORDS

SHANGHAI = zone("Asia/Shanghai")
NOW = SHANGHAI.parse("2026-09-10T12:00")


def pay(
    day: str,
    yuan: float,
    category: PaymentCategory = "transfer",
    party: str | None = "org:acme",
    direction: str = "in",
) -> Event:
    at = SHANGHAI.midnight(from_date(date.fromisoformat(day))) + 9 * HOUR
    fen = round(yuan * 100)
    payload = Payment(direction=direction, amount=fen, category=category, counterparty=party)  # type: ignore[arg-type]
    return Event(f"{day}/{direction}/{fen}/{party}/{category}", "b", "payment", 1, at, at, payload)


def out(day: str, yuan: float, category: PaymentCategory = "transfer", party: str = "p") -> Event:
    return pay(day, yuan, category, party, "out")


def each_month(
    yuan: float, dom: int = 15, months: range = range(3, 9), **facts: str
) -> list[Event]:
    return [pay(f"2026-{month:02}-{dom:02}", yuan, **facts) for month in months]  # type: ignore[arg-type]


def seen(*events: Event, corrections: tuple[Correction, ...] = ()) -> Flows:
    # A payment on New Year's Day makes the history begin there.
    start = out("2026-01-01", 1, "dining", "noodles")
    return recognise([start, *events], NOW, SHANGHAI, corrections=corrections)


def aside(flows: Flows) -> dict[str, int]:
    return {one.reason: one.amount // 100 for one in flows.set_aside}


def test_wages_by_the_papers_word() -> None:
    flows = seen(*each_month(9000, category="salary"))
    (wage,) = flows.income
    assert (wage.rule, wage.usual, wage.pay_day, wage.counted) == (
        "income.stated",
        900_000,
        15,
        True,
    )
    assert wage.stability.word == "steady"
    assert (wage.stability.months, wage.stability.paid, wage.stability.spread_bp) == (6, 6, 0)
    assert flows.monthly_income == 900_000
    assert len(wage.sources) == 6
    assert "15 日前后" in wage.why.zh
    assert "¥9,000" in wage.why.en


def test_a_bonus_changes_nothing() -> None:
    flows = seen(*each_month(9000, category="salary"), pay("2026-07-20", 50_000, "salary"))
    assert flows.monthly_income == 900_000


def test_two_jobs_are_two_sources_and_one_sum() -> None:
    flows = seen(
        *each_month(6000, category="salary", party="org:a"),
        *each_month(2500, 28, category="salary", party="org:b"),
    )
    assert [source.usual for source in flows.income] == [600_000, 250_000]
    assert flows.monthly_income == 850_000


def test_salary_in_two_halves_and_a_half_month_to_come() -> None:
    halves = [*each_month(4000, 1, range(3, 10)), *each_month(4200, 16, range(3, 9))]
    flows = seen(*halves)
    (wage,) = flows.income
    assert (wage.rule, wage.usual) == ("income.monthly_organisation", 820_000)
    assert {flows.labels[event.id] for event in halves} == {"salary"}


def test_wages_at_the_turn_of_the_month_make_no_double_month() -> None:
    days = ("2026-03-31", "2026-05-01", "2026-05-29", "2026-07-01", "2026-07-31", "2026-09-01")
    flows = seen(*(pay(day, 7000, "salary") for day in days))
    assert [one.amount for one in flows.income[0].monthly] == [700_000] * 6
    assert flows.stability is not None
    assert flows.stability.word == "steady"


def test_an_employer_that_stopped_is_no_income_now() -> None:
    flows = seen(*each_month(9000, category="salary", months=range(1, 6)))
    assert (flows.income[0].ongoing, flows.monthly_income) == (False, 0)


def test_nothing_seen_is_none_and_not_zero() -> None:
    assert recognise([], NOW, SHANGHAI) == Flows()
    assert seen().monthly_income is None


def test_the_future_and_other_currencies_are_not_read() -> None:
    later = pay("2026-09-15", 9000, "salary")
    koruna = Event(
        "k",
        "b",
        "payment",
        1,
        NOW,
        NOW,
        Payment(direction="in", amount=1, currency="CZK", category="salary"),
    )
    assert seen(later, koruna).income == ()


def test_an_even_payer_of_unknown_sort_is_shown_but_not_counted() -> None:
    flows = seen(*each_month(2000, party="f00"))
    (source,) = flows.income
    assert (source.rule, source.counted) == ("income.monthly_payer", False)
    assert flows.monthly_income is None
    assert aside(flows) == {"unproven": 12_000}
    confirmed = seen(
        *each_month(2000, party="f00"), corrections=(Correction("f00", "salary", "宏达"),)
    )
    assert confirmed.monthly_income == 200_000
    assert confirmed.corrections[0].before == {"transfer": 6}
    assert "宏达" in confirmed.corrections[0].why.zh


@pytest.mark.parametrize(
    ("events", "reason"),
    [
        (each_month(500, party="person:x"), "person"),
        (each_month(9000, party="person:mother"), "person"),
        (each_month(900), "unproven"),
        ([pay("2026-05-02", 800, "refund")], "refund"),
        ([pay("2026-05-02", 80_000, "fund_redemption")], "fund_redemption"),
        ([pay("2026-05-02", 80_000, "self_transfer")], "self_transfer"),
        ([pay("2026-05-02", 20_000, "loan_proceeds")], "loan_proceeds"),
        ([pay("2026-05-02", 20_000, "transfer", "lender:x")], "loan_proceeds"),
        ([pay("2026-05-02", 20_000, party=None)], "unproven"),
        ([pay("2026-05-02", 180_000, party="unknown")], "unproven"),
        ([pay(f"2026-05-{day:02}", 30, "other_income", f"till:{day}") for day in range(1, 9)], "few_receipts"),
    ],
)  # fmt: skip
def test_what_is_never_income(events: list[Event], reason: str) -> None:
    flows = seen(*events)
    assert flows.monthly_income is None
    assert aside(flows) == {reason: sum(e.payload.amount for e in events) // 100}  # type: ignore[union-attr]


def test_a_loan_called_a_transfer_is_told_by_how_it_goes_back() -> None:
    flows = seen(
        pay("2026-03-02", 6000, party="x"),
        *(out(f"2026-{month:02}-02", 1080, party="x") for month in range(4, 10)),
    )
    (lender,) = flows.lenders
    assert (lender.rule, lender.proceeds, lender.repaid) == ("lender.repaid", 600_000, 648_000)
    assert (lender.usual, lender.pay_day, lender.ongoing) == (108_000, 2, True)
    assert flows.rent == ()
    assert aside(flows) == {"loan_proceeds": 6000}


def test_money_to_ones_own_other_account_is_seen_twice() -> None:
    months = range(3, 9)
    flows = seen(
        *(out(f"2026-{month:02}-05", 5000 + month, party="bank-b") for month in months),
        *(pay(f"2026-{month:02}-06", 5000 + month, party="bank-a") for month in months),
    )
    (own,) = flows.own
    assert (own.rule, own.moved_in, own.moved_out) == ("self.mirrored", 3_003_300, 3_003_300)
    assert flows.income == flows.rent == ()


def test_rent_and_what_the_landlord_gives_back() -> None:
    flows = seen(
        *(out(f"2026-{month:02}-01", 2400, "rent", "landlord") for month in range(2, 10)),
        pay("2026-06-09", 2400, party="landlord"),
    )
    (rent,) = flows.rent
    assert (rent.usual, rent.every, rent.pay_day, rent.stated) == (240_000, 1, 1, True)
    assert rent.why.zh == "账单写明为房租：8 笔，通常每月 ¥2,400"
    assert aside(flows) == {"refund": 2400}


def test_rent_paid_a_quarter_ahead_and_rent_by_pattern() -> None:
    days = ("2026-01-03", "2026-04-03", "2026-07-02")
    flows = seen(*(out(day, 6600, party="q") for day in days))
    (rent,) = flows.rent
    assert (rent.rule, rent.usual, rent.every) == ("rent.monthly_same", 660_000, 3)
    assert (rent.stated, rent.ongoing) == (False, True)
    assert "each 3 months" in rent.why.en


def test_takings_are_many_receipts_from_many_payers() -> None:
    receipts = [
        pay(f"2026-{month:02}-{day:02}", 100, "other_income", f"till:{day}")
        for month in range(3, 9)
        for day in range(1, 26)
    ]
    (source,) = seen(*receipts).income
    assert (source.rule, source.kind, source.usual) == ("income.takings", "takings", 250_000)
    assert "成本" in source.why.zh


def test_loose_income_counts_its_empty_months() -> None:
    flows = seen(*(pay(f"2026-{month:02}-08", 6000, "other_income", "a") for month in (3, 5, 8)))
    assert flows.income[0].usual == 0
    assert flows.stability is not None
    assert flows.stability.word == "unsteady"


def test_subscriptions_are_one_price_each_month() -> None:
    def bought(day: str, yuan: int, merchant: str) -> Event:
        at = SHANGHAI.parse(day)
        return Event(
            f"{day}{merchant}",
            "b",
            "purchase",
            1,
            at,
            at,
            Purchase(amount=yuan * 100, merchant=merchant),
        )

    flows = seen(
        *(bought(f"2026-{month:02}-12", 25, "film") for month in range(5, 9)),
        *(bought(f"2026-{month:02}-12", 20 + month, "shop") for month in range(5, 9)),
    )
    (subscription,) = flows.subscriptions
    assert (subscription.usual, subscription.pay_day, subscription.party) == (2500, 12, "film")


def test_instalment_purchases_are_told() -> None:
    at = SHANGHAI.parse("2026-05-05")
    event = Event(
        "i",
        "b",
        "instalment_purchase",
        1,
        at,
        at,
        InstalmentPurchase(amount=360_000, merchant="m", instalments=12),
    )
    (found,) = recognise([event], NOW, SHANGHAI).instalments
    assert (found.monthly, found.instalments) == (30_000, 12)


def test_corrections_come_first_and_are_told() -> None:
    wage = each_month(9000, category="salary")
    events = [*wage, *each_month(3000, 20, party="person:x")]
    flows = seen(
        *events,
        corrections=(
            Correction("org:acme", "self", "我的另一张卡"),
            Correction("person:x", "ignore"),
            Correction("org:nobody", "rent", "谁"),
        ),
    )
    assert flows.income == ()
    assert aside(flows) == {"self_transfer": 54_000, "ignored": 18_000}
    assert [one.meaning for one in flows.corrections] == ["self", "ignore"]
    assert [one.name for one in flows.unused] == ["谁"]
    again = relabelled(events, flows)
    assert [event.payload.category for event in again] == ["self_transfer"] * 6  # type: ignore[union-attr]


def test_every_rule_has_words_in_both_languages_with_the_same_facts() -> None:
    def places(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    for rule, (zh, en) in WORDS.items():
        assert places(zh) == places(en), rule
        assert any("一" <= letter <= "鿿" for letter in zh), rule
        assert en.isascii() or "“" in en, rule
    assert all(zh and en for zh, en in MEANINGS.values())
