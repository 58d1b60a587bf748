"""How much of what was read of a shard is not done."""

import threading
from collections import deque
from collections.abc import Sequence

from headrace.record import Record
from headrace.runner.demand import ChannelState

# What waits, by number.
MOST_RECORDS = 10_000


class Backlog:
    """Counts by the chunks that were fed, since a channel tells only how many records it holds.

    Attributes:
        size: bytes of what is not done, by whole chunks.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._chunks: deque[tuple[int, int]] = deque()  # (records, bytes)
        self._records = 0
        self.size = 0

    def add(self, records: Sequence[Record]) -> None:
        """Note a chunk that is about to be fed."""
        size = sum(len(record.value or b"") for record in records)
        with self._lock:
            self._chunks.append((len(records), size))
            self._records += len(records)
            self.size += size

    def settle(self, state: ChannelState) -> None:
        """Let go of what is done. Records that a filter left out do not count."""
        with self._lock:
            while self._chunks and self._records - self._chunks[0][0] >= state.outstanding:
                records, size = self._chunks.popleft()
                self._records -= records
                self.size -= size
