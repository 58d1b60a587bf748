"""Positions that are found late, refused or overtaken; and ends that are no reason to commit."""

import pytest
from confluent_kafka import KafkaError, KafkaException

from headrace.log import logger
from headrace.runner.dispatch.dispatcher import Dispatcher
from headrace.runner.dispatch.partition import Lane
from headrace.runner.kafka import position_resets as kafka_reset
from headrace.runner.kafka.assignment import Assignment
from headrace.runner.kafka.log_ends import Ends
from headrace.runner.kafka.position_resets import Resets
from headrace.runner.settings import MappingSettings

AWAY = KafkaException(KafkaError(KafkaError._TIMED_OUT))


class Consumer:
    """Takes assignments; `reading` is where it reads."""

    def __init__(self, *, cooperative: bool) -> None:
        self.cooperative = cooperative
        self.reading = {}
        self.refuse = False

    def assignment(self):
        return []

    def incremental_unassign(self, partitions):
        assert not partitions

    def incremental_assign(self, partitions):
        if self.refuse:
            raise KafkaException(KafkaError(KafkaError._STATE))
        self.reading |= {p.partition: p.offset for p in partitions}

    def assign(self, partitions):
        self.reading = {p.partition: p.offset for p in partitions}


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


class Points:
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
    """Two partitions, of which the first stands still."""

    def __init__(self, *, cooperative: bool = True) -> None:
        self.consumer, self.commits, self.points = (
            Consumer(cooperative=cooperative),
            Commits(),
            Points(),
        )
        self.dispatcher = Dispatcher()
        self.log = logger("test", "CRITICAL")
        self.assignment = Assignment(self.consumer, "t")
        for number in (0, 1):
            self.assignment.add(number, self.open_lane(f"t-{number}"))
        self.resets = Resets(self.assignment, self.commits, self.points, self)
        self.resets.add(0)

    def open_lane(self, name: str) -> Lane:
        lane = Lane(name, MappingSettings(), 0.0)
        self.dispatcher.open(lane)
        return lane

    def abandon(self, lanes) -> None:
        self.dispatcher.close(lanes)


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch):
    monkeypatch.setattr(kafka_reset, "_RETRY_SECONDS", 0.0)


def test_nothing_is_read_before_the_beginning_is_committed():
    bench = Bench()
    bench.resets.work()
    assert bench.consumer.reading == {}
    assert bench.commits.answer() == {0: 7}
    bench.resets.work()
    assert bench.consumer.reading == {0: 7}
    bench.resets.work()
    assert bench.points.asked == [{0: None}]


def test_a_broker_that_is_away_is_asked_again():
    bench = Bench()
    bench.points.error = AWAY
    bench.resets.work()
    bench.points.error = None
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
    assert bench.points.asked == [{0: None}]


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
    bench.assignment.add(0, bench.open_lane("t-0"))
    bench.commits.answer()
    bench.resets.work()
    assert bench.consumer.reading == {}


def test_an_eager_consumer_takes_all_partitions_anew_each_where_it_is():
    bench = Bench(cooperative=False)
    bench.assignment.partitions[1].next = 30
    bench.resets.work()
    bench.commits.answer()
    bench.resets.work()
    assert bench.consumer.reading == {0: 7, 1: 30}


def test_a_log_that_was_truncated_under_a_lane_gets_a_new_one():
    bench = Bench()
    partition = bench.assignment.partitions[0]
    partition.next, old = 100, partition.lane
    bench.resets.work()
    assert bench.commits.sent == []  # its position goes on with what is done
    assert bench.consumer.reading == {0: 7}
    assert partition.lane is not old
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
    ends = Ends(bench.assignment, bench.commits, bench.dispatcher)
    ends.note(0, end)
    ends.work()
    assert [offsets for offsets, _ in bench.commits.sent] == expected
