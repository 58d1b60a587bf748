"""Several batches are attempted in a row while the handler is quick."""

import pytest

from headrace.runner.dispatch.batch import Batch
from headrace.runner.dispatch.stride import Attempted, Stride, attempt_all
from tests.support.partitions import Clock, OnePartition, Waits, offsets
from tests.support.runner import kafka_record

SMALL = 100


def records(count):
    return [kafka_record(number) for number in range(count)]


def attempt(count, seconds=0.0, *, stopped=False, leaves=None):
    """Attempt so many batches, each of which takes so long; one leaves its record undone."""
    clock = Clock()
    batches = [Batch([kafka_record(number)]) for number in range(count)]

    def one(batch):
        clock.now += seconds
        if leaves is None or batch is not batches[leaves]:
            batch.open = ()

    return attempt_all(batches, one, lambda: stopped, clock)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (attempt(3), Attempted(3, quick=True)),
        (attempt(3, 0.003), Attempted(3, quick=False)),
        (attempt(3, 0.02), Attempted(1)),
        (attempt(1, 20.0), Attempted(1)),
        (attempt(3, leaves=1), Attempted(2)),
        (attempt(3, stopped=True), Attempted(1)),
    ],
)
def test_a_stride_ends_with_what_is_slow_or_not_done_or_when_it_is_stopped(found, expected):
    assert found == expected


def test_it_grows_while_the_handler_is_quick_and_no_longer():
    stride = Stride(100)
    seen = []
    for _ in range(5):
        seen.append(stride.batches)
        stride.note(Attempted(1, quick=True))
    assert seen == [1, 2, 4, 8, 10]
    stride.note(Attempted(3))
    assert stride.batches == 1
    assert Stride(10_000).batches == 1


def test_what_was_not_begun_comes_next_in_the_same_order():
    one = OnePartition(batch_size=2, uncommitted_batches=100)
    one.add(records(12), largest=SMALL)
    for quick in (True, True):
        taken = one.take()
        for batch in taken.batches:
            batch.open = ()
        one.dispatcher.settle(taken, Waits(), Attempted(len(taken.batches), quick=quick))
    taken = one.take()
    assert [offsets(batch) for batch in taken.batches] == [[6, 7], [8, 9], [10, 11]]
    taken.batch.open = ()
    one.dispatcher.settle(taken, Waits(), Attempted(1))
    assert one.done() == 7
    assert [offsets(batch) for batch in one.take().batches] == [[8, 9]]


def test_a_stride_ends_before_what_may_be_uncommitted():
    one = OnePartition(batch_size=2, uncommitted_batches=2)
    one.add(records(12), largest=SMALL)
    taken = one.take()
    taken.batch.open = ()
    one.dispatcher.settle(taken, Waits(), Attempted(1, quick=True))
    one.commit()
    assert [offsets(batch) for batch in one.take().batches] == [[2, 3], [4, 5]]
