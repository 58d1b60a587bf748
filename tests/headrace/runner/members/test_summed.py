"""The figures of several members, together."""

from headrace.runner.members.report import Report, decode, encode
from headrace.runner.members.summed import SummedStats
from headrace.runner.monitoring.recent import DeadLettered
from headrace.runner.monitoring.stats import Counts, PartitionStatus, Stats


def report(done, partition, *, lag=0, ready=True, live=True, letters=()):
    stats = Stats()
    stats.add(Counts(polled=done, done=done), seconds=0.002)
    stats.set_lag({partition: lag})
    stats.watch(lambda: [PartitionStatus(name=partition)])
    told = Report(snapshot=stats.snapshot(), dead_letters=letters, live=live, ready=ready)
    return decode(encode(told))


def names(stats):
    return [partition.name for partition in stats.snapshot().partitions]


def test_counts_times_and_partitions_of_all_are_one():
    stats = SummedStats(2)
    stats.note(0, report(3, "t-0", lag=5))
    stats.note(1, report(4, "t-1", lag=6))
    now = stats.snapshot()
    assert (now.done, now.polled, now.lag) == (7, 7, {"t-0": 5, "t-1": 6})
    assert (sum(now.seconds), round(now.seconds_sum, 4)) == (2, 0.004)
    assert names(stats) == ["t-0", "t-1"]


def test_a_later_report_takes_the_place_of_the_one_before():
    stats = SummedStats(1)
    stats.note(0, report(3, "t-0"))
    stats.note(0, report(5, "t-1"))
    assert stats.snapshot().done == 5
    assert names(stats) == ["t-1"]


def test_the_counts_of_one_that_is_gone_stay_and_its_successor_begins_at_none():
    stats = SummedStats(2)
    stats.note(0, report(3, "t-0"))
    stats.note(1, report(4, "t-1"))
    stats.end(1)
    assert not stats.heard_of(1)
    stats.note(1, report(1, "t-2"))
    assert stats.snapshot().done == 8
    assert names(stats) == ["t-0", "t-2"]


def test_ready_once_all_are_and_live_as_long_as_all_are():
    stats = SummedStats(2)
    assert (stats.live(), stats.ready()) == (True, False)
    stats.note(0, report(0, "t-0"))
    assert not stats.ready()
    stats.note(1, report(0, "t-1", ready=False))
    assert not stats.ready()
    stats.note(1, report(0, "t-1", live=False))
    assert (stats.live(), stats.ready()) == (False, True)


def test_the_last_dead_letters_of_all_stand_in_the_order_of_time():
    first, second, third = (DeadLettered(f"t@{n}", "why", n) for n in range(3))
    stats = SummedStats(2)
    stats.note(0, report(0, "t-0", letters=[third, first]))
    stats.note(1, report(0, "t-1", letters=[second]))
    assert stats.dead_letters.latest_first() == [third, second, first]
