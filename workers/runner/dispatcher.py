"""The dispatcher: which batch is handed out next, and how far each lane may be committed.

One lock guards all lanes. It is taken once for each chunk that is fed and for each batch, never
for a record.
"""

import heapq
import itertools
import math
import threading
import time
from collections.abc import Callable, Iterable, Sequence

from workers.record import Record
from workers.runner.batch import Batch
from workers.runner.lane import Lane

# A batch that takes longer than this holds its lane up: what waits behind it is no sign of work.
SLOW_SECONDS = 1.0


class Dispatcher:
    """Hands out the batches of many lanes, the one that was ready first, first."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._work = threading.Condition(self._lock)  # threads without a batch wait here
        self._landed = threading.Condition(self._lock)  # a drain waits here
        self._lanes: set[Lane] = set()
        self._retrying: set[Lane] = set()
        self._in_flight: set[Lane] = set()
        self._uncommitted: set[Lane] = set()
        self._groups = (self._lanes, self._retrying, self._in_flight, self._uncommitted)
        self._due: list[tuple[float, int, Lane]] = []
        self._serial = itertools.count()
        self._backlog = 0
        self.ended = False

    def open(self, lane: Lane) -> None:
        """Begin an assignment."""
        with self._lock:
            self._lanes.add(lane)

    def lanes(self) -> list[Lane]:
        """All current assignments."""
        with self._lock:
            return list(self._lanes)

    def feed(self, lane: Lane, records: Sequence[Record]) -> None:
        """Add records that were polled for a lane; a closed lane takes none."""
        with self._lock:
            if lane.closed or lane.stopped:
                return
            before = lane.full
            lane.feed(records, self._clock())
            self._backlog += lane.full - before
            self._schedule(lane)

    def take(self) -> tuple[Lane, Batch] | None:
        """The batch that is ready; None where none is."""
        with self._lock:
            now = self._clock()
            lane = self._pop_ready(now)
            if lane is None or self.ended:
                return None
            self._work.notify()  # the next thread may take the next batch, or poll
            return lane, self._hand_out(lane, now)

    def wait(self, seconds: float) -> None:
        """Wait until a batch may be ready, but no longer than so many seconds."""
        with self._lock:
            seconds = min(seconds, self._due_in())
            if seconds > 0 and not self.ended:
                self._work.wait(seconds)

    def due_in(self) -> float:
        """Seconds until a batch may be ready, as things stand; infinite where none will be."""
        with self._lock:
            return self._due_in()

    def settle(self, lane: Lane, batch: Batch, delay: Callable[[int], float]) -> None:
        """Take a batch back after an attempt. Without effect where its assignment is over.

        Args:
            lane: as `take` gave it.
            batch: as `take` gave it.
            delay: seconds to wait after that many attempts without progress.
        """
        with self._lock:
            self._in_flight.discard(lane)
            if not lane.closed:
                lane.settle(batch, self._clock() + delay(batch.tries) if batch.open else 0.0)
                (self._retrying.add if batch.open else self._retrying.discard)(lane)
                if lane.dirty:
                    self._uncommitted.add(lane)
                self._schedule(lane)
            self._landed.notify_all()

    def uncommitted(self, lanes: Iterable[Lane] | None = None) -> dict[Lane, tuple[Record, int]]:
        """The last record of the done prefix, and the length of that prefix, of each such lane."""
        with self._lock:
            chosen = self._uncommitted if lanes is None else self._uncommitted.intersection(lanes)
            return {
                lane: (lane.done, lane.done_count)
                for lane in chosen
                if lane.done is not None and not lane.closed
            }

    def gated(self) -> bool:
        """Whether a lane stands still for want of a commit."""
        with self._lock:
            return any(lane.gated for lane in self._uncommitted)

    def committed(self, positions: dict[Lane, tuple[Record, int]]) -> int:
        """Note acknowledged commits. Returns how many records they covered."""
        newly = 0
        with self._lock:
            for lane, (record, count) in positions.items():
                newly += count - lane.committed_count
                was_gated = lane.gated
                lane.committed, lane.committed_count = record, count
                if not lane.dirty:
                    self._uncommitted.discard(lane)
                if was_gated:
                    self._schedule(lane)
        return newly

    def stop(self, lanes: Iterable[Lane] | None = None) -> None:
        """Hand out no further batch of these lanes (None: of any)."""
        with self._lock:
            for lane in self._lanes if lanes is None else lanes:
                lane.stopped = True

    def wait_landed(self, lanes: Iterable[Lane] | None, deadline: float) -> bool:
        """Wait until no batch of these lanes (None: of any) is with the handler.

        Returns:
            False where the deadline, on the dispatcher's clock, passed first.
        """
        chosen = None if lanes is None else set(lanes)
        with self._lock:
            return self._landed.wait_for(
                lambda: not (self._in_flight if chosen is None else self._in_flight & chosen),
                max(0.0, deadline - self._clock()),
            )

    def close(self, lanes: Iterable[Lane]) -> None:
        """End assignments: whatever still happens to these lanes counts no more."""
        with self._lock:
            for lane in lanes:
                lane.closed = lane.stopped = True
                if lane in self._lanes:
                    self._backlog -= lane.full
                for group in self._groups:
                    group.discard(lane)
            self._landed.notify_all()

    def end(self) -> None:
        """Hand out nothing more, and let the threads go that wait for work."""
        with self._lock:
            self.ended = True
            self._work.notify_all()

    def held_up(self) -> set[Lane]:
        """The lanes that retry, or whose batch takes long: their sources should pause."""
        with self._lock:
            return self._held_up()

    def backlog(self) -> int:
        """How many records wait in full batches, in the lanes that are not held up."""
        with self._lock:
            return self._backlog - sum(lane.full for lane in self._held_up())

    def is_idle(self, lane: Lane) -> bool:
        """Whether all that was fed to this lane is done and committed."""
        with self._lock:
            return lane.idle

    def idle(self) -> bool:
        """Whether all that was fed to any lane is done and committed."""
        with self._lock:
            if self._backlog or self._in_flight or self._uncommitted or self._retrying:
                return False
            return all(lane.idle for lane in self._lanes)

    def _due_in(self) -> float:
        return self._due[0][0] - self._clock() if self._due else math.inf

    def _pop_ready(self, now: float) -> Lane | None:
        # Entries are hints: a lane's state may have changed since it was put on the heap.
        while self._due and self._due[0][0] <= now:
            lane = heapq.heappop(self._due)[2]
            ready_at = lane.ready_at()
            if ready_at <= now:
                return lane
            if ready_at < math.inf:
                heapq.heappush(self._due, (ready_at, next(self._serial), lane))
        return None

    def _hand_out(self, lane: Lane, now: float) -> Batch:
        before = lane.full
        batch = lane.take(now)
        self._backlog -= before - lane.full
        self._in_flight.add(lane)
        return batch

    def _schedule(self, lane: Lane) -> None:
        # A lane that is ready queues up behind those that were so before it.
        due = max(lane.ready_at(), self._clock())
        if due < math.inf:
            heapq.heappush(self._due, (due, next(self._serial), lane))
            self._work.notify()

    def _held_up(self) -> set[Lane]:
        long_ago = self._clock() - SLOW_SECONDS
        return self._retrying | {
            lane
            for lane in self._in_flight
            if lane.in_flight_since is not None and lane.in_flight_since < long_ago
        }
