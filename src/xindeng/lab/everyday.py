"""What everybody leaves behind: opening the line, income, bills, spending, sign-ins."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from xindeng.kernel.time import MINUTE
from xindeng.lab.blocks import Block, Choice, Hashed, Ints, Reals, mix
from xindeng.lab.parameters import OCCUPATIONS
from xindeng.lab.population import People, moment, spread

_DEVICE, _CARD, _EMPLOYER, _MERCHANT, _FRIEND, _LANDLORD, _UTILITY = range(0xD0, 0xD7)


def device(folk: People, who: Ints, number: int | Ints = 0) -> Hashed:
    """Return a person's `number`-th device; members of one fraud ring share theirs."""
    owner = np.where(folk.ring[who] >= 0, mix(folk.ring[who]), folk.borrower[who])
    return Hashed(mix(folk.seed, _DEVICE, owner, np.broadcast_to(number, who.shape)))


def card(folk: People, who: Ints, number: int = 0) -> Hashed:
    """Return a person's payout card."""
    return Hashed(mix(folk.seed, _CARD, folk.borrower[who], np.full(who.shape, number)))


def friend(folk: People, who: Ints, number: int | Ints) -> Hashed:
    """Return a person's `number`-th acquaintance, as a counterparty."""
    return Hashed(mix(folk.seed, _FRIEND, folk.borrower[who], np.broadcast_to(number, who.shape)))


def opening(folk: People) -> list[Block]:
    """The line is opened and granted, identity verified, a card bound, consents given."""
    dice = folk.dice("opening")
    everyone = np.arange(len(folk))
    at = moment(dice, folk, folk.opened, hours=(9, 20))
    thin, student = folk.has("thin_file"), folk.has("student")
    hint = np.where(
        thin | student, 1, np.where(folk.has("idle"), 3, np.where(folk.opened > -180, 0, 2))
    )
    incomplete = folk.has("identity_incomplete")
    blocks = [
        Block("account_opened", everyone, at, {
            "birth_day": folk.birth_day,
            "segment_hint": Choice(hint, ("new", "thin_file", "seasoned", "dormant")),
        }),
        Block("occupation", everyone, at + MINUTE, {
            "kind": Choice(folk.occupation, OCCUPATIONS),
            "verified": dice.random(len(folk)) < 0.6,
        }),
        Block("device_change", everyone, at + 2 * MINUTE,
              {"device": device(folk, everyone), "verified": True}),
        Block("payout_card", everyone, at + 8 * MINUTE,
              {"action": "bound", "card": card(folk, everyone)}),
        Block("limit_change", everyone, at + 9 * MINUTE,
              {"limit": folk.limit, "change": "granted", "reason": "granted at opening"}),
    ]  # fmt: skip
    for place, step in enumerate(("mobile", "name_and_id", "bank_card", "document", "face")):
        done = everyone[~incomplete] if step in ("document", "face") else everyone
        blocks.append(Block("identity_step", done, at[done] + (3 + place) * MINUTE,
                            {"step": step, "result": "passed"}))  # fmt: skip
    # Most people are asked to show their face again within a year.
    again = everyone[~incomplete & (dice.random(len(folk)) < 0.95)]
    seen = moment(dice, folk, folk.window.days - dice.integers(10, 300, len(again)))
    blocks.append(Block("identity_step", again, np.maximum(seen, at[again] + 9 * MINUTE),
                        {"step": "face", "result": "passed"}))  # fmt: skip
    for category in ("bureau", "transactions"):
        blocks.append(Block("consent", everyone, at, {"category": category, "granted": True}))
    return blocks


def income(folk: People) -> list[Block]:
    """Salaries, freelance fees, pensions, benefits and allowances, with quarterly evidence."""
    dice, days = folk.dice("income"), folk.window.days
    blocks: list[Block] = []
    payday = dice.integers(0, 28, len(folk))
    stops = np.where(folk.has("hardship"), days - 35, folk.last)
    irregular, allowance = folk.stability == 2, folk.stability == 3
    employer = mix(
        folk.seed, _EMPLOYER, dice.integers(0, folk.economy.employers_in_town, len(folk))
    )

    def when(who: Ints, day: Ints) -> Ints:
        return moment(dice, folk, np.minimum(day[who], days - 1), hours=(9, 18))

    months = int(np.ceil(days / 30.4))
    for month in range(months):
        day = payday + round(month * 30.4)
        paid = (day >= folk.income_from) & (day < stops)
        sure = np.flatnonzero(paid & ~irregular & ~allowance)
        amount = folk.income[sure] * dice.normal(1, 0.02, len(sure))
        thirteenth = (month == 3) & (folk.stability[sure] == 1)
        amount = np.where(thirteenth, amount * 1.8, amount)
        blocks.append(_paid(sure, when(sure, day), amount, "salary", Hashed(employer[sure])))
        loose = np.flatnonzero(paid & irregular)
        for part in range(2):
            fee = folk.income[loose] * dice.lognormal(-0.8, 0.45, len(loose))
            later = day + dice.integers(0, 15, len(folk)) * part
            client = friend(folk, loose, 50 + dice.integers(0, 6, len(loose)))
            blocks.append(_paid(loose, when(loose, later), fee, "other_income", client))
        given = np.flatnonzero(paid & allowance)
        parents = friend(folk, given, 99)
        blocks.append(_paid(given, when(given, day), folk.income[given], "transfer", parents))
    return blocks + _evidence(folk)


def _paid(who: Ints, at: Ints, amount: Ints | Reals, category: str, payer: Hashed) -> Block:
    fen = np.maximum(amount.astype(np.int64), 100)
    return Block("payment", who, at, {
        "direction": "in", "amount": fen, "category": category, "counterparty": payer,
        "channel": "transfer",
    })  # fmt: skip


def _evidence(folk: People) -> list[Block]:
    dice = folk.dice("evidence")
    known = np.flatnonzero(~folk.has("student") & (folk.stability != 3))
    blocks = []
    for quarter in range(max(1, folk.window.days // 91)):
        day = np.full(len(known), folk.window.days - 20 - 91 * quarter)
        here = (day > folk.income_from[known]) & (day < folk.last[known]) & (day >= 0)
        who = known[here]
        blocks.append(Block("income_evidence", who, moment(dice, folk, day[here]), {
            "monthly_income": folk.income[who], "months": np.where(folk.income_from[who] > 0, 1, 3),
            "source": Choice(np.where(folk.stability[who] == 2, 1, 0), ("payroll", "statement")),
            "verified": folk.stability[who] != 2,
        }))  # fmt: skip
    return blocks


def bills(folk: People) -> list[Block]:
    """Rent, utilities, debts elsewhere: one payment a month each, on a day of their own."""
    dice, days = folk.dice("bills"), folk.window.days
    utilities = (folk.living * dice.uniform(0.04, 0.09, len(folk))).astype(np.int64)
    plan: Sequence[tuple[str, Ints, int, str]] = (
        ("rent", folk.rent, _LANDLORD, "transfer"),
        ("utilities", utilities, _UTILITY, "standing_order"),
        ("loan_repayment", folk.monthly_due * 7 // 10, _LANDLORD + 2, "app"),
        ("card_repayment", folk.monthly_due * 3 // 10, _LANDLORD + 3, "app"),
    )
    blocks = []
    for category, amount, payee, channel in plan:
        when = dice.integers(0, 28, len(folk))
        name = mix(folk.seed, payee, folk.borrower)
        for month in range(int(np.ceil(days / 30.4))):
            day = when + round(month * 30.4)
            due = np.flatnonzero((amount >= 100) & (day < folk.last) & (day >= folk.income_from))
            blocks.append(Block("payment", due, moment(dice, folk, day[due]), {
                "direction": "out", "amount": amount[due], "category": category,
                "counterparty": Hashed(name[due]), "channel": channel,
            }))  # fmt: skip
    return blocks


def transfers(folk: People) -> list[Block]:
    """Money among friends, to oneself, out of funds, and refunds; none of it is income."""
    dice = folk.dice("transfers")
    months = folk.window.days / 30.4
    plan = (("transfer", "in", 0.35, 9.4), ("transfer", "out", 0.5, 9.6),
            ("refund", "in", 0.3, 8.6), ("self_transfer", "in", 0.3, 11.0),
            ("self_transfer", "out", 0.3, 11.0),
            ("fund_redemption", "in", 0.15, 11.2))  # fmt: skip
    blocks = []
    for category, direction, a_month, log_fen in plan:
        counts = dice.poisson(a_month * months, len(folk))
        who, at = spread(dice, folk, counts)
        amount = np.minimum(dice.lognormal(log_fen, 0.6, len(who)), folk.income[who] * 0.8)
        if category == "self_transfer":
            other = Hashed(folk.borrower[who])
        else:
            other = friend(folk, who, dice.integers(0, 12, len(who)))
        blocks.append(Block("payment", who, at, {
            "direction": direction, "amount": np.maximum(amount.astype(np.int64), 100),
            "category": category, "counterparty": other, "channel": "app",
        }))  # fmt: skip
    return blocks


def sign_ins(folk: People) -> list[Block]:
    """Sign-ins from the usual device, now and then a failed one or another network."""
    dice = folk.dice("sign_ins")
    rate = folk.economy.logins_a_month * folk.window.days / 30.4
    who, at = spread(dice, folk, dice.poisson(rate, len(folk)), hours=(7, 23.9))
    network = dice.choice(3, len(who), p=[0.94, 0.04, 0.02])
    changed = np.flatnonzero(dice.random(len(folk)) < 0.15)
    span = folk.last[changed] - folk.first[changed]
    day = folk.first[changed] + (span * dice.uniform(0.1, 0.8, len(changed))).astype(np.int64)
    return [
        Block("login", who, at, {
            "success": dice.random(len(who)) < 0.98, "device": device(folk, who),
            "network": Choice(network, ("usual", "new", "public")),
        }),
        Block("credential_change", changed, moment(dice, folk, day), {
            "kind": Choice(dice.integers(0, 3, len(changed)),
                           ("password", "payment_password", "two_factor")),
        }),
    ]  # fmt: skip


def spending(folk: People, counts: Ints) -> list[Block]:
    """Purchases by category: `counts` (n,) of what others left, topped up to the least number.

    What a person spends a month (`living`) is divided over their purchases, so frugal people with
    many events spend no more than others.
    """
    dice, economy = folk.dice("spending"), folk.economy
    months = (folk.last - folk.first) / 30.4
    usual = dice.poisson(economy.purchases_a_month * months)
    least = int(np.ceil(economy.least_events * folk.window.days / 365))
    number = np.maximum(usual, least - counts)
    who, at = spread(dice, folk, number)
    mean = folk.living * 0.9 * months / np.maximum(number, 1)
    amount = mean[who] * dice.lognormal(-0.32, 0.8, len(who))
    words = tuple(economy.spending_shares)
    category = dice.choice(len(words), len(who), p=list(economy.spending_shares.values()))
    # A person has some 25 haunts in a town of thousands of merchants.
    haunt = mix(folk.borrower[who], dice.integers(0, 25, len(who))) % np.uint64(
        economy.merchants_in_town
    )
    return [Block("purchase", who, at, {
        "amount": np.maximum(amount.astype(np.int64), 100),
        "merchant": Hashed(mix(folk.seed, _MERCHANT, haunt)),
        "category": Choice(category, words), "settled": dice.random(len(who)) < 0.99,
    })]  # fmt: skip
