"""The worker and the ledger: days that end, and the proof that every number is right."""

from __future__ import annotations

import logging
import os
from contextlib import nullcontext
from datetime import date
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from xindeng.api import logs
from xindeng.cli.audit import AnchorOption, anchor_of
from xindeng.cli.output import (
    HomeOption,
    JsonOption,
    Lang,
    LangOption,
    PolicyOption,
    err,
    out,
    print_json,
    progress,
)
from xindeng.cli.ports import BureauOption, FunderOption, RailOption, ports_of
from xindeng.cli.stance import SeriesOption, economy_of
from xindeng.kernel.errors import InputError, XindengError
from xindeng.kernel.time import from_date
from xindeng.service import backtests, disburse, endofday
from xindeng.service import ledger as proving
from xindeng.service import worker as working
from xindeng.service.engine import open_engine
from xindeng.service.following import following
from xindeng.service.ports import bureau_of, notifier_of
from xindeng.service.sealing import Sealer
from xindeng.service.steer import Steersman
from xindeng.store import chunks
from xindeng.store.paths import default_home

_WORDS = {
    "zh": {"accrual": "日终计息", "credit": "多付余额抵扣", "review": "额度与限制复核",
           "job": "{name}：{one.lines_done:,}/{one.lines:,} 条额度，"
                  "{one.done} 批，变动 {one.changed:,}",
           "working": "运行中；按 Ctrl-C 或发送 SIGTERM 停止",
           "no_rail": "未配置支付通道（--rail），不放款；途中的 {count} 笔借款保持原状"},
    "en": {"accrual": "end of day", "credit": "credit balances used",
           "review": "review of holds and limits",
           "job": "{name}: {one.lines_done:,} of {one.lines:,} lines in {one.done} chunks, "
                  "{one.changed:,} changed",
           "working": "working; stop with Ctrl-C or SIGTERM",
           "no_rail": "no payment rail is configured (--rail), so nothing is paid out; "
                      "{count} draws on their way stay as they are"},
}  # fmt: skip

app = typer.Typer(help="the ledger: postings that sum to zero, and lines that follow from them")


def worker(
    once: Annotated[bool, typer.Option("--once", help="do what is due and end")] = False,
    day: Annotated[
        str | None, typer.Option(help="the business day, e.g. 2026-11-01 (only with --once)")
    ] = None,
    notices: Annotated[
        str | None,
        typer.Option(help="a web hook's https URL (XINDENG_HOOK_SECRET), or a file, a line each"),
    ] = None,
    rail: RailOption = None,
    funder: FunderOption = None,
    bureau: BureauOption = None,
    anchor: AnchorOption = None,
    series: SeriesOption = None,
    lake: Annotated[
        Path | None, typer.Option(help="the folder of a lake: run the backtests asked for over it")
    ] = None,
    lang: LangOption = Lang.en,
    policy: PolicyOption = "consumer_line",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """End the day: interest, ageing, reviews, notices; and ask the payment rail about draws on
    their way; seal the audit each second; with --series have these move the stance. Works until
    SIGTERM. Without a rail nothing is paid out."""
    words, ports = _WORDS[lang.value], ports_of(rail, funder, home)
    business = None if day is None else _day(day)
    if business is not None and not once:
        raise InputError("--day goes with --once", next_step="add --once")
    place = Path(home) if home else default_home()
    notifier = notifier_of(notices, os.environ, place / "notices.ndjson")
    office = bureau_of(bureau, os.environ)

    def complain(error: XindengError) -> None:
        err.print(str(error), markup=False)

    with open_engine(policy, home=place) as engine:
        if ports is None:
            err.print(words["no_rail"].format(count=disburse.on_their_way(engine)), markup=False)
        steersman = None
        if series is not None:
            steersman = Steersman(engine, partial(economy_of, series), complain)
        logs.set_up(logging.WARNING)  # what goes wrong in a job may quote what is somebody's
        if not once:
            err.print(words["working"], markup=False)
            looking_back = (
                nullcontext() if lake is None else backtests.running(engine, lake, complain)
            )
            sealer = Sealer(engine, anchor_of(anchor, home), complain)
            sealer.start()
            try:
                with following(engine, policy, complain), looking_back:
                    working.run(engine, ports, notifier, office, steersman, complain)
            finally:
                sealer.stop()
            return
        if steersman is not None:
            steersman()
        working.run_once(engine, ports, notifier, business, office)
        if lake is not None:
            backtests.run_waiting(engine, lake)
        today = engine.policy.zone.day(engine.clock()) if business is None else business
        with engine.store.snapshot() as conn:
            done = [chunks.progress(conn, job, today) for job in endofday.JOBS]
    if as_json:
        print_json({"day": today, "jobs": done})
        return
    for one in done:
        out.print(words["job"].format(name=words[one.job], one=one), markup=False)


@app.command()
def verify(
    policy: PolicyOption = "consumer_line", home: HomeOption = None, as_json: JsonOption = False
) -> None:
    """Prove every line's numbers from its postings; exit 1 if one is wrong."""
    with open_engine(policy, home=Path(home) if home else None) as engine, progress() as bar:
        task = bar.add_task("proving lines", total=None)
        proof = proving.verify(engine, lambda lines: bar.advance(task, lines))
    if as_json:
        print_json({"ok": proof.ok, **_plain(proof)})
    else:
        for finding in proof.wrong:
            out.print(f"[red]wrong[/] {finding}")
        verdict = "[green]proven[/]" if proof.ok else "[red]not proven[/]"
        out.print(
            f"{verdict}: {proof.lines:,} lines, {proof.loans:,} loans, {proof.postings:,} postings"
        )
    if not proof.ok:
        raise typer.Exit(1)


def _plain(proof: proving.Proof) -> dict[str, object]:
    return {"lines": proof.lines, "loans": proof.loans, "postings": proof.postings,
            "wrong": proof.wrong}  # fmt: skip


def _day(text: str) -> int:
    try:
        return from_date(date.fromisoformat(text))
    except ValueError as error:
        raise InputError(f"not a day: {text[:40]!r}", next_step="write 2026-11-01") from error
