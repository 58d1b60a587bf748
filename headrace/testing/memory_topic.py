"""An in-memory topic, with the positions that one group has committed on it."""

from bisect import bisect_left
from collections.abc import Mapping
from zlib import crc32

from headrace.record import Headers, KafkaPosition, Record, kafka_position
from headrace.runner.kafka.consumer import BEGINNING, END, ConsumerError
from headrace.testing.records import TOPIC, WRITTEN_AT


class MemoryTopic:
    """The partitions of a topic, and the positions that a group has committed on them.

    Attributes:
        name: the topic's name.
        partitions: records by partition; offsets may have gaps.
        first: the offset at which each log begins, as retention leaves it.
        committed: the group's positions: the next offset to read.
        commits: every commit as it came: (partition, offset).
        refuse_commits: how many of the next commits fail.
        unreadable: places (partition, offset) whose message cannot be read, with the reason.
    """

    def __init__(self, partitions: int = 1, name: str = TOPIC) -> None:
        if partitions < 1:
            raise ValueError(f"a topic has a partition at least, not {partitions}")
        self.name = name
        self.partitions: dict[int, list[Record]] = {n: [] for n in range(partitions)}
        self.first: dict[int, int] = dict.fromkeys(range(partitions), 0)
        self.committed: dict[int, int] = {}
        self.commits: list[tuple[int, int]] = []
        self.refuse_commits = 0
        self.unreadable: dict[tuple[int, int], str] = {}
        self._keyless = 0

    def produce(
        self,
        value: bytes | None,
        key: bytes | None = None,
        partition: int | None = 0,
        gap: int = 0,
        *,
        headers: Headers = (),
        timestamp: int | None = WRITTEN_AT,
    ) -> Record:
        """Append a record, `gap` offsets after the next one (as compaction leaves it).

        Without a partition, its key chooses one; without a key, too, it is the next one's turn.
        """
        if partition is None:
            partition = self._choose(key)
        self.check(partition)
        position = KafkaPosition(self.name, partition, self.end(partition) + gap)
        record = Record("kafka", position, value, key, headers, timestamp)
        self.partitions[partition].append(record)
        return record

    def check(self, *partitions: int) -> None:
        """Raise ValueError unless the topic has all of these partitions."""
        for partition in partitions:
            if partition not in self.partitions:
                have = f"from 0 to {len(self.partitions) - 1}"
                raise ValueError(f"there is no partition {partition}: the topic's are {have}")

    def _choose(self, key: bytes | None) -> int:
        self._keyless += key is None
        return (self._keyless - 1 if key is None else crc32(key)) % len(self.partitions)

    def cut(self, partition: int, before: int) -> None:
        """Delete the records before an offset, as retention does."""
        self.first[partition] = before
        self.partitions[partition] = [r for r in self.partitions[partition] if _at(r) >= before]

    def end(self, partition: int) -> int:
        """Return the offset after the last record."""
        log = self.partitions[partition]
        return _at(log[-1]) + 1 if log else self.first[partition]

    def offset_at(self, partition: int, time: int) -> int:
        """Return the first offset at or after a time (milliseconds), or the begin or the end."""
        if time == BEGINNING:
            return self.first[partition]
        later = [
            r for r in self.partitions[partition] if time != END and (r.timestamp or 0) >= time
        ]
        return _at(later[0]) if later else self.end(partition)

    def read(self, partition: int, start: int, most: int) -> list[Record]:
        """Return the records from an offset on."""
        log = self.partitions[partition]
        begin = bisect_left(log, start, key=_at)
        return log[begin : begin + most]

    def take_commit(self, offsets: Mapping[int, int]) -> dict[int, ConsumerError]:
        """Take or refuse a commit. Returns what stood in the way, by partition."""
        if self.refuse_commits:
            self.refuse_commits -= 1
            return {partition: ConsumerError("timed out") for partition in offsets}
        self.committed |= offsets
        self.commits += offsets.items()
        return {}


def _at(record: Record) -> int:
    return kafka_position(record).offset
