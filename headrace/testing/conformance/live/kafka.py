"""A topic of a real Apache Kafka. The times of its records are given, so they may be old."""

import json
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic
from msgspec.structs import replace

from headrace.runner.kafka.settings import KafkaSource
from headrace.testing.conformance.given import GivenRecord
from headrace.testing.conformance.observed import Observed
from headrace.testing.conformance.requirement import Requirement

_SECONDS = 30.0
_LARGEST = 10_000_000
# What requirements call their topic.
_NAME = "orders"


class Broker:
    """A broker.

    Args:
        bootstrap: its address.

    Attributes:
        bootstrap: as given.
        admin: makes topics on it, for whatever thread asks.
    """

    def __init__(self, bootstrap: str) -> None:
        self.bootstrap = bootstrap
        self.admin = AdminClient({"bootstrap.servers": bootstrap})

    def make(self, requirement: Requirement, folder: Path, started_at: float) -> "KafkaLive":
        """Make the topic of a requirement."""
        del folder
        return KafkaLive(self, requirement, started_at)


class KafkaLive:
    """A topic, and the group that reads it.

    Args:
        broker: where it is.
        requirement: whose records it holds.
        started_at: when the run begins, in seconds since the epoch.
    """

    def __init__(self, broker: Broker, requirement: Requirement, started_at: float) -> None:
        bootstrap = broker.bootstrap
        self._topic = f"c-{uuid.uuid4().hex[:12]}"
        self._started_at = started_at
        self._offsets: dict[str, tuple[int, int]] = {}
        self._connection = {"bootstrap.servers": bootstrap, "group.id": self._topic}
        self._producer = Producer(
            {"bootstrap.servers": bootstrap, "message.max.bytes": _LARGEST, "linger.ms": 0}
        )
        new = NewTopic(
            self._topic,
            num_partitions=requirement.partitions,
            replication_factor=1,
            config={"max.message.bytes": str(_LARGEST)},
        )
        broker.admin.create_topics([new])[self._topic].result(_SECONDS)
        self.settings = KafkaSource(
            bootstrap_servers=bootstrap, topic=self._topic, group=self._topic
        )

    def write(self, record: GivenRecord) -> None:
        """Produce a record, and wait until the broker has it."""

        def note(error: Any, message: Any) -> None:
            if error is None:
                self._offsets[record.name] = (message.partition(), message.offset())

        self._producer.produce(
            self._topic,
            None if record.value is None else record.payload(),
            record.key,
            partition=record.partition,
            timestamp=round((self._started_at + record.at - record.age) * 1000),
            headers=[(name, value.encode()) for name, value in record.headers.items()],
            on_delivery=note,
        )
        self._producer.flush(_SECONDS)

    def begin(self, begun: Mapping[int, str]) -> None:
        """Commit positions for the group."""
        if begun:
            consumer = Consumer(self._connection)
            done = [self._offsets[name] for name in begun.values()]
            offsets = [TopicPartition(self._topic, p, offset + 1) for p, offset in done]
            consumer.commit(offsets=offsets, asynchronous=False)
            consumer.close()

    def observe(self, observed: Observed) -> None:
        """Add the group's positions; the topic is called in events as requirements call it."""
        observed.positions = self._positions()
        observed.invocations = [
            replace(found, event=self._named(found.event)) for found in observed.invocations
        ]
        observed.failures = [
            replace(found, document=self._named(found.document)) for found in observed.failures
        ]

    def _positions(self) -> dict[int, str | None]:
        partitions = {partition for partition, _ in self._offsets.values()}
        consumer = Consumer(self._connection)
        asked = [TopicPartition(self._topic, partition) for partition in partitions]
        committed = {p.partition: p.offset for p in consumer.committed(asked, timeout=_SECONDS)}
        consumer.close()
        names = {place: name for name, place in self._offsets.items()}
        return {p: names.get((p, committed[p] - 1)) for p in partitions}

    def _named(self, document: Any) -> Any:
        return json.loads(json.dumps(document).replace(self._topic, _NAME))
