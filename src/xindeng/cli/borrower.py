"""One borrower at a time: take in events, decide, try without a mark, show, explain, replay."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

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
from xindeng.cli.render import print_explanation, print_view, yuan
from xindeng.decision.answer import Outcome
from xindeng.decision.precheck import explain_precheck
from xindeng.decision.request import Request
from xindeng.events.envelope import Event
from xindeng.events.visibility import Quarantined
from xindeng.intake.events_file import read_events
from xindeng.intake.note_words import in_chinese
from xindeng.intake.papers import IMPORTERS, mapping_at
from xindeng.intake.pboc.draft import Holder
from xindeng.intake.pboc.read import read_pboc
from xindeng.intake.report import ImportReport
from xindeng.kernel.errors import InputError, XindengError
from xindeng.kernel.money import Money
from xindeng.service import draw as drawing
from xindeng.service import explain as explaining
from xindeng.service import ingest as ingesting
from xindeng.service import precheck as prechecking
from xindeng.service import replay as replaying
from xindeng.service import show as showing
from xindeng.service.engine import Engine, open_engine
from xindeng.service.product import request_of
from xindeng.service.trying import engine_of

_TAKEN: Final[dict[str, dict[str, str]]] = {
    "zh": {
        "taken": "录入事件 {:,} 件，此前已有 {:,} 件，搁置 {:,} 件",
        "aside": "  搁置：{2} 的 {0} {1}：{3}", "left": "  未录入 {} 行：{}", "note": "  说明：{}",
    },
    "en": {
        "taken": "{:,} events taken in, {:,} already known, {:,} set aside",
        "aside": "  set aside: {} {} of {}: {}", "left": "  left out {}: {}", "note": "  note: {}",
    },
}  # fmt: skip
BorrowerArgument = Annotated[str, typer.Argument(help="the borrower's id")]
AmountArgument = Annotated[str, typer.Argument(help="the amount asked, e.g. 8000 or 8,000.00")]
MonthsOption = Annotated[int, typer.Option("--months", help="term in months")]
PurposeOption = Annotated[str, typer.Option("--purpose", help="what the money is for")]
ProductOption = Annotated[
    str | None,
    typer.Option("--product", help="what to borrow by; see: xindeng policy products"),
]
RateOption = Annotated[
    float | None,
    typer.Option("--rate", help="annual rate in percent, under a policy that offers no products"),
]


class Audience(StrEnum):
    """Whom an explanation is for."""

    borrower = "borrower"
    support = "support"
    auditor = "auditor"


class FileFormat(StrEnum):
    """What an ingested file is."""

    events = "events"
    alipay = "alipay"
    wechat = "wechat"
    bank = "bank"
    pboc = "pboc"


def ingest(
    file: Annotated[
        str,
        typer.Argument(help="NDJSON, Parquet, a bill or credit report; - reads NDJSON from stdin"),
    ],
    kind: Annotated[
        FileFormat, typer.Option("--format", help="what the file is")
    ] = FileFormat.events,
    borrower: Annotated[str | None, typer.Option(help="whose bill or report it is")] = None,
    holder: Annotated[
        str | None,
        typer.Option(help="the name a credit report should bear; compared, never stored"),
    ] = None,
    mapping: Annotated[
        Path | None, typer.Option(help="how a bank writes its statement (YAML; bank only)")
    ] = None,
    known_at: Annotated[
        str | None,
        typer.Option(
            help="imported history: 'occurred', or the field that tells when it was known"
        ),
    ] = None,
    lang: LangOption = Lang.en,
    policy: PolicyOption = "consumer_line",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take in events; nothing of the file is stored if one event in it cannot be read."""
    with open_engine(policy, home=_path(home)) as engine:
        report: ImportReport | None = None
        if kind is FileFormat.events:
            events = list(
                read_events(
                    file,
                    received_at=engine.clock(),
                    zone=engine.policy.zone,
                    currency=engine.policy.currency,
                    known_at=known_at,
                )
            )
        else:
            events, report = _paper(engine, file, kind, borrower, mapping, holder)
        result = take_in(engine, events, compare=kind is FileFormat.events)
    skipped = report.by_reason() if report else {}
    if as_json:
        print_json(
            {
                "file": file,
                "accepted": result.accepted,
                "duplicates": result.duplicates,
                "quarantined": [_set_aside(one) for one in result.quarantined],
                "skipped": skipped,
                "notes": report.notes if report else [],
            }
        )
        return
    words, said = _TAKEN[lang], in_chinese if lang is Lang.zh else str
    told = [words["taken"].format(result.accepted, result.duplicates, len(result.quarantined))]
    for one in result.quarantined[:20]:
        event = one.event
        told.append(words["aside"].format(event.type, event.id, event.borrower, said(one.reason)))
    told += [words["left"].format(count, said(reason)) for reason, count in skipped.items()]
    told += [words["note"].format(said(note)) for note in (report.notes if report else ())]
    for line in told:
        out.print(line, markup=False)


def _set_aside(one: Quarantined) -> dict[str, str]:
    event = one.event
    return {"borrower": event.borrower, "type": event.type, "id": event.id, "reason": one.reason}


def take_in(engine: Engine, events: list[Event], *, compare: bool = True) -> ingesting.IngestReport:
    """Ingest in chunks with a progress bar; whatever ends it early, say how much is stored."""
    total = ingesting.IngestReport()
    try:
        with progress() as bar:
            task = bar.add_task("taking in events", total=len(events))
            for chunk in _chunks(events, 20_000):
                ingesting.ingest(engine, chunk, report=total, compare=compare)
                bar.advance(task, len(chunk))
    except KeyboardInterrupt:
        err.print(_so_far(total, len(events)), markup=False)
        raise
    except XindengError as error:
        error.next_step = f"{error.next_step}; {_so_far(total, len(events))}".removeprefix("; ")
        raise
    return total


def _so_far(total: ingesting.IngestReport, sent: int) -> str:
    stored = total.accepted + total.duplicates + len(total.quarantined)
    return (
        f"{stored:,} events are stored, {sent:,} were sent; running the same file again is safe: "
        "what is stored is skipped"
    )


def _chunks(events: Iterable[Event], size: int) -> Iterator[list[Event]]:
    source = iter(events)
    while chunk := list(itertools.islice(source, size)):
        yield chunk


def _paper(
    engine: Engine,
    file: str,
    kind: FileFormat,
    borrower: str | None,
    mapping: Path | None,
    holder: str | None,
) -> tuple[list[Event], ImportReport]:
    if borrower is None:
        raise InputError("whose paper is this?", where=file, next_step="add --borrower ID")
    if mapping and kind is not FileFormat.bank:
        raise InputError(
            "a mapping reads bank statements", where=str(mapping), next_step="add --format bank"
        )
    path, zone, now = Path(file), engine.policy.zone, engine.clock()
    if kind is FileFormat.pboc:
        expected = Holder(holder) if holder else None
        return read_pboc(path, borrower=borrower, zone=zone, received_at=now, holder=expected)
    extra = {"mapping": mapping_at(mapping)} if mapping else {}
    return IMPORTERS[kind.value](path, borrower=borrower, zone=zone, now=now, **extra)


def decide(
    borrower: BorrowerArgument,
    amount: AmountArgument,
    months: MonthsOption = 12,
    purpose: PurposeOption = "consumption",
    product: ProductOption = None,
    rate: RateOption = None,
    key: Annotated[
        str | None, typer.Option(help="idempotency key; the same key gives the first answer again")
    ] = None,
    lang: LangOption = Lang.zh,
    policy: PolicyOption = "consumer_line",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Decide a draw for real: the decision is stored and can be explained and replayed."""
    with open_engine(policy, home=_path(home)) as engine:
        request = read_request(engine, amount, months, purpose, (product, rate))
        key = key or f"cli-{engine.new_id(engine.clock())}"
        stored = drawing.draw(engine, borrower, request, key)
        explanation = explaining.explain(engine, stored.id, audience="borrower", lang=lang)
    if as_json:
        print_json({"id": stored.id, "seq": stored.seq, "key": key, "explanation": explanation})
        return
    print_explanation(explanation)
    out.print(f"[dim]decision {stored.id}[/]")
    _point_to_plans(stored.decision.outcome, stored.id)


def precheck(
    borrower: BorrowerArgument,
    amount: AmountArgument,
    months: MonthsOption = 12,
    purpose: PurposeOption = "consumption",
    product: ProductOption = None,
    rate: RateOption = None,
    lang: LangOption = Lang.zh,
    policy: PolicyOption = "consumer_line",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Try an amount without leaving a mark: nothing is stored, counted or seen by anyone."""
    with open_engine(policy, home=_path(home)) as opened:
        engine = engine_of(opened, borrower)
        request = read_request(engine, amount, months, purpose, (product, rate))
        answer = prechecking.precheck(engine, borrower, request)
        explanation = explain_precheck(engine.policy, answer, lang.value)
    if as_json:
        print_json({"trial": True, "explanation": explanation})
        return
    print_explanation(explanation)


def show(
    borrower: BorrowerArgument,
    policy: PolicyOption = "consumer_line",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show how a borrower stands: the line, the holds, every feature and its date."""
    with open_engine(policy, home=_path(home)) as engine:
        view = showing.show(engine, borrower)
        if as_json:
            print_json(view)
            return
        print_view(engine.policy, view)


def explain(
    decision: Annotated[str, typer.Argument(help="the decision's id")],
    audience: Annotated[Audience, typer.Option(help="for whom")] = Audience.borrower,
    lang: LangOption = Lang.zh,
    policy: PolicyOption = "consumer_line",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Explain a stored decision under the policy, the facts and the platform of its time."""
    with open_engine(policy, home=_path(home)) as engine:
        explanation = explaining.explain(engine, decision, audience=audience.value, lang=lang)
        outcome = explaining.outcome(engine, decision)
    if as_json:
        print_json(explanation)
        return
    print_explanation(explanation)
    _point_to_plans(outcome, decision)


def _point_to_plans(outcome: Outcome, decision: str) -> None:
    """Say where the way back is, beside an answer that is no approval."""
    if outcome is not Outcome.APPROVE:
        out.print(f"[dim]what turns it: xindeng plan --decision {decision}[/]")


def replay(
    decision: Annotated[str, typer.Argument(help="the decision's id")],
    policy: PolicyOption = "consumer_line",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Decide a stored decision again from its events; exit 1 unless it matches exactly."""
    started = time.perf_counter()
    with open_engine(policy, home=_path(home)) as engine:
        stored = replaying.replay(engine, decision)
    made = stored.decision
    if as_json:
        print_json({"id": stored.id, "matches": True, "outcome": made.outcome, "seq": stored.seq,
                    "policy_hash": made.policy_hash})  # fmt: skip
        return
    out.print(
        f"[green]matches[/] {stored.id}: {made.outcome} {yuan(made.amount_offered or 0)} of "
        f"{yuan(made.amount_asked)}, policy {made.policy_hash[:12]}, event {stored.seq}"
    )
    err.print(f"[dim]{time.perf_counter() - started:.2f} s[/]")


def read_request(
    engine: Engine, amount: str, months: int, purpose: str, price: tuple[str | None, float | None]
) -> Request:
    """Return the request; raises InputError for an amount or rate that cannot be read exactly, and
    for a rate where the policy's product sets it."""
    product, rate = price
    asked = Money.parse(amount, engine.policy.currency).minor
    if asked <= 0:  # said as it was written, not in fen
        raise InputError(f"an amount of {amount[:40]!r} is not more than nothing",
                         next_step="write e.g. 8000.00", code="request.value")  # fmt: skip
    return request_of(
        engine, asked, months, purpose,
        product=product, rate_bp=None if rate is None else _basis_points(rate),
    )  # fmt: skip


def _basis_points(rate: float) -> int:
    points = round(rate * 100) if -1e6 < rate < 1e6 else -1
    if points < 0 or abs(points - rate * 100) > 1e-6:
        raise InputError(
            f"the annual rate {rate!r} is not a percentage with at most two decimals",
            next_step="write e.g. --rate 14.6",
        )
    return points


def _path(home: str | None) -> Path | None:
    return Path(home) if home else None
