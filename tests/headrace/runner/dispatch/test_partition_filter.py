"""Records that were filtered out: never in a batch, done in their order."""

from hypothesis import given
from hypothesis import strategies as st

from tests.support.lanes import OneLane, keyed, offset, offsets


def test_what_is_filtered_out_is_in_no_batch_and_the_position_passes_it():
    lane = OneLane(batch_size=10)
    lane.feed(keyed(*"abcde"), [False, True, False, True, False])
    assert lane.done() == 0
    assert lane.commit() == 1
    taken = lane.take()
    assert offsets(taken[1]) == [3, 9]
    lane.settle(taken)
    assert lane.done() == 12
    assert lane.commit() == 4
    assert lane.dispatcher.idle()


def test_a_lane_of_which_nothing_passes_moves_all_the_same():
    lane = OneLane()
    lane.feed(keyed(*"abc"), [False] * 3)
    assert not lane.dispatcher.idle()
    assert lane.commit() == 3
    assert lane.done() == 6
    assert lane.dispatcher.idle()


def test_the_position_does_not_pass_an_open_record_for_those_filtered_out_behind_it():
    lane = OneLane(batch_size=1)
    lane.feed(keyed(*"ab"), [True, False])
    taken = lane.take()
    assert lane.done() is None
    lane.settle(taken, failed=[0], delay=60)
    assert lane.done() is None


def test_what_is_filtered_out_takes_no_room_from_what_may_be_uncommitted():
    lane = OneLane(batch_size=2, uncommitted_batches=1)
    for _ in range(20):
        lane.feed(keyed("a", "b"), [False, False])
        lane.feed(keyed("a"), [True])
        lane.commit()
    assert len(lane.take()[1].records) == 2


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
    lane = OneLane(parallelization_factor=factor, batch_size=batch_size, uncommitted_batches=1)
    records = keyed(*(f"k{number % 5}" for number in range(len(passed))))
    todo = [record for record, goes in zip(records, passed, strict=True) if goes]
    done, committed = set(), 0
    for begin in range(0, len(records), chunk):
        end = begin + chunk
        lane.feed(records[begin:end], passed[begin:end])
        while data.draw(st.booleans()) and (taken := lane.dispatcher.take()):
            lane.settle(taken)
            done.update(offsets(taken[1]))
        open_offsets = [offset(record) for record in todo if offset(record) not in done]
        if lane.done() is not None:
            assert lane.done() < min(open_offsets, default=1_000)
        committed += lane.commit()
    while not lane.dispatcher.idle():
        while taken := lane.dispatcher.take():
            lane.settle(taken)
            done.update(offsets(taken[1]))
        committed += lane.commit()
    assert done == set(map(offset, todo))
    assert committed == len(records)
    assert lane.done() == offset(records[-1])
