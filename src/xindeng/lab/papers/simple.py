"""A sample as a simple report (简版), and what such a report can tell of the truth."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from xindeng.events.credit import CreditReport, ReportAccount
from xindeng.events.dues import CARDS, ENDED
from xindeng.kernel.time import to_date
from xindeng.lab.papers.blocks import Block, Text, grid, heading
from xindeng.lab.papers.person import Sample, month_start
from xindeng.lab.papers.printed import (
    PUBLIC_TITLES,
    enquiries,
    long_day,
    month,
    public_record,
    report_line,
    yuan,
)


def late_months(account: ReportAccount) -> tuple[int, int]:
    """Return months overdue in five years, and those beyond 90 days (codes 4 to 7)."""
    late = [int(sign) for sign in account.grid if sign in "1234567"]
    return len(late), sum(code >= 4 for code in late)


def simple_blocks(sample: Sample) -> list[Block]:
    """Return the sample as the blocks of a simple report."""
    report, person = sample.report, sample.person
    own = [one for one in report.accounts if one.kind != "C1"]
    cards = [one for one in own if one.kind in CARDS]
    loans = [one for one in own if one.kind not in CARDS]
    blocks: list[Block] = [
        heading("个人信用报告"), Text(report_line(sample)),
        Text(f"姓名：{person.name}　证件类型：身份证　证件号码：{person.id_number[:4]}{'*' * 10}"
             f"{person.id_number[-4:]}"),
    ]  # fmt: skip
    if report.fraud_alert:
        blocks.append(Text("防欺诈警示：信息主体申请设置防欺诈警示。"))
    blocks += [heading("信贷记录"),
               Text("这部分包含您的信用卡、贷款和其他信贷记录。金额类数据均以人民币计算，精确到元。"),
               heading("信息概要"), _summary(cards, loans)]  # fmt: skip
    claims = [one for one in report.accounts if one.kind == "C1"]
    if claims:
        blocks += [heading("资产处置信息"), *_items(map(_claim, claims))]
    for title, accounts in (("信用卡", cards), ("贷款", loans)):
        blocks.append(heading(title))
        blocks += list(_parted(accounts, card=title == "信用卡"))
    blocks.append(heading("相关还款责任信息"))
    sureties = [
        f"{long_day(one.opened_day)}，为虚构戊（证件类型：身份证，证件号码：9900********0044）在{one.lender}"
        f"办理的贷款承担相关还款责任，责任人类型为保证人，相关还款责任金额{yuan(one.amount)}。"
        f"截至{month(month_start(report.report_day, 1))}，贷款余额{yuan(one.balance)}。"
        for one in report.guarantee_list
    ]  # fmt: skip
    blocks += _items(sureties) if sureties else [Text("系统中没有您的相关还款责任信息。")]
    blocks += [
        heading("非信贷交易记录"),
        Text("系统中没有您最近5年内的欠费记录。"),
        heading("公共记录"),
    ]
    for record in report.public_record_list:
        blocks += [Text(PUBLIC_TITLES[record.kind]), public_record(record)]
    if not report.public_record_list:
        blocks.append(
            Text("系统中没有您最近5年内的欠税记录、民事判决记录、强制执行记录、行政处罚记录。")
        )
    return [*blocks, *enquiries(report), heading("说明"),
            Text("1.除查询记录外，其他信息均由相关机构提供。"),
            Text("2.本报告为虚构样例，不涉及任何真实个人或机构。")]  # fmt: skip


def _summary(cards: list[ReportAccount], loans: list[ReportAccount]) -> Block:
    def row(name: str, test: object) -> tuple[str, str, str]:
        assert callable(test)
        return name, str(sum(map(test, cards))), str(sum(map(test, loans)))

    return grid([
        ("项目", "信用卡数", "贷款数"),
        row("账户数", lambda _: 1),
        row("未结清/未销户账户数", lambda one: one.status not in ENDED),
        row("发生过逾期的账户数", lambda one: bool(late_months(one)[0] or one.overdue_amount)),
        row("发生过90天以上逾期的账户数", lambda one: late_months(one)[1] > 0),
    ])  # fmt: skip


def _items(sentences: object) -> list[Block]:
    return [Text(f"{n}.{one}") for n, one in enumerate(sentences, start=1)]  # type: ignore[arg-type,var-annotated]


def _parted(accounts: list[ReportAccount], *, card: bool) -> Iterator[Block]:
    late = [one for one in accounts if late_months(one)[0] or one.overdue_amount]
    clean = [one for one in accounts if one not in late]
    what = "贷记卡" if card else ""
    if late:
        yield Text(f"发生过逾期的{what}账户明细如下：")
        yield from _items(map(_sentence, late))
    if clean:
        yield Text("从未逾期过的贷记卡及透支未超过60天的准贷记卡账户明细如下：" if card
                   else "从未发生过逾期的账户明细如下：")  # fmt: skip
        yield from _items(map(_sentence, clean))


def _claim(account: ReportAccount) -> str:
    return (f"{long_day(account.opened_day)}{account.lender}接收债权，金额{yuan(account.limit)}。"
            f"余额{yuan(account.balance)}。")  # fmt: skip


def _sentence(account: ReportAccount) -> str:
    opened, lender = long_day(account.opened_day), account.lender
    if account.kind in CARDS:
        name = "贷记卡" if account.kind == "R2" else "准贷记卡"
        first = f"{opened}{lender}发放的{name}（人民币账户，卡片尾号：0000）"
    elif account.kind == "D1":
        first = f"{opened}{lender}发放的{yuan(account.limit)}元（人民币）其他个人消费贷款"
        if account.ends_day is not None:
            first += f"，{long_day(account.ends_day)}到期"
    else:
        under = "（循环额度下分账户）" if account.kind == "R4" else ""
        first = f"{opened}{lender}为其他个人消费贷款{under}授信，额度长期有效，可循环使用"
    return first + _rest(account)


def _rest(account: ReportAccount) -> str:
    if account.closed_day is not None:
        how = {"settled": "已结清", "closed": "销户", "transferred": "已转出"}[account.status]
        return f"，{month(account.closed_day)}{how}。{_history(account)}"
    as_of = f"截至{month(account.grid_end or 0)}"
    if account.kind in CARDS:
        told = f"，信用额度{yuan(account.limit)}，已使用额度{yuan(account.balance)}"
    elif account.kind == "D1":
        told = f"，余额{yuan(account.balance)}"
    else:
        told = f"，信用额度{yuan(account.limit)}元（人民币），余额为{yuan(account.balance)}"
    special = {"bad_debt": "，账户状态为“呆账”", "frozen": "，账户状态为“冻结”"}.get(
        account.status, ""
    )
    late = f"，逾期金额{yuan(account.overdue_amount)}" if account.overdue_amount else "，当前无逾期"
    return f"。{as_of}{told}{special}{late}。{_history(account)}"


def _history(account: ReportAccount) -> str:
    months, deep = late_months(account)
    if not months:
        return ""
    if account.kind == "R3":
        return f"最近5年内有{months}个月透支超过60天，其中{deep}个月透支超过90天。"
    beyond = f"其中{deep}个月逾期超过90天" if deep else "没有发生过90天以上逾期"
    return f"最近5年内有{months}个月处于逾期状态，{beyond}。"


def simplified(report: CreditReport) -> CreditReport:
    """Return what a simple report tells of a truth: no grid, no dues, no class, no dispute."""
    return replace(
        report,
        format="simple",
        accounts=tuple(map(_simplified, report.accounts)),
        guarantee_list=tuple(replace(one, tier="unclassified") for one in report.guarantee_list),
        annotations=(),
    )


def _simplified(account: ReportAccount) -> ReportAccount:
    months, deep = late_months(account)
    told: dict[str, object] = {"late_months_5y": months, "late_90_months_5y": deep}
    if account.kind == "C1" or (account.kind == "R3" and not months):
        told = {}
    status = account.status
    if account.overdue_amount and status == "normal":
        status = "overdue"
    closed = account.closed_day
    return ReportAccount(
        account=account.account, kind=account.kind, lender=account.lender,
        lender_kind=account.lender_kind, status=status, limit=_told_limit(account),
        balance=account.balance, overdue_amount=account.overdue_amount, group=account.group,
        opened_day=account.opened_day,
        ends_day=account.ends_day if account.kind == "D1" else None,
        months_left=account.months_left if account.kind == "D1" else None,
        closed_day=None if closed is None else closed - to_date(closed).day + 1,
        **told,  # type: ignore[arg-type]
    )  # fmt: skip


def _told_limit(account: ReportAccount) -> int | None:
    """Return the limit; of a closed card or line nothing is told, of a loan the amount lent is."""
    return account.limit if account.kind in {"D1", "C1"} or account.closed_day is None else None
