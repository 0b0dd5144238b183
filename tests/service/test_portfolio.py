"""The portfolio's losses: what is owed by how late it is, and what became of each month's loans."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from tests.api_world import ApiWorld
from tests.service.test_desk_pages import http, see, sit, site  # noqa: F401  (fixtures)
from xindeng.kernel.time import from_date
from xindeng.service.policies import read_bundle
from xindeng.store import Store, loans, portfolio, reservations
from xindeng.store.loans import LoanRow
from xindeng.store.reservations import Reservation

LOANS = (
    # opened, lent, dpd, closed, posted
    (date(2026, 5, 3), 100_000, 0, True, {"principal": 0}),
    (date(2026, 5, 31), 300_000, 200, False, {"principal": 0, "write_off": 200_000, "recovery": -50_000}),
    (date(2026, 6, 1), 400_000, 45, False, {"principal": 250_000}),
    (date(2026, 6, 30), 500_000, 5, False, {"principal": 480_000}),
    (date(2026, 8, 9), 600_000, 0, False, {"principal": 600_000}),
)  # fmt: skip


@pytest.fixture(scope="module")
def world(store: Store, tmp_path_factory: Any) -> ApiWorld:
    made = ApiWorld(store, tmp_path_factory.mktemp("portfolio"), read_bundle("consumer_line"))
    made.move_to("2026-09-10 12:00")
    made.settle("lent-to")
    for number, (opened, lent, dpd, closed, posted) in enumerate(LOANS):
        ident, day = str(uuid4()), from_date(opened)
        with made.store.transaction() as conn:
            reservations.insert(conn, Reservation(
                ident, "lent-to", f"key-{number}", bytes(32), None, lent, "CNY", b"", None,
                "settled", "paid out", 1, made.now, made.now))  # fmt: skip
            loans.insert(conn, [LoanRow(
                ident, "lent-to", "CNY", b"", day, "closed" if closed else "open", day, dpd,
                posted)])  # fmt: skip
    return made


def test_each_month_is_told_as_its_loans_stand(world: ApiWorld):
    with world.store.snapshot() as conn:
        found = portfolio.vintages(conn, 24)
        assert [one.month for one in portfolio.vintages(conn, 1)] == ["2026-08"]
        standing = {one.standing: one for one in portfolio.loans(conn)}
    told = {one.month: (one.loans, one.lent, one.owed, one.late_1_30, one.late_31_90, one.late_91,
                        one.lost) for one in found}  # fmt: skip
    assert told == {
        "2026-08": (1, 600_000, 600_000, 0, 0, 0, 0),
        "2026-06": (2, 900_000, 730_000, 480_000, 250_000, 0, 0),
        "2026-05": (2, 400_000, 0, 0, 0, 0, 150_000),
    }
    assert {name: one.count for name, one in standing.items()} == {
        "current": 1, "1-30": 1, "31-60": 1, "written_off": 1, "closed": 1,
    }  # fmt: skip


def test_the_page_tells_losses_with_their_tables_and_leads_to_drift(http, world):  # noqa: F811
    sit(http, world, "analyst")
    page = see(http, "/risk")
    table = page.partition('id="vintages"')[2].partition("</section>")[0]
    for sign in ("2026-05", "¥4,000", "¥1,500", "¥2,500", "<svg", "<table"):
        assert sign in table, sign
    assert 'href="/risk/models/drift"' in page
    # Every drawing has its numbers beside it, as a table.
    for part in page.split("<section")[1:]:
        part = part.partition("</section>")[0]
        if 'class="chart"' in part or 'class="funnel"' in part:
            assert "<table" in part, part[:200]
