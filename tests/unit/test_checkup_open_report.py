"""A report that leaves something open: its light is not told to be without anything to see."""

from __future__ import annotations

from pathlib import Path

import pytest

from xindeng.decision.answer import Light
from xindeng.kernel.time import zone
from xindeng.repair.checkup.blocks import Lights
from xindeng.repair.checkup.words import WORDS
from xindeng.service.checkup import Handed, run
from xindeng.service.policies import load_policy

REPORT = """个人信用报告
报告编号：2026111200001234567890    报告时间：2026-11-12 10:20:30
姓名：林小雨    证件类型：身份证    证件号码：3301**********0025

信贷记录
信用卡
发生过逾期的账户明细如下：
1. 2021年3月15日甲银行发放的贷记卡（人民币账户，卡片尾号：1234）。截至2026年10月，信用额度20,000，已使用额度18,000。最近5年内有2个月处于逾期状态，没有发生过90天以上逾期。

查询记录
机构查询记录明细
编号 查询日期 查询机构 查询原因
1 2026年9月28日 橙子消费金融有限公司 贷款审批
"""


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_only_a_green_light_says_that_nothing_was_found(tmp_path: Path, lang):
    (tmp_path / "report.txt").write_text(REPORT, encoding="utf-8")
    now = zone("Asia/Shanghai").parse("2026-11-22 12:00")
    policy = load_policy("consumer_line")
    done = run(policy, Handed(report=tmp_path / "report.txt", income=900_000), now, lang)
    rows = [row for section in done.report.sections for block in section.blocks
            if isinstance(block, Lights) for row in block.items]  # fmt: skip
    quiet = {row.light for row in rows if WORDS[lang]["no_fact"] in row.text}
    assert quiet == {Light.GREEN}
    assert any(row.light is Light.YELLOW and "report.txt" in row.text for row in rows)
