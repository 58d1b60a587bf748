"""A record that fails holds back the later records of its key, and nothing else."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace.errors import NotDone
from headrace.processing.outcomes import Outcomes
from headrace.record import Record
from headrace.runner.dispatch.parked_keys import ParkedKeys
from tests.support.partitions import LATER, OnePartition, Waits, keyed, offset, offsets


def keys(batch) -> list[str]:
    return [(record.key or b"-").decode() for record in batch.records]


def work(one: OnePartition) -> list[str]:
    """Get all done that can be. Returns the keys in the order of their deliveries."""
    seen = []
    while taken := one.dispatcher.take():
        seen += keys(taken.batch)
        one.settle(taken)
    return seen


@pytest.mark.parametrize("factor", [1, 3])
def test_other_keys_go_on_in_later_batches_and_its_own_waits(factor):
    one = OnePartition(batch_size=4, parallelization_factor=factor, uncommitted_batches=10)
    one.add(keyed(*"abcd" * 5))
    while "a" not in keys((taken := one.take()).batch):
        one.settle(taken)
    one.settle(taken, failed=[keys(taken.batch).index("a")], delay=LATER)
    assert set(work(one)) <= set("bcd")
    assert one.done() is None
    one.clock.now += LATER
    assert work(one) == ["a"] * 5
    assert one.done() == 3 * 19


def test_what_follows_comes_after_it_and_in_order():
    one = OnePartition(batch_size=2, uncommitted_batches=10)
    one.add(keyed(*"aabaca"))
    one.settle(one.take(), failed=[0], delay=LATER)
    one.add(keyed(*"aa"))
    assert "a" not in work(one)
    one.clock.now += LATER
    retry = one.take()
    assert offsets(retry.batch) == [0]
    assert one.dispatcher.take() is None
    one.settle(retry)
    assert [offset(r) for _ in range(3) for r in take_done(one)] == [3, 9, 15, 0, 3]


def take_done(one: OnePartition):
    taken = one.dispatcher.take()
    if taken is None:
        return []
    one.settle(taken)
    return taken.batch.records


def test_records_without_a_key_hold_back_nothing():
    one = OnePartition(batch_size=2, uncommitted_batches=10)
    one.add(keyed(None, None, None, "a"))
    one.settle(one.take(), failed=[0, 1], delay=LATER)
    assert work(one) == ["-", "a"]
    one.clock.now += LATER
    assert offsets(one.take().batch) == [0, 3]


def test_a_second_record_of_the_key_that_failed_with_it_waits_behind_it():
    one = OnePartition(batch_size=3)
    one.add(keyed(*"aba"))
    one.settle(one.take(), failed=[0, 2], delay=LATER)
    one.clock.now += LATER
    for expected in ([0], [6]):
        taken = one.take()
        assert offsets(taken.batch) == expected
        one.settle(taken)
    assert one.done() == 6


def test_what_failed_behind_one_that_merely_comes_again_waits_for_that_one():
    """As in a partial response that names the first and the third of three, two of one key."""
    one = OnePartition(batch_size=3)
    one.add(keyed(*"xaa"))
    taken = one.take()
    failures = {0: ValueError(), 1: NotDone(), 2: ValueError()}
    taken.batch.learn(Outcomes(taken.batch.records, failures), isolate=True)
    taken.batch.count_try(3)
    one.dispatcher.settle(taken, Waits(LATER))
    assert offsets_of(one.take()) == [3, 6]


def offsets_of(taken) -> list[int]:
    return [offset(record) for record in taken.batch.open_records()]


def test_what_fails_again_waits_again_and_those_that_failed_with_it_go_on():
    one = OnePartition(batch_size=10)
    one.add(keyed(*"abc"))
    one.settle(one.take(), failed=[0, 1], delay=LATER)
    one.clock.now += LATER
    retry = one.take()
    assert keys(retry.batch) == ["a", "b"]
    one.settle(retry, failed=[0], delay=LATER)
    assert one.dispatcher.take() is None
    one.clock.now += LATER
    assert keys(one.take().batch) == ["a"]


def test_the_position_stays_before_a_parked_record_and_then_passes_all_that_is_done():
    one = OnePartition(batch_size=2, uncommitted_batches=10)
    one.add(keyed(*"abcdef"))
    one.settle(one.take(), failed=[1], delay=LATER)
    work(one)
    assert one.done() == 0
    assert one.commit() == 1
    assert not one.idle()
    one.clock.now += LATER
    work(one)
    assert one.done() == 15
    assert one.commit() == 5
    assert one.idle()


def test_others_run_ahead_of_a_parked_record_so_far_and_no_further():
    one = OnePartition(batch_size=2, uncommitted_batches=1, records_ahead=7)
    one.add(keyed(*(f"k{number}" for number in range(20))))
    one.settle(one.take(), failed=[0], delay=LATER)
    assert len(work(one)) == 5  # with the two of the first batch, seven are out
    assert one.partition.at_limit
    assert one.dispatcher.overview.demand().paused == {one.partition}
    assert one.dispatcher.overview.demand().backlog == 0
    one.clock.now += LATER
    assert len(work(one)) == 1  # the record itself; the rest waits for a commit
    assert one.commit() == 7
    assert not one.partition.is_parking


def test_a_parked_record_keeps_no_payload_of_those_that_are_done():
    """GIVEN many records done behind one that is retried, THEN only their positions are kept."""
    one = OnePartition(batch_size=1, uncommitted_batches=10, parallelization_factor=3)
    one.add(keyed(*(f"k{number}" for number in range(30))))
    for taken in one.take_all():
        one.settle(taken, failed=[0] if offsets(taken.batch) == [0] else (), delay=LATER)
    work(one)
    held = [entry for entry in one.partition.prefix._records if isinstance(entry, Record)]
    assert len(held) <= 3  # with those that were done before it failed
    assert offset(held[0]) == 0


@given(st.lists(st.sampled_from("abcde"), max_size=30), st.data())
def test_heads_come_when_their_time_has_come_and_nothing_is_forgotten(names, data):
    parked, first = ParkedKeys(), {}
    for slot, name in enumerate(names):
        if name.encode() in parked:
            parked.follow(name.encode(), slot)
        else:
            first[name] = slot
            parked.park(name.encode(), slot, float(data.draw(st.integers(0, 5))))
    assert parked.count == len(names)
    assert parked.first() == min(first.values(), default=math.inf)
    due = [slot for now in range(6) for slot in parked.take_due(now, 100)]
    assert sorted(due) == sorted(first.values())
    assert parked.next_due() == math.inf
    freed = [slot for name in first for slot in parked.release(name.encode())]
    assert sorted(freed + due) == list(range(len(names)))
    assert parked.count == 0
