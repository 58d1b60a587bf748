"""A shard that is read faster than it is processed: bounded memory, and an age that tells."""

import itertools
import logging
import time
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from headrace.record import KinesisPosition, Record
from headrace.runner.kinesis.shard.backlog import MOST_BYTES, MOST_RECORDS, Backlog
from headrace.runner.kinesis.shard.get_records import Answer
from headrace.runner.kinesis.shard.reader import ShardReader
from headrace.runner.kinesis.shard.records import Unpacking
from headrace.runner.kinesis.shard.start import Start
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

    def read(self) -> Answer:
        self.reads += 1
        return Answer([self._entry() for _ in range(self._at_once)], 0, ended=False)

    def pause(self, answer: Answer) -> float:
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


class Lane:
    """A lane that keeps what it is fed until it is taken."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.fed = 0
        self.most_records = 0
        self.most_bytes = 0

    @property
    def buffered(self) -> int:
        return len(self.records)

    @property
    def prefix(self):
        return SimpleNamespace(fed=self.fed, end=self.fed - len(self.records))


class Mapping:
    """Feeds a lane, and notes the most that it ever held."""

    log = logging.getLogger("test")

    def feed(self, lane: Lane, records: list[Record]) -> bool:
        lane.records += records
        lane.fed += len(records)
        lane.most_records = max(lane.most_records, len(lane.records))
        lane.most_bytes = max(lane.most_bytes, sum(len(r.value) for r in lane.records))
        return True


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
    reads, lane = Endless(data, at_once), Lane()
    unpacking = Unpacking("s", "a", Start(), deaggregate=True, within=None)
    reader = ShardReader("a", reads, unpacking, lane, Mapping())
    try:
        wait_until(lambda: _takes(lane) >= 5 * at_once)
        wait_until(lambda: _stands_still(lane))
        assert lane.records
        assert lane.most_records <= most_records
        assert lane.most_bytes <= most_bytes
    finally:
        reader.close()
    assert reader.error is None


def _takes(lane: Lane) -> int:
    """Does as a handler that takes some; returns how many there ever were."""
    del lane.records[: len(lane.records) // 2 + 1]
    return lane.fed


def _stands_still(lane: Lane) -> bool:
    fed = lane.fed
    time.sleep(0.3)
    return lane.fed == fed


def records(count: int, size: int, timestamp: int) -> list[Record]:
    position = KinesisPosition("s", "a", "1")
    return [Record("kinesis", position, b"x" * size, b"k", (), timestamp)] * count


def test_a_backlog_counts_what_is_not_done():
    backlog = Backlog()
    assert not backlog.is_full(0, 0)
    for timestamp in range(12):
        backlog.add(records(1, MOST_BYTES // 10, timestamp))
    assert backlog.is_full(12, 3)
    assert backlog.oldest == 0
    assert not backlog.is_full(9, 9)
    assert backlog.oldest == 3
    assert not backlog.is_full(0, 0)
    assert backlog.oldest is None
    backlog.add(records(MOST_RECORDS, 0, 99))
    assert backlog.oldest == 99
    assert backlog.is_full(MOST_RECORDS, MOST_RECORDS)
    assert not backlog.is_full(MOST_RECORDS, MOST_RECORDS - 1)
    assert backlog.oldest == 99


def test_records_that_never_reached_the_lane_do_not_hold_up_the_reader():
    """Those that a filter leaves out are fed, but not held."""
    backlog = Backlog()
    for timestamp in range(1000):
        backlog.add(records(10, MOST_BYTES // 100, timestamp))
        assert not backlog.is_full(0, 0)


class Scripted(Endless):
    """Answers once, then waits until it is closed."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(b"", 0)
        self._answers = iter([answer])

    def read(self) -> Answer:
        self.reads += 1
        return next(self._answers, None) or Answer([], 700, ended=False)

    def pause(self, answer: Answer) -> float:
        return 0.05


def test_the_iterator_age_is_that_of_the_oldest_record_that_is_not_done():
    lane = Lane()
    reads = Scripted(Answer([Endless(b"1", 1)._entry()], 0, ended=False))
    unpacking = Unpacking("s", "a", Start(), deaggregate=True, within=None)
    reader = ShardReader("a", reads, unpacking, lane, Mapping())
    wait_until(lambda: reads.reads > 2)
    try:
        expected = time.time() * 1000 - ARRIVAL.timestamp() * 1000
        assert reader.age(idle=False) == pytest.approx(expected, abs=60_000)
        assert reader.age(idle=True) == 700  # as the service last said
        assert reader.answered
    finally:
        reader.close()
