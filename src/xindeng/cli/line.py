"""A credit line: its three numbers with the gate between them, and every change of them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from xindeng.cli.borrower import Audience, BorrowerArgument
from xindeng.cli.output import (
    HomeOption,
    JsonOption,
    Lang,
    LangOption,
    PolicyOption,
    out,
    print_json,
)
from xindeng.events.envelope import payload_to_builtins
from xindeng.kernel.money import Money
from xindeng.kernel.time import to_date
from xindeng.policy.policy import Policy
from xindeng.service import line as lines
from xindeng.service.engine import open_engine
from xindeng.service.trying import engine_of
from xindeng.servicing.history import NumberChange
from xindeng.servicing.history_words import history_lines
from xindeng.servicing.line_words import (
    DRAW_STATES,
    LOAN_STATES,
    MODES,
    TASKS,
    TIERS,
    draw_cause,
    word,
)
from xindeng.servicing.three_numbers import line_of

app = typer.Typer(
    help="a credit line: limit shown, available, borrowable now", no_args_is_help=True
)

_WORDS = {
    "zh": {"hold": "限制", "review": "最迟复核", "draw": "放款途中", "loan": "借款",
           "owed": "待还", "dpd": "逾期天数", "next": "下次还款", "task": "人工处理",
           "credit": "多付余额（可退还，否则抵扣下一笔到期款）"},
    "en": {"hold": "hold", "review": "review by", "draw": "on its way", "loan": "loan",
           "owed": "to repay", "dpd": "days past due", "next": "next due", "task": "for a person",
           "credit": "paid too much (refundable, else used for what falls due next)"},
}  # fmt: skip


@app.command()
def show(
    borrower: BorrowerArgument,
    lang: LangOption = Lang.zh,
    policy: PolicyOption = "consumer_line",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the line as staff see it: numbers, holds, draws on their way, loans, open tasks."""
    with open_engine(policy, home=Path(home) if home else None) as opened:
        engine = engine_of(opened, borrower)
        seen = lines.show(engine, borrower)
        if as_json:
            print_json(seen)
            return
        for text in _view_lines(engine.policy, seen, lang):
            out.print(text, markup=False)


@app.command()
def history(
    borrower: BorrowerArgument,
    since: Annotated[
        str | None, typer.Option(help="only changes after this time, e.g. 2026-07-01")
    ] = None,
    audience: Annotated[Audience, typer.Option(help="for whom")] = Audience.support,
    lang: LangOption = Lang.zh,
    policy: PolicyOption = "consumer_line",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show every change of the three numbers with its cause: an event, our side, or time."""
    with open_engine(policy, home=Path(home) if home else None) as opened:
        engine = engine_of(opened, borrower)
        start = None if since is None else engine.policy.zone.parse(since)
        found = lines.changes(engine, borrower, since=start)
        texts = history_lines(engine.policy, found, lang.value, audience=audience.value)
    if as_json:
        shown = audience is not Audience.borrower
        print_json(
            [
                {"text": text, **(_change(one) if shown else {"at": one.at, "after": one.told})}
                for one, text in zip(found, texts, strict=True)
            ]
            if len(texts) == len(found)
            else [{"text": text} for text in texts]
        )
        return
    for text in texts:
        out.print(text, markup=False)


def _change(one: NumberChange) -> dict[str, object]:
    event = one.event
    return {
        "at": one.at,
        "cause": one.cause,
        "before": one.before,
        "after": one.after,
        "event": None
        if event is None
        else {"type": event.type, "id": event.id, "payload": payload_to_builtins(event.payload)},
    }


def _view_lines(policy: Policy, seen: lines.LineView, lang: Lang) -> list[str]:
    words, zone, currency = _WORDS[lang.value], policy.zone, policy.currency
    said = [line_of(policy, seen.numbers, lang.value)]
    for hold in seen.holds:
        spec = policy.line.kinds.get(hold.kind)
        until = f"{zone.local(hold.review_at):%Y-%m-%d %H:%M}"
        said.append(
            f"  {words['hold']} {spec.title[lang.value] if spec else hold.kind} "
            f"({word(MODES, hold.mode, lang.value)}, {hold.reason}), {words['review']} {until}"
        )
    for draw in seen.draws:
        said.append(
            f"  {words['draw']} {Money(draw.amount, currency)}: "
            f"{word(DRAW_STATES, draw.state, lang.value)}, "
            f"{draw_cause(draw.cause, lang.value)}"
        )
    for loan in seen.loans:
        text = f"  {words['loan']} {to_date(loan.opened)} {Money(loan.lent, currency)}: "
        text += f"{words['owed']} {Money(loan.payoff, currency)}, "
        text += f"{word(LOAN_STATES, loan.status, lang.value)}, "
        text += word(TIERS, loan.tier, lang.value)
        if loan.dpd:
            text += f", {words['dpd']} {loan.dpd}"
        if loan.next_due is not None:
            day, amount = loan.next_due
            text += f", {words['next']} {to_date(day)} {Money(amount, currency)}"
        if loan.credit:
            text += f", {words['credit']} {Money(loan.credit, currency)}"
        said.append(text)
    for kind, subject, due in seen.tasks:
        said.append(f"  {words['task']} {word(TASKS, kind, lang.value)} {subject} ≤ {to_date(due)}")
    return said
