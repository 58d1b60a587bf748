"""The records of a lane by position, and how far they are done without a gap.

Positions count the records that go to batches. Those that were filtered out have none: they are
done as soon as everything before them is.
"""

from collections import deque
from collections.abc import Sequence

from headrace.record import Record


class Prefix:
    """Knows the last record that may be committed.

    Attributes:
        done: the last record of the prefix that is done; None before the first.
        count: how many records that prefix has, with those that were filtered out.
        end: the position after that prefix.
        fed: the position that comes next.
    """

    def __init__(self) -> None:
        self.done: Record | None = None
        self.count = 0
        self.end = 0
        self.fed = 0
        self._records: list[Record] = []  # from `end` on
        self._skipped: deque[tuple[int, Record, int]] = deque()  # (position after, last, how many)
        self._ends: deque[tuple[int, int]] = deque()  # (count, end) as they were
        self._committed_end = 0

    def add(self, records: Sequence[Record], passed: Sequence[bool] | None) -> range:
        """Append records in the order of the source.

        Args:
            records: the next ones.
            passed: which of them go to batches; None: all.

        Returns:
            the positions of those.
        """
        begin = self.fed
        if passed is None:
            self._records += records
        else:
            for record, goes in zip(records, passed, strict=True):
                if goes:
                    self._records.append(record)
                else:
                    self._skip(record)
        self.fed = self.end + len(self._records)
        return range(begin, self.fed)

    def at(self, positions: Sequence[int]) -> list[Record]:
        """The records at ascending positions that are not behind the prefix."""
        base = self.end
        if positions and positions[-1] - positions[0] == len(positions) - 1:
            return self._records[positions[0] - base : positions[-1] - base + 1]
        return [self._records[position - base] for position in positions]

    def advance(self, first: float) -> None:
        """Move on. `first` is the first position that is not done; infinity where none is."""
        end = self.fed if first > self.fed else int(first)
        moved = end - self.end
        if moved:
            self.done = self._records[moved - 1]
            del self._records[:moved]
            self.end = end
            self.count += moved
        while self._skipped and self._skipped[0][0] <= end:
            position, record, count = self._skipped.popleft()
            self.count += count
            if position == end:
                self.done = record
        if moved:
            self._ends.append((self.count, end))

    def commit(self, count: int) -> int:
        """Where the prefix ended when it had the many records that are committed now."""
        while self._ends and self._ends[0][0] <= count:
            _, self._committed_end = self._ends.popleft()
        return self._committed_end

    def _skip(self, record: Record) -> None:
        position, count = self.end + len(self._records), 1
        if self._skipped and self._skipped[-1][0] == position:
            count += self._skipped.pop()[2]
        self._skipped.append((position, record, count))
