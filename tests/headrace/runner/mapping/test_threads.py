"""The whole mapping on an in-memory topic: several handlers at work, and slow ones."""

import itertools
import threading
import time
from collections import Counter

import pytest

from headrace.processing.outcomes import Outcomes
from headrace.testing.memory_consumer import MemoryConsumer
from tests.support.runner import filled, per_record, run_memory


def test_polling_goes_on_while_the_handler_is_slow_and_memory_is_bounded(monkeypatch):
    monkeypatch.setattr("headrace.runner.kafka.poller._PATIENCE_SECONDS", 0.05)
    monkeypatch.setattr("headrace.runner.kafka.poller._CHUNK", 100)
    broker = filled(2_000)
    consumer = MemoryConsumer(broker)
    seen = []

    def process(record):
        if record.position.offset == 0:
            before = consumer.polls
            deadline = time.monotonic() + 5
            while consumer.polls < before + 20 and time.monotonic() < deadline:
                time.sleep(0.01)
            seen.append((consumer.polls - before, set(consumer.paused), consumer.positions[0]))

    run_memory(consumer, per_record(process))
    ((polls, paused, position),) = seen
    assert polls >= 20
    assert paused == {0}
    assert position <= 400
    assert broker.committed == {0: 2_000}


def test_two_handler_threads_keep_each_partition_in_order():
    broker = filled(400, partitions=4)
    seen = []
    arrivals, both = itertools.count(), threading.Barrier(2, timeout=5)

    def invoke(records):
        if next(arrivals) < 2:
            both.wait()  # two invocations are truly at work at once, or this one fails
        seen.extend(records)
        return Outcomes(records)

    stats = run_memory(MemoryConsumer(broker), invoke, batch_size=5, function_concurrency=2)
    assert stats.snapshot().retried == 0
    for partition in range(4):
        offsets = [r.position.offset for r in seen if r.position.partition == partition]
        assert offsets == list(range(100))


def test_what_breaks_a_handler_thread_ends_the_run():
    class Broken(BaseException):
        pass

    def invoke(records):
        raise Broken("a bug, not a failed record")

    with pytest.raises(Broken, match="a bug"):
        run_memory(MemoryConsumer(filled(3)), invoke)


def test_a_factor_has_batches_of_one_partition_at_work_at_once_and_keeps_keys_in_order():
    broker = filled(600, keys=30)
    seen = []
    arrivals, all_four = itertools.count(), threading.Barrier(4, timeout=10)

    def invoke(records):
        if next(arrivals) < 4:
            all_four.wait()  # or this invocation fails
        seen.extend(records)
        return Outcomes(records)

    stats = run_memory(MemoryConsumer(broker), invoke, batch_size=5, parallelization_factor=4)
    assert stats.snapshot().retried == 0
    for key in {record.key for record in seen}:
        offsets = [r.position.offset for r in seen if r.key == key]
        assert offsets == sorted(offsets)
    assert len(seen) == 600
    assert broker.committed == {0: 600}


def test_keys_go_on_beside_one_that_hangs():
    broker = filled(60, keys=12)
    others = Counter()
    blocked = []

    def process(record):
        if record.position.offset == 0:
            deadline = time.monotonic() + 10
            while len(others) < 6 and time.monotonic() < deadline:
                time.sleep(0.005)
            blocked.append(len(others))
        else:
            others[record.key] += 1

    run_memory(MemoryConsumer(broker), per_record(process), batch_size=1, parallelization_factor=6)
    assert blocked[0] >= 6
    assert sum(others.values()) == 59
    assert broker.committed == {0: 60}
