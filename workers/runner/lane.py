"""A lane: one ordered channel of records (a partition, a shard) during one assignment.

A new assignment opens a new lane, so a completion that comes late carries a lane that is closed
and can move nothing. The dispatcher guards lanes; they hold no lock of their own.
"""

import math
from collections import deque
from collections.abc import Sequence

from workers.record import Record
from workers.runner.batch import Batch
from workers.runner.settings import MappingSettings


class Lane:
    """Collects records into batches, one in flight at a time, and knows how far it is done.

    Attributes:
        name: for logs and statistics.
        batch: the batch in work, or waiting for its next attempt; None between batches.
        in_flight_since: when the handler got the batch; None while it does not have it.
        done: the last record of the contiguous prefix that is done; None before the first.
        committed: the last record whose commit was acknowledged.
        stopped: no further batch is taken.
        closed: the assignment is over; nothing that happens to this lane counts any more.
    """

    def __init__(self, name: str, settings: MappingSettings, window: float) -> None:
        self.name = name
        self.batch: Batch | None = None
        self.in_flight_since: float | None = None
        self.done: Record | None = None
        self.done_count = 0
        self.committed: Record | None = None
        self.committed_count = 0
        self.stopped = False
        self.closed = False
        self._batch_size = settings.batch_size
        # With the next batch, at most so many batches are out and not committed.
        self._most_uncommitted = (settings.uncommitted_batches - 1) * settings.batch_size
        self._window = window
        self._buffer: list[Record] = []
        self._arrivals: deque[tuple[float, int]] = deque()  # (time, records fed until then)
        self._fed = 0
        self._taken = 0
        self._retry_at = 0.0

    @property
    def buffered(self) -> int:
        """How many records wait to be taken."""
        return len(self._buffer)

    @property
    def full(self) -> int:
        """How many records wait in batches that are full."""
        return len(self._buffer) // self._batch_size * self._batch_size

    @property
    def gated(self) -> bool:
        """Whether the next batch waits for a commit."""
        return self.done_count - self.committed_count > self._most_uncommitted

    @property
    def dirty(self) -> bool:
        """Whether something is done and not yet committed."""
        return self.done is not self.committed

    @property
    def idle(self) -> bool:
        """Whether everything that was fed is done and committed."""
        return self.batch is None and not self._buffer and not self.dirty

    def feed(self, records: Sequence[Record], now: float) -> None:
        """Add records that the source delivered, in its order."""
        self._buffer += records
        self._fed += len(records)
        self._arrivals.append((now, self._fed))

    def ready_at(self) -> float:
        """When a batch may be taken: a past time for at once, infinity for not as things stand.

        A batch waits for the commits of those before it, as far as `uncommitted_batches` says:
        this bounds what a crash can deliver twice.
        """
        if self.stopped or self.in_flight_since is not None or self.gated:
            return math.inf
        if self.batch is not None:
            return self._retry_at
        if len(self._buffer) >= self._batch_size:
            return -math.inf
        return self._arrivals[0][0] + self._window if self._buffer else math.inf

    def take(self, now: float) -> Batch:
        """Hand out the next batch, or the same again while some of it is not done."""
        self.in_flight_since = now
        if self.batch is None:
            self.batch = Batch(self._buffer[: self._batch_size])
            del self._buffer[: self._batch_size]
            self._taken += len(self.batch.records)
            while self._arrivals and self._arrivals[0][1] <= self._taken:
                self._arrivals.popleft()
        return self.batch

    def settle(self, batch: Batch, retry_at: float) -> None:
        """Take the batch back after an attempt; `done` moves over the prefix that is done."""
        self.in_flight_since = None
        if batch.prefix > batch.counted:
            self.done = batch.records[batch.prefix - 1]
            self.done_count += batch.prefix - batch.counted
            batch.counted = batch.prefix
        if batch.open:
            self._retry_at = retry_at
        else:
            self.batch = None
