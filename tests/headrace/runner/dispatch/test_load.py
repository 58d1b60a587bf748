"""Which partitions should pause, so that what is fetched reaches idle threads, too."""

from headrace.runner.dispatch.dispatcher import Dispatcher
from headrace.runner.dispatch.load import BUSY_SECONDS, LEAST_PLENTY, PLENTY, PLENTY_BYTES
from headrace.runner.dispatch.partition import Partition
from headrace.runner.settings import MappingSettings
from tests.support.partitions import OnePartition
from tests.support.runner import QUICK, kafka_record


def filled(count, *, others=1, largest=100.0, **chosen):
    """A partition with so many records, beside others without any."""
    one = OnePartition(batch_size=50, uncommitted_batches=1_000)
    if chosen:
        one.dispatcher = Dispatcher(one.clock, **chosen)
        one.dispatcher.open(one.partition)
    for number in range(others):
        one.dispatcher.open(Partition(f"others-{number}", MappingSettings(**QUICK), 0.0))
    one.add([kafka_record(offset) for offset in range(count)], largest=largest)
    return one


def test_a_partition_with_plenty_pauses_where_threads_have_nothing_to_do():
    """WHEN its only batch takes some time THEN its backlog keeps no other from its records."""
    one = filled(PLENTY + 100)
    assert one.dispatcher.overview.demand().backlog > PLENTY
    one.take()
    one.clock.now += 2 * BUSY_SECONDS
    assert one.dispatcher.overview.demand().backlog == 0
    assert one.dispatcher.overview.demand().paused == {one.partition}


def test_one_that_has_less_is_no_reason_to_fetch_no_more_and_is_not_paused():
    """What was fetched of it would be thrown away, and take time to come again."""
    one = filled(PLENTY - 100)
    one.take()
    one.clock.now += 2 * BUSY_SECONDS
    assert one.dispatcher.overview.demand().backlog == 0
    assert not one.dispatcher.overview.demand().paused


def test_of_large_records_fewer_are_plenty():
    for largest, most in ((PLENTY_BYTES / 2_000, 2_000), (PLENTY_BYTES, LEAST_PLENTY)):
        one = filled(most + 100, largest=largest)
        one.take()
        one.clock.now += 2 * BUSY_SECONDS
        assert one.dispatcher.overview.demand().paused == {one.partition}


def test_where_all_threads_work_nothing_is_paused_and_nothing_more_is_fetched():
    one = filled(PLENTY + 100, threads=1)
    one.take()
    one.clock.now += 2 * BUSY_SECONDS
    assert not one.dispatcher.overview.demand().paused
    assert one.dispatcher.overview.demand().backlog > PLENTY


def test_nothing_is_paused_for_the_good_of_no_other():
    one = filled(PLENTY + 100, others=0)
    one.take()
    one.clock.now += 2 * BUSY_SECONDS
    assert not one.dispatcher.overview.demand().paused


def test_it_goes_on_when_half_of_that_is_worked_off_and_not_before():
    one = filled(PLENTY + 100)
    taken = one.take()
    one.clock.now += 2 * BUSY_SECONDS
    one.dispatcher.overview.demand()
    while one.partition.full > PLENTY // 2:
        assert one.dispatcher.overview.demand().paused == {one.partition}
        one.settle(taken)
        taken = one.take()
        one.dispatcher.overview.demand()
    assert one.dispatcher.overview.demand().paused == set()


def test_a_quick_partition_never_pauses():
    one = filled(PLENTY + 100)
    one.take()
    one.clock.now += BUSY_SECONDS / 2
    assert one.dispatcher.overview.demand().paused == set()


def test_no_batch_waits_to_fill_once_the_last_record_has_come():
    one = OnePartition(window=300.0, batch_size=50)
    one.add([kafka_record(0)])
    assert one.dispatcher.take() is None
    one.dispatcher.stop_waiting_to_fill()
    assert len(one.take().batch.records) == 1
