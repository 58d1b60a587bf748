"""Positions that are found late, refused or overtaken; and ends that are no reason to commit."""

import pytest

from headrace.log import logger
from headrace.runner.dispatch.dispatcher import Dispatcher
from headrace.runner.dispatch.partition import Partition
from headrace.runner.kafka import position_resets
from headrace.runner.kafka.assignment import Assignment
from headrace.runner.kafka.consumer import ConsumerError, ConsumerRefused
from headrace.runner.kafka.log_ends import LogEnds
from headrace.runner.kafka.position_resets import PositionResets
from headrace.runner.settings import MappingSettings

AWAY = ConsumerError("no broker")


class Consumer:
    """Goes on reading where it is told to; `reading` is where."""

    def __init__(self) -> None:
        self.reading = {}
        self.reached = None
        self.refuse = False

    def read_from(self, offsets, reached):
        if self.refuse:
            raise ConsumerError("not now")
        self.reading |= offsets
        self.reached = reached


class Commits:
    """Keeps what is to be committed; the test gives the answers."""

    def __init__(self) -> None:
        self.sent = []

    def send(self, offsets, answered):
        self.sent.append((offsets, answered))

    def answer(self, error=None):
        offsets, answered = self.sent.pop()
        answered(dict.fromkeys(offsets, error))
        return offsets


class StartingPositions:
    """Finds 7 everywhere, or nothing."""

    def __init__(self) -> None:
        self.asked = []
        self.error = None

    def find(self, reached):
        self.asked.append(dict(reached))
        if self.error:
            raise self.error
        return dict.fromkeys(reached, 7)


class Bench:
    """Two partitions, of which the first stands still. It is the intake, too."""

    def __init__(self) -> None:
        self.consumer, self.commits, self.starts = Consumer(), Commits(), StartingPositions()
        self.dispatcher = Dispatcher()
        self.state = self.dispatcher.overview.state
        self.log = logger("test", "CRITICAL")
        self.assignment = Assignment(self.consumer)
        for number in (0, 1):
            self.assignment.add(number, self.open(f"t-{number}"))
        self.resets = PositionResets(self.assignment, self.commits, self.starts, self)
        self.resets.add(0)

    def open(self, name: str) -> Partition:
        partition = Partition(name, MappingSettings(), 0.0)
        self.dispatcher.open(partition)
        return partition

    def abandon(self, channels) -> None:
        self.dispatcher.close(channels)


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch):
    monkeypatch.setattr(position_resets, "_RETRY_SECONDS", 0.0)


def test_nothing_is_read_before_the_beginning_is_committed():
    bench = Bench()
    bench.resets.work()
    assert bench.consumer.reading == {}
    assert bench.commits.answer() == {0: 7}
    bench.resets.work()
    assert bench.consumer.reading == {0: 7}
    bench.resets.work()
    assert bench.starts.asked == [{0: None}]


def test_a_broker_that_is_away_is_asked_again():
    bench = Bench()
    bench.starts.error = AWAY
    bench.resets.work()
    bench.starts.error = None
    bench.resets.work()
    bench.commits.answer()
    bench.resets.work()
    assert bench.consumer.reading == {0: 7}


def test_a_refused_beginning_is_committed_again_and_not_looked_for_again():
    """What is lost is counted where a position is found: so it is found once."""
    bench = Bench()
    bench.resets.work()
    bench.commits.answer(AWAY)
    bench.resets.work()
    assert bench.consumer.reading == {}
    bench.commits.answer()
    bench.resets.work()
    assert bench.consumer.reading == {0: 7}
    assert bench.starts.asked == [{0: None}]


@pytest.mark.parametrize("where", ["look", "commit"])
def test_what_the_brokers_refuse_for_good_ends_the_run(where):
    bench, never = Bench(), ConsumerRefused("the topic may not be read")
    if where == "look":
        bench.starts.error = never
        bench.resets.work()
    else:
        bench.resets.work()
        bench.commits.answer(never)  # inside a callback of the client, where nothing may be raised
    with pytest.raises(ConsumerRefused, match="may not be read"):
        bench.resets.work()


def test_an_assignment_that_is_refused_is_tried_again():
    bench = Bench()
    bench.consumer.refuse = True
    bench.resets.work()
    bench.commits.answer()
    bench.resets.work()
    bench.consumer.refuse = False
    bench.resets.work()
    bench.resets.work()
    assert bench.consumer.reading == {0: 7}


def test_a_partition_that_was_given_away_meanwhile_is_let_be():
    bench = Bench()
    bench.resets.work()
    bench.assignment.remove([0])
    bench.assignment.add(0, bench.open("t-0"))
    bench.commits.answer()
    bench.resets.work()
    assert bench.consumer.reading == {}


def test_the_consumer_is_told_how_far_the_other_partitions_were_read():
    bench = Bench()
    bench.assignment.partitions[1].next = 30
    bench.resets.work()
    bench.commits.answer()
    bench.resets.work()
    assert bench.consumer.reading == {0: 7}
    assert bench.consumer.reached == {0: 7, 1: 30}


def test_a_log_that_was_truncated_gets_a_new_channel():
    bench = Bench()
    partition = bench.assignment.partitions[0]
    partition.next, old = 100, partition.channel
    bench.resets.work()
    assert bench.commits.sent == []  # its position goes on with what is done
    assert bench.consumer.reading == {0: 7}
    assert partition.channel is not old
    assert old.closed


@pytest.mark.parametrize(
    ("whole", "following", "end", "expected"),
    [
        (True, 10, 12, [{0: 12}]),
        (True, None, 12, [{0: 12}]),
        (True, 10, 10, []),
        (True, 10, 8, []),
        (False, 10, 12, []),
    ],
)
def test_an_end_is_committed_where_it_lies_behind_all_records(whole, following, end, expected):
    """GIVEN a run that cut records off at its limit, THEN no end is committed behind them."""
    bench = Bench()
    partition = bench.assignment.partitions[0]
    partition.whole, partition.next = whole, following
    ends = LogEnds(bench.assignment, bench.commits, bench)
    ends.note(0, end)
    ends.work()
    assert [offsets for offsets, _ in bench.commits.sent] == expected
