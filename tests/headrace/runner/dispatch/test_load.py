"""Which partitions should pause, so that what is fetched reaches idle threads, too."""

from headrace.runner.dispatch.load import BUSY_SECONDS, PLENTY
from tests.support.partitions import OnePartition
from tests.support.runner import kafka_record


def filled(count):
    partition = OnePartition(batch_size=50, uncommitted_batches=1_000)
    partition.add([kafka_record(offset) for offset in range(count)])
    return partition


def test_a_partition_with_plenty_pauses_where_threads_have_nothing_to_do():
    """WHEN its only batch takes some time THEN its backlog keeps no other from its records."""
    one = filled(2 * PLENTY)
    one.take()
    assert one.dispatcher.demand().backlog > PLENTY
    one.clock.now += 2 * BUSY_SECONDS
    assert one.dispatcher.demand().backlog == 0
    assert one.dispatcher.demand().paused == {one.partition}


def test_it_goes_on_when_half_of_that_is_worked_off_and_not_before():
    one = filled(2 * PLENTY)
    taken = one.take()
    one.clock.now += 2 * BUSY_SECONDS
    one.dispatcher.demand()
    while one.partition.full > PLENTY // 2:
        assert one.dispatcher.demand().paused == {one.partition}
        one.settle(taken)
        taken = one.take()
        one.dispatcher.demand()
    assert one.dispatcher.demand().paused == set()


def test_a_quick_partition_never_pauses():
    one = filled(2 * PLENTY)
    one.take()
    one.clock.now += BUSY_SECONDS / 2
    assert one.dispatcher.demand().backlog > PLENTY
    assert one.dispatcher.demand().paused == set()


def test_no_batch_waits_to_fill_once_the_last_record_has_come():
    one = OnePartition(window=300.0, batch_size=50)
    one.add([kafka_record(0)])
    assert one.dispatcher.take() is None
    one.dispatcher.stop_waiting_to_fill()
    assert len(one.take().batch.records) == 1
