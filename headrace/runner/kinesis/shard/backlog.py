"""What was read of a shard and is not done: its size and its age."""

from collections import deque
from collections.abc import Sequence

from headrace.record import Record

# What the handler has and what waits for it, by size: four invocations of the largest payload.
MOST_BYTES = 24 * 1024 * 1024
# What waits, by number.
MOST_RECORDS = 10_000


class Backlog:
    """Counts by the chunks that were fed, since a lane tells only how many records it holds.

    Attributes:
        oldest: when the oldest record that is not done reached Kinesis, in milliseconds since the
            epoch, to within a chunk; None where nothing was fed.
    """

    def __init__(self) -> None:
        self.oldest: int | None = None
        self._chunks: deque[tuple[int, int, int | None]] = deque()  # (records, bytes, timestamp)
        self._records = 0
        self._bytes = 0

    def add(self, records: Sequence[Record]) -> None:
        """Note a chunk that is about to be fed."""
        size = sum(len(record.value or b"") for record in records)
        self._chunks.append((len(records), size, records[0].timestamp))
        self._records += len(records)
        self._bytes += size
        self.oldest = self._chunks[0][2]

    def is_full(self, held: int, waiting: int) -> bool:
        """Whether to read no more for now.

        Args:
            held: how many records the lane holds; those that a filter left out are not.
            waiting: how many of them the handler has not got yet.
        """
        while self._chunks and self._records - self._chunks[0][0] >= held:
            records, size, _ = self._chunks.popleft()
            self._records -= records
            self._bytes -= size
        self.oldest = self._chunks[0][2] if self._chunks else None
        return held > 0 and (waiting >= MOST_RECORDS or self._bytes >= MOST_BYTES)
