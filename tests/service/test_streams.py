"""Streams over the real protocol: librdkafka's mock cluster, a real PostgreSQL, planted faults."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from confluent_kafka import Consumer, Producer

from tests.service_world import World, asks, event, settled
from xindeng.adapters.kafka import KafkaSource, KafkaTopic
from xindeng.adapters.streams import Incoming, Record
from xindeng.kernel.errors import InputError, UnavailableError
from xindeng.service import stream_in, stream_out
from xindeng.service.draw import draw
from xindeng.service.stream_in import Taken
from xindeng.store import Store

QUICK = {"session.timeout.ms": 6_000, "heartbeat.interval.ms": 500}


@pytest.fixture(scope="module")
def brokers() -> Iterator[str]:
    """A cluster of two brokers that speak Kafka's protocol on loopback."""
    quiet = {"bootstrap.servers": "mock", "test.mock.num.brokers": 2, "log_level": 0}
    cluster = Producer(quiet)
    found = cluster.list_topics(timeout=10).brokers.values()
    yield ",".join(f"{one.host}:{one.port}" for one in found)
    cluster.flush(0)


@pytest.fixture(scope="module")
def world(store: Store) -> World:
    return World(store)


def told(name: str, number: int, yuan: int = 9_000) -> bytes:
    one = event("income_evidence", "2025-06-01", monthly_income=yuan * 100, source="payroll")
    return json.dumps({**one, "id": f"{name}-{number}", "borrower": name}).encode()


def send(brokers: str, topic: str, messages: Sequence[tuple[str | None, bytes | None]]) -> None:
    producer = Producer({"bootstrap.servers": brokers, "log_level": 0})
    for key, value in messages:
        producer.produce(topic, key=key, value=value)
    assert producer.flush(10) == 0


def read_all(brokers: str, topic: str, count: int) -> list[Any]:
    """What lies in a topic, once there are `count` messages."""
    consumer = Consumer({"bootstrap.servers": brokers, "group.id": f"reader-{time.time_ns()}",
                         "auto.offset.reset": "earliest", "log_level": 0})  # fmt: skip
    consumer.subscribe([topic])
    found: list[Any] = []
    until = time.monotonic() + 30
    while len(found) < count and time.monotonic() < until:
        found += [m for m in consumer.consume(100, 0.3) if m.error() is None]
    consumer.close()
    assert len(found) == count
    return found


class After:
    """A wait that says stop once so many messages were dealt with, or time is up."""

    def __init__(self, taken: int, seconds: float = 40) -> None:
        self.left, self.until = taken, time.monotonic() + seconds
        self.seen = 0

    def tell(self, taken: Taken) -> None:
        self.seen = taken.accepted + taken.duplicates + taken.dead + taken.quarantined

    def __call__(self, seconds: float) -> bool:
        assert time.monotonic() < self.until, f"{self.seen} of {self.left} in time"
        if self.seen < self.left:
            time.sleep(min(seconds, 0.2))
        return self.seen >= self.left


def take(world: World, brokers: str, topic: str, count: int, group: str = "g") -> Taken:
    source, stop = KafkaSource(brokers, topic, group, QUICK), After(count)
    try:
        dead = KafkaTopic(brokers, f"{topic}.dead")
        return stream_in.run(world.engine, source, dead, stop, tell=stop.tell)
    finally:
        source.close()


def test_events_come_in_and_what_cannot_goes_to_the_dead_letters(
    world: World, brokers: str
) -> None:
    bad = [
        ("b1", b"not json"),
        ("b1", told("b2", 9)),  # another borrower's key would break the order
        ("b1", json.dumps(event("no_such_thing", "2025-06-01")).encode()),
        ("b1", None),
        ("b1", told("b1", 1, yuan=7)),  # the same id with another content
    ]
    good = [(f"b{n % 3 + 1}", told(f"b{n % 3 + 1}", n // 3 + 1)) for n in range(12)]
    send(brokers, "in1", [*good, *bad])
    taken = take(world, brokers, "in1", 17)
    assert (taken.accepted, taken.duplicates, taken.dead) == (12, 0, 5)
    dead = read_all(brokers, "in1.dead", 5)
    codes = sorted(dict(m.headers())["code"].decode() for m in dead)
    assert codes == [
        "event",
        "event.changed",
        "event.field",
        "event.malformed",
        "event.unknown_type",
    ]
    for letter in dead:
        headers = {name: value.decode() for name, value in letter.headers()}
        assert headers["what"] and headers["next_step"] and headers["from"].startswith("in1[")
    with world.store.snapshot() as conn:
        seqs = conn.execute("SELECT max(seq), count(*) FROM event WHERE borrower = 'b1'").fetchone()
    assert seqs == (4, 4)


def test_a_batch_that_comes_again_has_no_effect(world: World, brokers: str) -> None:
    """A crash between storing and committing: the planted group never commits its offsets."""
    send(brokers, "in2", [("c1", told("c1", n)) for n in range(5)])

    class Forgetful(KafkaSource):
        def done(self, batch: Sequence[Incoming]) -> None:
            pass

    source, stop = Forgetful(brokers, "in2", "crash", QUICK), After(5)
    first = stream_in.run(
        world.engine, source, KafkaTopic(brokers, "in2.dead"), stop, tell=stop.tell
    )
    source.close()
    again = take(world, brokers, "in2", 5, group="crash")
    assert (first.accepted, again.accepted, again.duplicates) == (5, 0, 5)
    third, stop = KafkaSource(brokers, "in2", "crash", QUICK), time.monotonic() + 4
    came = []
    while time.monotonic() < stop:
        came += third.take(10, 0.5)
    third.close()
    assert came == []  # committed this time


class Always:
    """A source that gives one batch and counts what was said to be done."""

    def __init__(self, messages: Sequence[Incoming]) -> None:
        self.messages, self.finished = list(messages), 0

    def take(self, most: int, wait_s: float) -> list[Incoming]:
        found, self.messages = self.messages[:most], self.messages[most:]
        return found

    def done(self, batch: Sequence[Incoming]) -> None:
        self.finished += len(batch)


class Lost:
    """A topic that is away for some calls, then works; keeps what it was given."""

    def __init__(self, fails: int = 0) -> None:
        self.fails, self.records, self.calls = fails, [], 0

    def publish(self, records: Sequence[Record]) -> None:
        self.calls += 1
        if self.fails:
            self.fails -= 1
            # Half of the batch got through before the broker went away.
            self.records += records[: len(records) // 2]
            raise UnavailableError("the broker is away")
        self.records += records


def test_nothing_is_committed_while_the_dead_letters_are_away(world: World) -> None:
    source = Always([Incoming("t", 0, 1, b"d1", b"{"), Incoming("t", 0, 2, b"d1", told("d1", 1))])
    topic, done_after = Lost(fails=2), []

    def wait(seconds: float) -> bool:
        done_after.append(source.finished)
        return source.finished == 2

    taken = stream_in.run(world.engine, source, topic, wait)
    assert taken.retries == 2 and done_after[:2] == [0, 0]
    assert (taken.accepted, taken.duplicates, taken.dead) == (1, 2, 1)


def test_while_the_database_is_away_messages_wait(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, left = Always([Incoming("t", 0, 1, b"e1", told("e1", 1))]), [3]
    through = stream_in.ingest

    def away(*args: Any, **more: Any) -> Any:
        if left[0]:
            left[0] -= 1
            raise UnavailableError("the database went away", code="store.connection")
        return through(*args, **more)

    monkeypatch.setattr(stream_in, "ingest", away)
    topic = Lost()
    taken = stream_in.run(world.engine, source, topic, lambda s: source.finished == 1)
    assert (taken.retries, taken.accepted, taken.dead) == (3, 1, 0)


def test_of_an_erased_borrower_no_dead_letter_keeps_anything(world: World) -> None:
    world.settle("gone")
    with world.store.pool.connection() as conn:
        conn.execute(
            "UPDATE borrower_key SET wrapped = NULL, destroyed_at = 1 WHERE borrower = 'gone'"
        )
    topic, taken = Lost(), Taken()
    stream_in.take_in(world.engine, [Incoming("t", 0, 1, b"gone", told("gone", 7))], topic, taken)
    assert taken.dead == 1 and topic.records[0].value is None
    assert topic.records[0].headers["code"] == "erased"


def test_decisions_go_out_in_order_once(world: World, brokers: str) -> None:
    for name in ("o1", "o2"):
        world.settle(name)
        for number in range(3):
            draw(world.engine, name, asks(1_000 + number), f"k{number}")
    published = publish_all(world, KafkaTopic(brokers, "out1"))
    found = read_all(brokers, "out1", published)
    mine = [json.loads(m.value()) for m in found if m.key() in (b"o1", b"o2")]
    for name in ("o1", "o2"):
        seqs = [one["seq"] for one in mine if one["borrower"] == name]
        assert seqs == sorted(set(seqs))
        outcomes = [
            one["payload"]["outcome"]
            for one in mine
            if one["borrower"] == name and one["type"] == "decision"
        ]
        assert len(outcomes) == 3
    # What a person told us stays here.
    assert {one["type"] for one in mine} <= stream_out.OUTGOING
    assert "income_evidence" not in {one["type"] for one in mine}
    assert stream_out.publish(world.engine, Lost()) == 0


def publish_all(world: World, topic: Any) -> int:
    """Publish all that was written."""
    settled(world.store)
    return sum(iter(lambda: stream_out.publish(world.engine, topic), 0))


def test_a_broker_that_goes_away_gets_the_same_records_again(world: World) -> None:
    world.settle("p1")
    for number in range(4):
        draw(world.engine, "p1", asks(2_000 + number), f"k{number}")
    topic = Lost(fails=1)
    with pytest.raises(UnavailableError):
        publish_all(world, topic)
    publish_all(world, topic)
    seqs = [json.loads(r.value)["seq"] for r in topic.records if r.key == "p1" and r.value]
    decided = [
        json.loads(r.value)["seq"]
        for r in topic.records
        if r.headers["type"] == "decision" and r.key == "p1"
    ]
    assert len(set(decided)) == 4
    # Seen again, yes; out of order for one who drops what is not later, never.
    newest, kept = 0, []
    for seq in seqs:
        if seq > newest:
            kept.append(seq)
            newest = seq
    assert kept == sorted(set(seqs))


def test_only_one_publishes_at_a_time(world: World) -> None:
    from xindeng.store import readers

    world.settle("q1")
    draw(world.engine, "q1", asks(), "k1")
    with readers.turn(world.store, "outbox") as mine:
        assert mine
        assert stream_out.publish(world.engine, Lost()) == 0
    topic = Lost()
    publish_all(world, topic)
    assert any(record.key == "q1" for record in topic.records)


def test_an_erased_borrower_is_not_published(world: World) -> None:
    world.settle("r1")
    draw(world.engine, "r1", asks(), "k1")
    with world.store.pool.connection() as conn:
        conn.execute(
            "UPDATE borrower_key SET wrapped = NULL, destroyed_at = 1 WHERE borrower = 'r1'"
        )
    world.engine.store.keys._unwrapped.clear()
    topic = Lost()
    publish_all(world, topic)
    assert not [record for record in topic.records if record.key == "r1"]


def test_settings_that_librdkafka_does_not_know_are_refused() -> None:
    with pytest.raises(InputError, match="settings"):
        KafkaTopic("127.0.0.1:1", "t", {"no.such.setting": "1"})


def test_a_broker_that_is_not_there_is_unavailable() -> None:
    topic = KafkaTopic("127.0.0.1:1", "t", {"message.timeout.ms": 500, "log_level": 0})
    with pytest.raises(UnavailableError, match="not acknowledged"):
        topic.publish([Record("b", b"{}")])
