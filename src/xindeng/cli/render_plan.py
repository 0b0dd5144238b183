"""Plans as terminal text: the line that counts first, then each plan with its steps and proof."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from xindeng.cli.output import out
from xindeng.kernel.money import Money
from xindeng.policy.policy import Policy
from xindeng.repair.plan_told import PlansTold, PlanTold
from xindeng.service.plan import KeptPlans
from xindeng.store.plans import PlanLook

_WORDS: Final = {
    "zh": {
        "proof": "核算过程", "branches": "由别人决定的一步", "stages": "分两步借",
        "assumes": "前提",
        "waiting": "什么都不做", "months": "各月可借", "rungs": "先还这些", "leads": "可以找谁",
        "done": "您已标记完成", "id": "计划编号 {id}；做完一步：xindeng plan done {id} 计划 步骤",
        "kept": "已按计划完成，结果不变", "good": "仍然成立", "moved": "日期推迟",
        "broken": "不再成立", "expired": "已过期", "our_side": "平台原因暂缓",
        "none": "还没有计划。",
        "made": "日期", "amount": "金额", "plan": "计划", "stands": "现状", "yes": "可通过自",
    },
    "en": {
        "proof": "How it was worked out", "branches": "What somebody else decides",
        "stages": "Borrow in two steps", "assumes": "What this rests on",
        "waiting": "Doing nothing", "months": "Month by month", "rungs": "Pay these first",
        "leads": "Where to turn", "done": "you marked this as done",
        "id": "plan id {id}; when a step is done: xindeng plan done {id} PLAN STEP",
        "kept": "done, and it still holds", "good": "holds", "moved": "later",
        "broken": "no longer holds", "expired": "expired", "our_side": "paused on our side",
        "none": "No plans yet.",
        "made": "made", "amount": "amount", "plan": "plan", "stands": "stands",
        "yes": "passes from",
    },
}  # fmt: skip


def print_plans(policy: Policy, kept: KeptPlans, told: PlansTold, goal: str | None = None) -> None:
    """Print the answer; with `goal` only the plan chosen for it."""
    words = _WORDS[told.lang]
    head = [told.first, told.headline] if told.first else [told.headline]
    out.print(Panel(Text("\n".join(head)), expand=False), soft_wrap=False)
    _lines(told.lines)
    for number, (plan, said) in enumerate(
        zip(kept.made.plans.plans, told.plans, strict=True), start=1
    ):
        if goal is None or goal in (plan.goal, *plan.also):
            _plan(kept, number, said, words)
    for title, lines in (
        ("rungs", told.rungs), ("months", told.months), ("waiting", told.waiting),
        ("", told.way_back), ("leads", [_lead(one.title, one.channel) for one in told.leads]),
    ):  # fmt: skip
        _section(words.get(title, ""), lines)
    out.print()
    _lines(told.notices)
    if kept.kept:
        out.print(f"[dim]{words['id'].format(id=kept.made.id)}[/]")


def print_list(policy: Policy, found: Iterable[KeptPlans], lang: str) -> None:
    """Print one line a plan: when it was made, for what, how it stands."""
    words = _WORDS[lang]
    table = Table(box=None, header_style="dim", pad_edge=False)
    for name in ("made", "amount", "plan", "stands", "yes"):
        table.add_column(words[name])
    table.add_column("id")
    for kept in found:
        for number, look in kept.standing.items():
            table.add_row(*_row(policy, kept, number, look, words), kept.made.id)
    if table.row_count:
        out.print(table)
    else:
        out.print(words["none"])


def _row(
    policy: Policy, kept: KeptPlans, number: int, look: PlanLook, words: dict[str, str]
) -> list[str]:
    plan, zone = kept.made.plans.plans[number - 1], policy.zone
    yes = "" if look.yes_at is None else f"{zone.local(look.yes_at):%Y-%m-%d}"
    return [
        f"{zone.local(kept.made.made_at):%Y-%m-%d}",
        str(Money(plan.amount, kept.made.request.currency)),
        f"{number} {plan.goal}",
        words[look.fate],
        yes,
    ]


def _plan(kept: KeptPlans, number: int, said: PlanTold, words: dict[str, str]) -> None:
    look = kept.standing[number]
    out.print()
    title = f"{number}. {said.title}"
    if look.fate != "good":
        title += f" · {words[look.fate]}"
    out.print(Text(title, "bold"))
    _lines([said.result, *said.costs])
    for place, step in enumerate(said.steps, start=1):
        mark = "✓" if (number, place) in kept.done else " "
        out.print(f"  {mark} {place}. {step.when}  {step.title}", markup=False)
        if mark == "✓":
            out.print(f"       {words['done']}", markup=False)
        for more in (step.how, step.channel, *step.notes):
            if more:
                out.print(Text(f"       {more}", "dim"))
    _section(words["stages"], said.stages)
    _section(words["branches"], said.branches)
    _section(words["proof"], said.proof)
    _section(words["assumes"], said.assumptions)


def _lead(title: str, channel: str) -> str:
    return f"{title} ({channel})" if channel else title


def _section(title: str, lines: Iterable[str]) -> None:
    told = [line for line in lines if line]
    if told:
        if title:
            out.print(Text(title, "dim"))
        _lines([f"  {line}" for line in told])


def _lines(lines: Iterable[str]) -> None:
    for line in lines:
        out.print(line, markup=False)
