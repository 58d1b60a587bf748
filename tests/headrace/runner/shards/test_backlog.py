"""What waits of a shard, and an age that tells how late it is."""

import time

import pytest

from headrace.record import KinesisPosition, Record
from headrace.runner.kinesis.records import Unpacking
from headrace.runner.shards.backlog import Backlog
from headrace.runner.shards.bytes_ahead import BytesAhead
from headrace.runner.shards.pace import Pace
from headrace.runner.shards.read_method import ReadResult
from headrace.runner.shards.reader import ShardReader
from headrace.runner.shards.start import ShardStart
from headrace.runner.shards.stream import Reading
from tests.support.kinesis.endless import ARRIVAL, Endless, Intake, state
from tests.support.waiting import wait_until


def test_a_shard_that_retries_takes_no_room_from_the_others():
    ahead = BytesAhead(100)
    ahead.note("failing", 26, parking=True)
    ahead.note("quick", 50)
    assert ahead.is_over("failing")
    assert not ahead.is_over("quick")
    ahead.note("quick", 51)
    assert ahead.is_over("quick")
    ahead.note("quick", 0)
    ahead.note("other", 60)
    assert not ahead.is_over("quick")  # what holds nothing may always read a little
    ahead.forget("failing")
    assert ahead.answer() == 100 // 4 // 2


def test_a_backlog_lets_go_of_what_is_done_by_whole_chunks():
    backlog = Backlog()
    for size in (10, 20):
        backlog.add([Record("kinesis", KinesisPosition("s", "a", "1"), b"x" * size)] * 2)
    assert backlog.size == 60
    backlog.settle(state(3, 0))
    assert backlog.size == 60
    backlog.settle(state(2, 0))
    assert backlog.size == 40
    backlog.settle(state(0, 0))  # a filter left them out
    assert backlog.size == 0


class Scripted(Endless):
    """ReadResults once, then waits until it is closed."""

    def __init__(self, answer: ReadResult) -> None:
        super().__init__(b"", 0)
        self._answers = iter([answer])

    def read(self) -> ReadResult:
        self.reads += 1
        return next(self._answers, None) or ReadResult([], 700, ended=False)

    def pause(self, result: ReadResult) -> float:
        return 0.05


def test_the_iterator_age_is_that_of_the_oldest_record_that_is_not_done():
    intake = Intake()
    reads = Scripted(ReadResult([Endless(b"1", 1)._entry()], 0, ended=False))
    unpacking = Unpacking("s", "a", ShardStart(), deaggregate=True, within=None)
    reader = ShardReader(
        "a", Reading(reads, unpacking), intake, intake, BytesAhead(), Pace().failed_read
    )
    wait_until(lambda: reads.reads > 2)
    try:
        expected = time.time() * 1000 - ARRIVAL.timestamp() * 1000
        assert reader.note(intake.state(intake)) == pytest.approx(expected, abs=60_000)
        assert reader.note(state(0, 0)) == 700  # as the service last said
        assert reader.answered
    finally:
        reader.close()
