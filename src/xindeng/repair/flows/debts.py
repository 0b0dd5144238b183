"""Money that is owed, the person's own, or goes out again each month.

Rules for money that only looks like income, told before income is looked for:

* `lender.named`: the other side's business is lending, whatever the payment is called.
* `lender.repaid`: one or two payments came, then at least three even monthly parts (within 10 %)
  went back to the same party.
* `rent.returned`: money from somebody to whom rent is paid.
* `self.mirrored`: at least two payments of a payer, and four of five of them, each have a payment
  out of the same amount (¥500 or more) to somebody else within a day of it.

Rules for what goes out: `rent.stated`, `rent.monthly_same` (the largest even transfer to one party,
three times or more, within 2 %), `subscription.monthly_same` (one merchant, one price, three months
running, at most ¥1,000). What these patterns find is told, never counted as more than it was.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from statistics import median_low
from typing import Final, Literal

from xindeng.repair.flows.kinds import LenderFlow, OwnMove, Regular
from xindeng.repair.flows.ledger import (
    Ledger,
    Move,
    by_party,
    monthly,
    next_month,
    ongoing,
    pay_day,
    spread_bp,
)
from xindeng.repair.flows.words import why

_OWED: Final = ("loan_repayment", "card_repayment")
_EVERY: Final = ((1, 20, 45), (3, 75, 105), (6, 160, 205), (12, 340, 390))
"""Months between payments, and the days that the middle gap may have."""


def explain(ledger: Ledger) -> dict[str, str]:
    """Label what only looks like income; return move id → rule where a pattern said so."""
    rules: dict[str, str] = {}

    def say(moves: Sequence[Move], category: object, rule: str) -> None:
        ledger.label(moves, category)  # type: ignore[arg-type]
        rules.update((move.id, rule) for move in moves)

    plain = [move for move in ledger.moves if move.plain and move.party and not move.purchase]
    landlords = {move.party for move in ledger.of("out", "rent")}
    for party, moves in by_party(plain).items():
        came = [move for move in moves if move.direction == "in"]
        went = [move for move in moves if move.direction == "out"]
        if moves[0].sort == "lender":
            say(came, "loan_proceeds", "lender.named")
            say(went, "loan_repayment", "lender.named")
        elif party in landlords:
            say(came, "refund", "rent.returned")
        elif parts := _repaid(ledger, came, went):
            say(came, "loan_proceeds", "lender.repaid")
            say(parts, "loan_repayment", "lender.repaid")
    for pairs in _mirrored(ledger):
        say([move for pair in pairs for move in pair], "self_transfer", "self.mirrored")
    return rules


def _repaid(ledger: Ledger, came: Sequence[Move], went: Sequence[Move]) -> list[Move]:
    """Return the repayments of what came, or nothing when it was no loan."""
    if not 1 <= len(came) <= 2:
        return []
    after = [move for move in went if move.day > came[0].day]
    lent = sum(move.amount for move in came)
    sums = list(monthly(after).values()) if after else []
    even = len(after) == len(sums) >= ledger.rules.least_months and (
        spread_bp(sums) <= ledger.rules.repayment_spread_bp
    )
    # A loan comes back in parts, and not several times over.
    return after if even and max(sums) * 2 <= lent and sum(sums) <= lent * 2 else []


def _mirrored(ledger: Ledger) -> Iterator[list[tuple[Move, Move]]]:
    rules = ledger.rules
    free = [
        move
        for move in ledger.moves
        if move.plain and move.id not in ledger.labels and move.amount >= rules.mirror_least
    ]
    sent: dict[int, list[Move]] = {}
    for move in free:
        if move.direction == "out" and not move.purchase:
            sent.setdefault(move.amount, []).append(move)
    for party, moves in by_party(move for move in free if move.direction == "in").items():
        pairs = []
        for move in moves:
            twin = next(
                (
                    one
                    for one in sent.get(move.amount, ())
                    if one.party != party and abs(one.day - move.day) <= rules.mirror_days
                ),
                None,
            )
            if twin:
                sent[move.amount].remove(twin)
                pairs.append((move, twin))
        if len(pairs) >= 2 and len(pairs) * 5 >= len(moves) * 4:
            yield pairs


def lenders(ledger: Ledger, rules: dict[str, str]) -> tuple[LenderFlow, ...]:
    """Return every lender seen, by what was repaid and lent, most first."""
    moves = [
        move
        for move in ledger.moves
        if ledger.category(move) in (*_OWED, "loan_proceeds") and not move.purchase
    ]
    found = [_lender(ledger, party, some, rules) for party, some in by_party(moves).items()]
    return tuple(sorted(found, key=lambda one: (-one.repaid - one.proceeds, one.party or "")))


def _lender(
    ledger: Ledger, party: str | None, moves: Sequence[Move], rules: dict[str, str]
) -> LenderFlow:
    came = [move for move in moves if move.direction == "in"]
    went = [move for move in moves if move.direction == "out"]
    card = any(ledger.category(move) == "card_repayment" for move in went)
    rule = next((rules[move.id] for move in moves if move.id in rules), "lender.stated")
    facts = {
        "proceeds": sum(move.amount for move in came), "proceeds_times": len(came),
        "repaid": sum(move.amount for move in went), "repaid_times": len(went),
    }  # fmt: skip
    kind: Literal["loan", "card"] = "card" if card else "loan"
    return LenderFlow(
        rule=rule,
        sources=tuple(move.id for move in moves),
        why=why("lender.repayments" if rule == "lender.stated" and not came else rule, **facts),
        party=party,
        corrected=any(move.corrected for move in moves),
        kind=kind,
        last_proceeds_day=came[-1].day if came else None,
        usual=median_low(monthly(went).values()) if went else None,
        pay_day=pay_day(went)[0] if went else None,
        ongoing=ongoing(ledger, moves[-1].day),
        **facts,
    )


def own_moves(ledger: Ledger, rules: dict[str, str]) -> tuple[OwnMove, ...]:
    """Return the moves between own accounts: as the papers say, and as the pattern shows."""
    moves = [move for move in ledger.moves if ledger.category(move) == "self_transfer"]
    found = []
    for rule in ("self.stated", "self.mirrored"):
        some = [move for move in moves if rules.get(move.id, "self.stated") == rule]
        moved_in = sum(move.amount for move in some if move.direction == "in")
        moved_out = sum(move.amount for move in some if move.direction == "out")
        if some:
            words = why(rule, moved_in=moved_in, moved_out=moved_out, times=len(some) // 2)
            found.append(
                OwnMove(rule=rule, sources=tuple(move.id for move in some), why=words,
                        corrected=any(move.corrected for move in some),
                        moved_in=moved_in, moved_out=moved_out)
            )  # fmt: skip
    return tuple(found)


def rent(ledger: Ledger) -> tuple[Regular, ...]:
    """Return rent by the papers' own word, else the largest even transfer that looks like it."""
    stated = by_party(move for move in ledger.moves if ledger.category(move) == "rent")
    if stated:
        return tuple(
            _regular(ledger, moves, "rent.stated", "rent", _every(moves) or 1)
            for moves in stated.values()
        )
    rules = ledger.rules
    likely = []
    for moves in by_party(ledger.of("out", "transfer", "unknown")).values():
        amounts, every = [move.amount for move in moves], _every(moves)
        if (
            moves[0].party
            and not any(move.corrected or move.purchase for move in moves)
            and len(moves) >= rules.least_months
            and every
            and median_low(amounts) >= rules.least_rent
            and spread_bp(amounts) <= rules.rent_spread_bp
            and pay_day(moves)[1] <= rules.pay_day_slack
        ):
            likely.append(_regular(ledger, moves, "rent.monthly_same", "rent", every))
    return tuple(sorted(likely, key=lambda one: -one.usual // one.every)[:1])


def subscriptions(ledger: Ledger) -> tuple[Regular, ...]:
    """Return what one merchant takes at one price each month."""
    barred = ("transfer", "rent", "self_transfer", "investment", "cash", "tax", "refund", *_OWED)
    prices: dict[tuple[str, int], list[Move]] = {}
    for move in ledger.moves:
        if (
            move.direction == "out"
            and move.party
            and move.amount <= ledger.rules.most_subscription
            and ledger.category(move) not in barred
        ):
            prices.setdefault((move.party, move.amount), []).append(move)
    found = []
    for moves in prices.values():
        months = list(monthly(moves))
        running = all(next_month(a) == b for a, b in itertools.pairwise(months))
        if (
            len(moves) == len(months) >= ledger.rules.least_months
            and running
            and pay_day(moves)[1] <= ledger.rules.pay_day_slack
        ):
            rule = "subscription.monthly_same"
            found.append(_regular(ledger, moves, rule, "subscription", 1))
    return tuple(sorted(found, key=lambda one: (-one.usual, one.party or "")))


def _every(moves: Sequence[Move]) -> int | None:
    """Return the months between payments, or None when they follow no rhythm."""
    gaps = [later.day - move.day for move, later in itertools.pairwise(moves)]
    middle = median_low(gaps) if gaps else 0
    return next((months for months, low, high in _EVERY if low <= middle <= high), None)


def _regular(
    ledger: Ledger, moves: Sequence[Move], rule: str, kind: Literal["rent", "subscription"],
    every: int,
) -> Regular:  # fmt: skip
    usual = median_low([move.amount for move in moves])
    return Regular(
        rule=rule,
        sources=tuple(move.id for move in moves),
        why=why(rule, times=len(moves), usual=usual, every=every),
        party=moves[0].party,
        corrected=any(move.corrected for move in moves),
        kind=kind,
        usual=usual,
        every=every,
        stated=rule == "rent.stated",
        pay_day=pay_day(moves)[0],
        last_day=moves[-1].day,
        ongoing=ongoing(ledger, moves[-1].day, every),
    )
