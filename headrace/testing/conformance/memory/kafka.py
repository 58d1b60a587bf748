"""A topic in memory."""

from collections.abc import Sequence
from typing import Any

from headrace.record import Record, kafka_position
from headrace.runner.kafka.poller import KafkaPoller
from headrace.runner.kafka.starting_position import starting_time
from headrace.runner.poller import Poller
from headrace.runner.protocol.events import kafka_event
from headrace.runner.settings import MappingSettings, SourceKind
from headrace.testing.conformance.given import GivenRecord
from headrace.testing.conformance.memory.bench import written_at
from headrace.testing.conformance.requirement import Requirement
from headrace.testing.memory_consumer import MemoryConsumer
from headrace.testing.memory_topic import MemoryTopic


class KafkaBench:
    """A topic, and a group's member on it."""

    kind: SourceKind = "kafka"
    poller: Poller

    def __init__(self, requirement: Requirement, settings: MappingSettings) -> None:
        self._topic = MemoryTopic(requirement.partitions)
        self._consumer = MemoryConsumer(self._topic)
        self._before: dict[int, int] = {}
        self._begun = dict(requirement.begun)
        self._names = requirement.names()
        begin_at = starting_time(settings)
        self.poller = KafkaPoller(
            self._consumer, self._topic.name, settings.records_per_batch, begin_at
        )

    def build(self, records: Sequence[Record]) -> dict[str, Any]:
        """Make the event of a batch."""
        return kafka_event(records, "localhost:9092")

    def write(self, record: GivenRecord) -> None:
        """Append a record; the group may have done it before."""
        key = None if record.key is None else record.key.encode()
        headers = tuple((name, value.encode()) for name, value in record.headers.items())
        value = None if record.value is None else record.payload().encode()
        self._topic.produce(
            value,
            key,
            record.partition,
            headers=headers,
            timestamp=round(written_at(record) * 1000),
        )
        if self._begun.get(record.partition) == record.name:
            self._topic.committed[record.partition] = self._topic.end(record.partition)

    @property
    def is_read(self) -> bool:
        """Return whether the member stands at the ends."""
        ends = {partition: self._topic.end(partition) for partition in self._topic.partitions}
        return self._consumer.positions == ends

    def is_settled(self, polled: int) -> bool:
        """Return whether nothing has come of the last poll."""
        del polled
        before, self._before = self._before, self._consumer.positions.copy()
        return self._consumer.is_settled and before == self._before

    def positions(self) -> dict[int, str | None]:
        """Return the last record that is done, by partition."""
        return {partition: self._last_done(partition) for partition in self._topic.partitions}

    def close(self) -> None:
        """There is nothing to let go of."""

    def _last_done(self, partition: int) -> str | None:
        committed, log = self._topic.committed.get(partition, 0), self._topic.partitions[partition]
        done = [record for record in log if kafka_position(record).offset < committed]
        return self._names[(done[-1].value or b"").decode()] if done else None
