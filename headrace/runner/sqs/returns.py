"""The threads that delete what is done and give back what is not, ten in one request."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence

from headrace.log import Log
from headrace.runner.sqs.errors import is_passing
from headrace.runner.sqs.lease import Lease
from headrace.runner.sqs.queue import MOST, Queue, Refusal
from headrace.runner.sqs.trouble import Trouble

# How long a deletion may wait for others, so that they share a request.
_LINGER_SECONDS = 0.02
_AGAIN_SECONDS = 0.5

# A lease, for how long it stays hidden (None: it is deleted), and when that was asked for.
_Return = tuple[Lease, int | None, float]


class Returns:
    """What is on its way back to the queue.

    Args:
        queue: the queue.
        deleted: is told what was deleted.
        trouble: is told of requests that failed.
        log: is told what was not deleted.
    """

    def __init__(
        self,
        queue: Queue,
        deleted: Callable[[Sequence[Lease]], None],
        trouble: Trouble,
        log: Log,
    ) -> None:
        self._queue = queue
        self._deleted = deleted
        self._trouble = trouble
        self._log = log
        self._changed = threading.Condition()
        self._deletions: deque[_Return] = deque()
        self._others: deque[_Return] = deque()
        self._under_way = 0
        self._closing = False
        self._closed = False

    def delete(self, leases: Iterable[Lease]) -> None:
        """Have messages deleted."""
        now = time.monotonic()
        with self._changed:
            self._deletions.extend([(lease, None, now) for lease in leases])
            self._changed.notify()

    def give_back(self, leases: Iterable[Lease], seconds: int = 0) -> None:
        """Have messages become visible, at once or in so many seconds."""
        now = time.monotonic()
        with self._changed:
            self._others.extend([(lease, seconds, now) for lease in leases])
            self._changed.notify()

    def is_clear(self) -> bool:
        """Return whether nothing is on its way."""
        with self._changed:
            return not (self._deletions or self._others or self._under_way)

    def run(self) -> None:
        """Send what is to be sent, until `close`. Raises what no repetition would change."""
        while not self._closed:
            batch = self._next()
            if batch:
                self._send(batch)

    def flush(self, deadline: float) -> bool:
        """Send without delay. Returns False if the deadline passed before all was sent."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        while not self.is_clear():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.01)
        return True

    def close(self) -> None:
        """Let `run` return."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _next(self) -> list[_Return]:
        """Wait for what makes a request, and return it."""
        with self._changed:
            left = self._wait_for()
            if left is None or left > 0:
                self._changed.wait(left)
                return []
            waiting = self._others or self._deletions
            batch = [waiting.popleft() for _ in range(min(MOST, len(waiting)))]
            self._under_way += len(batch)
            if self._deletions or self._others:
                self._changed.notify()
            return batch

    def _wait_for(self) -> float | None:
        """Return how long to wait: None if for news alone."""
        if self._closed or not (self._others or self._deletions):
            return None
        if self._others or self._closing or len(self._deletions) >= MOST:
            return 0.0
        return self._deletions[0][2] + _LINGER_SECONDS - time.monotonic()

    def _send(self, batch: Sequence[_Return]) -> None:
        again: list[_Return] = []
        try:
            again = self._settle(batch, self._ask([(lease, left) for lease, left, _ in batch]))
        except Exception as error:
            if not is_passing(error):
                raise
            self._trouble.note("deleting and giving back", error)
            again = list(batch)
        if again and not self._closed:
            time.sleep(_AGAIN_SECONDS)
        with self._changed:
            self._under_way -= len(batch)
            for one in again:
                (self._deletions if one[1] is None else self._others).append(one)

    def _ask(self, batch: Sequence[tuple[Lease, int | None]]) -> list[Refusal | None]:
        leases = [lease for lease, _ in batch]
        seconds = [left for _, left in batch if left is not None]
        return self._queue.change(leases, seconds) if seconds else self._queue.delete(leases)

    def _settle(
        self, batch: Sequence[_Return], refusals: Sequence[Refusal | None]
    ) -> list[_Return]:
        """Take in the answer. Returns what is to be sent again."""
        again, gone, left = [], [], []
        for one, refusal in zip(batch, refusals, strict=True):
            if refusal is not None and not refusal.is_final:
                again.append(one)
                continue
            gone.append(one[0])
            if refusal is not None and one[1] is None:
                left.append((one[0], refusal.why))
        if left:
            (first, why), count = left[0], len(left)
            message = "messages that are done were not deleted: they may come again"
            self._log.warning(message, count=count, first=first.record.id, why=why)
        if gone and batch[0][1] is None:
            self._deleted(gone)
        return again
