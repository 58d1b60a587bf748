"""How much of what was read of a shard is not done."""

from collections import deque
from collections.abc import Sequence

from headrace.record import Record
from headrace.runner.demand import ChannelState

# What the handler has and what waits for it, by size: four invocations of the largest payload.
MOST_BYTES = 24 * 1024 * 1024
# What waits, by number.
MOST_RECORDS = 10_000


class Backlog:
    """Counts by the chunks that were fed, since a channel tells only how many records it holds."""

    def __init__(self) -> None:
        self._chunks: deque[tuple[int, int]] = deque()  # (records, bytes)
        self._records = 0
        self._bytes = 0

    def add(self, records: Sequence[Record]) -> None:
        """Note a chunk that is about to be fed."""
        size = sum(len(record.value or b"") for record in records)
        self._chunks.append((len(records), size))
        self._records += len(records)
        self._bytes += size

    def is_full(self, state: ChannelState) -> bool:
        """Return whether to read no more for now. Records that a filter left out do not count."""
        while self._chunks and self._records - self._chunks[0][0] >= state.outstanding:
            records, size = self._chunks.popleft()
            self._records -= records
            self._bytes -= size
        is_much = state.waiting >= MOST_RECORDS or self._bytes >= MOST_BYTES
        return state.outstanding > 0 and is_much
