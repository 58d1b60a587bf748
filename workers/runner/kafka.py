"""The Kafka poller: a consumer group member whose partitions are lanes."""

import time
from collections.abc import Iterator, Sequence
from itertools import groupby, repeat
from typing import Any, Literal, Protocol, cast

import msgspec
from confluent_kafka import Consumer, KafkaException, Message, TopicPartition

from workers.errors import SettingsError
from workers.record import Headers, KafkaPosition, Record
from workers.runner.lane import Lane
from workers.runner.mapping import Mapping

# Auto-commit and auto-store would let offsets go that nobody has processed.
_FIXED = {"enable.auto.commit": False, "enable.auto.offset.store": False}
_RESET = {"TRIM_HORIZON": "earliest", "LATEST": "latest"}

_IDLE_SECONDS = 0.2
_BUSY_SECONDS = 0.01
# How long a full backlog may last before the partitions are paused: pausing throws away what was
# fetched ahead, so a handler that keeps up with its polls should never come to it.
_PATIENCE_SECONDS = 1.0
_CHUNK = 1_000
_LAG_SECONDS = 1.0


class KafkaSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Which topic to read, and how to reach it.

    Attributes:
        bootstrap_servers: `host:port,host:port`.
        topic: its name.
        group: the consumer group.
        consumer_config: further settings of librdkafka, by their names there.
    """

    bootstrap_servers: str
    topic: str
    group: str
    consumer_config: dict[str, str] = {}


class GroupConsumer(Protocol):
    """What the poller needs of `confluent_kafka.Consumer`."""

    def subscribe(self, topics: list[str], on_assign: Any, on_revoke: Any, on_lost: Any) -> None:
        """Join the group; the callbacks run inside `poll`, `consume` and `close`."""

    def poll(self, timeout: float) -> Message | None:
        """The next message, waiting for it up to `timeout` seconds."""

    def consume(self, num_messages: int, timeout: float) -> list[Message]:
        """Up to so many messages."""

    def commit(self, *, offsets: list[TopicPartition], asynchronous: Literal[False]) -> Any:
        """Commit offsets and wait; returns them, each with its error."""

    def pause(self, partitions: list[TopicPartition]) -> None:
        """Fetch these no more."""

    def resume(self, partitions: list[TopicPartition]) -> None:
        """Fetch these again, after the last message that was returned."""

    def get_watermark_offsets(self, partition: TopicPartition, *, cached: bool) -> Any:
        """(low, high) of a partition; cached: as of its last fetch."""

    def close(self) -> None:
        """Leave the group."""


def open_consumer(settings: KafkaSettings, starting_position: str) -> Consumer:
    """A consumer that commits only what it is told to. Raises SettingsError."""
    for name in settings.consumer_config:
        if name in _FIXED:
            raise SettingsError(f"consumer-config {name}: the runner commits for itself")
    config: dict[str, Any] = {
        "bootstrap.servers": settings.bootstrap_servers,
        "group.id": settings.group,
        "auto.offset.reset": _RESET[starting_position],
        "partition.assignment.strategy": "cooperative-sticky",
        **settings.consumer_config,
        **_FIXED,
    }
    try:
        return Consumer(config)
    except KafkaException as error:
        raise SettingsError(f"Kafka consumer: {error.args[0].str()}") from None


class KafkaPoller:
    """Reads one topic, from one thread at a time: a consumer serves no second one meanwhile."""

    window = 0.5

    def __init__(self, consumer: GroupConsumer, topic: str, batch_size: int) -> None:
        self.ready = False
        self._consumer = consumer
        self._topic = topic
        self._enough = max(batch_size, _CHUNK)  # records that wait in full batches
        self._lanes: dict[int, Lane] = {}
        self._next: dict[int, int] = {}  # the lowest offset that a lane still takes
        self._paused: set[int] = set()
        self._fresh: set[int] = set()  # assigned, and perhaps paused by an earlier assignment
        self._full_since: float | None = None
        self._lag_due = 0.0

    def start(self, mapping: Mapping) -> None:
        """Join the group."""
        self._mapping = mapping
        self._consumer.subscribe(
            [self._topic],
            on_assign=self._on_assign,
            on_revoke=self._on_revoke,
            on_lost=self._on_lost,
        )

    def poll(self, wait: float) -> None:
        """Fetch while the handler has too little; go on polling, with partitions paused, after."""
        dispatcher = self._mapping.dispatcher
        backlog = dispatcher.backlog()
        if backlog > self._enough:
            self._poll_full()
            fetched = False
        else:
            self._full_since = None
            held_up = dispatcher.held_up()
            self._pause({p for p, lane in self._lanes.items() if lane in held_up})
            fetched = self._feed(self._fetch(_CHUNK, 0.0 if backlog else self._timeout(wait)))
        if backlog and not fetched:
            dispatcher.wait(min(wait, _BUSY_SECONDS))
        self._measure_lag()

    def commit(self, records: Sequence[Record]) -> None:
        """Commit the offset after each record. Raises KafkaException."""
        offsets = [
            TopicPartition(p.topic, p.partition, p.offset + 1) for p in map(_position, records)
        ]
        for committed in self._consumer.commit(offsets=offsets, asynchronous=False):
            if committed.error is not None:
                raise KafkaException(committed.error)

    def close(self) -> None:
        """Leave the group."""
        self._consumer.close()

    def _poll_full(self) -> None:
        now = time.monotonic()
        self._full_since = self._full_since or now
        if now - self._full_since > _PATIENCE_SECONDS:
            self._pause(set(self._lanes))
            self._feed(self._fetch(1, 0.0))

    def _timeout(self, wait: float) -> float:
        """How long to wait for a message: shorter where something else may come up meanwhile."""
        dispatcher = self._mapping.dispatcher
        longest = _IDLE_SECONDS if dispatcher.idle() else _BUSY_SECONDS
        return max(0.0, min(wait, longest, dispatcher.due_in()))

    def _fetch(self, most: int, timeout: float) -> list[Message]:
        # `consume` would wait its whole timeout for the last message; so wait for the first alone.
        first = self._consumer.poll(timeout)
        if first is None:
            return []
        messages = [first, *self._consumer.consume(most - 1, 0.0)] if most > 1 else [first]
        errors = [error for m in messages if (error := m.error()) is not None]
        if not errors:
            return messages
        for error in errors:
            if error.fatal():
                raise KafkaException(error)
            self._mapping.log.warning("consumer error", error=error.str(), code=error.name())
        return [message for message in messages if message.error() is None]

    def _feed(self, messages: list[Message]) -> bool:
        for partition, run in groupby(messages, Message.partition):
            lane = self._lanes.get(partition) if partition is not None else None
            if lane is None or partition is None:
                continue  # revoked inside the call that returned these
            records = _records(self._topic, partition, list(run))
            # An assignment that came back inside one call may repeat what the call also returned.
            first = self._next.get(partition, 0)
            if _position(records[0]).offset < first:
                records = [record for record in records if _position(record).offset >= first]
            if records:
                self._next[partition] = _position(records[-1]).offset + 1
                self._mapping.feed(lane, records)
        return bool(messages)

    def _pause(self, wanted: set[int]) -> None:
        if wanted == self._paused and not self._fresh:
            return
        if more := wanted - (self._paused - self._fresh):
            self._consumer.pause([TopicPartition(self._topic, p) for p in more])
        if fewer := ((self._paused | self._fresh) - wanted) & self._lanes.keys():
            self._consumer.resume([TopicPartition(self._topic, p) for p in fewer])
        self._paused = wanted
        self._fresh = set()

    def _on_assign(self, _: object, partitions: list[TopicPartition]) -> None:
        for assigned in partitions:
            number = assigned.partition
            self._lanes[number] = self._mapping.open_lane(f"{self._topic}-{number}")
        self._fresh |= {assigned.partition for assigned in partitions}
        self.ready = True
        self._mapping.log.info("assigned", partitions=[p.partition for p in partitions])

    def _on_revoke(self, _: object, partitions: list[TopicPartition]) -> None:
        self._mapping.release(self._forget(partitions))
        self._mapping.log.info("revoked", partitions=[p.partition for p in partitions])

    def _on_lost(self, _: object, partitions: list[TopicPartition]) -> None:
        self._mapping.abandon(self._forget(partitions))
        self._mapping.log.warning("lost", partitions=[p.partition for p in partitions])

    def _forget(self, partitions: list[TopicPartition]) -> list[Lane]:
        numbers = [p.partition for p in partitions if p.partition in self._lanes]
        for number in numbers:
            self._next.pop(number, None)
        self._paused -= set(numbers)
        return [self._lanes.pop(number) for number in numbers]

    def _measure_lag(self) -> None:
        now = time.monotonic()
        if now < self._lag_due:
            return
        self._lag_due = now + _LAG_SECONDS
        lag = {}
        for number, lane in self._lanes.items():
            if lane.done is not None:
                partition = TopicPartition(self._topic, number)
                _, high = self._consumer.get_watermark_offsets(partition, cached=True)
                lag[lane.name] = max(0, high - 1 - _position(lane.done).offset)
        self._mapping.stats.set_lag(lag)


def _position(record: Record) -> KafkaPosition:
    return cast("KafkaPosition", record.position)


def _records(topic: str, partition: int, messages: list[Message]) -> list[Record]:
    # By columns, not by rows: this runs for every message.
    offsets = cast("Iterator[int]", map(Message.offset, messages))
    positions = map(KafkaPosition, repeat(topic), repeat(partition), offsets)
    return list(
        map(
            Record,
            repeat("kafka"),
            positions,
            map(Message.value, messages),
            map(Message.key, messages),
            [_headers(pairs) if pairs else () for pairs in map(Message.headers, messages)],
            [ms if kind else None for kind, ms in map(Message.timestamp, messages)],
        )
    )


def _headers(pairs: Any) -> Headers:
    return tuple((name, b"" if value is None else value) for name, value in pairs)
