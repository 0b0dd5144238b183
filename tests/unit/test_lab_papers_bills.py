"""A made-up person's papers tell one life: read together they give it back to the fen."""

from __future__ import annotations

from pathlib import Path

import pytest

from xindeng.events.credit import CreditReport, ReportAccount
from xindeng.events.envelope import Event
from xindeng.intake.corrections import read_corrections
from xindeng.intake.counted_once import counted_once
from xindeng.intake.debts_table import read_debts
from xindeng.intake.debts_template import headings, template
from xindeng.intake.papers import read_paper
from xindeng.intake.table import read_table
from xindeng.kernel.errors import ImportFileError
from xindeng.kernel.time import from_date, to_date, zone
from xindeng.lab.papers.bills import own_papers
from xindeng.lab.papers.life import EMPLOYER, LANDLORD, life
from xindeng.lab.papers.person import made_up
from xindeng.repair.flows.recognise import recognise

SHANGHAI = zone("Asia/Shanghai")
TODAY = from_date(to_date(0).replace(year=2026, month=9, day=10))
REPORT = CreditReport(
    report_day=TODAY,
    accounts=(
        ReportAccount(account="a", kind="D1", lender="虚构第一银行", balance=2_000_000, monthly_due=140_000, months_left=36),
        ReportAccount(account="b", kind="D1", lender="样例小额贷款有限公司", lender_kind="microlender", balance=960_000, monthly_due=390_000, months_left=12),
        ReportAccount(account="c", kind="R2", lender="示范城市银行", balance=1_800_000, monthly_due=90_000),
    ),
)  # fmt: skip
BILLS = ("alipay.csv", "wechat.xlsx", "bank-cmb.csv")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("papers")
    for name, data in own_papers("测试甲", REPORT).items():
        (path / name).write_bytes(data)
    return path


def test_the_bills_give_back_the_life(folder: Path) -> None:
    now = SHANGHAI.midnight(TODAY)
    papers = [read_paper(folder / name, borrower="b", zone=SHANGHAI, now=now) for name in BILLS]
    assert all(report.skipped == [] for _, report in papers)
    once = counted_once(papers)
    assert once.unmatched == 0
    happened = life(REPORT)
    by_card = [one for one in happened if one.way.endswith("_card")]
    assert len(once.twice) == len(by_card) > 20
    # A withdrawal leaves the wallet and reaches the bank: two moves of one's own, both kept.
    own = [one for one in happened if one.what == "withdrawal"]
    assert len(once.events) == len(happened) + len(own)

    def total(events: list[Event], direction: str) -> int:
        return sum(e.payload.amount for e in events if e.payload.direction == direction)  # type: ignore[union-attr]

    spent = sum(one.fen for one in happened if one.direction == "out")
    assert total(once.events, "out") == spent + sum(one.fen for one in own)
    names: dict[str, str] = {}
    for _, report in papers:
        names |= report.names
    flows = recognise(
        once.events, now, SHANGHAI, corrections=read_corrections(folder / "corrections.yaml", names)
    )
    assert flows.monthly_income == 1_300_000
    (wage,) = flows.income
    assert (names[wage.party or ""], wage.pay_day) == (EMPLOYER, 10)
    assert [(names[one.party or ""], one.usual) for one in flows.rent] == [(LANDLORD, 240_000)]
    assert [one.usual for one in flows.subscriptions] == [2_500]
    assert sorted(one.usual or 0 for one in flows.lenders) == [90_000, 140_000, 390_000]
    assert {one.reason for one in flows.set_aside} == {
        "fund_redemption",
        "person",
        "refund",
        "self_transfer",
    }


@pytest.mark.parametrize("name", ["own-负债表.csv", "own-负债表.xlsx"])
def test_the_table_of_debts_is_that_of_the_report(folder: Path, name: str) -> None:
    debts, _ = read_debts(folder / name, zone=SHANGHAI, now=SHANGHAI.midnight(TODAY))
    assert [(d.lender, d.balance, d.monthly_due, d.months_left) for d in debts] == [
        (a.lender, a.balance, a.monthly_due, a.months_left) for a in REPORT.accounts
    ]
    assert [d.annual_rate_bp for d in debts] == [1200, 2400, 1825]
    assert [d.kind for d in debts] == ["instalment", "instalment", "card"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_template_is_understood_and_empty(tmp_path: Path, lang: str) -> None:
    from xindeng.intake.debts_table import LAYOUT

    for name, data in template(lang).items():  # type: ignore[arg-type]
        path = tmp_path / name
        path.write_bytes(data)
        assert len(read_table(path, LAYOUT).columns) == len(headings(lang))  # type: ignore[arg-type]
        with pytest.raises(ImportFileError, match="no debt below the headings"):
            read_debts(path, zone=SHANGHAI, now=SHANGHAI.midnight(TODAY))


def test_the_same_person_has_the_same_papers() -> None:
    first, again = own_papers("测试甲", REPORT), own_papers("测试甲", REPORT)
    assert {n: d for n, d in first.items() if n.endswith("csv")} == {
        n: d for n, d in again.items() if n.endswith("csv")
    }
    assert life(REPORT, seed=1) != life(REPORT)


@pytest.mark.parametrize("seed", range(1, 31))
def test_the_table_of_any_made_up_person_can_be_handed_in(tmp_path: Path, seed: int) -> None:
    """Nothing due this month is no empty cell: a person knows what a month costs."""
    name = "own-负债表.csv"
    report = made_up(seed).report
    path = tmp_path / name
    path.write_bytes(own_papers("测试甲", report)[name])
    if b"," not in path.read_bytes().splitlines()[-1]:
        return  # nobody owes anything
    debts, _ = read_debts(path, zone=SHANGHAI, now=SHANGHAI.midnight(report.report_day))
    owing = [
        one for one in report.accounts if one.balance and one.status not in ("settled", "closed")
    ]
    assert len(debts) <= len(owing) and all(debt.monthly_due > 0 for debt in debts)
