"""The Kafka poller: a consumer group member whose partitions are lanes."""

import threading
import time
from collections.abc import Sequence
from itertools import groupby

from confluent_kafka import (
    OFFSET_BEGINNING,
    KafkaError,
    KafkaException,
    Message,
    TopicPartition,
)

from headrace import log as telemetry
from headrace.kafka.records import to_records
from headrace.record import Record, kafka_position
from headrace.runner.committer import Settle
from headrace.runner.dispatch.partition import Lane
from headrace.runner.kafka.assignment import Assignment
from headrace.runner.kafka.client import GroupConsumer, open_consumer
from headrace.runner.kafka.commits import OffsetCommits
from headrace.runner.kafka.log_ends import Ends
from headrace.runner.kafka.position_resets import Resets
from headrace.runner.kafka.settings import KafkaSettings
from headrace.runner.kafka.starting_position import StartingPoints, starting_time
from headrace.runner.mapping import Mapping
from headrace.runner.protocol.payload import largest
from headrace.runner.settings import MappingSettings

__all__ = ["KafkaPoller", "KafkaSettings", "open_poller"]

_IDLE_SECONDS = 0.2
_BUSY_SECONDS = 0.01
# The consumer takes the answer to a commit inside a call, and does not return for it.
_ANSWER_SECONDS = 0.001
# How long a full backlog may last before the partitions are paused: pausing throws away what was
# fetched ahead, so a handler that keeps up with its polls should never come to it.
_PATIENCE_SECONDS = 1.0
_CHUNK = 1_000
_LAG_SECONDS = 1.0
_LEAVE_SECONDS = 5.0


def open_poller(source: KafkaSettings, settings: MappingSettings) -> "KafkaPoller":
    """A poller of a topic. Raises SettingsError."""
    consumer = open_consumer(source, telemetry.logger("kafka", settings.log_level))
    return KafkaPoller(consumer, source.topic, settings.batch_size, starting_time(settings))


class KafkaPoller:
    """Reads one topic, from one thread at a time: a consumer serves no second one meanwhile.

    Args:
        consumer: is in no group yet.
        topic: its name.
        batch_size: of the mapping.
        begin_at: where a partition begins if the group has no position (see `starting_time`).
    """

    window = 0.5

    def __init__(
        self, consumer: GroupConsumer, topic: str, batch_size: int, begin_at: int = OFFSET_BEGINNING
    ) -> None:
        self.ready = False
        self._consumer = consumer
        self._topic = topic
        self._enough = max(batch_size, _CHUNK)  # records that wait in full batches
        self._begin_at = begin_at
        self._assignment = Assignment(consumer, topic)
        self._commits = OffsetCommits(consumer, topic)
        self._full_since: float | None = None
        self._lag_due = 0.0

    def start(self, mapping: Mapping) -> None:
        """Join the group."""
        self._mapping = mapping
        consumer, topic = self._consumer, self._topic
        assignment, commits = self._assignment, self._commits
        points = StartingPoints(consumer, topic, self._begin_at, mapping.stats, mapping.log)
        self._resets = Resets(assignment, commits, points, mapping)
        self._ends = Ends(assignment, commits, mapping.dispatcher)
        mapping.committer.begin = self._begin_commit
        consumer.subscribe(
            [topic],
            on_assign=self._on_assign,
            on_revoke=self._on_revoke,
            on_lost=self._on_lost,
        )

    def poll(self, wait: float) -> None:
        """Fetch while the handler has too little; go on polling, with partitions paused, after."""
        dispatcher = self._mapping.dispatcher
        backlog, gated = dispatcher.backlog(), dispatcher.gated()
        # A lane that is gated waits for an answer, which comes while the consumer is polled.
        soon = max(_ANSWER_SECONDS, self._commits.age) if gated else _BUSY_SECONDS
        pause = min(wait, soon, _BUSY_SECONDS)
        if backlog > self._enough:
            self._poll_full(gated=gated)
            dispatcher.wait(pause)
        else:
            self._full_since = None
            self._assignment.pause(dispatcher.held_up())
            timeout = pause if gated else 0.0 if backlog else min(wait, self._timeout())
            if not self._take(self._fetch(_CHUNK, timeout)) and backlog and not gated:
                dispatcher.wait(pause)
        self._resets.work()
        self._ends.work()
        self._measure_lag()

    def commit(self, records: Sequence[Record]) -> None:
        """Commit the offset after each record and wait for it. Raises KafkaException."""
        self._commits.confirm(_offsets_after(records))

    def close(self) -> None:
        """Leave the group; without an answer from the broker, it ends our session for itself."""
        leaving = threading.Thread(target=self._consumer.close, name="leaving", daemon=True)
        leaving.start()
        leaving.join(_LEAVE_SECONDS)
        if leaving.is_alive():
            self._mapping.log.warning("no broker took the leave from the group")

    def _begin_commit(self, records: Sequence[Record], settle: Settle) -> None:
        offsets = _offsets_after(records)
        lost = KafkaException(KafkaError(KafkaError._ASSIGNMENT_LOST))
        self._commits.send(offsets, lambda answers: settle([answers.get(p, lost) for p in offsets]))

    def _poll_full(self, *, gated: bool) -> None:
        now = time.monotonic()
        self._full_since = self._full_since or now
        out_of_patience = now - self._full_since > _PATIENCE_SECONDS
        if out_of_patience:
            self._assignment.pause(None)
        if out_of_patience or gated:  # the answers to commits come with the polls
            self._take(self._fetch(1, 0.0))

    def _timeout(self) -> float:
        """How long to wait for a message: shorter where something else may come up meanwhile."""
        dispatcher = self._mapping.dispatcher
        longest = _IDLE_SECONDS if dispatcher.idle() else _BUSY_SECONDS
        return max(0.0, min(longest, dispatcher.due_in()))

    def _fetch(self, most: int, timeout: float) -> list[Message]:
        # `consume` would wait its whole timeout for the last message; so wait for the first alone.
        first = self._consumer.poll(timeout)
        if first is None:
            return []
        return [first, *self._consumer.consume(most - 1, 0.0)] if most > 1 else [first]

    def _take(self, messages: list[Message]) -> bool:
        """Feed the lanes, then see to what is no message. Returns whether anything came."""
        if not any(map(Message.error, messages)):
            self._feed(messages)
            return bool(messages)
        records = [message for message in messages if message.error() is None]
        self._feed(records)
        for message in messages:
            if (error := message.error()) is not None:
                self._note(message, error)
        return bool(records)

    def _note(self, message: Message, error: KafkaError) -> None:
        partition, offset = message.partition() or 0, message.offset() or 0
        if error.code() == KafkaError._PARTITION_EOF:
            self._ends.note(partition, offset)
        elif error.code() == KafkaError._AUTO_OFFSET_RESET:
            self._resets.add(partition)
        elif error.fatal():
            raise KafkaException(error)
        else:
            self._mapping.log.warning("consumer error", error=error.str(), code=error.name())

    def _feed(self, messages: list[Message]) -> None:
        for number, run in groupby(messages, Message.partition):
            partition = self._assignment.partitions.get(number or 0)
            if partition is None or number is None:
                continue  # revoked inside the call that returned these
            records, values, keys, headers = to_records(self._topic, number, list(run))
            partition.lane.note_largest(largest(values, keys, headers))
            # An assignment that came back inside one call may repeat what the call also returned.
            first = partition.next or 0
            if kafka_position(records[0]).offset < first:
                records = [record for record in records if kafka_position(record).offset >= first]
            if records:
                partition.next, partition.end = kafka_position(records[-1]).offset + 1, None
                partition.whole &= self._mapping.feed(partition.lane, records)

    def _on_assign(self, _: object, partitions: list[TopicPartition]) -> None:
        numbers = [assigned.partition for assigned in partitions]
        for number in numbers:
            self._assignment.add(number, self._mapping.open_lane(f"{self._topic}-{number}"))
        self.ready = True
        self._mapping.log.info("assigned", partitions=numbers)

    def _on_revoke(self, _: object, partitions: list[TopicPartition]) -> None:
        self._mapping.release(self._forget(partitions))
        self._mapping.log.info("revoked", partitions=[p.partition for p in partitions])

    def _on_lost(self, _: object, partitions: list[TopicPartition]) -> None:
        self._mapping.abandon(self._forget(partitions))
        self._mapping.log.warning("lost", partitions=[p.partition for p in partitions])

    def _forget(self, partitions: list[TopicPartition]) -> list[Lane]:
        numbers = [p.partition for p in partitions]
        self._commits.forget(numbers)
        self._resets.forget(numbers)
        return self._assignment.remove(numbers)

    def _measure_lag(self) -> None:
        now = time.monotonic()
        if now < self._lag_due:
            return
        self._lag_due = now + _LAG_SECONDS
        lag = {}
        for number, partition in self._assignment.partitions.items():
            position = partition.position()
            if position is not None:
                asked = TopicPartition(self._topic, number)
                _, high = self._consumer.get_watermark_offsets(asked, cached=True)
                lag[partition.lane.name] = max(0, high - position)
        self._mapping.stats.set_lag(lag)


def _offsets_after(records: Sequence[Record]) -> dict[int, int]:
    return {p.partition: p.offset + 1 for p in map(kafka_position, records)}
