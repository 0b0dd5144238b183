"""Income in flows: wages the papers name, wages a pattern shows, takings, and all that is none.

The rules, in order; money that an earlier one took is not looked at again:

* `income.stated`: the papers call it wages; one source a payer.
* `income.takings`: receipts at the person's own collection code, at least 20 from 10 payers in each
  of two months; fewer are shared bills among friends and count for nothing.
* `income.other`: other income by the papers' own word, all payers together.
* `income.monthly_organisation`: an organisation paid in three months running, the spread within
  30 %, the days within 5 of each other, ¥1,000 or more.
* `income.monthly_payer`: the same from a payer whose sort nobody knows. It is shown but not counted
  until the person confirms it: parents pay as evenly as employers do.

A natural person's transfers are never income, and neither is what `flows.debts` explained.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from statistics import median_low
from typing import Literal

from xindeng.repair.flows.kinds import IncomeSource, MonthAmount, Reason, SetAside, Stability
from xindeng.repair.flows.ledger import (
    Ledger,
    Move,
    by_party,
    month_of,
    monthly,
    next_month,
    ongoing,
    pay_day,
    spread_bp,
    whole_months,
)
from xindeng.repair.flows.words import why


def income(ledger: Ledger) -> tuple[IncomeSource, ...]:
    """Return the sources of income, largest first, and label what they are made of."""
    found = [
        _source(ledger, moves, "income.stated", party)
        for party, moves in by_party(ledger.of("in", "salary")).items()
    ]
    other = ledger.of("in", "other_income")
    receipts = [move for move in other if move.sort == "till" and not move.corrected]
    if receipts and _is_business(ledger, receipts):
        found.append(_source(ledger, receipts, "income.takings", None))
    else:
        ledger.label(receipts, "transfer")
    if rest := ledger.of("in", "other_income"):
        rest = [move for move in rest if move.sort != "till" or move.corrected]
    if rest:
        found.append(_source(ledger, rest, "income.other", None))
    found += _patterns(ledger)
    return tuple(sorted(found, key=lambda one: (-one.usual, one.party or "")))


def _is_business(ledger: Ledger, receipts: Sequence[Move]) -> bool:
    rules = ledger.rules
    months: dict[int, list[Move]] = {}
    for move in receipts:
        months.setdefault(month_of(move.day), []).append(move)
    busy = [
        month
        for month in months.values()
        if len(month) >= rules.till_receipts
        and len({move.party for move in month}) >= rules.till_payers
    ]
    return len(busy) >= 2


def _patterns(ledger: Ledger) -> Iterator[IncomeSource]:
    """Yield what pays like an employer though nothing says so."""
    plain = [
        move
        for move in ledger.of("in", "transfer", "unknown")
        if move.plain and move.party and move.sort in ("org", "unknown")
    ]
    sent = by_party(move for move in ledger.moves if move.direction == "out")
    for party, moves in by_party(plain).items():
        back = sum(move.amount for move in sent.get(party, ()))
        paid = sum(move.amount for move in moves)
        # An employer gets nothing back; a partner, a club or a shop does.
        if back * 10 > paid or not _like_wages(ledger, moves):
            continue
        known = moves[0].sort == "org"
        rule = "income.monthly_organisation" if known else "income.monthly_payer"
        if known:
            ledger.label(moves, "salary")
        yield _source(ledger, moves, rule, party)


def _like_wages(ledger: Ledger, moves: Sequence[Move]) -> bool:
    rules, sums = ledger.rules, monthly(moves)
    months = list(sums)
    running = all(next_month(a) == b for a, b in itertools.pairwise(months))
    return (
        len(sums) >= rules.least_months
        and running
        and median_low(sums.values()) >= rules.least_wage
        and spread_bp(list(sums.values())) <= rules.wage_spread_bp
        # Half-monthly pay has two pay days; then each half is held against its own.
        and all(
            pay_day(half)[1] <= rules.pay_day_slack for half in _halves(moves, len(months)) if half
        )
    )


def _halves(moves: Sequence[Move], months: int) -> tuple[list[Move], list[Move]]:
    if len(moves) < 2 * months - 1:
        return list(moves), []
    return list(moves[::2]), list(moves[1::2])


def _source(ledger: Ledger, moves: Sequence[Move], rule: str, party: str | None) -> IncomeSource:
    kind: Literal["salary", "other", "takings"] = "salary"
    if rule in ("income.other", "income.takings"):
        kind = "takings" if rule == "income.takings" else "other"
    sums = monthly(moves)
    usual = _usual(ledger, sums, even=kind == "salary")
    day = pay_day(moves)[0] if kind == "salary" else None
    return IncomeSource(
        rule=rule,
        sources=tuple(move.id for move in moves),
        why=why(rule, times=len(moves), months=len(sums), usual=usual, pay_day=day or 0),
        party=party,
        corrected=any(move.corrected for move in moves),
        kind=kind,
        monthly=tuple(MonthAmount(month, amount) for month, amount in sums.items()),
        usual=usual,
        pay_day=day,
        stability=stability(ledger, sums),
        last_day=moves[-1].day,
        ongoing=ongoing(ledger, moves[-1].day),
        counted=rule != "income.monthly_payer",
    )


def _usual(ledger: Ledger, sums: dict[int, int], *, even: bool) -> int:
    """Return the middle whole month; wages by the months paid, loose income by all months since.

    Where no whole month was seen, what was seen stands for a month: the least that can be said.
    """
    whole = [month for month in whole_months(ledger) if month >= min(sums)]
    whole = whole[-ledger.rules.usual_months :]
    amounts = [sums[month] for month in whole if month in sums] if even else []
    if not even:
        amounts = [sums.get(month, 0) for month in whole]
    return median_low(amounts or list(sums.values()))


def stability(ledger: Ledger, sums: dict[int, int]) -> Stability:
    """Return how even the monthly amounts are over the whole months since the first of them."""
    rules = ledger.rules
    months = [month for month in whole_months(ledger) if sums and month >= min(sums)]
    months = months[-rules.usual_months :]
    amounts = [sums.get(month, 0) for month in months]
    paid = sum(amount > 0 for amount in amounts)
    if len(months) < rules.least_months:
        return Stability(len(months), paid, None, "too_short")
    spread = spread_bp(amounts) if median_low(amounts) else 10_000
    if paid == len(months) and spread <= rules.steady_bp:
        return Stability(len(months), paid, spread, "steady")
    even = paid * 4 >= len(months) * 3 and spread <= rules.varying_bp
    return Stability(len(months), paid, spread, "varying" if even else "unsteady")


def together(ledger: Ledger, sources: Sequence[IncomeSource]) -> Stability:
    """Return how even all sources are as one income."""
    sums: dict[int, int] = {}
    for source in sources:
        for one in source.monthly:
            sums[one.month] = sums.get(one.month, 0) + one.amount
    return stability(ledger, sums)


def set_aside(ledger: Ledger, counted: Sequence[IncomeSource]) -> tuple[SetAside, ...]:
    """Return what came in and is no income, by reason."""
    earned = {id_ for source in counted for id_ in source.sources if source.counted}
    reasons: dict[Reason, list[Move]] = {}
    for move in ledger.moves:
        if move.direction == "in" and move.id not in earned:
            reasons.setdefault(_reason(ledger, move), []).append(move)
    if ignored := [move for move in ledger.ignored if move.direction == "in"]:
        reasons["ignored"] = ignored
    return tuple(
        SetAside(
            rule=f"not_income.{reason}",
            sources=tuple(move.id for move in moves),
            why=why(f"not_income.{reason}", times=len(moves),
                    amount=sum(move.amount for move in moves)),
            reason=reason,
            amount=sum(move.amount for move in moves),
            times=len(moves),
        )
        for reason, moves in sorted(reasons.items())
    )  # fmt: skip


def _reason(ledger: Ledger, move: Move) -> Reason:
    match ledger.category(move):
        case "self_transfer" | "refund" | "fund_redemption" | "loan_proceeds" as stated:
            return stated
    if move.sort == "till":
        return "few_receipts"
    return "person" if move.sort == "person" or move.corrected else "unproven"
