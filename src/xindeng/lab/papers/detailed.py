"""A sample as a detailed report (详版): labelled tables, a block an account, grids year by year."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from xindeng.events.credit import AccountKind, CreditReport, ReportAccount
from xindeng.events.dues import CARDS, ENDED
from xindeng.kernel.time import to_date
from xindeng.lab.papers.blocks import Block, Table, Text, fields, grid, heading
from xindeng.lab.papers.person import Sample, month_start
from xindeng.lab.papers.printed import (
    NOTHING,
    PUBLIC_TITLES,
    dotted,
    enquiries,
    long_day,
    month,
    number,
    public_record,
    report_line,
    yuan,
)

_TITLES: Final[dict[AccountKind, str]] = {
    "C1": "被追偿信息", "D1": "非循环贷账户", "R4": "循环额度下分账户", "R1": "循环贷账户",
    "R2": "贷记卡账户", "R3": "准贷记卡账户",
}  # fmt: skip
PRINT_NAMES: Final[dict[AccountKind, str]] = {"R4": "循环贷账户一", "R1": "循环贷账户二"}
"""What some copies call the two kinds of revolving loan."""

STATUS: Final = {
    "normal": "正常", "overdue": "逾期", "settled": "结清", "bad_debt": "呆账", "frozen": "冻结",
    "closed": "销户", "transferred": "转出",
}  # fmt: skip
TIERS: Final = {
    "normal": "正常",
    "special_mention": "关注",
    "loss": "损失",
    "unclassified": NOTHING,
}
_NUMBERS: Final = "一二三四五六七八九十"


def detailed_blocks(sample: Sample, *, print_names: bool = False) -> list[Block]:
    """Return the sample as the blocks of a detailed report."""
    report, person = sample.report, sample.person
    titles = {**_TITLES, **(PRINT_NAMES if print_names else {})}
    blocks: list[Block] = [
        heading("个人信用报告（本人版）"), Text(report_line(sample)),
        fields("被查询者姓名 被查询者证件类型 被查询者证件号码 查询机构 查询原因",
               person.name, "身份证", person.id_number, "本人", "本人查询"),
    ]  # fmt: skip
    if report.fraud_alert:
        blocks.append(Text("防欺诈警示：信息主体申请设置防欺诈警示，联系电话：19900000000。"))
    blocks += [
        heading("一 个人基本信息"), heading("（一）身份信息"),
        fields("性别 出生日期 婚姻状况 学历 就业状况 国籍",
               "女", "1990.01.01", "未婚", "本科", "在职", "中国"),
        grid([("编号", "手机号码", "信息更新日期"),
              ("1", person.phone, dotted(report.report_day))]),
        heading("（二）居住信息"),
        grid([("编号", "居住地址", "居住状况"), ("1", person.address, "租房")]),
        heading("二 信息概要"), *_summary(report, titles), heading("三 信贷交易信息明细"),
    ]  # fmt: skip
    for place, kind in enumerate(titles):
        blocks.append(heading(f"（{_NUMBERS[place]}）{titles[kind]}"))
        mine = [one for one in report.accounts if one.kind == kind]
        for n, account in enumerate(mine, start=1):
            blocks += _account(account, n, report)
        if not mine:
            blocks.append(Text(NOTHING))
    blocks += _rest(report)
    return [*blocks, *enquiries(report), heading("报告说明"),
            Text("1.本报告为虚构样例，不涉及任何真实个人或机构。"),
            Text("2.“--”表示没有数据。")]  # fmt: skip


def _summary(report: CreditReport, titles: dict[AccountKind, str]) -> Iterator[Block]:
    for kind, title in titles.items():
        mine = [one for one in report.accounts if one.kind == kind and one.status not in ENDED]
        if not mine:
            continue
        yield heading(f"{title.removesuffix('信息')}信息汇总")
        owed = yuan(sum(one.balance for one in mine))
        lenders, limit = len({one.lender for one in mine}), sum(one.limit or 0 for one in mine)
        if kind in CARDS:
            label = "已用额度" if kind == "R2" else "透支余额"
            yield fields(f"发卡机构数 账户数 授信总额 {label}",
                         str(lenders), str(len(mine)), yuan(limit), owed)  # fmt: skip
        else:
            yield fields("管理机构数 账户数 授信总额 余额 最近6个月平均应还款",
                         str(lenders), str(len(mine)), yuan(limit), owed, NOTHING)  # fmt: skip


def _account(account: ReportAccount, place: int, report: CreditReport) -> Iterator[Block]:
    revolving = account.kind in {"R1", "R4"} and account.group
    yield heading(f"账户{place}" + (f"（授信协议标识：{account.group}）" if revolving else ""))
    yield _basics(account)
    if account.status in ENDED:
        yield fields("账户状态 账户关闭日期", STATUS[account.status], dotted(account.closed_day))
        return
    yield Text(f"截至{long_day((account.grid_end or report.report_day) + 14)}")
    yield from _standing(account)
    if account.grid:
        yield from _grid(account)
    if account.note:
        event, when = account.note.split()
        yield fields(
            "特殊交易类型 发生日期 变更月数 发生金额 明细记录", event, when, "3", NOTHING, NOTHING
        )
    for remark in report.annotations:
        if remark.account == account.account:
            yield fields("标注内容 添加日期", remark.text, dotted(remark.day))


def _basics(account: ReportAccount) -> Table:
    mark, opened, limit = f"ID{account.account}", dotted(account.opened_day), yuan(account.limit)
    if account.kind == "C1":
        return fields("管理机构 业务种类 债权接收日期 债权金额 债权转移时的还款状态",
                      account.lender, "其他个人消费贷款", opened, limit, "逾期")  # fmt: skip
    if account.kind in CARDS:
        return fields("发卡机构 账户标识 开立日期 账户授信额度 共享授信额度 币种 业务种类 担保方式",
                      account.lender, mark, opened, limit, NOTHING, "人民币元",
                      "贷记卡" if account.kind == "R2" else "准贷记卡", "信用/免担保")  # fmt: skip
    word = "借款金额" if account.kind == "D1" else "账户授信额度"
    return fields(f"管理机构 账户标识 开立日期 到期日期 {word} 账户币种",
                  account.lender, mark, opened, dotted(account.ends_day), limit,
                  "人民币元")  # fmt: skip


def _standing(account: ReportAccount) -> Iterator[Table]:
    status, owed, due = STATUS[account.status], yuan(account.balance), yuan(account.monthly_due)
    late = (number(account.overdue_months or None), yuan(account.overdue_amount or None))
    if account.kind == "C1":
        yield fields("账户状态 余额 最近一次还款日期", "催收", owed, NOTHING)
        return
    if account.kind in CARDS:
        used = "余额" if account.kind == "R2" else "透支余额"
        yield fields(f"账户状态 {used} 已用额度 未出单的大额专项分期余额 剩余分期期数 "
                     "最近6个月平均使用额度 最大使用额度",
                     status, owed, owed, NOTHING, NOTHING, owed, owed)  # fmt: skip
        yield fields("账单日 本月应还款 本月实还款 最近一次还款日期 当前逾期期数 当前逾期总额",
                     NOTHING, due, NOTHING, NOTHING, *late)  # fmt: skip
        if account.tier != "unclassified":
            yield fields("五级分类 逾期31—60天未还本金", TIERS[account.tier], NOTHING)
        return
    yield fields("账户状态 五级分类 余额 剩余还款期数 本月应还款 应还款日 本月实还款 "
                 "最近一次还款日期",
                 status, TIERS[account.tier], owed, number(account.months_left), due, NOTHING,
                 NOTHING, NOTHING)  # fmt: skip
    yield fields("当前逾期期数 当前逾期总额 逾期31—60天未还本金 逾期61—90天未还本金",
                 *late, NOTHING, NOTHING)  # fmt: skip


def _grid(account: ReportAccount) -> Iterator[Block]:
    """Yield the grid, years down from the newest; beyond two years with amounts below the signs."""
    assert account.grid_end is not None
    first = month_start(account.grid_end, len(account.grid) - 1)
    yield Text(f"{month(first)}—{month(account.grid_end)}的还款记录")
    signs = {
        (at := to_date(month_start(account.grid_end, back))).year * 12 + at.month - 1: sign
        for back, sign in enumerate(reversed(account.grid))
    }
    years = range(to_date(account.grid_end).year, to_date(first).year - 1, -1)
    rows: list[Sequence[str]] = [["", *map(str, range(1, 13))]]
    for year in years:
        cells = [signs.get(year * 12 + n, "") for n in range(12)]
        rows.append([str(year), *cells])
        if len(account.grid) > 24:
            rows.append(
                ["", *("" if not cell else "0" if cell in "N*MC" else "100" for cell in cells)]
            )
    yield grid(rows)


def _rest(report: CreditReport) -> list[Block]:
    blocks: list[Block] = [heading("（七）相关还款责任信息")]
    if report.guarantee_list:
        head = (
            "管理机构",
            "业务种类",
            "开立日期",
            "责任人类型",
            "相关还款责任金额",
            "余额",
            "五级分类",
        )
        blocks.append(grid([head, *(
            (one.lender, "个人经营性贷款", dotted(one.opened_day), "保证人", yuan(one.amount),
             yuan(one.balance), TIERS[one.tier])
            for one in report.guarantee_list
        )]))  # fmt: skip
    else:
        blocks.append(Text(NOTHING))
    blocks += [heading("四 非信贷交易信息明细"), Text(NOTHING), heading("五 公共信息明细")]
    for record in report.public_record_list:
        blocks += [heading(PUBLIC_TITLES[record.kind]), public_record(record)]
    if not report.public_record_list:
        blocks.append(Text(NOTHING))
    return [*blocks, heading("六 本人声明"), Text(NOTHING), heading("七 异议标注"), Text(NOTHING)]
