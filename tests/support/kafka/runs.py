"""Runs of the Kafka runner inside a test, and what a test asks of a real broker."""

import threading
import time
from collections import defaultdict
from collections.abc import Callable

from confluent_kafka import OFFSET_END, Consumer, KafkaException, TopicPartition
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewPartitions,
)

from headrace import runner
from headrace.processing.outcomes import Outcomes
from headrace.runner.kafka.settings import KafkaSource
from headrace.runner.monitoring.stats import Stats
from headrace.runner.settings import MappingSettings
from headrace.runner.stop import Stop
from tests.support.kafka.broker import ordered_producer
from tests.support.waiting import request_soon

QUICK = {
    "batch_size": 10,
    "maximum_batching_window_in_seconds": 0.0,
    "drain_timeout_seconds": 5.0,
    "log_level": "WARNING",
}


class Run:
    """A runner in a thread of its own, and what it delivered.

    Args:
        bootstrap: the broker.
        topic: its name; the group's, too, where `source` names no other.
        process: takes each record; what it raises fails that record.
        until: end soon after so many deliveries have succeeded.
        idle: end after so many seconds without a record.
        source: further fields of KafkaSource.
        settings: fields of MappingSettings.

    Attributes:
        offsets: delivered offsets by partition, in the order of delivery.
    """

    def __init__(
        self,
        bootstrap: str,
        topic: str,
        *,
        process: Callable[[object], object] = lambda record: None,
        until: int | None = None,
        idle: float | None = None,
        source: dict | None = None,
        **settings,
    ) -> None:
        self.offsets: dict[int, list[int]] = defaultdict(list)
        self.stats = Stats()
        self.stop = Stop(when_idle=idle)
        self._process = process
        self._until = until
        self._error: BaseException | None = None
        given = {"bootstrap_servers": bootstrap, "topic": topic, "group": topic, **(source or {})}
        self._arguments = KafkaSource(**given), MappingSettings(**{**QUICK, **settings})
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def worker(self) -> "Run":
        """What the runner sets up."""
        return self

    def run(self, records, deadline: float = 0.0) -> Outcomes:
        """What the runner calls for each batch."""
        outcomes = Outcomes(records)
        for index, record in enumerate(records):
            try:
                self._process(record)
            except Exception as error:
                outcomes.fail(index, error)
            else:
                self.offsets[record.position.partition].append(record.position.offset)
                if self.count == self._until:
                    request_soon(self.stop)
        return outcomes

    @property
    def count(self) -> int:
        """How many deliveries succeeded."""
        return sum(map(len, self.offsets.values()))

    @property
    def running(self) -> bool:
        """Whether it has not ended yet."""
        return self._thread.is_alive()

    def end(self, seconds: float = 60) -> "Run":
        """Wait until it ends by itself. Raises what it raised, once."""
        self._thread.join(seconds)
        assert not self._thread.is_alive(), "the run did not end"
        error, self._error = self._error, None
        if error is not None:
            raise error
        return self

    def request_end(self, seconds: float = 60) -> "Run":
        """Ask it to stop, and wait for it."""
        self.stop.request()
        return self.end(seconds)

    def _run(self) -> None:
        try:
            runner.run(self, *self._arguments, stats=self.stats, stop=self.stop)
        except BaseException as error:
            self._error = error


def fill(bootstrap: str, topic: str, counts: dict[int, int], **more) -> None:
    """Write so many records to each partition, and wait until all are kept."""
    producer = ordered_producer(bootstrap)
    for partition, count in counts.items():
        for number in range(count):
            producer.produce(topic, b"%d" % number, b"k", partition=partition, **more)
    assert producer.flush(60) == 0


def cut(bootstrap: str, topic: str, partition: int, before: int) -> None:
    """Delete the records before an offset, as retention does."""
    place = TopicPartition(topic, partition, before)
    admin = AdminClient({"bootstrap.servers": bootstrap})
    assert admin.delete_records([place])[place].result(30).low_watermark == before


def grow(bootstrap: str, topic: str, partitions: int) -> None:
    """Add partitions to a topic, so that it has as many."""
    admin = AdminClient({"bootstrap.servers": bootstrap})
    admin.create_partitions([NewPartitions(topic, partitions)])[topic].result(30)


def hasten(bootstrap: str, group: str) -> None:
    """Let the members of a group hear from the broker, and it from them, several times a second.

    It counts for the `consumer` protocol, whose times are the broker's to say.
    """
    times = {"consumer.heartbeat.interval.ms": "300", "consumer.session.timeout.ms": "2000"}
    wanted = [
        ConfigEntry(name, value, incremental_operation=AlterConfigOpType.SET)
        for name, value in times.items()
    ]
    resource = ConfigResource(ConfigResource.Type.GROUP, group, incremental_configs=wanted)
    admin = AdminClient({"bootstrap.servers": bootstrap})
    admin.incremental_alter_configs([resource])[resource].result(30)


def committed(bootstrap: str, topic: str, partitions: int = 1) -> dict[int, int]:
    """The group's positions, where it has some."""
    places = [TopicPartition(topic, number) for number in range(partitions)]
    found = _ask(bootstrap, topic, lambda consumer: consumer.committed(places, timeout=10))
    return {place.partition: place.offset for place in found if place.offset >= 0}


def ends(bootstrap: str, topic: str, partitions: int = 1) -> dict[int, int]:
    """The offset after all that each partition holds."""
    places = [TopicPartition(topic, number, OFFSET_END) for number in range(partitions)]
    found = _ask(bootstrap, topic, lambda consumer: consumer.offsets_for_times(places, timeout=10))
    return {place.partition: place.offset for place in found}


def commit(bootstrap: str, topic: str, offsets: dict[int, int]) -> None:
    """Set the group's positions, while it has no members."""
    places = [TopicPartition(topic, *place) for place in offsets.items()]
    _ask(bootstrap, topic, lambda consumer: consumer.commit(offsets=places, asynchronous=False))


def _ask(bootstrap: str, group: str, question: Callable[[Consumer], object]):
    consumer = Consumer(
        {"bootstrap.servers": bootstrap, "group.id": group, "enable.auto.commit": False}
    )
    deadline = time.monotonic() + 30
    try:
        while True:
            try:
                return question(consumer)
            except KafkaException:  # the first group of a broker waits for its coordinator
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)
    finally:
        consumer.close()
