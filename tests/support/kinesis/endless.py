"""A shard without an end, and a mapping that keeps what it is fed."""

import itertools
import logging
from datetime import UTC, datetime

from headrace.record import Record
from headrace.runner.demand import ChannelState
from headrace.runner.shards.read_method import ReadResult

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
