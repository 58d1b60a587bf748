"""A shard that is read faster than it is processed, in bounded memory."""

import time

import pytest

from headrace.runner.kinesis.records import Unpacking
from headrace.runner.shards.backlog import MOST_RECORDS
from headrace.runner.shards.bytes_ahead import MEGABYTE, BytesAhead
from headrace.runner.shards.get_records import Answer, GetRecords
from headrace.runner.shards.pace import Pace
from headrace.runner.shards.reader import ShardReader
from headrace.runner.shards.start import ShardStart
from headrace.runner.shards.stream import Reading
from tests.support.kinesis.endless import Endless, Intake
from tests.support.kinesis.kpl import aggregate
from tests.support.waiting import wait_until

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
