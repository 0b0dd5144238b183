"""Money that moves: confirm a draw after its cost was shown, repay, refund."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer
from msgspec.structs import asdict

from xindeng.cli.borrower import BorrowerArgument
from xindeng.cli.output import (
    HomeOption,
    JsonOption,
    Lang,
    LangOption,
    PolicyOption,
    out,
    print_json,
)
from xindeng.cli.ports import FunderOption, RailOption, needed, ports_of
from xindeng.kernel.errors import InputError
from xindeng.kernel.money import Money
from xindeng.kernel.time import to_date
from xindeng.service import credit, disburse, pay
from xindeng.service.engine import open_engine
from xindeng.service.quote import OWN_FUNDS, quote, seconds_left
from xindeng.servicing.cost_sheet import CostSheet, rate_text
from xindeng.servicing.cost_words import CAP_SCOPES
from xindeng.servicing.line_words import DRAW_STATES, draw_cause
from xindeng.servicing.line_words import word as words_of

_WORDS = {
    "zh": {"refunded": "已退款",
           "sandbox": "沙盒通道：没有真实资金划转", "booked": "仅记账：没有真实资金划转",
           "get": "到账", "cost": "全部费用",
           "back": "共还", "each": "每期", "late": "逾期成本",
           "sure": "确认借款？", "read": "请用 {seconds} 秒阅读以上费用，然后再确认",
           "no": "未确认，没有占用额度", "paid": "已还", "left": "剩余应还",
           "credit": "多付余额，可退", "done": "已结清", "loan": "借款", "draw": "放款",
           "month": "期"},
    "en": {"refunded": "refunded", "sandbox": "sandbox rail: no real money moves",
           "booked": "booked only: no real money moves", "get": "paid out", "cost": "all costs",
           "back": "repaid in all", "each": "each month", "late": "only if overdue",
           "sure": "Confirm this draw?",
           "read": "Take {seconds} seconds to read what it costs; you can confirm after that",
           "no": "not confirmed; nothing was reserved", "paid": "repaid", "left": "left to repay",
           "credit": "paid too much, refundable", "done": "settled", "loan": "loan",
           "draw": "draw", "month": "months"},
}  # fmt: skip


def confirm(
    decision: Annotated[str, typer.Argument(help="the id of the decision that approved")],
    rail: RailOption = None,
    funder: FunderOption = None,
    yes: Annotated[
        bool,
        typer.Option("--yes", help="confirm without being asked, once the time to read is over"),
    ] = False,
    lang: LangOption = Lang.zh,
    policy: PolicyOption = "consumer_line",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Draw on an approval: its cost first, then your confirmation, then the money."""
    words = _WORDS[lang.value]
    if as_json and not yes:
        raise InputError("--json cannot ask for your confirmation", next_step="add --yes")
    ports = needed(ports_of(rail, funder, home))
    lender = ports.funder.name if ports.funder else OWN_FUNDS
    with open_engine(policy, home=Path(home) if home else None) as engine:
        borrower = disburse.borrower_of(engine, decision)
        sheet = quote(engine, borrower, decision, lender=lender)
        if not as_json:
            for text in sheet_lines(sheet, lang.value):
                out.print(text, markup=False)
        left = seconds_left(engine, borrower, decision, sheet)
        if left and not as_json:
            out.print(words["read"].format(seconds=left), markup=False)
        time.sleep(left)
        if not yes and not typer.confirm(words["sure"], default=False):
            out.print(words["no"], markup=False)
            raise typer.Exit(1)
        made = disburse.confirm(engine, ports, borrower, decision, f"confirm-{decision}")
    if as_json:
        print_json({"rail": rail, "draw": made.draw, "borrower": borrower,
                    "amount": made.amount, "state": made.state, "cause": made.cause,
                    "cost_sheet": _plain(sheet)})  # fmt: skip
        return
    amount = Money(made.amount, made.currency)
    out.print(
        f"{words['draw']} {made.draw}: {amount} {words_of(DRAW_STATES, made.state, lang.value)}: "
        f"{draw_cause(made.cause, lang.value)}",
        markup=False,
    )
    out.print(f"({words['sandbox']})", markup=False)


def repay(
    borrower: BorrowerArgument,
    amount: Annotated[str, typer.Argument(help="the amount paid, e.g. 500 or 1,102.50")],
    key: Annotated[
        str | None, typer.Option(help="idempotency key; the same key books the payment once")
    ] = None,
    lang: LangOption = Lang.zh,
    policy: PolicyOption = "consumer_line",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Book a repayment (no real money moves): what is due first; too much is kept as credit."""
    words = _WORDS[lang.value]
    with open_engine(policy, home=Path(home) if home else None) as engine:
        currency = engine.policy.currency
        paid = Money.parse(amount, currency).minor
        if paid < 1:
            raise InputError(
                f"an amount of {amount.strip()[:40]} cannot be repaid",
                next_step="give an amount above zero",
                code="repay.amount",
            )
        key = key or f"cli-{engine.new_id(engine.clock())}"
        parts = pay.pay(engine, borrower, paid, key)
    if as_json:
        print_json({"key": key, "parts": parts})
        return
    for part in parts:
        receipt = part.receipt
        text = f"{words['paid']} {Money(part.amount, currency)}, {words['loan']} {receipt.loan}: "
        text += words["done"] if receipt.settled else (
            f"{words['left']} {Money(receipt.owed, currency)}"
        )  # fmt: skip
        if receipt.credit:
            text += f", {words['credit']} {Money(receipt.credit, currency)}"
        out.print(text, markup=False)
    out.print(f"({words['booked']})", markup=False)


def refund(
    borrower: BorrowerArgument,
    amount: Annotated[
        str | None,
        typer.Argument(help="the amount; all that was paid too much if none is given"),
    ] = None,
    key: Annotated[
        str | None, typer.Option(help="idempotency key; the same key books the refund once")
    ] = None,
    lang: LangOption = Lang.zh,
    policy: PolicyOption = "consumer_line",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Book the refund of what was paid too much (no real money moves)."""
    words = _WORDS[lang.value]
    with open_engine(policy, home=Path(home) if home else None) as engine:
        currency = engine.policy.currency
        wanted = None if amount is None else Money.parse(amount, currency).minor
        key = key or f"cli-{engine.new_id(engine.clock())}"
        receipts = credit.refund(engine, borrower, key, wanted)
    if as_json:
        print_json({"key": key, "receipts": receipts})
        return
    for one in receipts:
        left = Money(one.credit, currency)
        out.print(f"{words['refunded']} {words['loan']} {one.loan}, {words['credit']} {left}",
                  markup=False)  # fmt: skip
    out.print(f"({words['booked']})", markup=False)


def _plain(sheet: CostSheet) -> dict[str, object]:
    """Return the cost sheet with a name at every figure."""
    return {**asdict(sheet), "instalments": [row._asdict() for row in sheet.instalments]}


def sheet_lines(sheet: CostSheet, lang: str) -> list[str]:
    """Return the cost sheet as lines of text, the yearly rate first and its convention beside."""
    words = _WORDS[lang]

    def money(minor: int) -> str:
        return str(Money(minor, sheet.currency))

    both = (rate_text(sheet.rate.by(one), one, lang) for one in ("simple", "compound"))
    first, last = sheet.instalments[0], sheet.instalments[-1]
    lines = [
        "  ".join(both),
        f"{words['get']} {money(sheet.principal)}, {sheet.months} {words['month']}, "
        f"{sheet.method.by(lang)}",
        f"{words['cost']} {money(sheet.total_cost)}, {words['back']} {money(sheet.total_repaid)}",
        f"{words['each']} {money(first.total)}: {to_date(first.due_day)} – {to_date(last.due_day)}",
    ]
    for charge in sheet.charges:
        lines.append(
            f"  {charge.name.by(lang)} {money(charge.amount)} → {charge.payee}: "
            f"{charge.method.by(lang)}"
        )
    for late in sheet.contingent:
        lines.append(f"  {words['late']}: {late.name.by(lang)}, "
                     f"{rate_text(late.simple_ppm, 'simple', lang)}")  # fmt: skip
    for verdict in sheet.caps:
        cap = verdict.cap
        rate = rate_text(cap.ppm, cap.convention, lang)
        lines.append(f"  {CAP_SCOPES[cap.scope].by(lang)} {rate}: {cap.source}")
    return [*lines, sheet.early.by(lang), sheet.no_other_charges.by(lang)]
