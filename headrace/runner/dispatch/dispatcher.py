"""The dispatcher: which batch is handed out next.

One lock guards all partitions and the ledger of commits. It is taken once for each chunk that is
added and for each batch, never for a record.
"""

import math
import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence

from headrace.record import Record
from headrace.runner.dispatch.bell import Bell
from headrace.runner.dispatch.commit_ledger import CommitLedger
from headrace.runner.dispatch.load import Load
from headrace.runner.dispatch.obstacle import Obstacle, find_obstacle
from headrace.runner.dispatch.overview import Overview
from headrace.runner.dispatch.partition import Partition
from headrace.runner.dispatch.ready_queue import ReadyQueue, Turn
from headrace.runner.dispatch.retry_times import RetryTimes
from headrace.runner.dispatch.stride import FIRST_ALONE, Attempted
from headrace.runner.dispatch.taken import Taken


class Dispatcher:
    """Hands out the batches of many partitions, the one that was ready first, first.

    Args:
        clock: tells the time, in seconds.
        threads: how many take batches, if that is known.

    Attributes:
        ledger: what may be committed.
        overview: where all stands.
        ended: nothing more is handed out.
    """

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, threads: int = sys.maxsize
    ) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._work = Bell(self._lock)  # threads without a batch wait here
        self._settled = Bell(self._lock)  # a drain waits here
        self._partitions: set[Partition] = set()
        self._queue = ReadyQueue()
        self._load = Load()
        self.ledger = CommitLedger(self._lock, self._schedule)
        self.overview = Overview(
            self._lock, self._partitions, self._queue, self._load, self.ledger, clock, threads
        )
        self.ended = False

    def open(self, partition: Partition) -> None:
        """Begin an assignment."""
        with self._lock:
            self._partitions.add(partition)

    def partitions(self) -> list[Partition]:
        """Return all current assignments."""
        with self._lock:
            return list(self._partitions)

    def add(
        self,
        partition: Partition,
        records: Sequence[Record],
        passed: Sequence[bool] | None = None,
        largest: float = math.inf,
        given_up: Exception | None = None,
    ) -> None:
        """Add records that were polled for a partition; a closed or stopped one takes none.

        Args:
            partition: where they belong.
            records: in the order of the source.
            passed: which of them are to be processed; the others count as done. None: all.
            largest: bytes that none of them exceeds in an event.
            given_up: why the only record goes to the failure destination without an invocation.
        """
        with self._lock:
            if partition.stopped:
                return
            before = partition.full
            partition.bound.raise_to(largest)
            groups = partition.append(records, self._clock(), passed)
            if given_up is not None:
                partition.give_up(groups, given_up)
            self._load.waiting += partition.full - before
            self.ledger.note(partition)
            self._schedule(Turn(partition, group) for group in groups)

    def stop_waiting_to_fill(self) -> None:
        """Let no batch wait to fill any more: no further record will come."""
        with self._lock:
            for partition in self._partitions:
                for group in partition.groups:
                    group.pending.stop_waiting_to_fill()
                self._schedule(Turn(partition, group) for group in partition.groups)

    def take(self) -> Taken | None:
        """Take the batches whose turn it is; None if none is ready."""
        with self._lock:
            now = self._clock()
            turn = self._queue.pop(now)
            if turn is None or self.ended:
                return None
            partition, group = turn
            before = partition.full
            batches = partition.take(group, now)
            self._load.waiting += partition.full - before
            self._load.in_flight.add(turn)
            if self._queue.due_in(now) <= 0:
                self._work.ring()
            return Taken(turn, batches)

    def settle(
        self, taken: Taken, times: RetryTimes, attempted: Attempted = FIRST_ALONE
    ) -> Obstacle | None:
        """Take batches back after an attempt. Without effect if their assignment is over.

        Args:
            taken: as `take` gave it.
            times: how long what is not done waits for its next attempt.
            attempted: how many of the batches were attempted; all of them but the last are done.

        Returns:
            The record that holds its partition up now, if one is retried.
        """
        obstacle, turn = None, taken.turn
        load, partition = self._load, turn.partition
        with self._lock:
            if not partition.closed:
                now, before = self._clock(), partition.full
                was_parking = partition.is_parking
                partition.settle(turn.group, now, times, attempted)
                load.waiting += partition.full - before
                load.note_settled(turn, now)
                self.ledger.note(partition)
                if partition.is_parking and not was_parking:  # now others may run further ahead
                    self._schedule(Turn(partition, group) for group in partition.groups)
                if now < self._queue.put(turn, now) < math.inf:
                    self._work.ring()  # what is ready now, this thread takes next
                obstacle = find_obstacle(partition, turn.group)
            self._settled.ring_all()
        return obstacle

    def stop(self, partitions: Iterable[Partition]) -> None:
        """Hand out no further batch of these partitions."""
        with self._lock:
            for partition in partitions:
                partition.stopped = True

    def close(self, partitions: Iterable[Partition]) -> None:
        """End assignments: whatever still happens to these partitions counts no more."""
        with self._lock:
            for partition in self._partitions.intersection(partitions):
                partition.closed = partition.stopped = True
                self._load.remove(partition)
                self._partitions.discard(partition)
                self.ledger.forget(partition)
            self._settled.ring_all()

    def end(self) -> None:
        """Hand out nothing more, and let the threads go that wait for work."""
        with self._lock:
            self.ended = True
            self._work.ring_all()

    def wake(self) -> None:
        """Let one of the threads go that wait."""
        with self._lock:
            self._work.ring()

    def wait(self, seconds: float) -> None:
        """Wait until a batch may be ready, but at most so many seconds."""
        with self._lock:
            seconds = min(seconds, self._queue.due_in(self._clock()))
            if seconds > 0 and not self.ended:
                self._work.wait(seconds)

    def wait_settled(self, partitions: Iterable[Partition], deadline: float) -> bool:
        """Wait until the handler has no batch of these partitions.

        Returns:
            False if the deadline, on the dispatcher's clock, passed first.
        """
        chosen = set(partitions)
        with self._lock:
            return self._settled.wait_for(
                lambda: not any(turn.partition in chosen for turn in self._load.in_flight),
                max(0.0, deadline - self._clock()),
            )

    def _schedule(self, turns: Iterable[Turn]) -> None:
        now = self._clock()
        for turn in turns:
            if self._queue.put(turn, now) < math.inf:
                self._work.ring()
