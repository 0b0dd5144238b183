"""Streams: events in from Kafka, decisions and line events out to it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from xindeng.adapters.kafka import KafkaSource, KafkaTopic
from xindeng.cli.output import HomeOption, JsonOption, PolicyOption, err, out, print_json
from xindeng.kernel.errors import InputError
from xindeng.service import stream_in, stream_out
from xindeng.service.engine import open_engine
from xindeng.service.following import following

app = typer.Typer(help="Kafka: events in, decisions and line events out", no_args_is_help=True)

BrokersOption = Annotated[
    str, typer.Option("--brokers", envvar="XINDENG_KAFKA", help="HOST:PORT of brokers, by commas")
]
SettingsOption = Annotated[
    list[str] | None,
    typer.Option("-X", "--set", help="a librdkafka setting, e.g. -X security.protocol=sasl_ssl"),
]


@app.command("in")
def take_in(
    brokers: BrokersOption,
    topic: Annotated[str, typer.Option(help="where events come from, key = borrower")] = "events",
    group: Annotated[str, typer.Option(help="the consumer group")] = "xindeng",
    dead: Annotated[
        str, typer.Option("--dead-letters", help="where what cannot be taken in goes")
    ] = "events.dead",
    settings: SettingsOption = None,
    policy: PolicyOption = "consumer_line",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take in events until SIGTERM or Ctrl-C; start it several times to share the partitions."""
    chosen = _settings(settings)
    with open_engine(policy, home=Path(home) if home else None) as engine, _stopping() as wait:
        source = KafkaSource(brokers, topic, group, chosen)
        err.print(f"taking in events from {topic}; stop with Ctrl-C or SIGTERM", markup=False)
        try:
            with following(engine, policy, lambda error: err.print(str(error), markup=False)):
                taken = stream_in.run(engine, source, KafkaTopic(brokers, dead, chosen), wait)
        finally:
            source.close()
    if as_json:
        print_json(taken)
        return
    out.print(
        f"{taken.accepted:,} events taken in, {taken.duplicates:,} known already, "
        f"{taken.quarantined:,} set aside, {taken.dead:,} dead letters"
    )


@app.command("out")
def publish(
    brokers: BrokersOption,
    topic: Annotated[str, typer.Option(help="where records go, key = borrower")] = "line-events",
    once: Annotated[bool, typer.Option("--once", help="publish what waits and end")] = False,
    settings: SettingsOption = None,
    policy: PolicyOption = "consumer_line",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Publish decisions and line events until SIGTERM or Ctrl-C; one process at a time does."""
    with open_engine(policy, home=Path(home) if home else None) as engine, _stopping() as wait:
        target = KafkaTopic(brokers, topic, _settings(settings))
        if once:
            published = stream_out.publish(engine, target)
        else:
            err.print(f"publishing to {topic}; stop with Ctrl-C or SIGTERM", markup=False)
            published = stream_out.run(engine, target, wait)
    if as_json:
        print_json({"published": published})
        return
    out.print(f"{published:,} records published")


@contextmanager
def _stopping() -> Iterator[Callable[[float], bool]]:
    """Yield a wait that ends, with True, at SIGTERM or SIGINT, so that a batch is finished."""
    stop = threading.Event()
    before = {
        number: signal.signal(number, lambda *_: stop.set())
        for number in (signal.SIGTERM, signal.SIGINT)
    }
    try:
        yield stop.wait
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _settings(pairs: list[str] | None) -> dict[str, str | int | bool]:
    found: dict[str, str | int | bool] = {}
    for pair in pairs or []:
        name, sign, value = pair.partition("=")
        if not (name and sign):
            raise InputError(f"not a setting: {pair[:60]!r}", next_step="write -X NAME=VALUE")
        found[name] = value
    return found
