"""When a record at fault comes again, and how a group slows down of which nothing gets done."""

from headrace.runner.backoff import Backoff
from headrace.runner.dispatch.retry_times import RetryTimes
from tests.support.partitions import LATER, OnePartition, keyed


def test_a_group_of_which_nothing_gets_done_slows_down_and_recovers_at_once():
    """So an outage of what the function needs does not fail one record after the other."""
    one = OnePartition(batch_size=2, uncommitted_batches=100)
    one.add(keyed(*(f"k{number}" for number in range(40))))
    one.settle(one.take(), failed=[0, 1], delay=LATER)
    one.settle(one.take(), failed=[0, 1], delay=LATER)  # once may be chance
    assert one.dispatcher.take() is None
    assert one.dispatcher.overview.demand().paused == {one.partition}
    one.clock.now += LATER
    while taken := one.dispatcher.take():
        one.settle(taken)
    assert one.partition.prefix.end == 40
    assert one.commit() == 40
    assert one.idle()


def test_a_slow_group_that_has_nothing_left_is_idle():
    one = OnePartition(batch_size=2)
    one.add(keyed(*"ab"))
    one.settle(one.take(), failed=[0, 1], delay=LATER)
    one.clock.now += LATER
    one.settle(one.take())
    one.commit()
    assert one.idle()


def test_a_record_at_fault_waits_little_while_others_succeed_and_its_attempts_are_limited():
    backoff = Backoff(first=0.1, longest=30.0)
    times = RetryTimes(backoff, limited=True)
    assert max(times.record(20, healthy=True) for _ in range(50)) <= 1.0
    assert min(times.record(20, healthy=False) for _ in range(50)) >= 15.0
    endless = RetryTimes(backoff, limited=False)
    assert min(endless.record(20, healthy=True) for _ in range(50)) >= 15.0


def test_the_ten_retries_of_a_record_at_fault_take_seconds():
    times = RetryTimes(Backoff(first=0.1, longest=30.0), limited=True)
    assert sum(times.record(tries, healthy=True) for tries in range(1, 11)) < 9.0
