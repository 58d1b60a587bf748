"""What happened in a simulated run, and the promises that it must not break."""

from collections import defaultdict
from collections.abc import Sequence

from headrace.dead_letters import reading
from headrace.record import KafkaPosition, Record
from headrace.sinks import Message
from headrace.testing.records import TOPIC
from tests.support.partitions import offset

Place = tuple[int, int]  # partition, offset


class History:
    """A partitioned, keyed log with one group's positions, and all that was done with its records.

    Every promise is checked the moment it could be broken.

    Args:
        partitions: how many there are.
        window: how many records of a partition may come twice.
        ahead: how many may, after a record failed, until it is done and committed.
    """

    def __init__(self, partitions: int, window: int, ahead: int) -> None:
        self.logs: list[list[Record]] = [[] for _ in range(partitions)]
        self.passes: dict[Place, bool] = {}
        self.committed = [-1] * partitions
        self.letters: list[Record] = []
        self._window = window
        self._ahead = ahead
        self._failing: set[Place] = set()
        self._ran_ahead: dict[int, int] = {}  # by partition: up to where, while a record failed
        self._delivered: set[Place] = set()
        self._done: set[Place] = set()
        self._of_key: dict[tuple[int, bytes], list[Record]] = defaultdict(list)
        self._latest: dict[tuple[int, bytes], int] = {}  # first deliveries

    def produce(self, partition: int, key: bytes | None, *, gap: int, passes: bool) -> None:
        """Append a record, `gap` offsets further on than the next."""
        log = self.logs[partition]
        at = (offset(log[-1]) + 1 if log else 0) + gap
        position = KafkaPosition(TOPIC, partition, at)
        record = Record("kafka", position, b"%d" % at, key)
        log.append(record)
        self.passes[place(record)] = passes
        if passes and key is not None:
            self._of_key[partition, key].append(record)

    def deliver(self, records: Sequence[Record]) -> None:
        """Note what a handler gets: keys in order, and little of it a second time."""
        batch = set(map(place, records))
        for record in records:
            partition, at = place(record)
            assert self.passes[partition, at], f"{record.id} was filtered out"
            if record.key is not None:
                self._check_key(record, batch)
            self._delivered.add((partition, at))
            if self._is_failing(partition):
                self._ran_ahead[partition] = max(self._ran_ahead[partition], at)
        for partition in range(len(self.committed)):
            out = self._out(partition)
            most = self._ahead if partition in self._ran_ahead else self._window
            assert out <= most, f"{out} records could be delivered twice"

    def process(self, records: Sequence[Record]) -> None:
        """Note what a handler has done."""
        self._done.update(map(place, records))

    def fail(self, records: Sequence[Record]) -> None:
        """Note what failed by itself: others may run ahead of it."""
        for partition, at in map(place, records):
            self._failing.add((partition, at))
            delivered = max(other for number, other in self._delivered if number == partition)
            self._ran_ahead[partition] = max(self._ran_ahead.get(partition, -1), delivered)

    def bury(self, messages: Sequence[Message]) -> None:
        """Note dead letters: each must give its record back, as it was."""
        for message in messages:
            record = reading.decode(message.value).record()
            (original,) = (r for r in self.logs[place(record)[0]] if place(r) == place(record))
            assert record == original
            self.letters.append(record)
            self._done.add(place(record))

    def commit(self, position: KafkaPosition) -> None:
        """Move a position: only on, and over nothing that is not done."""
        partition, at = position.partition, position.offset
        assert at >= self.committed[partition], f"{position} is before the committed position"
        for earlier in self.logs[partition]:
            if self.committed[partition] < offset(earlier) <= at:
                assert self.is_done(earlier), f"{position} committed, but not {earlier.id}"
        self.committed[partition] = at
        if not self._is_failing(partition) and at >= self._ran_ahead.get(partition, -1):
            self._ran_ahead.pop(partition, None)

    def is_done(self, record: Record) -> bool:
        """Whether it was processed, given up to the destination, or filtered out."""
        return place(record) in self._done or not self.passes[place(record)]

    def unread(self, partition: int, after: int) -> list[Record]:
        """What comes after an offset."""
        return [record for record in self.logs[partition] if offset(record) > after]

    def finished(self) -> bool:
        """Whether all positions are at the end."""
        ends = [offset(log[-1]) if log else -1 for log in self.logs]
        return self.committed == ends

    def _is_failing(self, partition: int) -> bool:
        """Whether a record failed that is not behind the committed position.

        Who has lost the partition may get it done; who has it now does not know that.
        """
        committed = self.committed[partition]
        return any(number == partition and at > committed for number, at in self._failing)

    def _out(self, partition: int) -> int:
        """How many records were delivered, and are not behind the committed position."""
        committed = self.committed[partition]
        return sum(number == partition and at > committed for number, at in self._delivered)

    def _check_key(self, record: Record, batch: set[Place]) -> None:
        partition, at = place(record)
        for earlier in self._of_key[partition, record.key]:
            if offset(earlier) >= at:
                break
            known = place(earlier) in self._done or place(earlier) in batch
            assert known, f"{record.id} overtakes {earlier.id}"
        if (partition, at) not in self._delivered:
            latest = self._latest.get((partition, record.key), -1)
            assert at > latest, f"{record.id} comes after {latest}, which has the same key"
            self._latest[partition, record.key] = at


def place(record: Record) -> Place:
    return record.position.partition, record.position.offset
