"""The thread that extends leases: in the order of their deadlines, ten in one request."""

import heapq
import itertools
import threading
import time
from collections.abc import Callable, Iterable, Sequence

from headrace.log import Log
from headrace.runner.sqs.errors import is_passing
from headrace.runner.sqs.lease import Lease
from headrace.runner.sqs.queue import MOST, Queue
from headrace.runner.sqs.trouble import Trouble

# No message stays invisible for longer than this after it was received.
_LONGEST_SECONDS = 12 * 3600 - 60
_SHARE = 0.5  # of the visibility timeout is left when a lease is extended
_TOGETHER = 0.1  # what is due so much of it later goes along
_AGAIN_SECONDS = 1.0


class Keeper:
    """Keeps messages invisible while they are held.

    Args:
        queue: the queue.
        lose: is told of a message that cannot be kept: others may have it.
        trouble: is told of requests that failed.
        log: is told of what is lost.
    """

    def __init__(
        self, queue: Queue, lose: Callable[[Lease], None], trouble: Trouble, log: Log
    ) -> None:
        self._queue = queue
        self._lose = lose
        self._trouble = trouble
        self._log = log
        self._seconds = queue.visibility
        self._changed = threading.Condition()
        self._due: list[tuple[float, int, Lease]] = []  # hints: a deadline may have moved since
        self._serial = itertools.count()
        self._closed = False

    def watch(self, leases: Iterable[Lease]) -> None:
        """Extend leases until they have ended."""
        with self._changed:
            for lease in leases:
                self._note(lease, lease.deadline - self._seconds * _SHARE)
            self._changed.notify()

    def run(self) -> None:
        """Extend what is due, until `close`. Raises what no repetition would change."""
        while not self._closed:
            leases = self._next()
            if leases:
                self._extend(leases)

    def close(self) -> None:
        """Let `run` return."""
        with self._changed:
            self._closed = True
            self._changed.notify()

    def _note(self, lease: Lease, at: float) -> None:
        heapq.heappush(self._due, (at, next(self._serial), lease))

    def _next(self) -> list[Lease]:
        """Wait until leases are due, and return them."""
        with self._changed:
            now = time.monotonic()
            if self._closed or not self._due or self._due[0][0] > now:
                left = self._due[0][0] - now if self._due else None
                self._changed.wait(left)
                return []
            found: list[Lease] = []
            until = now + self._seconds * _TOGETHER
            while len(found) < MOST and self._due and self._due[0][0] <= until:
                lease = heapq.heappop(self._due)[2]
                due = lease.deadline - self._seconds * _SHARE
                if not lease.ended and due > until:
                    self._note(lease, due)  # it came again in the meantime
                elif not lease.ended:
                    found.append(lease)
            return found

    def _extend(self, leases: Sequence[Lease]) -> None:
        now = time.monotonic()
        longest = [int(lease.begun + _LONGEST_SECONDS - now) for lease in leases]
        seconds = [max(0, min(self._seconds, most)) for most in longest]
        old = [lease for lease, left in zip(leases, seconds, strict=True) if not left]
        self._give_up(old, "held for 12 hours, the most that SQS allows")
        kept = [(one, left) for one, left in zip(leases, seconds, strict=True) if left]
        if not kept:
            return
        try:
            refusals = self._queue.change([lease for lease, _ in kept], [left for _, left in kept])
        except Exception as error:
            if not is_passing(error):
                raise
            self._trouble.note("extending leases", error)
            self._expire([lease for lease, _ in kept])
            self._again([lease for lease, _ in kept], now)
            self._pause()
            return
        gone, why = [], ""
        for (lease, left), refusal in zip(kept, refusals, strict=True):
            if refusal is None:
                lease.deadline = now + left
                self.watch([lease])
            elif refusal.is_final:
                gone.append(lease)
                why = refusal.why
            else:
                self._again([lease], now)
        self._give_up(gone, why)

    def _expire(self, leases: Iterable[Lease]) -> None:
        """Lose what has run out: others may have it, and nobody else should begin with it."""
        now = time.monotonic()
        for lease in leases:
            if lease.deadline <= now and not lease.ended:
                self._lose(lease)

    def _pause(self) -> None:
        with self._changed:
            if not self._closed:
                self._changed.wait(min(_AGAIN_SECONDS, self._seconds * _TOGETHER))

    def _again(self, leases: Sequence[Lease], now: float) -> None:
        with self._changed:
            for lease in leases:
                if not lease.ended:
                    self._note(lease, now + min(_AGAIN_SECONDS, self._seconds * _TOGETHER))

    def _give_up(self, leases: Iterable[Lease], why: str) -> None:
        gone = [lease for lease in leases if not lease.ended]
        if gone:
            message, first = "messages not kept: they may come again", gone[0].record.id
            self._log.warning(message, count=len(gone), first=first, why=why)
        for lease in gone:
            self._lose(lease)
