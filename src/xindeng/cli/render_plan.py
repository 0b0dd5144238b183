"""Plans as terminal text: the line that counts first, then each plan with its steps and proof."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from rich.panel import Panel
from rich.text import Text

from xindeng.cli.output import out
from xindeng.kernel.money import Money
from xindeng.policy.policy import Policy
from xindeng.repair.plans.plan_told import PlanTold
from xindeng.repair.plans.told import PlansTold
from xindeng.repair.plans.words import GOAL_WORDS
from xindeng.service.plan import KeptPlans

_WORDS: Final = {
    "zh": {
        "proof": "核算过程", "branches": "由别人决定的一步", "stages": "分两步借",
        "assumes": "前提",
        "waiting": "什么都不做", "months": "各月可借", "rungs": "先还这些", "leads": "可以找谁",
        "helps": "您这边能做的",
        "done": "您已标记完成", "id": "计划编号 {id}；做完一步：xindeng plan done {id} 计划 步骤",
        "kept": "已按计划完成，结果不变", "good": "仍然成立", "moved": "日期推迟",
        "broken": "不再成立", "expired": "已过期", "our_side": "平台原因暂缓",
        "none": "还没有计划。", "yes": "按本版政策核算可通过自",
    },
    "en": {
        "proof": "How it was worked out", "branches": "What somebody else decides",
        "stages": "Borrow in two steps", "assumes": "What this rests on",
        "waiting": "Doing nothing", "months": "Month by month", "rungs": "Pay these first",
        "leads": "Where to turn", "helps": "What is in your hands",
        "done": "you marked this as done",
        "id": "plan id {id}; when a step is done: xindeng plan done {id} PLAN STEP",
        "kept": "done, and it still holds", "good": "holds", "moved": "later",
        "broken": "no longer holds", "expired": "expired", "our_side": "paused on our side",
        "none": "No plans yet.", "yes": "passes from",
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
    ahead = kept.made.plans.frontier_by_month
    months = told.months if any(month.idle or month.planned for month in ahead) else ()
    for title, lines in (
        ("helps", [_lead(one.title, one.when) for one in told.helps]),
        ("rungs", told.rungs), ("months", months), ("waiting", told.waiting),
        ("", told.way_back), ("leads", [_lead(one.title, one.channel) for one in told.leads]),
    ):  # fmt: skip
        _section(words.get(title, ""), lines)
    out.print()
    _lines(told.notices)
    if kept.kept:
        out.print(f"[dim]{words['id'].format(id=kept.made.id)}[/]")


def print_list(policy: Policy, found: Iterable[KeptPlans], lang: str) -> None:
    """Print each set of plans with its id, and one line a plan: for what, and how it stands."""
    words, zone = _WORDS[lang], policy.zone
    nothing = True
    for kept in found:
        nothing = False
        out.print(f"{zone.local(kept.made.made_at):%Y-%m-%d}  {kept.made.id}", markup=False)
        for number, look in kept.standing.items():
            plan = kept.made.plans.plans[number - 1]
            amount = Money(plan.amount, kept.made.request.currency)
            goal = GOAL_WORDS["zh" if lang == "zh" else "en"][plan.goal]
            line = f"  {number}. {amount}  {goal} · {words[look.fate]}"
            if look.yes_at is not None:
                line += f" · {words['yes']} {zone.local(look.yes_at):%Y-%m-%d}"
            out.print(line, markup=False)
    if nothing:
        out.print(words["none"])


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
