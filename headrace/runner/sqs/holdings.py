"""All leases that this runner holds: what waits, what is in work, how much more may be held.

One lock guards them. It is taken once for each answer of the queue and for each batch.
"""

import math
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from headrace.record import MessagePosition, Record
from headrace.runner.monitoring.stats import PartitionStatus
from headrace.runner.sqs.lease import Lease
from headrace.runner.sqs.room import Asked, Room
from headrace.runner.sqs.status import status_of
from headrace.runner.sqs.waiting import Waiting

_LOOK_SECONDS = 1.0


class Holdings:
    """Takes what was received, and hands out batches of it.

    Args:
        name: the queue's.
        waiting: decides which messages make a batch.
        room: decides how many may be held.
        clock: tells the time, in seconds.

    Attributes:
        stopped: nothing more is received or handed out.
        deleted: how many messages were deleted.
    """

    def __init__(
        self,
        name: str,
        waiting: Waiting,
        room: Room,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.stopped = False
        self.deleted = 0
        self._name = name
        self._waiting = waiting
        self._room = room
        self._clock = clock
        self._lock = threading.Lock()
        self._work = threading.Condition(self._lock)  # handler threads wait here
        self._space = threading.Condition(self._lock)  # receivers wait here
        self._settled = threading.Condition(self._lock)  # a drain waits here
        self._leases: dict[str, Lease] = {}
        self._in_work: dict[Lease, float] = {}
        self._changed_at = -math.inf  # when the last was deleted, or given back and is visible

    @contextmanager
    def asking(self, most: int) -> Iterator[Asked]:
        """Keep room for a request of up to `most` messages, while it is under way.

        It asks for no message if there was no room for a while.
        """
        with self._lock:
            asked = Asked(0 if self.stopped else self._room.ask(len(self._waiting), most))
            if not asked.count and not self.stopped:
                self._space.wait(_LOOK_SECONDS)
        try:
            yield asked
        finally:
            with self._lock:
                self._room.answered(asked)
                self._space.notify_all()

    def known(self, lease: Lease) -> bool:
        """Return whether a message is held already; then its newer receipt counts from now on."""
        with self._lock:
            if held := self._leases.get(lease.id):
                held.renew(lease.message, lease.deadline)
            return held is not None

    def lease_of(self, record: Record) -> Lease:
        """Return the lease of a record that is held."""
        position = record.position
        with self._lock:
            return self._leases[position.id if isinstance(position, MessagePosition) else ""]

    def add(self, leases: Iterable[Lease], *, work: bool) -> bool:
        """Hold leases, in order, to work on them or else to have them deleted.

        Returns False, and holds none, if it is too late.
        """
        with self._lock:
            if self.stopped:
                return False
            now = self._clock()
            for lease in leases:
                self._leases[lease.id] = lease
                self._room.add(lease)
                lease.done = not work
                if work:
                    self._waiting.add(lease, now)
            self._work.notify()
            return True

    def take(self) -> list[Lease]:
        """Wait for a batch and return it; nothing once it is time to stop."""
        with self._lock:
            while not self.stopped:
                now, ready_at = self._clock(), self._waiting.ready_at()
                if ready_at <= now:
                    batch = self._waiting.take()
                    self._in_work |= dict.fromkeys(batch, now)
                    self._room.took(len(batch))
                    self._space.notify()
                    if self._waiting.ready_at() <= now:
                        self._work.notify()
                    return batch
                self._work.wait(None if ready_at == math.inf else ready_at - now)
            return []

    def has_more(self) -> bool:
        """Return whether another batch is ready, or will be."""
        with self._lock:
            return not self.stopped and self._waiting.ready_at() < math.inf

    def settle(self, batch: list[Lease], failed: set[str]) -> list[Lease]:
        """Take in what came of a batch: see `Waiting.settle`."""
        with self._lock:
            for lease in batch:
                if lease.id not in failed:  # it is held until it is deleted; its body is not
                    lease.done = True
                    self._room.forget_body(lease)
            behind = self._waiting.settle(batch, failed)
            self._work.notify()
            self._space.notify()
            return behind

    def finish(self, batch: Iterable[Lease]) -> None:
        """Take in that a batch is in work no longer: all of it is on its way back."""
        with self._lock:
            for lease in batch:
                self._in_work.pop(lease, None)
            self._settled.notify_all()

    def end(self, leases: Iterable[Lease], *, deleted: bool = False, again_in: float = 0) -> None:
        """Hold leases no longer: they are deleted, or are being given back for so many seconds."""
        with self._lock:
            for lease in leases:
                if lease.ended:
                    continue
                lease.ended = True
                if self._leases.get(lease.id) is lease:
                    del self._leases[lease.id]
                self._room.held -= 1
                self._room.forget_body(lease)
                self.deleted += deleted
            self._changed_at = max(self._changed_at, self._clock() + again_in)
            self._space.notify()

    def lose(self, lease: Lease) -> list[Lease]:
        """Take in that a message is visible to others. Returns what `settle` returns."""
        with self._lock:
            behind = self._waiting.lose(lease)
            # What is in work, or done, is still deleted: if it comes again first, it is known.
            keep = lease.done or lease in self._in_work
        if not keep:
            self.end([lease])
        return behind

    def stop_waiting_to_fill(self) -> None:
        """Let no batch wait to fill any more."""
        with self._lock:
            self._waiting.stop_waiting_to_fill()
            self._work.notify_all()

    def stop(self) -> list[Lease]:
        """Receive and hand out nothing more. Returns what waits: to be given back."""
        with self._lock:
            self.stopped = True
            self._work.notify_all()
            self._space.notify_all()
            return self._waiting.clear()

    def wait_settled(self, deadline: float) -> list[Lease]:
        """Wait until nothing is in work, or for a deadline on the clock. Returns what still is."""
        with self._lock:
            left = max(0.0, deadline - self._clock())
            self._settled.wait_for(lambda: not self._in_work, left)
            return [lease for lease in self._in_work if not lease.ended]

    def is_empty(self, seen: float = math.inf) -> bool:
        """Return whether nothing is held, nor was deleted or given back since a time."""
        with self._lock:
            return not (self._leases or self._in_work) and seen >= self._changed_at

    def status(self) -> list[PartitionStatus]:
        """Return where the queue stands, as one partition."""
        with self._lock:
            begun, waiting = [*self._in_work.values()], len(self._waiting)
            return [status_of(self._name, self._leases.values(), begun, waiting, self.deleted)]
