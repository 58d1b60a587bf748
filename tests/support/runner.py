"""An in-memory Kafka for the runner: a broker of one topic, and a group consumer on it."""

import threading
from collections.abc import Callable, Iterable, Sequence

from confluent_kafka import OFFSET_INVALID, KafkaError, Message, TopicPartition

from headrace import testing
from headrace.log import logger
from headrace.processing import isolation as batch
from headrace.processing.outcomes import Outcomes
from headrace.record import Record
from headrace.runner.delivery.deliver import Deliverer
from headrace.runner.delivery.limits import Limits
from headrace.runner.kafka.poller import KafkaPoller
from headrace.runner.mapping import Mapping
from headrace.runner.monitoring.stats import Stats
from headrace.runner.settings import MappingSettings
from headrace.runner.stop import Stop

TOPIC = "orders"
QUICK = {
    "retry_backoff_seconds": 0.001,
    "retry_backoff_max_seconds": 0.002,
    "maximum_batching_window_in_seconds": 0.0,
    "drain_timeout_seconds": 2.0,
    "log_level": "ERROR",
}


class MemoryBroker:
    """The partitions of one topic, and the positions that a group has committed on them.

    Attributes:
        partitions: messages by partition; offsets may have gaps.
        committed: the group's positions: the next offset to read.
        commits: every commit as it came: (partition, offset).
        refuse_commits: how many of the next commits fail.
    """

    def __init__(self, partitions: int = 1) -> None:
        self.partitions: dict[int, list[Message]] = {n: [] for n in range(partitions)}
        self.committed: dict[int, int] = {}
        self.commits: list[tuple[int, int]] = []
        self.refuse_commits = 0

    def produce(
        self, value: bytes, key: bytes | None = None, partition: int = 0, gap: int = 0, **more
    ) -> None:
        """Append a message, `gap` offsets after the next one (as compaction leaves it)."""
        log = self.partitions[partition]
        offset = (log[-1].offset() + 1 if log else 0) + gap
        timestamp = (1, more.pop("timestamp", 1_700_000_000_000))
        log.append(
            Message(TOPIC, partition, offset, key=key, value=value, timestamp=timestamp, **more)
        )


class MemoryConsumer:
    """What KafkaPoller uses of a consumer. Rebalances happen inside the next `poll`."""

    def __init__(self, broker: MemoryBroker) -> None:
        self.broker = broker
        self.paused: set[int] = set()
        self.closed = False
        self.polls = 0
        self._positions: dict[int, int] = {}
        self._events: list[Callable[[], None]] = []
        self._wake = threading.Event()
        self.on_commit = None

    def subscribe(self, topics, on_assign, on_revoke, on_lost) -> None:
        self._on_assign, self._on_revoke, self._on_lost = on_assign, on_revoke, on_lost
        self.assign(self.broker.partitions)

    def assign(self, partitions: Iterable[int]) -> None:
        """Have these partitions assigned."""
        self._rebalance(partitions, self._assigned)

    def revoke(self, partitions: Iterable[int]) -> None:
        """Have these partitions revoked in order."""
        self._rebalance(partitions, self._revoked)

    def lose(self, partitions: Iterable[int]) -> None:
        """Have these partitions lost: others may read them already."""
        self._rebalance(partitions, self._lost)

    def poll(self, timeout: float) -> Message | None:
        self.polls += 1
        found = self.consume(1, timeout)
        return found[0] if found else None

    def consume(self, num_messages: int, timeout: float) -> list[Message]:
        while self._events:
            self._events.pop(0)()
        found: list[Message] = []
        for partition in list(self._positions):
            if partition not in self.paused:
                found += self._read(partition, num_messages - len(found))
        if not found and timeout:
            self._wake.wait(min(timeout, 0.002))
            self._wake.clear()
        return found

    def commit(self, *, offsets: list[TopicPartition], asynchronous: bool) -> None:
        """The broker has it at once; the answer comes with the next poll."""
        assert asynchronous
        error = None
        if self.broker.refuse_commits:
            self.broker.refuse_commits -= 1
            error = KafkaError(KafkaError.REQUEST_TIMED_OUT)
        else:
            for offset in offsets:
                self.broker.committed[offset.partition] = offset.offset
                self.broker.commits.append((offset.partition, offset.offset))
        self._events.append(lambda: self.on_commit(error, offsets))
        self._wake.set()

    def committed(self, partitions: list[TopicPartition], timeout: float) -> list[TopicPartition]:
        return [
            TopicPartition(
                TOPIC, p.partition, self.broker.committed.get(p.partition, OFFSET_INVALID)
            )
            for p in partitions
        ]

    def pause(self, partitions: list[TopicPartition]) -> None:
        self.paused |= {p.partition for p in partitions}

    def resume(self, partitions: list[TopicPartition]) -> None:
        self.paused -= {p.partition for p in partitions}

    def get_watermark_offsets(self, partition: TopicPartition, *, cached: bool) -> tuple[int, int]:
        log = self.broker.partitions[partition.partition]
        return 0, log[-1].offset() + 1 if log else 0

    def close(self) -> None:
        self._revoked(list(self._positions))
        self.closed = True

    def _rebalance(self, partitions: Iterable[int], event: Callable[[Sequence[int]], None]) -> None:
        chosen = list(partitions)
        self._events.append(lambda: event(chosen))
        self._wake.set()

    def _assigned(self, partitions: Sequence[int]) -> None:
        for partition in partitions:
            self._positions[partition] = self.broker.committed.get(partition, 0)
        self._on_assign(self, _named(partitions))

    def _revoked(self, partitions: Sequence[int]) -> None:
        self._on_revoke(self, _named(partitions))
        for partition in partitions:
            self._positions.pop(partition, None)

    def _lost(self, partitions: Sequence[int]) -> None:
        self._on_lost(self, _named(partitions))
        for partition in partitions:
            self._positions.pop(partition, None)

    def _read(self, partition: int, most: int) -> list[Message]:
        start = self._positions[partition]
        found = [m for m in self.broker.partitions[partition] if m.offset() >= start][:most]
        if found:
            self._positions[partition] = found[-1].offset() + 1
        return found


def run_memory(
    consumer: MemoryConsumer, invoke, destination=None, stop: Stop | None = None, **settings
) -> Stats:
    """Run a mapping on an in-memory topic until all of it is done (or as `stop` says)."""
    chosen = MappingSettings(**QUICK | settings)
    stats, log = Stats(), logger("test", "CRITICAL")
    limits = Limits(chosen.maximum_retry_attempts, chosen.maximum_record_age_in_seconds)
    poller = KafkaPoller(consumer, TOPIC, chosen.batch_size)
    deliverer = Deliverer(invoke, limits, destination, stats, log)
    Mapping(chosen, poller, deliverer, stats, stop or Stop(when_idle=0.05), log).run()
    return stats


def per_record(process: Callable[[Record], object]) -> Callable[[Sequence[Record]], Outcomes]:
    """An invoker that gives records one by one to `process`, holding back failed keys."""
    return lambda records: batch.run(process, records, _refuse)


def _refuse(record, error) -> None:
    raise error


def kafka_record(offset: int, value: bytes | None = b"v", key: bytes | None = None, **more):
    """A record of partition 0."""
    return testing.kafka_record(value, key, offset=offset, **{"timestamp": None} | more)


def kinesis_record(number: str, value: bytes = b"v", key: bytes = b"k") -> Record:
    """A record of one shard."""
    return testing.kinesis_record(
        value, key, stream="clicks", sequence_number=number, timestamp=1_700_000_000_500
    )


def _named(partitions: Iterable[int]) -> list[TopicPartition]:
    return [TopicPartition(TOPIC, partition) for partition in partitions]
