"""What is done and not committed yet, over all partitions."""

import threading
from collections.abc import Callable, Collection, Iterable

import msgspec

from headrace.record import Position
from headrace.runner.dispatch.partition import Partition
from headrace.runner.dispatch.ready_queue import Turn


class Commit(msgspec.Struct, frozen=True):
    """How far a partition may be committed.

    Attributes:
        position: of the last record of its done prefix.
        count: how many records that prefix has.
    """

    position: Position
    count: int


Commits = dict[Partition, Commit]


class CommitLedger:
    """Knows how far each partition may be committed.

    Lists them in the order in which they first had something to commit.

    Args:
        lock: the dispatcher's, which guards all partitions.
        go_on: is told, under the lock, which key groups a commit has set free.
    """

    def __init__(self, lock: threading.Lock, go_on: Callable[[Iterable[Turn]], None]) -> None:
        self._lock = lock
        self._go_on = go_on
        self._partitions: dict[Partition, None] = {}
        self._urgent: set[Partition] = set()

    @property
    def is_urgent(self) -> bool:
        """Return whether some partition is about to block on a commit."""
        return bool(self._urgent)

    def is_blocking(self) -> bool:
        """Return whether something stands still until a commit is acknowledged."""
        with self._lock:
            return self.blocks()

    def commits(self, partitions: Collection[Partition] | None = None) -> Commits:
        """Return how far partitions may be committed (None: all of them)."""
        with self._lock:
            return {
                partition: Commit(partition.done, partition.prefix.count)
                for partition in self._partitions
                if partition.done is not None and (partitions is None or partition in partitions)
            }

    def acknowledge(self, commits: Commits) -> int:
        """Note commits that are durable. Returns how many records they newly covered."""
        newly = 0
        with self._lock:
            for partition, commit in commits.items():
                newly += commit.count - partition.committed_count
                freed = partition.commit(commit.position, commit.count)
                self._go_on(Turn(partition, group) for group in freed)
                if not partition.commit_is_urgent:
                    self._urgent.discard(partition)
                if not partition.is_uncommitted:
                    self.forget(partition)
        return newly

    # What follows is the dispatcher's, which holds the lock.

    def blocks(self) -> bool:
        """Return what `is_blocking` returns."""
        return any(partition.blocked_on_commit for partition in self._partitions)

    def note(self, partition: Partition) -> None:
        """Take a partition up, if it has anything to commit."""
        if partition.is_uncommitted:
            self._partitions[partition] = None
            if partition.commit_is_urgent:
                self._urgent.add(partition)

    def forget(self, partition: Partition) -> None:
        """Commit nothing more of a partition."""
        self._partitions.pop(partition, None)
        self._urgent.discard(partition)

    def is_clear(self) -> bool:
        """Return whether all that is done is committed."""
        return not self._partitions
