"""What must hold for any debts: money adds up, nothing beats the oracle, more money never harms."""

from __future__ import annotations

from itertools import pairwise, permutations, product

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from benchmarks.debt_cases import START, many
from xindeng.events.dues import DueRule
from xindeng.repair.debt import Debt, after_payment, counted_due
from xindeng.repair.debts import closing
from xindeng.repair.debts.compare import compare
from xindeng.repair.debts.gate import aim_at_gate
from xindeng.repair.debts.orders import avalanche, hybrid, snowball
from xindeng.repair.debts.paydown import pay_down
from xindeng.repair.debts.walk import Budget, CardRule, Order, follow
from xindeng.repair.debts.words import say_comparison

DUES = DueRule()


@st.composite
def debts(draw, most=5, fees=True):
    kind = draw(
        st.sampled_from(["card", "instalment", "interest_only", "revolving", "bullet", "person"])
    )
    balance = draw(st.integers(1, 50_000_00))
    months = draw(st.integers(1, 30))
    return Debt(
        id=str(draw(st.integers(0, 10**9))), lender=draw(st.sampled_from("ABCDEF")),
        lender_kind="bank", kind=kind, balance=balance,
        annual_rate_bp=draw(st.sampled_from([0, 435, 1460, 1825, 2400, 3600])),
        monthly_due=balance // draw(st.integers(2, 40)) + draw(st.integers(1, 300)),
        months_left=None if kind == "card" else months, due_dom=draw(st.none() | st.integers(1, 31)),
        prepayment_fee_bp=draw(st.sampled_from([0, 100, 300])) if fees else 0,
        daily=draw(st.booleans()), early=draw(st.sampled_from(["shorten", "recompute"])),
        principal=draw(st.sampled_from(["level", "equal"])), source="x",
    )  # fmt: skip


households = st.lists(debts(), min_size=1, max_size=5)
plain_households = st.lists(debts(fees=False), min_size=1, max_size=4)


def check(owed, budget, course, *, partly=False):
    """Every fen that left is principal, interest or fee; every balance is what is left of it."""
    assert course.paid == course.principal + course.interest + course.fees
    assert course.paid == sum(sum(row.paid) for row in course.rows)
    if course.months is not None and not partly:
        assert course.principal == sum(one.balance for one in owed)
    cash = 0
    for row in course.rows:
        cash += budget.monthly if row.month else budget.lump
        cash -= sum(row.paid)
        assert cash == row.kept >= 0
        assert all(early <= paid for early, paid in zip(row.early, row.paid, strict=True))
        assert min(row.balances, default=0) >= 0


@settings(max_examples=150, deadline=None)
@given(households, st.integers(0, 40_000_00), st.integers(0, 30_000_00), st.integers(0, 25))
def test_what_is_paid_is_principal_interest_and_fees(owed, monthly, lump, residual):
    budget = Budget(start=START, monthly=monthly, lump=lump, card=CardRule(residual_days=residual))
    for order in (avalanche(owed), snowball(owed), hybrid(owed)):
        check(owed, budget, follow(owed, budget, Order(order), rows=True))


def test_interest_that_joins_a_card_stays_interest():
    """¥40 at 36 % with a minimum of half its interest: what that leaves joins the balance."""
    owed = [card("c", 4_000, 3_600, 60)]
    budget = Budget(start=START, monthly=60)
    course = follow(owed, budget, Order((0,)), minimum_only=True, rows=True)
    lent, first = owed[0].balance, course.rows[1]
    assert first.balances[0] > lent and first.interest == sum(first.paid)
    assert course.paid == course.principal + course.interest and course.principal <= lent
    ends = follow(owed, Budget(start=START, monthly=400), Order((0,)), rows=True)
    assert ends.principal == lent and ends.paid == lent + ends.interest


def card(ident: str, balance: int, rate_bp: int, due: int) -> Debt:
    return Debt(id=ident, lender="A", lender_kind="bank", kind="card", balance=balance,
                annual_rate_bp=rate_bp, monthly_due=due, source="x")  # fmt: skip


@settings(max_examples=80, deadline=None)
@example([card("0", 1, 0, 1), card("1", 40, 3600, 2), card("2", 3248, 3600, 96)], 11, 0, 10)
@given(households, st.integers(5, 60), st.integers(0, 30_000_00), st.integers(10, 90))
def test_the_aimed_way_adds_up_and_misses_nothing(owed, percent, lump, gate):
    monthly = sum(one.monthly_due for one in owed) * percent // 10
    counted = sum(counted_due(one, DUES) for one in owed)
    budget = Budget(start=START, monthly=monthly, lump=lump, gate=counted * gate // 100)
    aim = aim_at_gate(owed, budget)
    again = follow(owed, budget, aim.order, rows=True)
    check(owed, budget, again)
    assert replace(again, rows=()) == aim.course
    if aim.reached:
        assert again.short is None
        assert again.rows[again.gate_month].counted <= budget.gate
        plain = follow(owed, budget, Order(avalanche(owed)))
        assert plain.short or plain.gate_month is None or plain.gate_month >= again.gate_month


@settings(max_examples=100, deadline=None)
@given(plain_households, st.integers(0, 5000_00), st.integers(1, 5000_00))
def test_paying_more_never_costs_more(owed, extra, more):
    """Up to the rounding of interest to whole fen each month."""
    dues = sum(max(one.monthly_due, one.balance) for one in owed)
    less = follow(owed, Budget(start=START, monthly=dues + extra), Order(avalanche(owed)))
    assume(less.short is None)  # interest of the first month can exceed a budget of bare balances
    most = follow(
        owed, Budget(start=START, monthly=dues + extra, lump=more), Order(avalanche(owed))
    )
    assert most.interest <= less.interest + len(owed) * (less.months or 0)


@settings(max_examples=60, deadline=None)
@given(plain_households, st.integers(20, 120), st.integers(1, 40))
def test_a_larger_budget_never_costs_more(owed, percent, step):
    base = sum(one.monthly_due for one in owed) * percent // 20
    courses = [
        follow(
            owed,
            Budget(start=START, monthly=base * (100 + n * step) // 100),
            Order(avalanche(owed)),
        )
        for n in range(3)
    ]
    for less, more in pairwise(courses):
        if less.short or less.months is None:
            continue
        assert more.short is None
        # Interest is rounded to the fen for each debt and month, and no more than that differs.
        assert more.interest <= less.interest + len(owed) * (less.months + 1)


def brute(owed, need):
    """Return the least cash by trying every subset, and every split of the rest fen by fen."""
    found = []
    for closed in product([False, True], repeat=len(owed)):
        cash = relief = 0
        rest = []
        for one, ends in zip(owed, closed, strict=True):
            if ends:
                cash += one.balance + closing.fee_on(one.balance, one.prepayment_fee_bp)
                relief += counted_due(one, DUES)
            else:
                rest.append(one)
        for order in permutations(rest):
            found.append(cash + spend(order, need - relief))
    return min((one for one in found if one is not None), default=None)


def spend(order, lacking):
    """Return what relieves `lacking`, paying down one debt after another as far as it helps."""
    cash = 0
    for one in order:
        if lacking <= 0:
            break
        before = counted_due(one, DUES)
        reliefs = [
            before - counted_due(after_payment(one, paid), DUES) for paid in range(one.balance)
        ]
        gained = min(max(reliefs), lacking)
        if gained > 0:
            paid = next(paid for paid, relief in enumerate(reliefs) if relief >= gained)
            cash += paid + closing.fee_on(paid, one.prepayment_fee_bp)
            lacking -= gained
    return cash if lacking <= 0 else 10**12


small = st.builds(
    Debt,
    id=st.uuids().map(str), lender=st.sampled_from("ABC"), lender_kind=st.just("bank"),
    kind=st.sampled_from(["card", "instalment", "revolving", "interest_only", "bullet"]),
    balance=st.integers(1, 90), annual_rate_bp=st.none(), monthly_due=st.integers(0, 30),
    months_left=st.none() | st.integers(1, 12), early=st.sampled_from(["shorten", "recompute"]),
    source=st.just("x"),
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(small, min_size=1, max_size=3), st.integers(1, 60))
def test_the_cheapest_pay_down_is_what_trying_everything_finds(owed, need):
    least = brute(owed, need)
    ways = pay_down(owed, need, DUES)
    if least is None or least >= 10**12:
        assert ways == ()
        return
    # Relief comes in whole fen, so a fen asked of one debt and not another may cost a little.
    assert least <= ways[0].cash <= least + 12


@settings(max_examples=150, deadline=None)
@given(st.lists(debts(), min_size=1, max_size=6, unique_by=lambda one: one.id), st.integers(1, 90))
def test_every_pay_down_does_what_it_says(owed, percent):
    need = max(1, sum(counted_due(one, DUES) for one in owed) * percent // 100)
    ways = pay_down(owed, need, DUES, most=1000)
    assert ways
    by_id = {one.id: one for one in owed}
    for way in ways:
        after = dict(by_id)
        cash = 0
        for name in way.closed:
            after[name] = after_payment(by_id[name], by_id[name].balance)
            cash += by_id[name].balance + closing.fee_on(
                by_id[name].balance, by_id[name].prepayment_fee_bp
            )
        for name, paid in way.parts:
            after[name] = after_payment(by_id[name], paid)
            cash += paid + closing.fee_on(paid, by_id[name].prepayment_fee_bp)
        assert cash == way.cash
        fell = sum(counted_due(one, DUES) for one in owed) - sum(
            counted_due(one, DUES) for one in after.values()
        )
        assert fell >= way.relief >= need
        ended = {one.lender for one in owed} - {one.lender for one in after.values() if one.balance}
        assert way.lenders == len(ended) or any(paid == by_id[n].balance for n, paid in way.parts)
    for one, other in permutations(ways[:20], 2):
        assert not (
            other.cash <= one.cash and other.relief >= one.relief and other.lenders >= one.lenders
        )


def test_a_debt_paid_to_nothing_counts_nothing():
    owed = replace(many(5, 1)[0], evidenced=True)
    assert counted_due(after_payment(owed, owed.balance), DUES) == 0


@st.composite
def half_known(draw):
    """A debt of which any of rate, balance, end and evidence may be missing."""
    known = draw(debts())
    return replace(
        known,
        balance=draw(st.none() | st.just(known.balance) | st.just(0)),
        annual_rate_bp=draw(st.none() | st.just(known.annual_rate_bp)),
        monthly_due=draw(st.just(0) | st.just(known.monthly_due)),
        months_left=draw(st.none() | st.just(known.months_left) | st.just(0)),
        evidenced=draw(st.booleans()),
    )


@settings(max_examples=60, deadline=None)
@given(st.lists(half_known(), max_size=5), st.integers(0, 20_000_00), st.integers(0, 20_000_00))
def test_whatever_is_not_known_is_said_and_nothing_is_missed(owed, monthly, lump):
    found = compare(owed, Budget(start=START, monthly=monthly, lump=lump, gate=monthly // 3))
    beyond = [guard for guard in found.guards if guard.code == "budget_below_dues"]
    assert bool(beyond) == (found.ways == ())
    # Where only dues to come are beyond the budget, those of today are met: no need for help yet.
    assert found.hardship == any(guard.month == 1 for guard in beyond)
    blind = any(one.balance is None for one in owed)
    for way in found.ways:
        if way.name != "minimum":
            check([one for one in owed if one.balance], found.budget, way.course, partly=blind)
    named = {guard.code: set(guard.debts) for guard in found.guards}
    assert named.get("rate_unknown", set()) == {d.id for d in owed if d.annual_rate_bp is None}
    assert named.get("balance_unknown", set()) == {d.id for d in owed if d.balance is None}
    for lang in ("zh", "en"):
        assert all("None" not in line for line in say_comparison(found, {}, lang))
