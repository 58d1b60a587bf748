"""When a batch goes before it is full: its window, counted as each service counts it; its size."""

import math

import pytest

from tests.support.partitions import OnePartition, keyed, offsets
from tests.support.runner import kafka_record


def due(partition: OnePartition) -> float:
    return partition.clock.now + partition.dispatcher.overview.demand().due_in


def test_kafka_counts_from_the_first_record_though_the_handler_was_at_work():
    partition = OnePartition(window=5.0, batch_size=2)
    partition.add(keyed("a", "a"))
    taken = partition.take()
    partition.clock.now = 101.0
    partition.add(keyed("a"))
    partition.clock.now = 103.0
    partition.settle(taken)
    assert due(partition) == 106.0


def test_kinesis_counts_from_the_end_of_the_invocation_before():
    partition = OnePartition(window=5.0, batch_size=2, rolling=True)
    partition.add(keyed("a", "a"))
    taken = partition.take()
    partition.clock.now = 101.0
    partition.add(keyed("a"))
    partition.clock.now = 103.0
    partition.settle(taken)
    assert due(partition) == 108.0


@pytest.mark.parametrize(("arrives", "goes"), [(103.5, 105.0), (105.5, 110.5)])
def test_kinesis_counts_so_though_the_record_comes_later_unless_the_window_is_over(arrives, goes):
    partition = OnePartition(window=5.0, batch_size=2, rolling=True)
    partition.add(keyed("a", "a"))
    partition.settle(partition.take())
    partition.clock.now = arrives
    partition.add(keyed("a"))
    assert due(partition) == goes


def test_the_first_window_of_a_shard_begins_with_its_first_record():
    partition = OnePartition(window=5.0, rolling=True)
    partition.add(keyed("a"))
    assert due(partition) == 105.0


def large(offset: int, megabytes: float):
    return kafka_record(offset, value=bytes(int(megabytes * 1024 * 1024)), key=b"a")


def test_a_batch_ends_before_the_record_that_would_make_its_event_too_large():
    partition = OnePartition(batch_size=10)
    partition.add([large(number, 1.4) for number in range(5)])
    assert offsets(partition.take().batch) == [0, 1, 2]


def test_a_batch_of_full_size_goes_at_once():
    partition = OnePartition(window=5.0, batch_size=10)
    for number in range(3):
        partition.add([large(number, 1.4)])
    assert partition.dispatcher.take() is None
    partition.add([large(3, 1.4)])
    taken = partition.take()
    assert offsets(taken.batch) == [0, 1, 2]
    partition.settle(taken)
    assert partition.dispatcher.take() is None  # the rest waits for its window
    partition.clock.now += 5.0
    assert offsets(partition.take().batch) == [3]


def test_what_is_known_of_the_sizes_changes_no_batch():
    partition = OnePartition(window=5.0, batch_size=10)
    partition.add([large(number, 0.001) for number in range(3)], largest=4096)
    assert partition.dispatcher.take() is None
    most = 3 * 1024 * 1024 + 4096
    partition.add([large(number, 1.4) for number in range(3, 8)], largest=most)
    assert offsets(partition.take().batch) == [0, 1, 2, 3, 4, 5]
    partition.add([large(8, 0.001)], largest=4096)  # what waits is as large as it is
    assert partition.partition.bound.largest == most


def test_a_record_too_large_for_any_event_is_alone_in_its_batch():
    partition = OnePartition(batch_size=10)
    partition.add([large(0, 0.1), large(1, 5.0), large(2, 0.1)])
    batches = []
    while taken := partition.dispatcher.take():
        batches.append(offsets(taken.batch))
        partition.settle(taken)
    assert batches == [[0], [1], [2]]
    assert partition.dispatcher.overview.demand().due_in == math.inf
