"""What is said about alternatives, the emergency fund and spending, in Chinese and English."""

from __future__ import annotations

from typing import Final

from xindeng.kernel.money import Money
from xindeng.kernel.time import to_date
from xindeng.repair.alternatives.fund import FundPlan
from xindeng.repair.alternatives.price import Misfit, Priced
from xindeng.repair.alternatives.spending import SpendingReview
from xindeng.repair.debts.words import percent, rates
from xindeng.servicing.cost_words import Words

MISFITS: Final[dict[Misfit, Words]] = {
    "amount_too_small": Words("金额低于起点 {low}", "the amount is below its least, {low}"),
    "amount_too_large": Words("金额高于上限 {high}", "the amount is above its most, {high}"),
    "no_such_term": Words(
        "没有这个期限，只有 {months} 个月", "not for this time, only {months} months"
    ),
    "days_only": Words("只能用 {days} 天", "only for {days} days"),
    "savings_too_small": Words("存款不够这笔钱", "your savings do not cover it"),
}
_PRICED: Final = Words(
    "{name}：总共还 {total}（多付 {cost}），真实年化 {rates}。",
    "{name}: {total} in all ({cost} more than the amount), true yearly rate {rates}.",
)
_CHEAPEST: Final = Words(
    "同样的金额和时间，这里总共还得最少。", "For the same amount and time, the least paid in all."
)
_COUNTS: Final = Words(
    "使用后计入的月还款增加 {due}；用得多了同样会影响借款。",
    "It adds {due} to the counted monthly due; using much of it counts against you too.",
)
_ENQUIRY: Final = Words("申请会查询征信。", "Applying asks the credit bureau.")
_FORGONE: Final = Words(
    "{name}：不用还，少得利息约 {cost}。",
    "{name}: nothing to repay, about {cost} of interest forgone.",
)
_MISFIT: Final = Words("{name}：不适用，{why}。", "{name}: does not fit, {why}.")
_SOURCE: Final = Words("依据：{source}，{day}。", "Source: {source}, {day}.")
_UNCONFIRMED: Final = Words(
    "依据（未核实，请以机构公布为准）：{source}，{day}。",
    "Source (unconfirmed, the lender's own figures count): {source}, {day}.",
)
_FUND: Final = Words(
    "应急金目标 {target}，现有 {have}，还差 {missing}。",
    "Emergency fund: {target} is the aim, {have} is there, {missing} is missing.",
)
_FUND_STEP: Final = Words(
    "从 {day} 起每月存 {monthly}，{months} 个月后有 {saved}。",
    "From {day} put by {monthly} a month; after {months} months there will be {saved}.",
)
_FUND_REACHED: Final = Words("{day} 达到目标。", "The aim is reached on {day}.")
_FUND_OPEN: Final = Words(
    "按现在的数字还存不出这笔钱；先从很小的一笔开始也好。",
    "With these figures it cannot be put by yet; starting very small is fine.",
)
_SPENDING: Final = Words(
    "每月支出 {total}，其中必要 {necessary}，分期购买 {instalments}（{share}）。",
    "{total} is spent a month, {necessary} of it necessary, {instalments} bought on "
    "instalments ({share}).",
)
_SPARE: Final = Words(
    "如果愿意，每月可以省下 {spared}：{list}。",
    "If you like, {spared} a month could be spared: {list}.",
)
_SHORT: Final = Words(
    "支出比收入每月多 {amount}。", "More goes out than comes in: {amount} a month."
)


def say_priced(priced: Priced, lang: str) -> list[str]:
    """Return an alternative in sentences: its true cost, its catch, where the figures are from."""
    offer = priced.offer
    name = offer.name[lang]
    if priced.misfit is not None:
        why = MISFITS[priced.misfit].by(lang).format(
            low=Money(offer.low), high=Money(offer.high), days=offer.days,
            months=("、" if lang == "zh" else ", ").join(map(str, offer.months)),
        )  # fmt: skip
        return [_MISFIT.by(lang).format(name=name, why=why)]
    cost = Money(priced.cost)
    if offer.kind == "savings":
        said = [_FORGONE.by(lang).format(name=name, cost=cost)]
    else:
        both = rates(priced.simple_ppm, priced.compound_ppm, lang)
        said = [
            _PRICED.by(lang).format(name=name, total=Money(priced.total), cost=cost, rates=both)
        ]
    if priced.cheapest:
        said.append(_CHEAPEST.by(lang))
    said.append(offer.catch[lang])
    if priced.due:
        said.append(_COUNTS.by(lang).format(due=Money(priced.due)))
    if offer.enquiry:
        said.append(_ENQUIRY.by(lang))
    source = _SOURCE if offer.confirmed else _UNCONFIRMED
    said.append(source.by(lang).format(source=offer.source[lang], day=to_date(offer.as_of)))
    return said


def say_fund(plan: FundPlan, lang: str) -> list[str]:
    """Return the way to an emergency fund, step by step."""
    said = [_FUND.by(lang).format(target=Money(plan.target), have=Money(plan.have),
                                  missing=Money(plan.missing))]  # fmt: skip
    said += [
        _FUND_STEP.by(lang).format(day=to_date(step.begins), monthly=Money(step.monthly),
                                   months=step.months, saved=Money(step.saved))
        for step in plan.steps
    ]  # fmt: skip
    if plan.missing:
        last = _FUND_OPEN if plan.reached is None else _FUND_REACHED
        day = "" if plan.reached is None else to_date(plan.reached)
        said.append(last.by(lang).format(day=day))
    return said


def say_spending(review: SpendingReview, lang: str) -> list[str]:
    """Return the review of spending; what could be spared is an offer, not a reproach."""
    share = percent((review.instalment_bp or 0) * 100)
    said = [
        _SPENDING.by(lang).format(
            total=Money(review.total),
            necessary=Money(review.necessary),
            instalments=Money(review.instalments),
            share=share,
        )
    ]
    if review.left is not None and review.left < 0:
        said.append(_SHORT.by(lang).format(amount=Money(-review.left)))
    if review.spared:
        found = (f"{one.category} {Money(one.spared)}" for one in review.sparings)
        listed = ("、" if lang == "zh" else ", ").join(found)
        said.append(_SPARE.by(lang).format(spared=Money(review.spared), list=listed))
    return said
