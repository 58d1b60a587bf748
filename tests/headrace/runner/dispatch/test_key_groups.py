"""Several batches of one partition at once: a key in one of them, and a position over all."""

from itertools import pairwise
from zlib import crc32

import pytest

from tests.support.partitions import OnePartition, keyed, offset, offsets
from tests.support.runner import kafka_record


def test_as_many_batches_are_out_as_the_factor_says_and_no_key_is_in_two():
    partition = OnePartition(parallelization_factor=4, batch_size=2)
    partition.add(keyed(*(f"k{number % 9}" for number in range(90))))
    batches = [taken.batch for taken in partition.take_all()]
    assert len(batches) == 4
    keys = [{record.key for record in batch.records} for batch in batches]
    assert sum(map(len, keys)) == len(set.union(*keys))


def test_each_key_goes_out_in_the_order_of_the_source():
    partition = OnePartition(parallelization_factor=4, batch_size=5, uncommitted_batches=100)
    partition.add(keyed(*(f"k{number * 7 % 9}" for number in range(200))))
    order: dict[bytes, list[int]] = {}
    while taken := partition.dispatcher.take():
        for record in taken.batch.records:
            order.setdefault(record.key, []).append(offset(record))
        partition.settle(taken)
    assert sum(map(len, order.values())) == 200
    assert all(a < b for its in order.values() for a, b in pairwise(its))


def test_keys_that_kafkas_client_puts_into_one_partition_use_all_of_it():
    """Its partitioner takes CRC-32 modulo the number of partitions."""
    keys = [key for number in range(1_000) if crc32(key := b"%d" % number) % 12 == 5]
    partition = OnePartition(parallelization_factor=6, batch_size=1)
    partition.add([kafka_record(number, key=key) for number, key in enumerate(keys)])
    assert len(partition.take_all()) == 6


def test_records_without_a_key_go_to_any_batch():
    partition = OnePartition(parallelization_factor=4, batch_size=2)
    partition.add(keyed(*[None] * 8))
    assert sorted(o for taken in partition.take_all() for o in offsets(taken.batch)) == [
        3 * n for n in range(8)
    ]


def test_the_position_waits_for_the_slowest_batch_and_then_passes_all():
    partition = OnePartition(parallelization_factor=4, batch_size=100)
    partition.add(keyed("a", "b", "c", "d", "e", "f"))
    out = partition.take_all()
    first = next(taken for taken in out if offsets(taken.batch)[0] == 0)
    for taken in out:
        if taken is not first:
            partition.settle(taken)
    assert partition.done() is None
    partition.settle(first)
    assert partition.done() == 15
    assert partition.commit() == 6
    assert partition.idle()


def test_a_batch_that_fails_blocks_only_its_own_keys():
    partition = OnePartition(parallelization_factor=4, batch_size=1, uncommitted_batches=12)
    partition.add(keyed(*(f"k{number % 12}" for number in range(48))))
    poison = partition.take()
    partition.settle(poison, failed=[0], delay=60.0)
    seen = []
    while taken := partition.dispatcher.take():
        seen += [record.key for record in taken.batch.records]
        partition.settle(taken)
    blocked = {f"k{number}".encode() for number in range(12)} - set(seen)
    assert poison.batch.records[0].key in blocked
    assert len(blocked) < 12
    assert all(seen.count(key) == 4 for key in seen)
    assert partition.done() is None
    partition.clock.now += 61.0
    while taken := partition.dispatcher.take():
        partition.settle(taken)
    assert partition.done() == 3 * 47


@pytest.mark.parametrize("uncommitted", [1, 2, 5])
@pytest.mark.parametrize("factor", [1, 3])
def test_no_more_is_out_beyond_the_committed_position_than_the_settings_admit(factor, uncommitted):
    partition = OnePartition(
        parallelization_factor=factor, batch_size=4, uncommitted_batches=uncommitted
    )
    partition.add(keyed(*(f"k{number % 7}" for number in range(200))))
    most = factor * 4 * uncommitted
    total = 0
    while not partition.idle():
        out = 0
        while taken := partition.dispatcher.take():
            out += len(taken.batch.records)
            partition.settle(taken)
        total += out
        ahead = partition.partition.prefix.end + out  # all that came since the last commit
        assert out <= most <= ahead + most
        assert partition.dispatcher.overview.demand().blocked_on_commit or total == 200
        assert partition.commit() > 0
    assert total == 200


def test_one_slow_key_lets_the_others_go_only_so_far():
    partition = OnePartition(parallelization_factor=2, batch_size=1, uncommitted_batches=5)
    partition.add(keyed("a", *(["b"] * 40)))
    slow = next(taken for taken in partition.take_all() if taken.batch.records[0].key == b"a")
    while taken := partition.dispatcher.take():
        partition.settle(taken)
    assert partition.done() is None
    assert not partition.dispatcher.overview.demand().blocked_on_commit  # no commit would help
    partition.settle(slow)
    assert partition.dispatcher.ledger.commits()


def test_batches_are_cut_short_only_where_no_commit_would_help():
    partition = OnePartition(batch_size=10, uncommitted_batches=2)
    partition.add(keyed(*["a"] * 5))
    partition.settle(partition.take())
    partition.add(keyed(*["a"] * 40))
    partition.settle(partition.take())
    assert partition.dispatcher.take() is None  # 15 are out: the next would be one of 5
    assert partition.dispatcher.overview.demand().blocked_on_commit
    partition.commit()
    assert len(partition.take().batch.records) == 10


def test_a_partition_whose_batch_retries_is_fed_until_its_other_keys_have_got_as_far_as_they_may():
    """Where the function answers for whole batches: nothing runs further ahead than otherwise."""
    partition = OnePartition(parallelization_factor=2, batch_size=2, uncommitted_batches=2)
    partition.add(keyed("a", "b"))
    for taken in partition.take_all():
        failed = [0] if taken.batch.records[0].key == b"a" else ()
        partition.settle(taken, failed=failed, delay=60, isolate=False)
    assert not partition.dispatcher.overview.demand().paused
    partition.add(keyed(*["b"] * 4))
    assert not partition.dispatcher.overview.demand().paused
    assert partition.dispatcher.overview.demand().backlog == 4
    partition.add(keyed(*["b"] * 4))
    assert partition.dispatcher.overview.demand().paused == {partition.partition}
    assert partition.dispatcher.overview.demand().backlog == 0


def test_what_waits_behind_a_retry_is_no_backlog():
    partition = OnePartition(parallelization_factor=2, batch_size=2, uncommitted_batches=50)
    partition.add(keyed("a", "b"))
    for taken in partition.take_all():
        failed = [0] if taken.batch.records[0].key == b"a" else ()
        partition.settle(taken, failed=failed, delay=60, isolate=False)
    partition.add(keyed(*["a"] * 20, *["b"] * 6))
    assert partition.dispatcher.overview.demand().backlog == 6


def test_a_batch_that_takes_long_holds_its_lane_up():
    partition = OnePartition(batch_size=1)
    partition.add(keyed("a", "a"))
    partition.take()
    assert not partition.dispatcher.overview.demand().paused
    partition.clock.now += 1.5
    assert partition.dispatcher.overview.demand().paused == {partition.partition}


def test_the_status_tells_what_is_out_and_what_waits():
    partition = OnePartition(parallelization_factor=2, batch_size=2)
    partition.add(keyed("a", "a", "a", "b", "b", "b"))  # of different groups
    first, second = partition.take_all()
    partition.clock.now += 1
    partition.settle(first, failed=[0, 1], isolate=False)
    first.batch.tries = 3
    (status,) = partition.dispatcher.overview.status()
    assert (status.name, status.buffered, status.in_flight, status.tries) == ("orders-0", 2, 2, 3)
    assert status.in_flight_since == 100.0
    partition.settle(second)
