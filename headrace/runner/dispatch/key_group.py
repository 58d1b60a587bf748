"""The records of a partition whose keys fall together: one batch of them at a time is in work."""

import math
from bisect import bisect_left
from collections import deque
from collections.abc import Sequence

from headrace.runner.dispatch.batch import Batch
from headrace.runner.dispatch.done_prefix import DonePrefix
from headrace.runner.dispatch.size_bound import SizeBound
from headrace.runner.protocol.payload import ROOM, size


class KeyGroup:
    """Cuts batches, and says when the next one may go.

    Args:
        prefix: holds the records of the partition by their slots.
        bound: how large these are at most.
        batch_size: the most records of a batch.
        window: how long a batch may wait to fill, in seconds.
        rolling: whether the window begins with the end of the invocation before, as with Kinesis.

    Attributes:
        batch: in work, or waiting for its next attempt; None between batches.
        in_flight_since: when the handler got the batch; None while it does not have it.
        first: the first slot that is not done, as of the last attempt; infinity if all are.
    """

    def __init__(
        self, prefix: DonePrefix, bound: SizeBound, batch_size: int, window: float, *, rolling: bool
    ) -> None:
        self.batch: Batch | None = None
        self.in_flight_since: float | None = None
        self.first: float = math.inf
        self._prefix = prefix
        self._bound = bound
        self._batch_size = batch_size
        self._window = window
        self._rolling = rolling
        self._pending: list[int] = []  # slots that wait to be taken
        self._taken: Sequence[int] = ()  # those of the batch
        self._arrivals: deque[list[float]] = deque()  # [time, how many still wait]
        self._sized = 0  # so many of the pending were sized, while they waited for a full batch,
        self._bytes = 0  # and have so many bytes
        self._retry_at = 0.0
        self._settled_at = -math.inf

    @property
    def pending(self) -> int:
        """Return how many records wait to be taken."""
        return len(self._pending)

    @property
    def full(self) -> int:
        """Return how many records wait in batches that are full."""
        return len(self._pending) // self._batch_size * self._batch_size

    def enqueue(self, slots: Sequence[int], now: float) -> None:
        """Add records by their slots in the partition."""
        if self.first == math.inf:
            self.first = slots[0]
        self._pending += slots
        self._arrivals.append([now, len(slots)])

    def stop_waiting_to_fill(self) -> None:
        """Let no batch wait to fill any more."""
        self._window = 0.0

    def fits(self, limit: int, *, whole: bool) -> bool:
        """Return whether the next batch begins before a slot; or lies before it as a whole."""
        last = min(self._batch_size, len(self._pending)) - 1 if whole else 0
        return not self._pending or self._pending[last] < limit

    def ready_at(self) -> float:
        """Return when a batch may go: a past time for at once, infinity for not as things stand."""
        if self.in_flight_since is not None:
            return math.inf
        if self.batch is not None:
            return self._retry_at
        if not self._pending:
            return math.inf
        if len(self._pending) >= self._batch_size or (self._window and self._is_heavy()):
            return -math.inf
        return self._window_begin() + self._window

    def take(self, now: float, limit: int) -> Batch:
        """Hand out the next batch, or the same again while some of it is not done.

        Args:
            now: the time.
            limit: the slot before which the batch must end.
        """
        self.in_flight_since = now
        if self.batch is None:
            most = bisect_left(self._pending, limit, 0, min(self._batch_size, self.pending))
            records = self._prefix.at(self._pending[:most])
            count = self._bound.fitting(records)
            self.batch = Batch(records if count == most else records[:count])
            self._drop(count)
        return self.batch

    def settle(self, now: float, retry_at: float) -> None:
        """Take the batch back after an attempt."""
        self.in_flight_since = None
        self._settled_at = now
        if self.batch is not None and self.batch.open:
            self._retry_at = retry_at
            self.first = self._taken[self.batch.prefix]
        else:
            self.batch = None
            self.first = self._pending[0] if self._pending else math.inf

    def _window_begin(self) -> float:
        """Return when the window began: with the first record, as at Kafka.

        Kinesis's begins with the end of an invocation. If that window passed without a record, the
        next one begins with its first record, too.
        """
        arrived, settled = self._arrivals[0][0], self._settled_at
        return settled if self._rolling and arrived <= settled + self._window else arrived

    def _is_heavy(self) -> bool:
        """Return whether more waits than one event can hold."""
        if self._bound.surely_fit(self.pending):
            return False
        self._bytes += sum(map(size, self._prefix.at(self._pending[self._sized :])))
        self._sized = self.pending
        return self._bytes > ROOM

    def _drop(self, count: int) -> None:
        self._taken = self._pending[:count]
        del self._pending[:count]
        self._sized = self._bytes = 0
        while count and count >= self._arrivals[0][1]:
            count -= int(self._arrivals.popleft()[1])
        if count:
            self._arrivals[0][1] -= count
