"""Where the partitions of a dispatcher stand: for pollers, and for whoever watches."""

import threading
from collections.abc import Callable, Collection

from headrace.runner.demand import ChannelState, Demand
from headrace.runner.dispatch.commit_ledger import CommitLedger
from headrace.runner.dispatch.load import Load
from headrace.runner.dispatch.partition import Partition
from headrace.runner.dispatch.ready_queue import ReadyQueue
from headrace.runner.dispatch.status import state_of, status_of
from headrace.runner.monitoring.stats import PartitionStatus


class Overview:
    """Reads what the dispatcher changes, under its lock.

    Args:
        lock: the dispatcher's.
        partitions: those that are open.
        queue: which batches are ready.
        load: what is under way, and what waits.
        ledger: what may be committed.
        clock: tells the time, in seconds.
        threads: how many take batches.
    """

    def __init__(
        self,
        lock: threading.Lock,
        partitions: Collection[Partition],
        queue: ReadyQueue,
        load: Load,
        ledger: CommitLedger,
        clock: Callable[[], float],
        threads: int,
    ) -> None:
        self._lock = lock
        self._partitions = partitions
        self._queue = queue
        self._load = load
        self._ledger = ledger
        self._clock = clock
        self._threads = threads

    def demand(self) -> Demand:
        """Return what can be taken now.

        If a thread has nothing to do, what waits behind batches in work is no reason to fetch no
        more, and partitions that have plenty are paused, so that others' records are fetched.
        """
        with self._lock:
            now = self._clock()
            due_in = self._queue.due_in(now)
            hungry = due_in > 0 and len(self._load.in_flight) < self._threads
            if hungry:
                self._load.note_plenty(now, len(self._partitions))
            blocked, idle = self._ledger.blocks(), self._is_idle()
            return self._load.demand(
                now, due_in, hungry=hungry, blocked_on_commit=blocked, idle=idle
            )

    def state(self, partition: Partition) -> ChannelState:
        """Return where a partition stands, for its poller."""
        with self._lock:
            return state_of(partition)

    def status(self) -> list[PartitionStatus]:
        """Return where each partition stands, for whoever watches."""
        with self._lock:
            return [*map(status_of, self._partitions)]

    def _is_idle(self) -> bool:
        is_idle = self._load.is_idle and self._ledger.is_clear()
        return is_idle and all(partition.idle for partition in self._partitions)
