"""What is said about debts and the ways to pay them, in Chinese and English.

Each sentence is made from figures only; `name` is how the reader knows a debt (its lender).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from xindeng.kernel.money import Money
from xindeng.repair.debts.compare import Comparison, Guard, GuardCode, Way, WayName
from xindeng.repair.debts.consolidate import Consolidation, Verdict
from xindeng.repair.debts.paydown import PayDown
from xindeng.servicing.cost_words import CONVENTIONS, Words

WAYS: Final[dict[WayName, Words]] = {
    "gate": Words("先过门槛", "Gate first"),
    "avalanche": Words("先还利率最高的", "Dearest first"),
    "snowball": Words("先还余额最小的", "Smallest first"),
    "hybrid": Words("又贵又小的先还", "Dear and small first"),
    "minimum": Words("只还最低", "Minimum only"),
}
RULES: Final[dict[WayName, Words]] = {
    "gate": Words(
        "每月先付清所有应还款；多出的钱用来尽早让计入的月还款降到门槛以下，达到后再先还利率最高的。",
        "All dues are paid each month; what is left brings the counted monthly due under the gate "
        "as soon as possible, and afterwards goes to the dearest debt.",
    ),
    "avalanche": Words(
        "每月先付清所有应还款；多出的钱先还利率最高的一笔。",
        "All dues are paid each month; what is left goes to the debt with the highest rate.",
    ),
    "snowball": Words(
        "每月先付清所有应还款；多出的钱先还余额最小的一笔。",
        "All dues are paid each month; what is left goes to the smallest debt.",
    ),
    "hybrid": Words(
        "每笔债按利率高低和余额大小各排一个名次，两个名次相加最小的先还；相同时先还利率高的。",
        "Each debt has a place by rate (dearest 1) and a place by balance (smallest 1); the "
        "smallest sum of both goes first, of equal sums the dearer.",
    ),
    "minimum": Words(
        "每月只付各笔的应还款，没有提前还款。", "Only what is due is paid, nothing early."
    ),
}
GUARDS: Final[dict[GuardCode, Words]] = {
    "budget_below_dues": Words(
        "第 {month} 个月的应还款比可用的钱多 {amount}。请先不要借新还旧，尽早联系出借机构说明困难，"
        "申请延期或重新安排；提出申请不收费。",
        "In month {month} the dues are {amount} more than there is to pay with. Please do not "
        "borrow to pay; tell the lenders early and ask for a deferral or a new arrangement. Asking "
        "costs nothing.",
    ),
    "minimum_below_interest": Words(
        "{debts}：现在的每月应还款不够付利息，只这样还，欠款不会减少。",
        "{debts}: what is due each month does not cover the interest, so the debt does not shrink.",
    ),
    "rate_unknown": Words(
        "{debts}：利率未知，按应还款计算，没有替您估一个利率；实际利息可能更多。",
        "{debts}: the rate is not known, so the plan takes the dues as they are and invents no "
        "rate; the interest may be more.",
    ),
    "balance_unknown": Words(
        "{debts}：余额未知，只按应还款计算；请先向出借机构问清结清金额。",
        "{debts}: the balance is not known, only the dues are counted; please ask the lender for "
        "the sum that settles it.",
    ),
    "no_evidence": Words(
        "{debts}：没有凭证的借款同样要按期还，但还清与否别人看不到，所以不会让计入的月还款下降。",
        "{debts}: a loan without a paper is owed like any other, but nobody can see it repaid, so "
        "it does not lower the counted monthly due.",
    ),
    "no_end": Words(
        "{debts}：没有约定还清日期，请与对方约定并写下来。",
        "{debts}: no end is agreed; please agree on one and write it down.",
    ),
    "only_twelve": Words(
        "超过十二笔债时，只对最能降低月还款的十二笔做全部组合的比较，其余按应还款计算。",
        "Of more than twelve debts only the twelve that relieve most are compared in every "
        "combination; the others are paid their dues.",
    ),
    "gate_out_of_reach": Words(
        "按这些钱，十年内无法把计入的月还款降到门槛以下。",
        "With this money the counted monthly due does not come under the gate within ten years.",
    ),
}
COLUMNS: Final[dict[str, Words]] = {
    "month": Words("月份", "Month"),
    "paid": Words("本月共还", "Paid"),
    "early": Words("其中提前还", "of it early"),
    "interest": Words("利息", "Interest"),
    "fees": Words("手续费", "Fees"),
    "balance": Words("剩余欠款", "Still owed"),
    "counted": Words("计入的月还款", "Counted monthly due"),
    "kept": Words("留作以后应还", "Kept for later dues"),
}
VERDICTS: Final[dict[Verdict, Words]] = {
    "cheaper": Words(
        "合并后总共少还 {amount}，综合年化也更低。",
        "The new loan takes {amount} less in all, at a lower all-in rate.",
    ),
    "dearer_but_lighter": Words(
        "合并后每月轻一些，但总共多还 {amount}，因此不作为省钱的办法推荐。",
        "Each month becomes lighter, but {amount} more is paid in all, so it is not proposed as a "
        "way to save.",
    ),
    "dearer": Words(
        "合并后并不更省：总共相差 {amount}，因此不推荐。",
        "The new loan does not save: the totals differ by {amount}, so it is not proposed.",
    ),
    "unknown": Words(
        "有一笔债的利率或还清时间未知，无法比较总成本，因此不推荐。",
        "A rate or an end of the old debts is not known, so the totals cannot be compared and it "
        "is not proposed.",
    ),
}
_WAY: Final = Words(
    "{name}：利息和费用共 {cost}，{months}{gate}{dearer}",
    "{name}: {cost} in interest and fees, {months}{gate}{dearer}",
)
_MONTHS: Final = Words("{n} 个月还清", "paid off in {n} months")
_NEVER: Final = Words("这样还不清", "never paid off this way")
_GATE: Final = Words("，第 {n} 个月降到门槛以下", ", under the gate in month {n}")
_TODAY: Final = Words("，今天就降到门槛以下", ", under the gate today")
_DEARER: Final = Words("，比最省的办法多 {amount}。", "; {amount} more than the cheapest way.")
_CHEAPEST: Final = Words("，是这几种里最省的。", "; the cheapest of these.")
_PAY_DOWN: Final = Words(
    "共付 {cash}，计入的月还款减少 {relief}：{steps}。",
    "{cash} in all lowers the counted monthly due by {relief}: {steps}.",
)
_CLOSE: Final = Words("结清 {name}", "close {name}")
_PART: Final = Words("{name} 先还 {amount}", "pay {amount} off {name}")
_BRINGS: Final = Words(
    "新贷款会在征信报告增加 {enquiries} 次查询和 {accounts} 个账户；综合年化 {simple}（单利），"
    "原来为 {old}。",
    "The new loan adds {enquiries} enquiry and {accounts} account to your credit report; all-in "
    "yearly rate {simple} (simple), before it {old}.",
)
_SAME_TIME: Final = Words(
    "如果新贷款也在 {n} 个月内还清，总共还 {total}：贵在时间拉长。",
    "Repaid in {n} months too, the new loan would take {total} in all: it is the longer time that "
    "costs.",
)
_UNKNOWN: Final = Words("未知", "not known")


def say_way(way: Way, lang: str) -> str:
    """Return one way in a sentence: what it costs, how long, when the gate is reached."""
    course = way.course
    months = _NEVER.by(lang)
    if course.months is not None:
        months = _MONTHS.by(lang).format(n=course.months)
    gate = ""
    if course.gate_month is not None:
        gate = (_GATE if course.gate_month else _TODAY).by(lang).format(n=course.gate_month)
    dearer = _CHEAPEST.by(lang)
    if way.dearer or course.months is None:
        dearer = _DEARER.by(lang).format(amount=Money(way.dearer))
    return _WAY.by(lang).format(
        name=WAYS[way.name].by(lang), cost=Money(way.cost), months=months, gate=gate, dearer=dearer
    )


_LATER: Final = Words(
    "按现有数字推算，第 {month} 个月要还的比现在每月还的多 {amount}，例如最后一期要把剩下的都还上。"
    "现在照常还就好：请向机构核对剩余期数和月供，提前留出这笔钱；到时有困难，可以尽早申请延期，不收费。",
    "By these figures month {month} takes {amount} more than is paid a month now, as where the "
    "last instalment takes all that is left. For now pay as agreed: ask the lender how many "
    "instalments are left and of how much, and put that money by. Asking for a deferral early "
    "costs nothing.",
)


def say_guard(guard: Guard, names: Mapping[str, str], lang: str) -> str:
    """Return what to know, naming the debts."""
    words = _LATER if guard.later else GUARDS[guard.code]
    debts = ("、" if lang == "zh" else ", ").join(names.get(one, one) for one in guard.debts)
    amount = "" if guard.amount is None else str(Money(guard.amount))
    return words.by(lang).format(debts=debts, amount=amount, month=guard.month)


def say_comparison(comparison: Comparison, names: Mapping[str, str], lang: str) -> list[str]:
    """Return everything to be said of a comparison; what cannot be paid comes first."""
    guards = [say_guard(guard, names, lang) for guard in comparison.guards]
    ways = [say_way(way, lang) for way in comparison.ways]
    return [*guards, *ways] if comparison.hardship else [*ways, *guards]


def say_pay_down(way: PayDown, names: Mapping[str, str], lang: str) -> str:
    """Return one way to lower the counted due with a sum today."""
    steps = [_CLOSE.by(lang).format(name=names.get(one, one)) for one in way.closed]
    steps += [
        _PART.by(lang).format(name=names.get(one, one), amount=Money(paid))
        for one, paid in way.parts
    ]
    return _PAY_DOWN.by(lang).format(
        cash=Money(way.cash),
        relief=Money(way.relief),
        steps=("，" if lang == "zh" else ", ").join(steps),
    )


def say_consolidation(found: Consolidation, lang: str) -> list[str]:
    """Return the judgement of a consolidation, what it brings, and what the time costs."""
    old = found.old.simple_ppm
    said = [
        VERDICTS[found.verdict].by(lang).format(amount=Money(abs(found.dearer or 0))),
        _BRINGS.by(lang).format(
            enquiries=found.new_enquiries,
            accounts=found.new_accounts,
            simple=percent(found.new.simple_ppm or 0),
            old=_UNKNOWN.by(lang) if old is None else f"{percent(old)}",
        ),
    ]
    if found.same_time is not None:
        said.append(_SAME_TIME.by(lang).format(n=found.old.months, total=Money(found.same_time)))
    return said


def percent(ppm: int) -> str:
    """Return parts per million as per cent with two decimals, rounded half up."""
    hundredths = (ppm + 50) // 100
    return f"{hundredths // 100}.{hundredths % 100:02d}%"


def rates(simple_ppm: int, compound_ppm: int, lang: str) -> str:
    """Return both yearly rates, each with its convention."""
    simple, compound = CONVENTIONS["simple"].by(lang), CONVENTIONS["compound"].by(lang)
    if lang == "zh":
        return f"{percent(simple_ppm)}（{simple}），{percent(compound_ppm)}（{compound}）"
    return f"{percent(simple_ppm)} ({simple}), {percent(compound_ppm)} ({compound})"
