"""Records that were filtered out: never in a batch, done in their order."""

from hypothesis import given
from hypothesis import strategies as st

from tests.support.partitions import OnePartition, keyed, offset, offsets


def test_what_is_filtered_out_is_in_no_batch_and_the_position_passes_it():
    partition = OnePartition(batch_size=10)
    partition.add(keyed(*"abcde"), [False, True, False, True, False])
    assert partition.done() == 0
    assert partition.commit() == 1
    taken = partition.take()
    assert offsets(taken.batch) == [3, 9]
    partition.settle(taken)
    assert partition.done() == 12
    assert partition.commit() == 4
    assert partition.idle()


def test_a_lane_of_which_nothing_passes_moves_all_the_same():
    partition = OnePartition()
    partition.add(keyed(*"abc"), [False] * 3)
    assert not partition.idle()
    assert partition.commit() == 3
    assert partition.done() == 6
    assert partition.idle()


def test_the_position_does_not_pass_an_open_record_for_those_filtered_out_behind_it():
    partition = OnePartition(batch_size=1)
    partition.add(keyed(*"ab"), [True, False])
    taken = partition.take()
    assert partition.done() is None
    partition.settle(taken, failed=[0], delay=60)
    assert partition.done() is None


def test_what_is_filtered_out_takes_no_room_from_what_may_be_uncommitted():
    partition = OnePartition(batch_size=2, uncommitted_batches=1)
    for _ in range(20):
        partition.add(keyed("a", "b"), [False, False])
        partition.add(keyed("a"), [True])
        partition.commit()
    assert len(partition.take().batch.records) == 2


@given(
    passed=st.lists(st.booleans(), min_size=1, max_size=60),
    chunk=st.integers(1, 20),
    factor=st.integers(1, 3),
    batch_size=st.integers(1, 5),
    data=st.data(),
)
def test_exactly_what_passes_is_delivered_and_all_is_committed(
    passed, chunk, factor, batch_size, data
):
    partition = OnePartition(
        parallelization_factor=factor, batch_size=batch_size, uncommitted_batches=1
    )
    records = keyed(*(f"k{number % 5}" for number in range(len(passed))))
    todo = [record for record, goes in zip(records, passed, strict=True) if goes]
    done, committed = set(), 0
    for begin in range(0, len(records), chunk):
        end = begin + chunk
        partition.add(records[begin:end], passed[begin:end])
        while data.draw(st.booleans()) and (taken := partition.dispatcher.take()):
            partition.settle(taken)
            done.update(offsets(taken.batch))
        open_offsets = [offset(record) for record in todo if offset(record) not in done]
        if partition.done() is not None:
            assert partition.done() < min(open_offsets, default=1_000)
        committed += partition.commit()
    while not partition.idle():
        while taken := partition.dispatcher.take():
            partition.settle(taken)
            done.update(offsets(taken.batch))
        committed += partition.commit()
    assert done == set(map(offset, todo))
    assert committed == len(records)
    assert partition.done() == offset(records[-1])
