"""`xindeng plan`: what to do about a refusal, kept and looked at again."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup

from xindeng.cli.borrower import (
    BorrowerArgument,
    MonthsOption,
    ProductOption,
    PurposeOption,
    RateOption,
    read_request,
)
from xindeng.cli.output import (
    HomeOption,
    JsonOption,
    Lang,
    LangOption,
    PolicyOption,
    out,
    print_json,
    progress,
)
from xindeng.cli.render_plan import print_list, print_plans
from xindeng.intake.loan_offer import read_offer
from xindeng.kernel.errors import InputError, XindengError
from xindeng.repair.plans.told import tell
from xindeng.service import plan as planning
from xindeng.service.engine import Engine, open_engine
from xindeng.service.plan import KeptPlans
from xindeng.service.plan_looks import due, look_at_all
from xindeng.service.trying import engine_of

PlanArgument = Annotated[str, typer.Argument(help="the plan's id, as `xindeng plan` printed it")]
_AT_ONCE = 50
_WORDS: Final = {
    "zh": {
        "noted": "已记下。是否完成，以之后的记录为准。", "noted_before": "之前已经记下。",
        "proving": "重新核算计划",
        "looked": "核算了 {looked:,} 份，其中 {broken:,} 份不再成立；还有 {watched:,} 份继续跟踪",
    },
    "en": {
        "noted": "Noted. What counts is what the records show later.",
        "noted_before": "It was noted before.",
        "proving": "proving plans",
        "looked": "{looked:,} looked at, {broken:,} of them broken; {watched:,} still watched",
    },
}  # fmt: skip


class _Default(TyperGroup):
    """`xindeng plan BORROWER …` is `xindeng plan make BORROWER …`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the command in where none is named."""
        if args and args[0] not in (*self.commands, *ctx.help_option_names):
            args = ["make", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=_Default,
    help="What turns a refusal: plans that the policy itself has proven. "
    "`xindeng plan BORROWER AMOUNT` makes one.",
    no_args_is_help=True,
)


class Goal(StrEnum):
    """What a plan is chosen for."""

    fastest = "fastest"
    cheapest = "cheapest"
    gentlest = "gentlest"
    smaller = "smaller"


GoalOption = Annotated[Goal | None, typer.Option("--goal", help="show the plan for this goal only")]


@app.command()
def make(
    borrower: Annotated[
        str | None, typer.Argument(help="the borrower's id; may be left out with --decision")
    ] = None,
    amount: Annotated[
        str | None, typer.Argument(help="the amount wished for; else the last refusal's")
    ] = None,
    decision: Annotated[
        str | None, typer.Option(help="a stored decision that did not approve")
    ] = None,
    months: MonthsOption = 12,
    purpose: PurposeOption = "consumption",
    product: ProductOption = None,
    rate: RateOption = None,
    offer: Annotated[
        list[str] | None,
        typer.Option(help="a loan really offered to merge debts: LENDER:RATE:MONTHS"),
    ] = None,
    goal: GoalOption = None,
    lang: LangOption = Lang.zh,
    policy: PolicyOption = "consumer_line",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Find what turns a refusal, on the facts of now; it leaves no mark on the borrower."""
    if amount is not None and decision is not None:
        raise InputError("both an amount and a decision", next_step="give one of them")
    if borrower is None and decision is None:
        raise InputError("whose plan?", next_step="give a borrower, or --decision")
    offers = [read_offer(text) for text in offer or ()]
    with open_engine(policy, home=_path(home)) as opened:
        engine = opened if borrower is None else engine_of(opened, borrower)
        if amount is not None and borrower is not None:
            request = read_request(engine, amount, months, purpose, (product, rate))
            found = planning.make(engine, borrower, request, offers=offers)
        else:
            found = planning.make_for(engine, decision, borrower, offers=offers)
        _print(engine, found, lang, goal, as_json=as_json)


@app.command()
def show(
    plan: PlanArgument,
    goal: GoalOption = None,
    lang: LangOption = Lang.zh,
    policy: PolicyOption = "consumer_line",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show stored plans as they were made, and how they stand."""
    with open_engine(policy, home=_path(home)) as engine:
        _print(engine, planning.read(engine, plan), lang, goal, as_json=as_json)


@app.command("list")
def list_command(
    borrower: BorrowerArgument,
    lang: LangOption = Lang.zh,
    policy: PolicyOption = "consumer_line",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """List a borrower's stored plans and how each stood when last looked at."""
    with open_engine(policy, home=_path(home)) as opened:
        engine = engine_of(opened, borrower)
        found = planning.of_borrower(engine, borrower)
        if as_json:
            print_json([_plain(one) for one in found])
            return
        print_list(engine.policy, found, lang)


@app.command()
def done(
    plan: PlanArgument,
    choice: Annotated[int, typer.Argument(help="which of the plans, from 1")],
    step: Annotated[int, typer.Argument(help="which of its steps, from 1")],
    lang: LangOption = Lang.zh,
    policy: PolicyOption = "consumer_line",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tick off a step. It proves nothing by itself: what counts is what the records show."""
    with open_engine(policy, home=_path(home)) as engine:
        new = planning.done(engine, plan, choice, step)
    if as_json:
        print_json({"plan": plan, "choice": choice, "step": step, "new": new})
        return
    out.print(_WORDS[lang]["noted" if new else "noted_before"])


@app.command()
def reprove(
    borrower: Annotated[
        str | None, typer.Argument(help="whose plans; everybody's that are due if left out")
    ] = None,
    lang: LangOption = Lang.en,
    policy: PolicyOption = "consumer_line",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Prove kept plans anew under the policy in force; what broke is told to its borrower.

    The worker does this by itself: after a publish, after new events, and once a day. It can be
    broken off and run again; nothing is looked at twice.
    """
    looked = broken = 0
    failed: list[str] = []
    words = _WORDS[lang]
    with open_engine(policy, home=_path(home)) as engine, progress() as bar:
        task = bar.add_task(words["proving"], total=None if borrower else due(engine)[0])
        while True:
            run = look_at_all(engine, borrower=borrower, most=_AT_ONCE)
            looked, broken, failed = looked + run.done, broken + run.broken, run.failed
            bar.advance(task, run.done)
            if run.done < _AT_ONCE:
                break
        watched = due(engine)[1]
    if as_json:
        print_json({"looked_at": looked, "broken": broken, "watched": watched, "failed": failed})
    else:
        out.print(words["looked"].format(looked=looked, broken=broken, watched=watched))
    if failed:
        raise XindengError(
            f"{len(failed)} could not be proven, the first of them: {failed[0]}",
            where="plan reprove",
            next_step="mend what it says and run it again: only what is left is looked at",
            code="plan.unproven",
        )


def _print(engine: Engine, kept: KeptPlans, lang: str, goal: Goal | None, *, as_json: bool) -> None:
    engine = engine_of(engine, kept.made.borrower)
    told = tell(planning.told_by(engine, kept), kept.made.plans, lang)
    if as_json:
        print_json({**_plain(kept), "told": told})
        return
    print_plans(engine.policy, kept, told, goal)


def _plain(kept: KeptPlans) -> dict[str, Any]:
    made = kept.made
    return {
        "id": made.id if kept.kept else None,
        "borrower": made.borrower,
        "made_at": made.made_at,
        "policy_hash": made.policy_hash,
        "decision": made.decision,
        "request": made.request,
        "plans": made.plans,
        "standing": list(kept.standing.values()),
        "done": [{"choice": c, "step": s, "at": at} for (c, s), at in kept.done.items()],
    }


def _path(home: str | None) -> Path | None:
    return Path(home) if home else None
