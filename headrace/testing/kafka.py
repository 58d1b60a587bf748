"""A Kafka for tests: embedded in the test's process, started from jars or by Docker, or given."""

import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from headrace.kafka.brokers import wrong_brokers
from headrace.testing.brokers.jars import QUICK_JVM
from headrace.testing.brokers.process import BrokerError, ToolsMissingError
from headrace.testing.kafka_topic import Topic
from headrace.testing.mock_cluster import MockCluster

if TYPE_CHECKING:
    from headrace.testing.brokers.apache_kafka import KafkaBroker
    from headrace.testing.brokers.compose import ComposeKafka

_SECONDS = 30.0
_ANSWER_SECONDS = 5.0
# The mock cluster lets a new member in only when the session of the one before would be over.
_SHORT_SESSIONS = {"session.timeout.ms": "1500", "heartbeat.interval.ms": "300"}
_PROPERTIES = {
    # Members of a group by the `consumer` protocol hear of a rebalance soon.
    "group.consumer.heartbeat.interval.ms": "300",
    # What a killed producer leaves open ends when its time is over, not ten seconds later.
    "transaction.abort.timed.out.transaction.cleanup.interval.ms": "500",
}


class Kafka:
    """A broker, and how to make topics on it.

    Args:
        bootstrap: the broker's address.
        create_topic: makes a topic of a name and a number of partitions; None asks the broker.
        consumer_config: further settings of the groups that read its topics.

    Attributes:
        bootstrap: the address for `bootstrap.servers`.
    """

    def __init__(
        self,
        bootstrap: str,
        create_topic: Callable[[str, int], None] | None = None,
        consumer_config: Mapping[str, str] | None = None,
    ) -> None:
        self.bootstrap = bootstrap
        self._create_topic = create_topic or self._ask_for_topic
        self._consumer_config = consumer_config or {}

    def topic(self, partitions: int = 1, name: str | None = None) -> Topic:
        """Create a topic; unless it is given a name, it gets one that nothing else has."""
        name = name or f"headrace-{uuid.uuid4().hex[:12]}"
        self._create_topic(name, partitions)
        return Topic(self.bootstrap, name, partitions, self._consumer_config)

    def _ask_for_topic(self, name: str, partitions: int) -> None:
        admin = AdminClient({"bootstrap.servers": self.bootstrap})
        new = NewTopic(name, num_partitions=partitions, replication_factor=-1)
        admin.create_topics([new])[name].result(_SECONDS)


@contextmanager
def open_kafka(which: str, folder: Path) -> Iterator[Kafka]:
    """Start a broker, or take one that runs.

    Args:
        which: "embedded" (librdkafka's mock cluster), "real" (Apache Kafka from its jars, or by
            Docker Compose), or the address of a broker.
        folder: where a broker that is started keeps its data.

    Raises:
        BrokerError: there is no such broker; the text says what is missing.
    """
    if which == "embedded":
        cluster = MockCluster()
        try:
            yield Kafka(cluster.bootstrap, cluster.create_topic, _SHORT_SESSIONS)
        finally:
            cluster.close()
    elif which == "real":
        with real_kafka(folder) as broker:
            yield Kafka(broker.bootstrap)
    elif ":" in which:
        _check_running(which)
        yield Kafka(which)
    else:
        raise BrokerError(f"no Kafka {which!r}: say embedded, real or HOST:PORT")


def _check_running(address: str) -> None:
    """Raise BrokerError unless a broker answers there."""
    if wrong := wrong_brokers(address):
        raise BrokerError(wrong)
    # What the client writes for itself meanwhile, the error says.
    client = AdminClient({"bootstrap.servers": address, "log_level": 0})
    try:
        client.list_topics(timeout=_ANSWER_SECONDS)
    except KafkaException as error:
        raise BrokerError(f"no Kafka answers at {address}: {error.args[0].str()}") from None


@contextmanager
def real_kafka(folder: Path) -> Iterator["KafkaBroker | ComposeKafka"]:
    """Start an Apache Kafka: from its jars, or by Docker Compose if they cannot be had.

    Args:
        folder: where it keeps its data.

    Raises:
        ToolsMissingError: neither is possible; the text says what to install for each.
    """
    # Imported here, as only those who want a real one need its tools.
    from headrace.testing.brokers.apache_kafka import KafkaBroker  # noqa: PLC0415
    from headrace.testing.brokers.compose import ComposeKafka, check_docker  # noqa: PLC0415
    from headrace.testing.brokers.jars import check_tools  # noqa: PLC0415

    try:
        check_tools()
    except ToolsMissingError as no_jars:
        try:
            check_docker()
        except ToolsMissingError as no_docker:
            raise ToolsMissingError(f"no real Apache Kafka here: {no_jars}; {no_docker}") from None
        broker = ComposeKafka(f"headrace-tests-{uuid.uuid4().hex[:8]}")
        try:
            yield broker.start()
        finally:
            broker.remove()
        return
    with KafkaBroker(folder, jvm=QUICK_JVM, properties=_PROPERTIES) as node:
        yield node
