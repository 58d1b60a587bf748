"""The records of a key group that wait to be handed out for the first time, or once more."""

import math
from bisect import bisect_left
from collections import deque
from collections.abc import Sequence

from headrace.runner.dispatch.done_prefix import DonePrefix
from headrace.runner.dispatch.size_bound import SizeBound
from headrace.runner.protocol.payload import ROOM, size


class Pending:
    """Slots in ascending order, and when a batch of them may go.

    Args:
        prefix: holds the records by their slots.
        bound: how large these are at most.
        batch_size: the most records of a batch.
        window: how long a batch may wait to fill, in seconds.
        rolling: whether the window begins with the end of the invocation before, as with Kinesis.

    Attributes:
        settled_at: when the last invocation ended.
    """

    def __init__(
        self, prefix: DonePrefix, bound: SizeBound, batch_size: int, window: float, *, rolling: bool
    ) -> None:
        self.batch_size = batch_size
        self.settled_at = -math.inf
        self._prefix = prefix
        self._bound = bound
        self._window = window
        self._rolling = rolling
        self._slots: Sequence[int] = range(0)  # a range as long as there are no gaps
        self._arrivals: deque[tuple[int, float]] = deque()  # (slot after, when they came)
        self._waited = -1  # those up to this slot have waited already
        self._sized = 0  # so many were sized, while they waited for a full batch,
        self._bytes = 0  # and have so many bytes

    def __len__(self) -> int:
        return len(self._slots)

    @property
    def first(self) -> float:
        """Return the first slot; infinity if there is none."""
        return self._slots[0] if self._slots else math.inf

    @property
    def full(self) -> int:
        """Return how many of them make batches that are full."""
        return len(self._slots) // self.batch_size * self.batch_size

    def append(self, slots: Sequence[int], now: float) -> None:
        """Add slots that come after all others."""
        self._slots = joined(self._slots, slots)
        self._arrivals.append((slots[-1] + 1, now))

    def put_back(self, slots: Sequence[int]) -> None:
        """Add slots that came before; they wait for no window."""
        self._waited = max(self._waited, *slots)
        self._set(joined(slots, self._slots))

    def keep(self, slots: Sequence[int]) -> None:
        """Keep these of the slots, and forget the others."""
        if len(slots) < len(self._slots):
            self._set(slots)

    def peek(self, count: int) -> Sequence[int]:
        """Return the first slots."""
        return self._slots[:count]

    def take(self, count: int) -> Sequence[int]:
        """Remove the first slots and return them."""
        taken = self._slots[:count]
        self._set(self._slots[count:])
        return taken

    def count_before(self, limit: int, batches: int = 1) -> int:
        """Return how many slots make the next batches if they must end before a slot."""
        most = min(batches * self.batch_size, len(self._slots))
        return bisect_left(self._slots, limit, 0, most)

    def stop_waiting_to_fill(self) -> None:
        """Let no batch wait to fill any more."""
        self._window = 0.0

    def fits(self, limit: int, *, whole: bool) -> bool:
        """Return whether the next batch begins before a slot; or lies before it as a whole."""
        last = min(self.batch_size, len(self._slots)) - 1 if whole else 0
        return not self._slots or self._slots[last] < limit

    def ready_at(self) -> float:
        """Return when a batch may go: a past time for at once, infinity if there is none."""
        if not self._slots:
            return math.inf
        is_full = len(self._slots) >= self.batch_size or (self._window and self._is_heavy())
        if is_full or self._slots[0] <= self._waited:
            return -math.inf
        return self._window_begin() + self._window

    def _set(self, slots: Sequence[int]) -> None:
        self._slots = slots
        self._sized = self._bytes = 0

    def _window_begin(self) -> float:
        """Return when the window began: with the first record, as at Kafka.

        Kinesis's begins with the end of an invocation. If that window passed without a record, the
        next one begins with its first record, too.
        """
        while self._arrivals[0][0] <= self._slots[0]:
            self._arrivals.popleft()
        arrived, settled = self._arrivals[0][1], self.settled_at
        return settled if self._rolling and arrived <= settled + self._window else arrived

    def _is_heavy(self) -> bool:
        """Return whether more waits than one event can hold."""
        if self._bound.surely_fit(len(self._slots)):
            return False
        self._bytes += sum(map(size, self._prefix.at(self._slots[self._sized :])))
        self._sized = len(self._slots)
        return self._bytes > ROOM


def joined(first: Sequence[int], then: Sequence[int]) -> Sequence[int]:
    """Return the slots of both, ascending: as a range if they are one without a gap."""
    if not first:
        return then
    if isinstance(first, range) and isinstance(then, range) and first.stop == then.start:
        return range(first.start, then.stop)
    return sorted([*first, *then])
