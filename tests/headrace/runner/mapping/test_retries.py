"""The whole mapping on an in-memory topic: what failed comes again, and harms no other."""

from collections import Counter

from headrace.dead_letters import reading
from headrace.processing.outcomes import Outcomes
from headrace.runner.delivery.destination import FailureDestination
from headrace.testing.memory_consumer import MemoryConsumer
from headrace.testing.memory_sink import MemorySink
from headrace.testing.memory_topic import MemoryTopic
from tests.support.runner import filled, per_record, run_memory


def test_only_what_is_not_done_comes_again_and_the_prefix_is_committed():
    broker = filled(10, keys=5)
    deliveries = Counter()

    def process(record):
        deliveries[record.position.offset] += 1
        if record.position.offset == 3 and broker.committed.get(0) != 3:
            raise ValueError("not before what precedes it is committed")

    stats = run_memory(MemoryConsumer(broker), per_record(process))
    again = deliveries.pop(3) - 1
    assert again > 0
    assert deliveries == dict.fromkeys({*range(10)} - {3}, 1)  # 8 was held back, not delivered
    assert broker.committed == {0: 10}
    assert stats.snapshot().retried == again + 1  # 8 was in a batch once before


def test_other_partitions_go_on_while_one_stands_still():
    """GIVEN a record that fails on and on, and a partition that has run ahead of it as it may."""
    broker = MemoryTopic(2)
    for number in range(50):
        broker.produce(b"bad" if number == 0 else b"", partition=0)
        broker.produce(b"", partition=1)
    consumer = MemoryConsumer(broker)
    others = []
    paused = []

    def process(record):
        if record.value == b"bad":
            paused.append(0 in consumer.paused)
            if len(others) < 50 or not paused[-1]:
                raise ValueError("until partition 1 is done and partition 0 is paused")
        if record.position.partition == 1:
            others.append(record)

    few = {"batch_size": 5, "uncommitted_batches": 1, "records_ahead": 20}
    run_memory(consumer, per_record(process), retry_backoff_max_seconds=0.02, **few)
    assert broker.committed == {0: 50, 1: 50}
    assert not consumer.paused


def test_an_invocation_that_raises_failed_as_a_whole():
    calls = []

    def invoke(records):
        calls.append([r.position.offset for r in records])
        if len(calls) == 1:
            raise RuntimeError("the handler broke")
        return Outcomes(records)

    broker = filled(4)
    run_memory(MemoryConsumer(broker), invoke)
    assert calls == [[0, 1, 2, 3], [0, 1, 2, 3]]
    assert broker.committed == {0: 4}


def test_a_record_that_fails_harms_no_other():
    """GIVEN 5,000 distinct keys and one record that always fails, THEN 4,999 are done at once."""
    broker = filled(5_000, keys=5_000)
    sink, done = MemorySink(), Counter()

    def process(record):
        if record.position.offset == 10:
            raise KeyError("customer")
        done[record.position.offset] += 1

    stats = run_memory(
        MemoryConsumer(broker),
        per_record(process),
        FailureDestination(sink),
        dead_letter_url="file:it-is-given-beside",
    )
    assert sorted(done) == [n for n in range(5_000) if n != 10]
    assert set(done.values()) == {1}
    (letter,) = [reading.decode(message.value) for message in sink.messages]
    assert (letter.position.offset, letter.error_type) == (10, "RetryAttemptsExhausted")
    assert broker.committed == {0: 5_000}
    assert stats.snapshot().dead_lettered == 1
