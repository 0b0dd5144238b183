"""`xindeng checkup`: a person's own papers, on their own machine; nothing leaves it."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from xindeng.cli.checkup_text import print_report
from xindeng.cli.output import (
    JsonOption,
    Lang,
    LangOption,
    PolicyOption,
    err,
    out,
    print_json,
    progress,
)
from xindeng.decision.request import Request
from xindeng.decision.words import Language
from xindeng.intake import debts_template
from xindeng.intake.figures import Unclear, plain
from xindeng.intake.figures import amount as amount_in_fen
from xindeng.intake.note_words import refusals_in
from xindeng.kernel.errors import InputError
from xindeng.kernel.money import Money
from xindeng.kernel.time import HOUR, from_date
from xindeng.policy.policy import Policy
from xindeng.repair.checkup.words import WORDS
from xindeng.service.checkup import Done, Handed, run
from xindeng.service.letters import letters_for
from xindeng.service.policies import load_policy
from xindeng.web.report_page import render, render_letter

_NOON = 12
_LAST_DAY = date(2199, 12, 31)
_MOST_RATE = 10_000


def checkup(
    bills: Annotated[
        list[Path] | None, typer.Option("--bills", help="Alipay or WeChat bill; may be repeated")
    ] = None,
    report: Annotated[Path | None, typer.Option(help="your credit report, PDF or text")] = None,
    debts: Annotated[Path | None, typer.Option(help="table of your debts, CSV or XLSX")] = None,
    income: Annotated[str | None, typer.Option(help="what you earn a month, e.g. 9000")] = None,
    amount: Annotated[str | None, typer.Option(help="what you would like to borrow")] = None,
    months: Annotated[int, typer.Option(help="over how many months")] = 12,
    rate: Annotated[float, typer.Option(help="at which annual rate in percent")] = 14.6,
    statement: Annotated[
        list[Path] | None, typer.Option("--statement", help="bank statement; may be repeated")
    ] = None,
    mapping: Annotated[Path | None, typer.Option(help="how its columns are named")] = None,
    corrections: Annotated[Path | None, typer.Option(help="who is who in your flows")] = None,
    offers: Annotated[
        Path | None, typer.Option(help="your own file of other loans to compare")
    ] = None,
    on: Annotated[str | None, typer.Option(help="as of which day; today without it")] = None,
    out_file: Annotated[Path | None, typer.Option("--out", help="write the report as HTML")] = None,
    letters: Annotated[Path | None, typer.Option(help="folder for dispute letters")] = None,
    dispute: Annotated[
        list[str] | None, typer.Option(help="RECORD=CLAIM, what is wrong by your own word")
    ] = None,
    template: Annotated[
        Path | None, typer.Option(help="write an empty table of debts into this folder, and end")
    ] = None,
    policy: PolicyOption = "consumer_line",
    lang: LangOption = Lang.zh,
    as_json: JsonOption = False,
) -> None:
    """Check your own bills, credit report and debts, here and alone: nothing leaves this machine.

    An estimate under a reference policy, not the approval rules of any lender.
    """
    language: Language = "en" if lang is Lang.en else "zh"
    if template is not None:
        _put_template(template, language)
        return
    with refusals_in(language):
        rules = load_policy(policy)
        handed = Handed(
            bills=tuple(bills or ()), statements=tuple(statement or ()), mapping=mapping,
            report=report, debts=debts, corrections=corrections, offers=offers,
            income=None if income is None else _money(income, "--income", rules).minor,
        )  # fmt: skip
        now = _now(rules, on)
        with progress() as bar:
            task = bar.add_task("reading", total=handed.files or None)
            done = run(
                rules, handed, now, language,
                request=_request(amount, months, rate, rules),
                progress=lambda name, count, total: bar.update(
                    task, description=name, completed=count, total=total
                ),
            )  # fmt: skip
        written = _write(done, rules, out_file, letters, dispute or (), now)
    if as_json:
        print_json(_document(done, written))
        return
    print_report(done.report)
    if letters is not None and not any(letters in path.parents for path in written):
        err.print(WORDS[language]["l_none"], markup=False)
    for path in written:
        err.print(f"→ {path}", markup=False)
    if out_file is None:
        err.print("→ --out report.html", markup=False)


def _document(done: Done, written: Sequence[Path]) -> dict[str, Any]:
    """Return the check-up for programs: figures, lights and ranges, and the report as shown."""
    found = done.checkup
    return {
        "estimate": done.report.lead[0],
        "day": done.report.day,
        "policy": {"name": found.policy, "version": found.version, "hash": found.policy_hash},
        "request": {"amount": found.request.amount, "months": found.request.term_months,
                    "rate_bp": found.request.rate_bp, "asked": found.asked},
        "lights": found.lights,
        "figures": found.figures,
        "ranges": found.ranges,
        "review": found.review,
        "debts": found.debts,
        "assumed": found.assumed,
        "papers": done.read.papers.papers,
        "report": done.report,
        "written": [str(path) for path in written],
    }  # fmt: skip


def _write(
    done: Done, rules: Policy, out_file: Path | None, folder: Path | None,
    claims: Sequence[str], now: int,
) -> list[Path]:  # fmt: skip
    files: dict[Path, str] = {}
    if out_file is not None:
        files[out_file] = render(done.report)
    if claims and folder is None:
        raise InputError(
            "a dispute needs a folder for its letters", where="--dispute",
            next_step="add --letters FOLDER", code="checkup.letters",
        )  # fmt: skip
    if folder is not None:
        for one in letters_for(done, claims, rules.zone.day(now)):
            files[folder / f"{one.name}.txt"] = one.letter.text()
            files[folder / f"{one.name}.html"] = render_letter(one.letter)
    _put({path: text.encode() for path, text in files.items()})
    return list(files)


def _put_template(folder: Path, language: Language) -> None:
    empty = debts_template.template(language)
    with refusals_in(language):
        _put({folder / name: data for name, data in empty.items()})
    for name in empty:
        out.print(f"→ {folder / name}", markup=False)


def _put(files: Mapping[Path, bytes]) -> None:
    for path, data in files.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        except OSError as error:
            raise InputError(
                f"cannot be written: {error.strerror}", where=str(path),
                next_step="give a folder that you may write to", code="checkup.write",
            ) from error  # fmt: skip


def _request(amount: str | None, months: int, rate: float, rules: Policy) -> Request | None:
    if amount is None:
        return None
    wanted = _money(amount, "--amount", rules).minor
    if not wanted:
        raise InputError(
            "nothing is asked for", where="--amount", next_step="write e.g. 8000, or leave it out"
        )
    if not 0 <= rate <= _MOST_RATE:
        raise InputError(
            f"{rate} is no annual rate in percent", where="--rate", next_step="write e.g. 14.6"
        )
    return Request(wanted, term_months=months, rate_bp=round(rate * 100), currency=rules.currency)


def _money(text: str, option: str, rules: Policy) -> Money:
    """Return an amount as people write it: full-width digits and 万 are read as meant."""
    written = plain(text)
    if written.startswith("-"):
        raise InputError(
            f"{text!r} is less than nothing", where=option, next_step="write e.g. 9000"
        )
    try:
        if rules.currency == "CNY":
            return Money(amount_in_fen(written))
        return Money.parse(written, rules.currency)
    except Unclear as unclear:
        raise InputError(unclear.what, where=option, next_step=unclear.expected) from unclear
    except InputError as error:
        error.where = option
        raise


def _now(rules: Policy, on: str | None) -> int:
    """Return the instant of the check-up: noon of the day given, or now."""
    if on is None:
        return time.time_ns() // 1_000
    try:
        day = date.fromisoformat(plain(on))
    except ValueError as error:
        raise InputError(
            f"not a date: {on[:40]!r}", where="--on", next_step="write 2026-07-01"
        ) from error
    if day > _LAST_DAY:
        raise InputError(
            f"{on} is too far ahead", where="--on", next_step="write a day that is near"
        )
    return rules.zone.midnight(from_date(day)) + _NOON * HOUR
