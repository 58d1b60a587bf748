"""The Kafka sink and a real broker that dies: what was acknowledged is there, in order."""

import threading

import pytest
from confluent_kafka import Consumer, KafkaException, TopicPartition

from headrace.sinks import Message, open_sink

pytestmark = [pytest.mark.kafka, pytest.mark.slow]


@pytest.fixture(scope="module")
def kafka(lone_kafka):
    """A broker that may be killed."""
    return lone_kafka


def read_all(bootstrap, name):
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "none"})
    try:
        partition = TopicPartition(name, 0, 0)
        _, end = consumer.get_watermark_offsets(partition, timeout=30)
        consumer.assign([partition])
        values = []
        while len(values) < end:
            values += [int(m.value()) for m in consumer.consume(1000, timeout=1)]
            assert consumer.position([partition])[0].offset <= end
        return values
    finally:
        consumer.close()


def send_numbers(sink, numbers):
    """Which of the numbers were acknowledged, and why the others were not."""
    failures = sink.send([Message(b"key", b"%d" % n) for n in numbers])
    acknowledged = [n for n, failure in zip(numbers, failures, strict=True) if failure is None]
    return acknowledged, [failure for failure in failures if failure is not None]


def test_a_broker_that_dies_loses_nothing_that_was_acknowledged(kafka, topic):
    name = topic(1)
    sink = open_sink(f"kafka://{kafka.bootstrap}/{name}?delivery.timeout.ms=3000")
    before, failures = send_numbers(sink, range(1000))
    assert not failures

    kill = threading.Timer(0.05, kafka.kill)
    kill.start()
    during, _ = send_numbers(sink, range(1000, 200_000))  # more than it takes until the kill
    kill.join()
    none, failures = send_numbers(sink, range(200_000, 200_100))
    assert not none
    assert all(isinstance(failure, KafkaException) for failure in failures)

    kafka.start()
    after, failures = send_numbers(sink, range(200_100, 201_000))
    assert not failures
    sink.close()

    stored = read_all(kafka.bootstrap, name)
    acknowledged = before + during + after
    assert set(acknowledged) <= set(stored)
    assert stored == sorted(set(stored))  # in order, and nothing twice
