"""Who polls while a handler is at work."""

import time

from headrace.processing.outcomes import Outcomes
from headrace.testing.memory_consumer import MemoryConsumer
from headrace.testing.memory_topic import MemoryTopic
from tests.support.runner import run_memory


def test_the_next_records_are_fetched_while_a_slow_handler_works():
    topic = MemoryTopic()
    topic.committed[0] = 0
    for number in range(12_000):
        topic.produce(b"%d" % number, b"k", partition=0)
    consumer, sizes = MemoryConsumer(topic), []

    def invoke(records):
        until = time.monotonic() + 1.5
        while not sizes and consumer.positions[0] < 11_000 and time.monotonic() < until:
            time.sleep(0.01)
        sizes.append(len(records))
        return Outcomes(records)

    run_memory(consumer, invoke, batch_size=10_000, maximum_batching_window_in_seconds=0.0)
    assert sizes[0] == 1_000  # what the first fetch brought
    assert sizes[1] == 10_000  # there when the handler had done with those
    assert sum(sizes) == 12_000
