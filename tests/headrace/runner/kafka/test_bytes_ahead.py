"""What is fetched and not done is bounded by its bytes."""

import time

import pytest
from confluent_kafka import Consumer

from headrace.processing.outcomes import Outcomes
from headrace.runner.kafka.settings import KafkaSource
from headrace.runner.stop import Stop
from headrace.testing.memory_consumer import MemoryConsumer
from headrace.testing.memory_topic import MemoryTopic
from tests.support.runner import per_record, run_memory

MOST = 100_000
SIZES = {"bytes_ahead": MOST, "record_bytes": 1 << 20}


def filled(*sizes, partition=0, topic=None):
    topic = topic or MemoryTopic(2)
    topic.committed |= {0: 0, 1: 0}
    for size in sizes:
        topic.produce(b"x" * size, b"k", partition=partition)
    return topic


@pytest.mark.parametrize("sizes", [[10_000] * 400, [30_000] * 100 + [10] * 300, [200_000] * 20])
def test_so_many_bytes_wait_and_no_more_though_the_handler_is_slow(sizes):
    topic = filled(*sizes)
    consumer, done, ahead = MemoryConsumer(topic), [], []

    def process(record):
        time.sleep(0.0005 if len(record.value) < 1_000 else 0.01)
        ahead.append(sum(sizes[len(done) : consumer.positions[0]]))
        done.append(record)

    run_memory(consumer, per_record(process), batch_size=5, sizes=SIZES)
    assert len(done) == len(sizes)
    assert max(ahead) <= 2 * MOST + max(sizes)  # one fetch comes on top


def test_a_batch_that_waits_to_fill_gets_what_it_waits_for():
    topic, sizes = filled(*[30_000] * 40), []

    def invoke(records):
        sizes.append(len(records))
        return Outcomes(records)

    chosen = {"batch_size": 10, "maximum_batching_window_in_seconds": 5.0}
    begun = time.monotonic()
    run_memory(MemoryConsumer(topic), invoke, sizes=SIZES, **chosen)
    assert sizes == [10] * 4
    assert time.monotonic() - begun < 4


def test_a_partition_whose_record_fails_takes_no_room_from_another():
    topic = filled(*[10_000] * 300)
    filled(*[10_000] * 300, partition=1, topic=topic)
    consumer, done, stop, reached = MemoryConsumer(topic), [], Stop(), []

    def process(record):
        if record.position.partition == 0:
            raise ValueError("poison")
        done.append(record)
        reached.append(consumer.positions[0])
        if len(done) == 300:
            stop.request()

    run_memory(consumer, per_record(process), None, stop, sizes=SIZES, batch_size=5)
    assert len(done) == 300
    assert max(reached) < 60  # its own bound, and what was fetched at once


def test_the_setting_is_shared_by_the_client_and_the_runner():
    source = KafkaSource(bootstrap_servers="b:1", topic="t", group="g", megabytes_ahead=16)
    config = source.client_config()
    queue, answer = config["queued.max.messages.kbytes"] * 1024, config["fetch.max.bytes"]
    assert queue + answer + source.runner_bytes_ahead == 16 * 1024 * 1024


def test_a_setting_of_the_client_wins():
    more = {"queued.max.messages.kbytes": "100"}
    source = KafkaSource(bootstrap_servers="b:1", topic="t", group="g", consumer_config=more)
    assert source.client_config()["queued.max.messages.kbytes"] == "100"


@pytest.mark.parametrize("megabytes", [4, 8_192])
def test_the_client_takes_the_least_and_the_most_that_may_be_ahead(megabytes):
    source = KafkaSource(bootstrap_servers="b:1", topic="t", group="g", megabytes_ahead=megabytes)
    Consumer({**source.client_config(), "log_level": 0}).close()
