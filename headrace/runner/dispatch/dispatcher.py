"""The dispatcher: which batch is handed out next, and how far each lane may be committed.

One lock guards all lanes. It is taken once for each chunk that is fed and for each batch, never
for a record.
"""

import math
import threading
import time
from collections.abc import Callable, Iterable, Sequence

from headrace.record import Record
from headrace.runner.dispatch.batch import Batch
from headrace.runner.dispatch.key_group import Strand
from headrace.runner.dispatch.load import Load
from headrace.runner.dispatch.partition import Lane
from headrace.runner.dispatch.ready_queue import ReadyQueue
from headrace.runner.dispatch.uncommitted import Positions, Uncommitted
from headrace.runner.monitoring.stats import LaneStatus


class Dispatcher:
    """Hands out the batches of many lanes, the one that was ready first, first."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._work = threading.Condition(self._lock)  # threads without a batch wait here
        self._landed = threading.Condition(self._lock)  # a drain waits here
        self._lanes: set[Lane] = set()
        self._uncommitted = Uncommitted()
        self._queue = ReadyQueue()
        self._load = Load()
        self.ended = False

    def open(self, lane: Lane) -> None:
        """Begin an assignment."""
        with self._lock:
            self._lanes.add(lane)

    def lanes(self) -> list[Lane]:
        """All current assignments."""
        with self._lock:
            return list(self._lanes)

    def feed(
        self, lane: Lane, records: Sequence[Record], passed: Sequence[bool] | None = None
    ) -> None:
        """Add records that were polled for a lane; a closed or stopped lane takes none.

        Args:
            lane: where they belong.
            records: in the order of the source.
            passed: which of them are to be processed; the others count as done. None: all.
        """
        with self._lock:
            if lane.stopped:
                return
            before = lane.full
            fed = lane.feed(records, self._clock(), passed)
            self._load.waiting += lane.full - before
            self._uncommitted.note(lane)
            self._schedule(fed)

    def hurry(self) -> None:
        """Let no batch wait to fill any more: no further record will come."""
        with self._lock:
            for lane in self._lanes:
                for strand in lane.strands:
                    strand.hurry()
                self._schedule(lane.strands)

    def take(self) -> tuple[Strand, Batch] | None:
        """The batch whose turn it is; None where none is ready."""
        with self._lock:
            now = self._clock()
            strand = self._queue.pop(now)
            if strand is None or self.ended:
                return None
            lane = strand.lane
            before = lane.full
            batch = lane.take(strand, now)
            self._load.waiting += lane.full - before
            self._load.in_flight.add(strand)
            if self._queue.due_in(now) <= 0:
                self._work.notify()
            return strand, batch

    def settle(self, strand: Strand, batch: Batch, delay: Callable[[int], float]) -> None:
        """Take a batch back after an attempt. Without effect where its assignment is over.

        Args:
            strand: as `take` gave it.
            batch: as `take` gave it.
            delay: seconds to wait after that many attempts without progress.
        """
        load, lane = self._load, strand.lane
        with self._lock:
            if not lane.closed:
                now = self._clock()
                load.in_flight.discard(strand)
                (load.retrying.add if batch.open else load.retrying.discard)(strand)
                lane.settle(strand, now, now + delay(batch.tries) if batch.open else now)
                self._uncommitted.note(lane)
                if now < self._queue.put(strand, now) < math.inf:
                    self._work.notify()  # what is ready now, this thread takes next
            self._landed.notify_all()

    def uncommitted(self, lanes: Iterable[Lane] | None = None) -> Positions:
        """The last record of the done prefix, and the length of that prefix, of each such lane."""
        chosen = None if lanes is None else set(lanes)
        with self._lock:
            return self._uncommitted.positions(chosen)

    @property
    def pressing(self) -> bool:
        """Whether something would stand still before long for want of a commit."""
        return bool(self._uncommitted.pressing)

    def gated(self) -> bool:
        """Whether something stands still for want of a commit."""
        with self._lock:
            return self._uncommitted.gated()

    def committed(self, positions: Positions) -> int:
        """Note acknowledged commits. Returns how many records they covered."""
        with self._lock:
            newly = sum(count - lane.committed_count for lane, (_, count) in positions.items())
            self._schedule(self._uncommitted.acknowledge(positions))
        return newly

    def stop(self, lanes: Iterable[Lane] | None = None) -> None:
        """Hand out no further batch of these lanes (None: of any)."""
        with self._lock:
            for lane in self._lanes if lanes is None else lanes:
                lane.stopped = True

    def close(self, lanes: Iterable[Lane]) -> None:
        """End assignments: whatever still happens to these lanes counts no more."""
        with self._lock:
            for lane in self._lanes.intersection(lanes):
                lane.closed = lane.stopped = True
                self._load.remove(lane)
                self._lanes.discard(lane)
                self._uncommitted.forget(lane)
            self._landed.notify_all()

    def end(self) -> None:
        """Hand out nothing more, and let the threads go that wait for work."""
        with self._lock:
            self.ended = True
            self._work.notify_all()

    def wake(self) -> None:
        """Let one of the threads go that wait."""
        with self._lock:
            self._work.notify()

    def wait(self, seconds: float) -> None:
        """Wait until a batch may be ready, but no longer than so many seconds."""
        with self._lock:
            seconds = min(seconds, self._queue.due_in(self._clock()))
            if seconds > 0 and not self.ended:
                self._work.wait(seconds)

    def wait_landed(self, lanes: Iterable[Lane], deadline: float) -> bool:
        """Wait until no batch of these lanes is with the handler.

        Returns:
            False where the deadline, on the dispatcher's clock, passed first.
        """
        strands = {strand for lane in lanes for strand in lane.strands}
        with self._lock:
            return self._landed.wait_for(
                lambda: self._load.in_flight.isdisjoint(strands),
                max(0.0, deadline - self._clock()),
            )

    def due_in(self) -> float:
        """Seconds until a batch may be ready, as things stand; infinity where none will be."""
        with self._lock:
            return self._queue.due_in(self._clock())

    def held_up(self) -> set[Lane]:
        """The lanes whose sources should pause: they retry, or their batches take long."""
        with self._lock:
            return self._load.held_up(self._clock())

    def backlog(self) -> int:
        """How many records wait in full batches, where nothing holds them up.

        Asked before each poll. Where no batch is ready although many wait, a thread has nothing to
        do: then the lanes that have plenty are to pause, so that others come by their records.
        """
        with self._lock:
            now = self._clock()
            self._load.note_plenty(now, starving=self._queue.due_in(now) > 0)
            return self._load.backlog(now)

    def is_idle(self, lane: Lane) -> bool:
        """Whether all that was fed to this lane is done and committed."""
        with self._lock:
            return lane.idle

    def idle(self) -> bool:
        """Whether all that was fed to any lane is done and committed."""
        with self._lock:
            load = self._load
            if load.waiting or load.in_flight or load.retrying or self._uncommitted:
                return False
            return all(lane.idle for lane in self._lanes)

    def status(self) -> list[LaneStatus]:
        """Where each lane stands."""
        with self._lock:
            return [lane.status() for lane in self._lanes]

    def _schedule(self, strands: Iterable[Strand]) -> None:
        now = self._clock()
        for strand in strands:
            if self._queue.put(strand, now) < math.inf:
                self._work.notify()
