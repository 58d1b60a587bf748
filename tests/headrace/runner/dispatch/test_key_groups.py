"""Several batches of one lane at once: a key in one of them, and a position over all."""

from itertools import pairwise
from zlib import crc32

import pytest

from tests.support.lanes import OneLane, keyed, offset, offsets
from tests.support.runner import kafka_record


def test_as_many_batches_are_out_as_the_factor_says_and_no_key_is_in_two():
    lane = OneLane(parallelization_factor=4, batch_size=2)
    lane.feed(keyed(*(f"k{number % 9}" for number in range(90))))
    batches = [batch for _, batch in lane.take_all()]
    assert len(batches) == 4
    keys = [{record.key for record in batch.records} for batch in batches]
    assert sum(map(len, keys)) == len(set.union(*keys))


def test_each_key_goes_out_in_the_order_of_the_source():
    lane = OneLane(parallelization_factor=4, batch_size=5, uncommitted_batches=100)
    lane.feed(keyed(*(f"k{number * 7 % 9}" for number in range(200))))
    order: dict[bytes, list[int]] = {}
    while taken := lane.dispatcher.take():
        for record in taken[1].records:
            order.setdefault(record.key, []).append(offset(record))
        lane.settle(taken)
    assert sum(map(len, order.values())) == 200
    assert all(a < b for its in order.values() for a, b in pairwise(its))


def test_keys_that_kafkas_client_puts_into_one_partition_use_all_of_it():
    """Its partitioner takes CRC-32 modulo the number of partitions."""
    keys = [key for number in range(1_000) if crc32(key := b"%d" % number) % 12 == 5]
    lane = OneLane(parallelization_factor=6, batch_size=1)
    lane.feed([kafka_record(number, key=key) for number, key in enumerate(keys)])
    assert len(lane.take_all()) == 6


def test_records_without_a_key_go_to_any_batch():
    lane = OneLane(parallelization_factor=4, batch_size=2)
    lane.feed(keyed(*[None] * 8))
    assert sorted(o for _, b in lane.take_all() for o in offsets(b)) == [3 * n for n in range(8)]


def test_the_position_waits_for_the_slowest_batch_and_then_passes_all():
    lane = OneLane(parallelization_factor=4, batch_size=100)
    lane.feed(keyed("a", "b", "c", "d", "e", "f"))
    out = lane.take_all()
    first = next(taken for taken in out if offsets(taken[1])[0] == 0)
    for taken in out:
        if taken is not first:
            lane.settle(taken)
    assert lane.done() is None
    lane.settle(first)
    assert lane.done() == 15
    assert lane.commit() == 6
    assert lane.dispatcher.idle()


def test_a_batch_that_fails_blocks_only_its_own_keys():
    lane = OneLane(parallelization_factor=4, batch_size=1, uncommitted_batches=12)
    lane.feed(keyed(*(f"k{number % 12}" for number in range(48))))
    poison = lane.take()
    lane.settle(poison, failed=[0], delay=60.0)
    seen = []
    while taken := lane.dispatcher.take():
        seen += [record.key for record in taken[1].records]
        lane.settle(taken)
    blocked = {f"k{number}".encode() for number in range(12)} - set(seen)
    assert poison[1].records[0].key in blocked
    assert len(blocked) < 12
    assert all(seen.count(key) == 4 for key in seen)
    assert lane.done() is None
    lane.clock.now += 61.0
    while taken := lane.dispatcher.take():
        lane.settle(taken)
    assert lane.done() == 3 * 47


@pytest.mark.parametrize("uncommitted", [1, 2, 5])
@pytest.mark.parametrize("factor", [1, 3])
def test_no_more_is_out_beyond_the_committed_position_than_the_settings_admit(factor, uncommitted):
    lane = OneLane(parallelization_factor=factor, batch_size=4, uncommitted_batches=uncommitted)
    lane.feed(keyed(*(f"k{number % 7}" for number in range(200))))
    most = factor * 4 * uncommitted
    total = 0
    while not lane.dispatcher.idle():
        out = 0
        while taken := lane.dispatcher.take():
            out += len(taken[1].records)
            lane.settle(taken)
        total += out
        ahead = lane.lane.prefix.end + out  # all that came since the last commit
        assert out <= most <= ahead + most
        assert lane.dispatcher.gated() or total == 200
        assert lane.commit() > 0
    assert total == 200


def test_one_slow_key_lets_the_others_go_only_so_far():
    lane = OneLane(parallelization_factor=2, batch_size=1, uncommitted_batches=5)
    lane.feed(keyed("a", *(["b"] * 40)))
    slow = next(taken for taken in lane.take_all() if taken[1].records[0].key == b"a")
    while taken := lane.dispatcher.take():
        lane.settle(taken)
    assert lane.done() is None
    assert not lane.dispatcher.gated()  # no commit would help
    lane.settle(slow)
    assert lane.dispatcher.uncommitted()


def test_batches_are_cut_short_only_where_no_commit_would_help():
    lane = OneLane(batch_size=10, uncommitted_batches=2)
    lane.feed(keyed(*["a"] * 5))
    lane.settle(lane.take())
    lane.feed(keyed(*["a"] * 40))
    lane.settle(lane.take())
    assert lane.dispatcher.take() is None  # 15 are out: the next would be one of 5
    assert lane.dispatcher.gated()
    lane.commit()
    assert len(lane.take()[1].records) == 10


def test_a_lane_with_a_retry_is_fed_on_until_its_other_keys_have_got_as_far_as_they_may():
    lane = OneLane(parallelization_factor=2, batch_size=2, uncommitted_batches=2)
    lane.feed(keyed("a", "b"))
    for taken in lane.take_all():
        lane.settle(taken, failed=[0] if taken[1].records[0].key == b"a" else (), delay=60)
    assert not lane.dispatcher.held_up()
    lane.feed(keyed(*["b"] * 4))
    assert not lane.dispatcher.held_up()
    assert lane.dispatcher.backlog() == 4
    lane.feed(keyed(*["b"] * 4))
    assert lane.dispatcher.held_up() == {lane.lane}
    assert lane.dispatcher.backlog() == 0


def test_what_waits_behind_a_retry_is_no_backlog():
    lane = OneLane(parallelization_factor=2, batch_size=2, uncommitted_batches=50)
    lane.feed(keyed("a", "b"))
    for taken in lane.take_all():
        lane.settle(taken, failed=[0] if taken[1].records[0].key == b"a" else (), delay=60)
    lane.feed(keyed(*["a"] * 20, *["b"] * 6))
    assert lane.dispatcher.backlog() == 6


def test_a_batch_that_takes_long_holds_its_lane_up():
    lane = OneLane(batch_size=1)
    lane.feed(keyed("a", "a"))
    lane.take()
    assert not lane.dispatcher.held_up()
    lane.clock.now += 1.5
    assert lane.dispatcher.held_up() == {lane.lane}


def test_the_status_tells_what_is_out_and_what_waits():
    lane = OneLane(parallelization_factor=2, batch_size=2)
    lane.feed(keyed("a", "a", "a", "b", "b", "b"))  # of different strands
    first, second = lane.take_all()
    lane.clock.now += 1
    lane.settle(first, failed=[0, 1])
    first[1].tries = 3
    (status,) = lane.dispatcher.status()
    assert (status.name, status.buffered, status.in_flight, status.tries) == ("orders-0", 2, 2, 3)
    assert status.in_flight_since == 100.0
    lane.settle(second)
