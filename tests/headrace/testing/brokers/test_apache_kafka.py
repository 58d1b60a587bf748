"""A real Kafka on this machine keeps what it took and comes back after a crash."""

import re
import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from confluent_kafka import Consumer, Message

from headrace.testing.brokers.apache_kafka import KafkaBroker
from headrace.testing.brokers.jars import DATA, kafka_version
from headrace.testing.brokers.process import BrokerError, is_free
from tests.support.kafka.broker import assert_a_group_resumes, consume, produce


@pytest.fixture(scope="module")
def kafka(lone_kafka: KafkaBroker) -> KafkaBroker:
    """A broker that may be killed."""
    return lone_kafka


@pytest.mark.kafka
def test_a_group_on_a_real_kafka_resumes_after_what_it_committed(
    kafka: KafkaBroker, topic: Callable[..., str]
) -> None:
    assert_a_group_resumes(kafka.bootstrap, topic(partitions=3))


@pytest.mark.kafka
def test_the_newer_group_protocol_is_served(kafka: KafkaBroker, topic: Callable[..., str]) -> None:
    name = topic(partitions=2)
    produce(kafka.bootstrap, name, range(10))
    consumer = Consumer(
        {
            "bootstrap.servers": kafka.bootstrap,
            "group.id": name,
            "group.protocol": "consumer",
            "auto.offset.reset": "earliest",
        }
    )
    consumer.subscribe([name])
    taken: list[Message] = []
    deadline = time.monotonic() + 60
    while len(taken) < 10 and time.monotonic() < deadline:
        taken += consumer.consume(10, 1)
    consumer.close()
    assert sorted(int(m.value()) for m in taken) == list(range(10))


@pytest.mark.kafka
@pytest.mark.slow
def test_a_killed_broker_comes_back_on_its_port_with_its_data(
    kafka: KafkaBroker, topic: Callable[..., str]
) -> None:
    name = topic(partitions=2)
    produce(kafka.bootstrap, name, range(500))
    assert len(consume(kafka.bootstrap, name, "before", 200)) == 200
    address = kafka.bootstrap

    kafka.kill()
    assert is_free(kafka.port)
    kafka.restart()

    assert kafka.bootstrap == address
    rest = consume(kafka.bootstrap, name, "before", 300)
    assert len(rest) == 300
    produce(kafka.bootstrap, name, range(500, 510))
    assert len(consume(kafka.bootstrap, name, "after", 510)) == 510


@pytest.mark.kafka
def test_a_broker_that_cannot_start_says_why_with_the_end_of_its_log(
    kafka: KafkaBroker, tmp_path: Path
) -> None:
    broker = KafkaBroker(tmp_path, properties={"num.io.threads": "0"})
    with pytest.raises(BrokerError, match=r"num\.io\.threads"):
        broker.start()


def test_a_taken_port_is_named_before_anything_starts(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(BrokerError, match=rf"port {port}\b.*in use"):
            KafkaBroker(tmp_path, port=port).start()
    assert not list(tmp_path.iterdir())


def test_compose_and_the_jars_are_the_same_kafka() -> None:
    compose = (DATA / "compose.yaml").read_text()
    assert f"image: apache/kafka:{kafka_version()}\n" in compose
    in_compose = re.findall(r'KAFKA_([A-Z_]+): "([^"]*)"', compose)
    given = {(name.lower().replace("_", "."), value) for name, value in in_compose}
    properties = (DATA / "server.properties").read_text()
    wanted = set(re.findall(r"^([a-z.]+)=(\w+)$", properties, re.M))
    # In a container the node calls itself by a listener of its own.
    assert wanted - given == {("inter.broker.listener.name", "PLAINTEXT")}
