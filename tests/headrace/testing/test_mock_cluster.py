"""The brokers of the demo: groups resume, other processes reach them, nothing stays."""

import subprocess
import sys

import pytest
from confluent_kafka import Producer

from headrace.testing.brokers.apache_kafka import answers
from headrace.testing.brokers.process import BrokerError
from headrace.testing.mock_cluster import embedded_kafka
from tests.support.kafka.broker import assert_a_group_resumes, consume


def test_the_embedded_kafka_keeps_a_groups_position() -> None:
    with embedded_kafka({"rows": 3}) as bootstrap:
        assert_a_group_resumes(bootstrap, "rows")


def test_the_embedded_kafka_has_the_topics_asked_for_and_ends_with_its_context() -> None:
    with embedded_kafka({"one": 1, "six": 6}) as bootstrap:
        producer = Producer({"bootstrap.servers": bootstrap})
        topics = producer.list_topics(timeout=30).topics
        assert {name: len(topic.partitions) for name, topic in topics.items()} == {
            "one": 1,
            "six": 6,
        }
    assert not answers(bootstrap)()


def test_the_embedded_kafka_is_reached_from_another_process() -> None:
    program = (
        "import sys; from confluent_kafka import Producer\n"
        "p = Producer({'bootstrap.servers': sys.argv[1]})\n"
        "p.produce('rows', b'from afar'); sys.exit(p.flush(30))"
    )
    with embedded_kafka({"rows": 1}) as bootstrap:
        subprocess.run([sys.executable, "-c", program, bootstrap], check=True)
        [message] = consume(bootstrap, "rows", "readers", 1)
    assert message.value() == b"from afar"


def test_the_embedded_kafka_refuses_an_impossible_topic() -> None:
    with pytest.raises(BrokerError, match="'rows' with 0"), embedded_kafka({"rows": 0}):
        pass
