"""Credit reports of the simulated people: the accounts as a report lists them, and its figures.

The figures are summed here in columns, since thousands of reports are; `xindeng.events.expand`
derives the very same from each report by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import msgspec
import numpy as np

from xindeng.lab.blocks import Bools, Ints, Reals, Value, hexadecimal, mix
from xindeng.lab.debts import CARD, GRID, JUDGED, LENDER_KINDS, SETTLED, Accounts, earlier, grid
from xindeng.lab.population import People

_ACCOUNT: Final = 0xE2
_STATUSES: Final = ("normal", "settled", "overdue", "bad_debt")
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True)
class Reports:
    """The reports of a chunk `months` before the last day, on local days `day` (n,).

    `drift` (n,) is what card balances were then, as a share of what they are.
    """

    folk: People
    accounts: Accounts
    months: int
    drift: Reals
    day: Ints

    @cached_property
    def then(self) -> tuple[Ints, Ints, Ints]:
        """Return (balance, monthly part, months left) of each account at the time."""
        return earlier(self.accounts, self.months, self.drift[self.accounts.who])

    @cached_property
    def age(self) -> Ints:
        """Return the months each account's grid has, at least one; arrears stay in sight."""
        held = self.accounts
        return np.clip(held.age - self.months, np.where(held.late > 0, JUDGED, 1), GRID)

    @property
    def known(self) -> Bools:
        """Return of whom there is a record."""
        return ~self.folk.has("thin_file", "student")

    @property
    def public(self) -> Ints:
        """Return the number of public records of each."""
        return (self.folk.has("bad_record") & (self.folk.taste > 1.9)).astype(np.int64)

    def debt(self) -> dict[str, Value]:
        """Return the columns of `external_debt`."""
        held, n = self.accounts, len(self.folk)
        balance, part, _ = self.then
        owing = balance > 0
        return {
            "monthly_due": held.total(part, n), "balance": held.total(balance, n),
            "lenders": self._lenders(owing),
            "nonbank_lenders": self._lenders(owing & (held.lender_kind > 0)),
        }  # fmt: skip

    def summary(self) -> dict[str, Value]:
        """Return the columns of `bureau_summary`."""
        held, n = self.accounts, len(self.folk)
        late = held.total(held.late, n)
        deepest = np.where(late > 7, 7, np.minimum(late, 4))
        card = held.kind == CARD
        oldest = np.zeros(n, dtype=np.int64)
        np.maximum.at(oldest, held.who, self.age)
        return {
            "report_day": self.day, "has_record": self.known,
            "accounts": np.bincount(held.who, minlength=n),
            "open_accounts": held.total((held.kind != SETTLED).astype(np.int64), n),
            "overdue_accounts": held.total((held.overdue > 0).astype(np.int64), n),
            "overdue_amount": held.total(held.overdue, n),
            "overdue_months_24m": late,
            "max_consecutive_overdue": deepest, "worst_code_24m": deepest,
            "bad_debt_accounts": (late > 7).astype(np.int64),
            "special_status_accounts": 0, "disputed_accounts": 0, "guarantees": 0,
            "public_records": self.public, "fraud_alert": False,
            "identity_mismatch": False, "card_limit": held.total(held.limit, n),
            "card_used": held.total(np.where(card, self.then[0], 0), n),
            "oldest_account_months": oldest,
        }  # fmt: skip

    def texts(self) -> list[str]:
        """Return each person's report as JSON."""
        lists: list[list[dict[str, object]]] = [[] for _ in range(len(self.folk))]
        for person, account in zip(self.accounts.who.tolist(), self._listed(), strict=True):
            lists[person].append(account)
        people = zip(self.day.tolist(), self.known.tolist(), self.public.tolist(), lists,
                     strict=True)  # fmt: skip
        return [
            _encode(
                {"report_day": day, "has_record": known, "public_records": public, "accounts": own}
            ).decode()
            for day, known, public, own in people
        ]

    def _listed(self) -> Iterator[dict[str, object]]:
        """Yield the accounts in order, as the fields of `ReportAccount`."""
        held = self.accounts
        balance, part, left = self.then
        card, settled = held.kind == CARD, held.kind == SETTLED
        names = mix(self.folk.seed, _ACCOUNT, self.folk.borrower[held.who], np.arange(len(held)))
        state = np.select([settled, held.late > 7, held.overdue > 0], [1, 3, 2], 0)
        columns = {
            "account": hexadecimal(names).to_pylist(),
            "kind": np.array(("D1", "R2"))[card.astype(np.int64)].tolist(),
            "lender": hexadecimal(held.lender).to_pylist(),
            "lender_kind": np.array(LENDER_KINDS)[held.lender_kind].tolist(),
            "status": np.array(_STATUSES)[state].tolist(),
            "balance": balance.tolist(),
            "monthly_due": np.where(card, part, held.pays).tolist(),
            "annual_rate_bp": held.rate_bp.tolist(),
            "overdue_amount": held.overdue.tolist(),
            "overdue_months": np.where(held.overdue > 0, np.minimum(held.late, 4), 0).tolist(),
            "grid": [
                grid(age, late, due > 0, ended)
                for age, late, due, ended in zip(
                    self.age.tolist(), held.late.tolist(), held.overdue.tolist(), settled.tolist(),
                    strict=True,
                )
            ],
        }  # fmt: skip
        limits = zip(card.tolist(), held.limit.tolist(), left.tolist(), strict=True)
        for row, (is_card, limit, months) in zip(
            zip(*columns.values(), strict=True), limits, strict=True
        ):
            account = dict(zip(columns, row, strict=True))
            if is_card:
                account["limit"] = limit
            elif months:
                account["months_left"] = months
            yield account

    def _lenders(self, counted: Bools) -> Ints:
        """Return the number of each person's lenders among the `counted` accounts."""
        held = self.accounts
        pairs = np.stack([held.who.astype(np.uint64), held.lender])[:, counted]
        return np.bincount(np.unique(pairs, axis=1)[0].astype(np.int64), minlength=len(self.folk))
