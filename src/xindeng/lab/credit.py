"""What lenders and the credit bureau know: reports, enquiries, debts elsewhere, earlier draws."""

from __future__ import annotations

import numpy as np

from xindeng.kernel.time import HOUR
from xindeng.lab.blocks import Block, Choice, Hashed, Ints, mix
from xindeng.lab.debts import accounts, lender
from xindeng.lab.population import People, moment, spread
from xindeng.lab.reports import Reports

_DRAW = 0xE1
_TERMS = (3, 6, 12)


def bureau(folk: People) -> list[Block]:
    """A report each quarter: its accounts, and the figures that follow from them."""
    dice, days = folk.dice("bureau"), folk.window.days
    held = accounts(folk, *_arrears(folk))
    everyone, blocks = np.arange(len(folk)), []
    for quarter in range(max(1, days // 91)):
        day = np.full(len(folk), days - 1 - 91 * quarter) - dice.integers(0, 6, len(folk))
        at, lag = moment(dice, folk, day, hours=(1, 6)), dice.integers(0, 12, len(folk)) * HOUR
        drift = 1 + quarter * dice.uniform(-0.05, 0.02, len(folk))
        seen = Reports(folk, held, 3 * quarter, drift, folk.window.first + day)
        blocks.append(Block("credit_report", everyone, at, lag=lag, nested=seen.texts()))
        blocks.append(Block("bureau_summary", everyone, at, seen.summary(), lag))
        blocks.append(Block("external_debt", everyone, at, seen.debt(), lag))
    return blocks


def owed_elsewhere(folk: People) -> Ints:
    """Return what each person owes other lenders on the last day, in fen."""
    held = accounts(folk, *_arrears(folk))
    return held.total(held.balance, len(folk))


def _arrears(folk: People) -> tuple[Ints, Ints]:
    """Return (months overdue within two years, fen overdue now) of each person."""
    dice, bad = folk.dice("arrears"), folk.has("bad_record")
    late = np.where(bad, dice.integers(3, 9, len(folk)), 0)
    once = ~bad & ~folk.has("thin_file", "student") & (folk.taste > 1.6)
    overdue = np.where(bad & (folk.taste > -0.6), dice.integers(20_000, 900_000, len(folk)), 0)
    return np.where(once, 1, late), overdue


def enquiries(folk: People) -> list[Block]:
    """Looks by lenders: one now and then, a burst for those who apply everywhere."""
    dice, days = folk.dice("enquiries"), folk.window.days
    months = days / 30.4
    known = ~folk.has("thin_file", "student")
    calm = np.minimum(dice.poisson(0.10 * months, len(folk)), 3) * known
    who, at = spread(dice, folk, calm, hours=(9, 21))
    seeker = folk.has("many_lenders", "over_indebted", "fraud_ring")
    burst = np.repeat(np.flatnonzero(seeker), dice.integers(11, 18, seeker.sum()))
    day = days - 1 - dice.integers(0, min(120, days - 1), len(burst))
    rushed = moment(dice, folk, day, hours=(9, 21))
    reviews = np.repeat(np.flatnonzero(known), dice.integers(0, 5, known.sum()))
    routine = moment(dice, folk, dice.integers(0, days, len(reviews)), hours=(1, 6))
    lag = HOUR * 3

    def look(person: Ints, when: Ints, reason: str | Choice) -> Block:
        name = lender(folk, dice.integers(0, 999, len(person)))
        columns = {"lender": Hashed(name), "reason": reason}
        return Block("credit_inquiry", person, when, columns, lag)

    mixed = Choice(dice.integers(0, 2, len(who)), ("loan_approval", "card_approval"))
    asked = burst[dice.random(len(burst)) < 0.7]
    asked_at = moment(dice, folk, days - 1 - dice.integers(0, min(30, days - 1), len(asked)))
    application = Block("loan_application", asked, asked_at, {
        "lender": Hashed(lender(folk, dice.integers(0, 999, len(asked)))),
        "lender_kind": Choice(dice.integers(0, 4, len(asked)),
                              ("bank", "consumer_finance", "microlender", "platform")),
        "result": Choice(dice.choice(3, len(asked), p=[0.3, 0.25, 0.45]),
                         ("pending", "approved", "refused")),
    })  # fmt: skip
    return [look(who, at, mixed), look(burst, rushed, "loan_approval"),
            look(reviews, routine, "post_loan"), application]  # fmt: skip


def earlier_draws(folk: People) -> list[Block]:
    """One earlier draw of those who used the line: paid out, due monthly, repaid.

    Principal in equal parts; interest on what is outstanding at the line's rate. Those with a bad
    record pay a few days late, people in hardship stopped paying last month.
    """
    dice, days = folk.dice("earlier_draws"), folk.window.days
    who = np.flatnonzero(folk.drew & (folk.last >= days))
    taken = dice.integers(0, max(days - 40, 1), len(who))
    term = np.array(_TERMS)[dice.integers(0, 3, len(who))]
    hard_up = folk.has("hardship")[who]
    taken = np.where(hard_up, np.maximum(days - dice.integers(70, 150, len(who)), 0), taken)
    term = np.where(hard_up, max(_TERMS), term)
    share = dice.uniform(0.04, 0.15, len(who))
    amount = np.maximum((folk.limit[who] * share).astype(np.int64) // 10_000 * 10_000, 100_000)
    name = mix(folk.seed, _DRAW, folk.borrower[who])
    part = amount // term
    rate = folk.economy.line_rate_bp
    first_due = part + amount * rate // 120_000
    blocks = [Block("disbursement", who, moment(dice, folk, taken), {
        "draw": Hashed(name), "amount": amount, "term_months": term, "monthly_due": first_due,
    })]  # fmt: skip
    stopped = np.where(hard_up, days - 32, days + 99)
    for number in range(1, max(_TERMS) + 1):
        due = taken + 30 * number
        here = np.flatnonzero((number <= term) & (due < days))
        left = amount[here] - part[here] * (number - 1)
        principal = np.where(number == term[here], left, part[here])
        pay = principal + left * rate // 120_000
        falls = moment(dice, folk, due[here], hours=(0, 1))
        blocks.append(Block("instalment_due", who[here], falls, {
            "loan": Hashed(name[here]), "due_day": folk.window.first + due[here], "amount": pay,
        }))  # fmt: skip
        slow = folk.has("bad_record")[who[here]] & (dice.random(len(here)) < 0.3)
        late = np.where(slow, dice.integers(1, 12, len(here)), 0)
        day = due[here] + late
        paid = (day < days) & (due[here] < stopped[here])
        at = moment(dice, folk, day[paid], hours=(6, 22))
        blocks.append(Block("repayment", who[here][paid], at, {
            "loan": Hashed(name[here][paid]), "amount": pay[paid], "principal": principal[paid],
            "days_late": late[paid], "settled": term[here][paid] == number,
        }))  # fmt: skip
    return blocks
