"""A real Apache Kafka for tests: one broker for all, topics of a test's own."""

import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from confluent_kafka import Consumer, Message, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from headrace.testing.brokers.apache_kafka import KafkaBroker
from headrace.testing.brokers.compose import ComposeKafka
from headrace.testing.brokers.process import ToolsMissingError
from headrace.testing.kafka import real_kafka
from tests.support.shared import shared


@dataclass(frozen=True)
class SharedKafka:
    """The broker that all processes of a test run use; nobody stops it."""

    bootstrap: str


@pytest.fixture(scope="session")
def kafka(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SharedKafka]:
    """The test run's broker."""
    with ExitStack() as stack:
        server = _address(tmp_path_factory.mktemp("kafka"))
        try:
            yield SharedKafka(stack.enter_context(shared(request, "kafka", server)))
        except ToolsMissingError as missing:
            pytest.skip(str(missing))


@pytest.fixture(scope="module")
def lone_kafka(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[KafkaBroker | ComposeKafka]:
    """A broker of one file of tests; a test that kills it starts it again itself."""
    with ExitStack() as stack:
        try:
            broker = stack.enter_context(real_kafka(tmp_path_factory.mktemp("kafka")))
        except ToolsMissingError as missing:
            pytest.skip(str(missing))
        yield broker


@contextmanager
def _address(folder: Path) -> Iterator[str]:
    with real_kafka(folder) as broker:
        yield broker.bootstrap


@pytest.fixture
def topic(kafka: SharedKafka | KafkaBroker | ComposeKafka) -> Callable[..., str]:
    """Makes topics with names of their own: `topic(3, **{"cleanup.policy": "compact"})`."""

    def create(partitions: int = 1, prefix: str = "test", **config: str) -> str:
        name = f"{prefix}-{uuid.uuid4().hex[:12]}"
        client = AdminClient({"bootstrap.servers": kafka.bootstrap})
        new = NewTopic(name, num_partitions=partitions, replication_factor=1, config=config)
        client.create_topics([new])[name].result(30)
        return name

    return create


def ordered_producer(bootstrap: str) -> Producer:
    """A producer that keeps its order. An idempotent one takes half a second to begin."""
    return Producer({"bootstrap.servers": bootstrap, "max.in.flight.requests.per.connection": 1})


_MOST_IN_QUEUE = 50_000  # half of what the client takes


def produce(bootstrap: str, topic: str, values: range) -> None:
    """Writes the numbers as values, each under one of 17 keys, and waits until all are kept."""
    failed: list[object] = []
    producer = ordered_producer(bootstrap)
    for value in values:
        producer.produce(
            topic,
            key=str(value % 17),
            value=str(value),
            on_delivery=lambda error, _: failed.append(error) if error else None,
        )
        if len(producer) >= _MOST_IN_QUEUE:
            producer.flush(60)
    assert producer.flush(60) == 0
    assert not failed


def consume(bootstrap: str, topic: str, group: str, count: int) -> list[Message]:
    """Takes `count` records as a member of a group, commits exactly those and leaves."""
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": group,
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
            "session.timeout.ms": 1500,
            "heartbeat.interval.ms": 300,
        }
    )
    consumer.subscribe([topic])
    taken: list[Message] = []
    deadline = time.monotonic() + 60
    while len(taken) < count and time.monotonic() < deadline:
        taken += [m for m in consumer.consume(count - len(taken), 1) if m.error() is None]
    next_offsets = {m.partition(): m.offset() + 1 for m in taken}
    consumer.commit(
        offsets=[TopicPartition(topic, *position) for position in next_offsets.items()],
        asynchronous=False,
    )
    consumer.close()
    return taken


def assert_a_group_resumes(bootstrap: str, topic: str) -> None:
    """Reads 2,000 new records in two sittings of one group; each must come exactly once."""
    produce(bootstrap, topic, range(2_000))
    first = consume(bootstrap, topic, "readers", 700)
    rest = consume(bootstrap, topic, "readers", 1_300)
    assert len(first) == 700
    assert sorted(int(m.value()) for m in first + rest) == list(range(2_000))
