"""A shard that is read faster than it is processed: bounded memory, and an age that tells."""

import itertools
import logging
import time
from datetime import UTC, datetime

import pytest

from headrace.record import KinesisPosition, Record
from headrace.runner.demand import ChannelState
from headrace.runner.kinesis.records import Unpacking
from headrace.runner.shards.backlog import MOST_RECORDS, Backlog
from headrace.runner.shards.bytes_ahead import MEGABYTE, BytesAhead
from headrace.runner.shards.get_records import Answer, GetRecords
from headrace.runner.shards.pace import Pace
from headrace.runner.shards.read_method import ReadResult
from headrace.runner.shards.reader import ShardReader
from headrace.runner.shards.start import ShardStart
from headrace.runner.shards.stream import Reading
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
        (b"12345678", 10_000, MOST_RECORDS + 1_000, 32 * MEGABYTE + CHUNK),
        (BIG, 10, MOST_RECORDS, 32 * MEGABYTE + CHUNK),
        (SMALL_PACKED, 100, MOST_RECORDS + 5_000, 32 * MEGABYTE + CHUNK),
    ],
)
def test_the_reader_waits_for_the_handler(data, at_once, most_records, most_bytes):
    reads, intake = Endless(data, at_once), Intake()
    unpacking = Unpacking("s", "a", ShardStart(), deaggregate=True, within=None)
    reader = ShardReader(
        "a", Reading(reads, unpacking), intake, intake, BytesAhead(), Pace().failed_read
    )
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


class Counted:
    """Does as a handler that takes nothing, beside the bytes that all channels hold."""

    def __init__(self) -> None:
        self.intakes = [Intake() for _ in range(8)]

    def total(self) -> int:
        return sum(len(r.value) for intake in self.intakes for r in intake.records)


@pytest.mark.parametrize("size", [1_000, 900_000])
def test_all_shards_together_hold_no_more_than_they_may_and_none_starves(size):
    held, most = Counted(), 32 * MEGABYTE
    ahead = BytesAhead(most)
    readers = []
    for number, intake in enumerate(held.intakes):
        method = GetRecords(EndlessShard(b"x" * size), ShardStart(), 0.0, ahead)
        unpacking = Unpacking("s", "a", ShardStart(), deaggregate=True, within=None)
        reading = Reading(method, unpacking)
        backoff = Pace().failed_read
        readers.append(ShardReader(str(number), reading, intake, intake, ahead, backoff))
    try:
        wait_until(lambda: held.total() > most // 2)
        wait_until(lambda: all(map(_stands_still, held.intakes)))
        assert held.total() <= most
        for intake in held.intakes:
            before = intake.fed
            intake.records.clear()
            wait_until(lambda intake=intake, before=before: intake.fed > before)
        assert held.total() <= most
    finally:
        for reader in readers:
            reader.close()
    assert [reader.error for reader in readers] == [None] * 8


class EndlessShard(Endless):
    """The same, as GetRecords reads it."""

    pause = 0.0
    most = 10_000

    def __init__(self, data: bytes) -> None:
        super().__init__(data, 0)

    def iterator(self, start: ShardStart) -> str:
        return "here"

    def read(self, iterator: str, limit: int) -> Answer:
        entries = [self._entry() for _ in range(limit)]
        return Answer(entries, limit * len(self._data), entries[-1]["SequenceNumber"], 0, "here")


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
