"""A group's member on an in-memory topic: the double of the real client.

It is a `headrace.runner.kafka.consumer.GroupConsumer`, so the runner's poller works on it as on
the real one:

- A member that joins is assigned all partitions. `assign`, `revoke` and `lose` ask for more; all of
  it happens inside the next `fetch`, as with a real client.
- Reading begins at the group's position. A partition without one, or with one that the log does
  not hold, stands still (`NoPosition`) until it is told where to read from.
- `fetch` first does what is due (rebalances, answers to commits), then returns what comes next,
  and once, that a partition's end was reached.
- The broker takes a commit at once, unless `refuse_commits` says otherwise; its answer reaches the
  listener inside the next `fetch`.
"""

import threading
from collections.abc import Callable, Iterable, Mapping

from headrace.record import kafka_position
from headrace.runner.kafka.consumer import (
    Fetched,
    Listener,
    LogEnd,
    NoPosition,
    Records,
    Unreadable,
)
from headrace.testing.memory_topic import MemoryTopic

_PATIENCE_SECONDS = 0.002


class MemoryConsumer:
    """A group's member. Rebalances happen inside the next `fetch`.

    Attributes:
        topic: what it reads.
        paused: partitions that are not fetched for now.
        positions: the next offset of each partition that is assigned and does not stand still.
        polls: how often it was asked for records.
        closed: it has left the group.
        patience: for how many seconds of real time it is worth to wait for records.
    """

    patience = 0.0

    def __init__(self, topic: MemoryTopic) -> None:
        self.topic = topic
        self.paused: set[int] = set()
        self.positions: dict[int, int] = {}
        self.polls = 0
        self.closed = False
        self._listener: Listener | None = None
        self._events: list[Callable[[Listener], None]] = []
        self._news: list[Fetched] = []
        self._ends: dict[int, int] = {}
        self._wake = threading.Event()

    # What a test does to it.

    @property
    def is_settled(self) -> bool:
        """Return whether all that was asked of it has happened."""
        return not self._events and not self._news

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
        self.assign(self.topic.partitions)

    def fetch(self, most: int, timeout: float) -> list[Fetched]:
        """Return what comes next; wait a moment if there is nothing."""
        self.polls += 1
        while self._events and self._listener is not None:
            self._events.pop(0)(self._listener)
        found, self._news = self._news, []
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
        for partition in offsets:
            self._ends.pop(partition, None)
        self.positions |= offsets
        self.paused -= offsets.keys()

    def commit(self, offsets: Mapping[int, int]) -> None:
        """Send a commit; the answer comes with the next fetch."""
        errors = self.topic.take_commit(offsets)
        self._events.append(lambda listener: listener.committed(offsets, errors))
        self._wake.set()

    def committed(self, partitions: Iterable[int], timeout: float) -> dict[int, int]:
        """Return the group's positions."""
        del timeout
        known = self.topic.committed
        return {partition: known[partition] for partition in partitions if partition in known}

    def offsets(self, partitions: Iterable[int], time: int, timeout: float) -> dict[int, int]:
        """Return the first offsets at or after a time."""
        del timeout
        return {partition: self.topic.offset_at(partition, time) for partition in partitions}

    def log_end(self, partition: int) -> int:
        """Return the offset after the last record."""
        return self.topic.end(partition)

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
        topic = self.topic
        for partition in partitions:
            position = topic.committed.get(partition, -1)
            if topic.first[partition] <= position <= topic.end(partition):
                self.positions[partition] = position
            else:
                self._news.append(NoPosition(partition))
        listener.assigned(partitions)

    def _revoked(self, partitions: list[int], listener: Listener) -> None:
        listener.revoked(partitions)
        self._forget(partitions)

    def _lost(self, partitions: list[int], listener: Listener) -> None:
        listener.lost(partitions)
        self._forget(partitions)

    def _forget(self, partitions: list[int]) -> None:
        for partition in partitions:
            self.positions.pop(partition, None)
            self._ends.pop(partition, None)
        self._news = [item for item in self._news if item.partition not in partitions]

    def _read(self, partition: int, most: int) -> list[Fetched]:
        topic, start = self.topic, self.positions[partition]
        found: list[Fetched] = []
        for record in topic.read(partition, start, most):
            offset = kafka_position(record).offset
            self.positions[partition] = offset + 1
            why = topic.unreadable.get((partition, offset))
            if why is not None:
                found.append(Unreadable(partition, record, why))
            elif found and isinstance(found[-1], Records):
                found[-1].records.append(record)
            else:
                found.append(Records(partition, [record], float("inf")))
        end = topic.end(partition)
        if most and self.positions[partition] == end != self._ends.get(partition):
            self._ends[partition] = end
            found.append(LogEnd(partition, end))
        return [*map(_sized, found)]


def _count(item: Fetched) -> int:
    return len(item.records) if isinstance(item, Records) else 1


def _sized(item: Fetched) -> Fetched:
    if not isinstance(item, Records):
        return item
    return item._replace(size=sum(len(record.value or b"") for record in item.records))
