"""When a batch goes before it is full: its window, counted as each service counts it; its size."""

import math

import pytest

from tests.support.lanes import OneLane, keyed, offsets
from tests.support.runner import kafka_record


def due(lane: OneLane) -> float:
    return lane.clock.now + lane.dispatcher.due_in()


def test_kafka_counts_from_the_first_record_though_the_handler_was_at_work():
    lane = OneLane(window=5.0, batch_size=2)
    lane.feed(keyed("a", "a"))
    taken = lane.take()
    lane.clock.now = 101.0
    lane.feed(keyed("a"))
    lane.clock.now = 103.0
    lane.settle(taken)
    assert due(lane) == 106.0


def test_kinesis_counts_from_the_end_of_the_invocation_before():
    lane = OneLane(window=5.0, batch_size=2, rolling=True)
    lane.feed(keyed("a", "a"))
    taken = lane.take()
    lane.clock.now = 101.0
    lane.feed(keyed("a"))
    lane.clock.now = 103.0
    lane.settle(taken)
    assert due(lane) == 108.0


@pytest.mark.parametrize(("arrives", "goes"), [(103.5, 105.0), (105.5, 110.5)])
def test_kinesis_counts_so_though_the_record_comes_later_unless_the_window_is_over(arrives, goes):
    lane = OneLane(window=5.0, batch_size=2, rolling=True)
    lane.feed(keyed("a", "a"))
    lane.settle(lane.take())
    lane.clock.now = arrives
    lane.feed(keyed("a"))
    assert due(lane) == goes


def test_the_first_window_of_a_shard_begins_with_its_first_record():
    lane = OneLane(window=5.0, rolling=True)
    lane.feed(keyed("a"))
    assert due(lane) == 105.0


def large(offset: int, megabytes: float):
    return kafka_record(offset, value=bytes(int(megabytes * 1024 * 1024)), key=b"a")


def test_a_batch_ends_before_the_record_that_would_make_its_event_too_large():
    lane = OneLane(batch_size=10)
    lane.feed([large(number, 1.4) for number in range(5)])
    assert offsets(lane.take()[1]) == [0, 1, 2]


def test_a_batch_of_full_size_goes_at_once():
    lane = OneLane(window=5.0, batch_size=10)
    for number in range(3):
        lane.feed([large(number, 1.4)])
    assert lane.dispatcher.take() is None
    lane.feed([large(3, 1.4)])
    taken = lane.take()
    assert offsets(taken[1]) == [0, 1, 2]
    lane.settle(taken)
    assert lane.dispatcher.take() is None  # the rest waits for its window
    lane.clock.now += 5.0
    assert offsets(lane.take()[1]) == [3]


def test_what_is_known_of_the_sizes_changes_no_batch():
    lane = OneLane(window=5.0, batch_size=10)
    lane.lane.note_largest(4096)
    lane.feed([large(number, 0.001) for number in range(3)])
    assert lane.dispatcher.take() is None
    lane.lane.note_largest(3 * 1024 * 1024 + 4096)
    lane.feed([large(number, 1.4) for number in range(3, 8)])
    assert offsets(lane.take()[1]) == [0, 1, 2, 3, 4, 5]
    lane.lane.note_largest(4096)  # of what comes next; what waits is as large as it is
    lane.feed([large(8, 0.001)])
    assert lane.lane.largest > 3 * 1024 * 1024


def test_a_record_too_large_for_any_event_is_alone_in_its_batch():
    lane = OneLane(batch_size=10)
    lane.feed([large(0, 0.1), large(1, 5.0), large(2, 0.1)])
    batches = []
    while taken := lane.dispatcher.take():
        batches.append(offsets(taken[1]))
        lane.settle(taken)
    assert batches == [[0], [1], [2]]
    assert lane.dispatcher.due_in() == math.inf
