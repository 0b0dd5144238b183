"""Labels and their values: a line of labels above a line of values, or `label：value` side by side.

A detailed report is a sequence of such pairs of lines. Values find their label by their number
where both lines have as many cells, else by the label that stands nearest above them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from xindeng.intake.pboc.rows import Cell, Row
from xindeng.intake.pboc.values import TORN, compact

_PRINTED: Final = """
管理机构 管理机构类型 业务管理机构 业务管理机构类型 发卡机构 账户标识 授信协议标识 授信协议编号
开立日期 到期日期 借款金额 账户授信额度 共享授信额度 账户币种 币种 业务种类 业务类型 担保方式
还款期数 还款频率 还款方式 共同借款标志 账户状态 状态 五级分类 余额 透支余额 已用额度
未出单的大额专项分期余额 剩余还款期数 剩余分期期数 最近6个月平均使用额度 最近6个月平均透支余额
最大使用额度 最大透支余额 本月应还款 应还款日 账单日 本月实还款 最近一次还款日期
最近一次还款金额 当前逾期期数 当前逾期总额 逾期31-60天未还本金 逾期61-90天未还本金
逾期91-180天未还本金 逾期180天以上未还本金 透支180天以上未付余额 账户关闭日期 结清日期 销户日期
转出月份 呆账日期 债权接收日期 债权金额 债权转移时的还款状态 原债务业务种类 特殊交易类型
发生日期 变更月数 到期日期变更月数 发生金额 明细记录 特殊事件类型 发生月份 大额专项分期额度
分期额度生效日期 分期额度到期日期 已用分期金额 标注内容 声明内容 添加日期 编号 查询日期 查询机构
查询原因 生效日期 授信额度用途 授信额度 授信限额 授信限额编号 协议状态 相关还款责任金额
还款责任金额 责任人类型 主借款人身份类别 主业务借款人 保证合同编号 还款状态 逾期月数
主管税务机关 欠税总额 欠税统计日期 立案法院 案由 立案日期 结案方式 判决/调解结果
判决/调解生效日期 诉讼标的 诉讼标的金额 执行法院 申请执行标的 申请执行标的金额 申请执行标的价值
案件状态 结案日期 已执行标的 已执行标的金额 处罚机构 处罚内容 处罚金额 截止日期 行政复议结果
文书编号 机构名称 业务开通日期 当前缴费状态 当前欠费金额 记账年月 账户类型 账户数 月份数
单月最高逾期(透支)总额 最长逾期(透支)月数 管理机构数 发卡机构数 授信总额 最近6个月平均应还款
单家机构最高授信额 单家机构最低授信额 首笔业务发放月份 业务大类 记录数 涉及金额 被查询者姓名
被查询者证件类型 被查询者证件号码 姓名 证件类型 证件号码 性别 出生日期 婚姻状况 就业状况 学历
学位 国籍 电子邮箱 通讯地址 户籍地址 手机号码 信息更新日期 居住地址 住宅电话 居住状况 工作单位
单位性质 单位地址 单位电话 配偶姓名
"""
LABELS: Final = frozenset(_PRINTED.split())
"""Every label a second-generation report prints, dashes and brackets in half width."""

_PAIR: Final = re.compile(r"([^:]{2,16}):(.*)")
_NUMBERS: Final = re.compile(r"[0-9, ]+")
_WHOLE: Final = re.compile(r"\s*[0-9]{1,3}(,[0-9]{3})*\s*|\s*[0-9]+\s*")


def label(text: str) -> str:
    """Return the label a cell holds, or an empty text."""
    found = compact(text).rstrip(":")
    return found if found in LABELS else ""


@dataclass
class Record:
    """Values by label, and the row of each so that a finding can be pointed at."""

    row: Row
    values: dict[str, str] = field(default_factory=dict)
    rows: dict[str, Row] = field(default_factory=dict)

    def put(self, name: str, text: str, row: Row) -> None:
        """Set a value; what a label said first stands unless it said nothing."""
        if name not in self.values or not self.values[name]:
            self.values[name] = text
            self.rows[name] = row

    def extend(self, name: str, text: str) -> None:
        """Add the rest of a value that went over to the next line."""
        self.values[name] = _joined(self.values.get(name, ""), text)

    def get(self, *names: str) -> str:
        """Return the first value said under any of the labels, compact; empty if none is."""
        return next((found for n in names if (found := _whole(self.values.get(n, "")))), "")

    def place(self, *names: str) -> Row:
        """Return the row of the first of the labels that was said, else where the record began."""
        return next((self.rows[name] for name in names if name in self.rows), self.row)


def _joined(before: str, rest: str) -> str:
    """Return a value with what seems to be the rest of it.

    A number after a whole number is no rest, but another's: the two are kept apart, so that no
    amount is made of them.
    """
    return before + ("|" if _WHOLE.fullmatch(before) and _WHOLE.fullmatch(rest) else "") + rest


def _whole(text: str) -> str:
    """Return a value compact; a number with a hole keeps it, and is none."""
    torn = _NUMBERS.fullmatch(text) and TORN.search(text)
    return text.replace(" ", "|") if torn else compact(text)


def labels_of(row: Row) -> tuple[tuple[str, Cell], ...]:
    """Return the labels of a label line with their cells; empty for any other line."""
    found = tuple((label(cell.text), cell) for cell in row.filled)
    known = sum(bool(name) for name, _ in found)
    if not known or known * 3 < len(found) * 2 or (len(found) > 1 and known < 2):
        return ()
    return tuple((name or compact(cell.text), cell) for name, cell in found)


def pairs_of(row: Row) -> Iterator[tuple[str, str]]:
    """Yield label and value of each `label：value` cell."""
    for cell in row.filled:
        # Words of one cell may hold several pairs: 姓名：甲 证件类型：身份证.
        for part in re.split(r"\s+(?=[^\s:]{2,16}:)", cell.text):
            match = _PAIR.match(part)
            if match and (name := label(match[1])):
                yield name, match[2].strip()


def align(head: Sequence[tuple[str, Cell]], width: int, row: Row) -> Mapping[str, str]:
    """Return label → text of a value line under a label line of `width` cells in all."""
    if len(row.cells) == width and row.gridded:
        by_place = {(cell.left, cell.right): cell.text for cell in row.cells}
        exact = {name: by_place.get((cell.left, cell.right)) for name, cell in head}
        if all(text is not None for text in exact.values()):
            return {name: text or "" for name, text in exact.items()}
    if len(row.filled) == len(head):
        return {name: cell.text for (name, _), cell in zip(head, row.filled, strict=True)}
    found: dict[str, str] = {}
    for cell in row.filled:
        name, _ = min(head, key=lambda one: abs(one[1].middle - cell.middle))
        found[name] = _joined(found.get(name, ""), cell.text)
    return found
