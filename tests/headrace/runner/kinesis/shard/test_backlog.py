"""A shard that is read faster than it is processed: bounded memory, and an age that tells."""

import itertools
import logging
import time
from datetime import UTC, datetime

import pytest

from headrace.record import KinesisPosition, Record
from headrace.runner.demand import ChannelState
from headrace.runner.kinesis.pace import Pace
from headrace.runner.kinesis.shard.backlog import MOST_BYTES, MOST_RECORDS, Backlog
from headrace.runner.kinesis.shard.read_method import ReadResult
from headrace.runner.kinesis.shard.reader import ShardReader
from headrace.runner.kinesis.shard.records import Unpacking
from headrace.runner.kinesis.shard.start import ShardStart
from tests.support.kinesis.kpl import aggregate
from tests.support.waiting import wait_until

ARRIVAL = datetime(2026, 1, 1, tzinfo=UTC)


class Endless:
    """A shard with no end, read at once."""

    def __init__(self, data: bytes, at_once: int) -> None:
        self._data = data
        self._at_once = at_once
        self._numbers = itertools.count()
        self.reads = 0

    def read(self) -> ReadResult:
        self.reads += 1
        return ReadResult([self._entry() for _ in range(self._at_once)], 0, ended=False)

    def pause(self, result: ReadResult) -> float:
        return 0.0

    def close(self) -> None:
        pass

    def _entry(self) -> dict:
        number = str(next(self._numbers))
        return {
            "Data": self._data,
            "PartitionKey": "k",
            "SequenceNumber": number,
            "ApproximateArrivalTimestamp": ARRIVAL,
        }


def state(outstanding: int, waiting: int, oldest: int | None = None) -> ChannelState:
    return ChannelState(
        idle=not outstanding,
        read=not outstanding,
        waiting=waiting,
        outstanding=outstanding,
        oldest=oldest,
    )


class Intake:
    """A mapping of one channel, which keeps what it is fed until that is taken."""

    name = "a"
    log = logging.getLogger("test")

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.fed = 0
        self.most_records = 0
        self.most_bytes = 0

    def feed(self, channel, records: list[Record]) -> bool:
        self.records += records
        self.fed += len(records)
        self.most_records = max(self.most_records, len(self.records))
        self.most_bytes = max(self.most_bytes, sum(len(r.value) for r in self.records))
        return True

    def state(self, channel) -> ChannelState:
        count = len(self.records)
        return state(count, count, self.records[0].timestamp if count else None)


BIG = b"x" * 1_000_000
SMALL_PACKED = aggregate([("k", None, b"12345678")] * 5_000)
CHUNK = 1024 * 1024 + 1_000_000


@pytest.mark.parametrize(
    ("data", "at_once", "most_records", "most_bytes"),
    [
        (b"12345678", 10_000, MOST_RECORDS + 1_000, MOST_BYTES + CHUNK),
        (BIG, 10, MOST_RECORDS, MOST_BYTES + CHUNK),
        (SMALL_PACKED, 100, MOST_RECORDS + 5_000, MOST_BYTES + CHUNK),
    ],
)
def test_the_reader_waits_for_the_handler(data, at_once, most_records, most_bytes):
    reads, intake = Endless(data, at_once), Intake()
    unpacking = Unpacking("s", "a", ShardStart(), deaggregate=True, within=None)
    reader = ShardReader("a", reads, unpacking, intake, intake, Pace().failed_read)
    try:
        wait_until(lambda: _takes(intake) >= 5 * at_once)
        wait_until(lambda: _stands_still(intake))
        assert intake.records
        assert intake.most_records <= most_records
        assert intake.most_bytes <= most_bytes
    finally:
        reader.close()
    assert reader.error is None


def _takes(intake: Intake) -> int:
    """Does as a handler that takes some; returns how many there ever were."""
    del intake.records[: len(intake.records) // 2 + 1]
    return intake.fed


def _stands_still(intake: Intake) -> bool:
    fed = intake.fed
    time.sleep(0.3)
    return intake.fed == fed


def records(count: int, size: int) -> list[Record]:
    position = KinesisPosition("s", "a", "1")
    return [Record("kinesis", position, b"x" * size, b"k", (), 1)] * count


def test_a_backlog_counts_what_is_not_done():
    backlog = Backlog()
    assert not backlog.is_full(state(0, 0))
    for _ in range(12):
        backlog.add(records(1, MOST_BYTES // 10))
    assert backlog.is_full(state(12, 3))
    assert not backlog.is_full(state(9, 9))
    assert not backlog.is_full(state(0, 0))
    backlog.add(records(MOST_RECORDS, 0))
    assert backlog.is_full(state(MOST_RECORDS, MOST_RECORDS))
    assert not backlog.is_full(state(MOST_RECORDS, MOST_RECORDS - 1))


def test_records_that_never_reached_the_channel_do_not_hold_up_the_reader():
    """Those that a filter leaves out are fed, but not outstanding."""
    backlog = Backlog()
    for _ in range(1000):
        backlog.add(records(10, MOST_BYTES // 100))
        assert not backlog.is_full(state(0, 0))


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
    reader = ShardReader("a", reads, unpacking, intake, intake, Pace().failed_read)
    wait_until(lambda: reads.reads > 2)
    try:
        expected = time.time() * 1000 - ARRIVAL.timestamp() * 1000
        assert reader.age(intake.state(intake)) == pytest.approx(expected, abs=60_000)
        assert reader.age(state(0, 0)) == 700  # as the service last said
        assert reader.answered
    finally:
        reader.close()
