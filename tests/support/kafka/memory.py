"""An in-memory Kafka: a broker of one topic, and a member of one group on it.

`MemoryConsumer` is a `headrace.runner.kafka.consumer.GroupConsumer`: `KafkaPoller` works on it as
on the real one. Its broker keeps `Record`s, by partition; what a member gets is decided here:

- `fetch` first does what is due (rebalances, answers to commits), then returns `Records` from the
  member's positions; in `MemoryBroker.unreadable` they come as `Unreadable`.
- A member that joins is assigned all partitions. `assign`, `revoke` and `lose` ask for more; all of
  it happens inside the next `fetch`, as with a real client.
- Reading begins at the group's committed position, or at 0.
- The broker takes a commit at once, unless `refuse_commits` says otherwise; its answer reaches the
  listener inside the next `fetch`.
"""

import threading
from collections.abc import Callable, Iterable, Mapping

from headrace.record import Headers, KafkaPosition, Record
from headrace.runner.kafka.consumer import (
    BEGINNING,
    ConsumerError,
    Fetched,
    Listener,
    Records,
    Unreadable,
)

TOPIC = "orders"
_PATIENCE_SECONDS = 0.002


class MemoryBroker:
    """The partitions of one topic, and the positions that a group has committed on them.

    Attributes:
        partitions: records by partition; offsets may have gaps.
        committed: the group's positions: the next offset to read.
        commits: every commit as it came: (partition, offset).
        refuse_commits: how many of the next commits fail.
        unreadable: places (partition, offset) whose message cannot be read, with the reason.
    """

    def __init__(self, partitions: int = 1) -> None:
        self.partitions: dict[int, list[Record]] = {n: [] for n in range(partitions)}
        self.committed: dict[int, int] = {}
        self.commits: list[tuple[int, int]] = []
        self.refuse_commits = 0
        self.unreadable: dict[tuple[int, int], str] = {}

    def produce(
        self,
        value: bytes | None,
        key: bytes | None = None,
        partition: int = 0,
        gap: int = 0,
        *,
        headers: Headers = (),
        timestamp: int | None = 1_700_000_000_000,
    ) -> Record:
        """Append a record, `gap` offsets after the next one (as compaction leaves it)."""
        position = KafkaPosition(TOPIC, partition, self.end(partition) + gap)
        record = Record("kafka", position, value, key, headers, timestamp)
        self.partitions[partition].append(record)
        return record

    def end(self, partition: int) -> int:
        """Return the offset after the last record."""
        log = self.partitions[partition]
        return _offset(log[-1]) + 1 if log else 0


class MemoryConsumer:
    """A group's member. Rebalances happen inside the next `fetch`.

    Attributes:
        broker: what it reads.
        paused: partitions that are not fetched for now.
        positions: the next offset of each partition that is assigned.
        polls: how often it was asked for records.
        closed: it has left the group.
    """

    def __init__(self, broker: MemoryBroker) -> None:
        self.broker = broker
        self.paused: set[int] = set()
        self.positions: dict[int, int] = {}
        self.polls = 0
        self.closed = False
        self._listener: Listener | None = None
        self._events: list[Callable[[Listener], None]] = []
        self._wake = threading.Event()

    # What a test does to it.

    @property
    def is_settled(self) -> bool:
        """Return whether all that was asked of it has happened."""
        return not self._events

    def assign(self, partitions: Iterable[int]) -> None:
        """Have these partitions assigned."""
        self._do(partitions, self._assigned)

    def revoke(self, partitions: Iterable[int]) -> None:
        """Have these partitions revoked in order."""
        self._do(partitions, self._revoked)

    def lose(self, partitions: Iterable[int]) -> None:
        """Have these partitions lost: others may read them already."""
        self._do(partitions, self._lost)

    # What the poller asks of it.

    def join(self, listener: Listener) -> None:
        """Join the group: all partitions are assigned."""
        self._listener = listener
        self.assign(self.broker.partitions)

    def fetch(self, most: int, timeout: float) -> list[Fetched]:
        """Return what comes next; wait a moment if there is nothing."""
        self.polls += 1
        while self._events and self._listener is not None:
            self._events.pop(0)(self._listener)
        found: list[Fetched] = []
        for partition in list(self.positions):
            if partition not in self.paused:
                found += self._read(partition, most - sum(map(_count, found)))
        if not found and timeout:
            self._wake.wait(min(timeout, _PATIENCE_SECONDS))
            self._wake.clear()
        return found

    def pause(self, partitions: Iterable[int]) -> None:
        """Fetch these no more for now."""
        self.paused |= set(partitions)

    def resume(self, partitions: Iterable[int]) -> None:
        """Fetch these again."""
        self.paused -= set(partitions)

    def read_from(self, offsets: Mapping[int, int], reached: Mapping[int, int | None]) -> None:
        """Go on at these offsets."""
        del reached
        self.positions |= offsets
        self.paused -= offsets.keys()

    def commit(self, offsets: Mapping[int, int]) -> None:
        """Take a commit; the answer comes with the next fetch."""
        errors: dict[int, ConsumerError] = {}
        if self.broker.refuse_commits:
            self.broker.refuse_commits -= 1
            errors = {partition: ConsumerError("timed out") for partition in offsets}
        else:
            self.broker.committed |= offsets
            self.broker.commits += offsets.items()
        self._events.append(lambda listener: listener.committed(offsets, errors))
        self._wake.set()

    def committed(self, partitions: Iterable[int], timeout: float) -> dict[int, int]:
        """Return the group's positions."""
        del timeout
        known = self.broker.committed
        return {partition: known[partition] for partition in partitions if partition in known}

    def offsets(self, partitions: Iterable[int], time: int, timeout: float) -> dict[int, int]:
        """Return the ends of logs, or their beginnings."""
        del timeout
        return {n: 0 if time == BEGINNING else self.broker.end(n) for n in partitions}

    def log_end(self, partition: int) -> int:
        """Return the offset after the last record."""
        return self.broker.end(partition)

    def close(self) -> None:
        """Leave the group."""
        if self._listener is not None:
            self._revoked(list(self.positions), self._listener)
        self.closed = True

    def _do(self, partitions: Iterable[int], event: Callable[[list[int], Listener], None]) -> None:
        chosen = list(partitions)
        self._events.append(lambda listener: event(chosen, listener))
        self._wake.set()

    def _assigned(self, partitions: list[int], listener: Listener) -> None:
        for partition in partitions:
            self.positions[partition] = self.broker.committed.get(partition, 0)
        listener.assigned(partitions)

    def _revoked(self, partitions: list[int], listener: Listener) -> None:
        listener.revoked(partitions)
        for partition in partitions:
            self.positions.pop(partition, None)

    def _lost(self, partitions: list[int], listener: Listener) -> None:
        listener.lost(partitions)
        for partition in partitions:
            self.positions.pop(partition, None)

    def _read(self, partition: int, most: int) -> list[Fetched]:
        start, log = self.positions[partition], self.broker.partitions[partition]
        records = [record for record in log if _offset(record) >= start][:most]
        if records:
            self.positions[partition] = _offset(records[-1]) + 1
        found: list[Fetched] = []
        for record in records:
            why = self.broker.unreadable.get((partition, _offset(record)))
            if why is not None:
                found.append(Unreadable(partition, record, why))
            elif found and isinstance(found[-1], Records):
                found[-1].records.append(record)
            else:
                found.append(Records(partition, [record], float("inf")))
        return found


def _count(item: Fetched) -> int:
    return len(item.records) if isinstance(item, Records) else 1


def _offset(record: Record) -> int:
    position = record.position
    assert isinstance(position, KafkaPosition)
    return position.offset
