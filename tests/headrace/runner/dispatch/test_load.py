"""Which lanes should pause, so that what is fetched reaches idle threads, too."""

from headrace.runner.dispatch.load import BUSY_SECONDS, PLENTY
from tests.support.lanes import OneLane
from tests.support.runner import kafka_record


def filled(count):
    lane = OneLane(batch_size=50, uncommitted_batches=1_000)
    lane.feed([kafka_record(offset) for offset in range(count)])
    return lane


def test_a_lane_with_plenty_pauses_where_threads_have_nothing_to_do():
    """WHEN its only batch takes some time THEN its backlog keeps no other lane from its records."""
    one = filled(2 * PLENTY)
    one.take()
    assert one.dispatcher.backlog() > PLENTY
    one.clock.now += 2 * BUSY_SECONDS
    assert one.dispatcher.backlog() == 0
    assert one.dispatcher.held_up() == {one.lane}


def test_it_goes_on_when_half_of_that_is_worked_off_and_not_before():
    one = filled(2 * PLENTY)
    taken = one.take()
    one.clock.now += 2 * BUSY_SECONDS
    one.dispatcher.backlog()
    while one.lane.full > PLENTY // 2:
        assert one.dispatcher.held_up() == {one.lane}
        one.settle(taken)
        taken = one.take()
        one.dispatcher.backlog()
    assert one.dispatcher.held_up() == set()


def test_a_quick_lane_never_pauses():
    one = filled(2 * PLENTY)
    one.take()
    one.clock.now += BUSY_SECONDS / 2
    assert one.dispatcher.backlog() > PLENTY
    assert one.dispatcher.held_up() == set()


def test_no_batch_waits_to_fill_once_the_last_record_has_come():
    one = OneLane(window=300.0, batch_size=50)
    one.feed([kafka_record(0)])
    assert one.dispatcher.take() is None
    one.dispatcher.hurry()
    assert len(one.take()[1].records) == 1
