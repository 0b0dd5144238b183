"""The atheris targets are alive: each understands a good file and answers a bad one with an error."""

from __future__ import annotations

import pytest

from fuzz import alipay, corrections, debts, mapping, pboc, statement, target, wechat
from tests.unit.paper_files import ALIPAY, DEBTS, WECHAT

BANK = "记账日期,货币,交易金额,联机余额,交易摘要,对手信息,客户摘要"
GOOD = {
    alipay: ",".join(ALIPAY),
    wechat: ",".join(WECHAT),
    statement: BANK,
    debts: ",".join(DEBTS) + "\n招商银行,信用卡,18000,18.25%,,1800,15,,,",
    mapping: "columns: {date: [d], amount: [a]}",
    corrections: "corrections:\n- {party: 李四, is: 房东}",
}
BAD = (
    b"",
    b"-",
    b"a",
    b"\xff\xfe\x00",
    b"PK\x03\x04",
    b"a: [",
    "贷款机构,种类\n1".encode(),
    b"\x00" * 100,
)


@pytest.mark.parametrize("module", GOOD, ids=lambda module: module.__name__)
def test_a_target_reads_good_and_bad_files(module: object) -> None:
    assert module.one_input(GOOD[module].encode())  # type: ignore[attr-defined, index]
    assert not any(module.one_input(data) for data in BAD)  # type: ignore[attr-defined]


def test_reports_are_damaged_where_the_input_says() -> None:
    assert all(pboc.one_input(bytes([seed])) for seed in range(len(pboc.SEEDS)))
    whole = pboc.damaged(b"\x00")
    assert pboc.damaged(b"\x00\x00\x05\x02new") == whole[:5] + b"new" + whole[7:]
    assert not pboc.one_input(b"\x00\x00\x00\xff") and not pboc.one_input(b"")


def test_a_crash_is_a_finding() -> None:
    def crash(path: object) -> None:
        raise KeyError("planted")

    with pytest.raises(KeyError):
        target.over_file(crash, "a.csv")(b"x")
