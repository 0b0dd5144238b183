"""One lender under two names, and one debt in two papers: counted once, and told where unsure."""

from __future__ import annotations

import pytest

from xindeng.repair.checkup.lender_names import likeness
from xindeng.repair.checkup.together import together
from xindeng.repair.debt import Debt


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        ("招行", "招商银行股份有限公司信用卡中心", "same"),
        ("招行信用卡", "招商银行股份有限公司信用卡中心", "same"),
        ("中行", "中国银行股份有限公司北京市分行", "same"),
        ("工行", "中国工商银行股份有限公司", "same"),
        ("花呗", "重庆蚂蚁消费金融有限公司", "same"),
        ("样例农商行（虚构）", "样例农商行(虚构)", "same"),
        ("样例小贷", "样例小额贷款有限公司", "maybe"),
        ("平安", "平安普惠融资担保有限公司", "maybe"),
        ("平安银行", "平安普惠融资担保有限公司", "other"),
        ("甲银行", "乙银行", "other"),
        ("中国银行", "中国工商银行股份有限公司", "other"),
        ("银行", "虚构第一银行股份有限公司", "other"),
        ("小贷", "样例小贷有限公司", "other"),
        ("", "样例", "other"),
    ],
)
def test_names_of_one_lender(one, other, found):
    assert likeness(one, other) == likeness(other, one) == found


def debt(name, lender, yuan, kind="instalment", due=0, **more):
    return Debt(id=name, lender=lender, lender_kind="bank", kind=kind, balance=yuan * 100,
                annual_rate_bp=None, monthly_due=due * 100, source=f"x:{name}", **more)  # fmt: skip


def test_a_short_name_does_not_count_a_debt_twice():
    both = together(
        [debt("1", "招行", 18_000, "card"), debt("2", "样例小贷", 9_600, due=900)],
        [debt("A1", "招商银行股份有限公司信用卡中心", 17_000, "card"),
         debt("A2", "样例小额贷款有限公司", 9_650, due=900)],
    )  # fmt: skip
    assert [one.id for one in both.debts] == ["1", "2"] and not both.unsure


def test_of_two_loans_of_one_lender_the_nearest_is_taken():
    seen = [debt("A1", "甲银行股份有限公司", 90_000), debt("A2", "甲银行股份有限公司", 5_000)]
    both = together([debt("1", "甲银行", 5_100)], seen)
    assert [one.id for one in both.added] == ["A1"]
    rows = [debt("1", "甲银行", 80_000), debt("2", "甲银行", 90_000)]
    assert not together(rows, [seen[0], debt("A2", "甲银行股份有限公司", 80_500)]).added


def test_what_may_be_one_is_kept_twice_and_told():
    other_amount = together(
        [debt("1", "样例小贷", 3_000)], [debt("A1", "样例小额贷款有限公司", 9_600)]
    )
    other_name = together([debt("1", "某平台", 9_600)], [debt("A1", "样例小额贷款有限公司", 9_600)])
    for both in (other_amount, other_name):
        assert [one.id for one in both.debts] == ["1", "A1"], "no debt is lost"
        assert [(row.id, one.id) for row, one in both.unsure] == [("1", "A1")]


def test_a_sort_of_lender_names_nobody():
    both = together([debt("1", "银行", 3_000)], [debt("A1", "虚构第一银行股份有限公司", 50_000)])
    assert len(both.debts) == 2 and not both.unsure


def test_a_loan_of_the_family_is_on_no_report():
    both = together(
        [debt("1", "妈妈", 9_600, "person")], [debt("A1", "样例小额贷款有限公司", 9_600)]
    )
    assert len(both.debts) == 2 and not both.unsure
