"""Kafka by confluent-kafka (librdkafka): acknowledged by all replicas, committed by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from xindeng.adapters.streams import Incoming, Record
from xindeng.kernel.errors import InputError, UnavailableError

_WAIT_S: Final = 10.0
# After these the group has moved on: whoever has the partition now reads the messages again.
_MOVED_ON: Final = frozenset({"ILLEGAL_GENERATION", "REBALANCE_IN_PROGRESS", "UNKNOWN_MEMBER_ID",
                              "_STATE", "_NO_OFFSET"})  # fmt: skip


def library() -> Any:
    """Return the module confluent_kafka; raises UnavailableError where it is not installed."""
    try:
        import confluent_kafka
    except ImportError as error:
        raise UnavailableError(
            "the Kafka client is not installed",
            next_step='install it with: pip install "xindeng[kafka]"',
            code="kafka.missing",
        ) from error
    return confluent_kafka


class KafkaSource:
    """A member of a consumer group; offsets are committed only by `done`."""

    def __init__(
        self,
        brokers: str,
        topic: str,
        group: str,
        settings: Mapping[str, str | int | bool] | None = None,
    ) -> None:
        self._kafka = library()
        own = {
            "bootstrap.servers": brokers,
            "group.id": group,
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
            "enable.auto.offset.store": False,
            "partition.assignment.strategy": "cooperative-sticky",
        }
        self._consumer = _made(self._kafka, self._kafka.Consumer, {**(settings or {}), **own})
        self._consumer.subscribe([topic])

    def take(self, most: int, wait_s: float) -> list[Incoming]:
        """Return up to `most` messages; UnavailableError for what does not pass by itself."""
        found = []
        try:
            messages = self._consumer.consume(most, wait_s)
        except self._kafka.KafkaException as error:
            raise _away("messages cannot be read", error) from error
        for message in messages:
            trouble = message.error()
            if trouble is None:
                found.append(
                    Incoming(message.topic(), message.partition(), message.offset(),
                             message.key(), message.value())
                )  # fmt: skip
            elif trouble.fatal() or not (trouble.retriable() or trouble.name().startswith("_")):
                raise _away("messages cannot be read", trouble)
        return found

    def done(self, batch: Sequence[Incoming]) -> None:
        """Commit the offsets after the batch; where the group has moved on, nothing is lost."""
        upto: dict[tuple[str, int], int] = {}
        for one in batch:
            place = (one.topic, one.partition)
            upto[place] = max(upto.get(place, 0), one.offset + 1)
        offsets = [
            self._kafka.TopicPartition(topic, partition, offset)
            for (topic, partition), offset in upto.items()
        ]
        try:
            self._consumer.commit(offsets=offsets, asynchronous=False)
        except self._kafka.KafkaException as error:
            if error.args[0].name() not in _MOVED_ON:
                raise _away("offsets cannot be committed", error) from error

    def close(self) -> None:
        """Leave the group, so that its partitions pass on at once."""
        self._consumer.close()


class KafkaTopic:
    """A topic to publish to, in order and without gaps for each key."""

    def __init__(
        self, brokers: str, topic: str, settings: Mapping[str, str | int | bool] | None = None
    ) -> None:
        self._kafka = library()
        self.topic = topic
        self._settings = {
            "linger.ms": 5,
            "message.timeout.ms": int(_WAIT_S * 1000),
            **(settings or {}),
            "bootstrap.servers": brokers,
            "acks": "all",
            "enable.idempotence": True,
            "enable.gapless.guarantee": True,
        }
        self._producer = _made(self._kafka, self._kafka.Producer, self._settings)

    def publish(self, records: Sequence[Record]) -> None:
        """Publish in order; returns when all replicas have all of it."""
        failed: list[Any] = []

        def told(trouble: Any, message: Any) -> None:
            if trouble is not None:
                failed.append(trouble)

        for record in records:
            self._produce(record, told)
        left = self._producer.flush(_WAIT_S)
        if failed or left:
            # What is still queued must not arrive after the same records were sent anew.
            self._producer.purge()
            self._producer = _made(self._kafka, self._kafka.Producer, self._settings)
            raise _away(
                f"{len(failed) + left} of {len(records)} records were not acknowledged",
                failed[0] if failed else "no answer",
            )

    def _produce(self, record: Record, told: Callable[[Any, Any], None]) -> None:
        while True:
            try:
                self._producer.produce(
                    self.topic, key=record.key, value=record.value,
                    headers=dict(record.headers), on_delivery=told,
                )  # fmt: skip
                self._producer.poll(0)
                return
            except BufferError:
                self._producer.poll(0.1)
            except self._kafka.KafkaException as error:
                raise _away("a record cannot be sent", error) from error


def _made(kafka: Any, kind: Any, settings: Mapping[str, Any]) -> Any:
    try:
        return kind(dict(settings))
    except kafka.KafkaException as error:
        raise InputError(
            f"Kafka does not take these settings: {error.args[0].str()}",
            where="kafka",
            next_step="use names and values of librdkafka's configuration",
            code="kafka.settings",
        ) from error


def _away(what: str, cause: object) -> UnavailableError:
    return UnavailableError(
        f"{what}: {cause}",
        where="kafka",
        next_step="check the brokers and the right to the topic; nothing is lost meanwhile",
        code="kafka.away",
    )
