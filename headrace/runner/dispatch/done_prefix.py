"""The records of a partition by slot, and how far they are done without a gap.

Slots count the records that go to batches. Those that were filtered out have none: they are done
as soon as everything before them is.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from typing import cast

from headrace.record import Position, Record


class DonePrefix:
    """Knows the last record that may be committed.

    Attributes:
        done: the position of the last record of the prefix that is done; None before the first.
        count: how many records that prefix has, with those that were filtered out.
        end: the slot after that prefix.
        fed: the slot that comes next.
    """

    def __init__(self) -> None:
        self.done: Position | None = None
        self.count = 0
        self.end = 0
        self.fed = 0
        self._records: list[Record | Position] = []  # from `end` on; of what is done, the position
        self._skipped: deque[tuple[int, Position, int]] = deque()  # (slot after, last, how many)
        self._ends: deque[tuple[int, int]] = deque()  # (count, end) as they were
        self._committed_end = 0

    @property
    def first_open(self) -> Record | None:
        """Return the first record that is not done; None if all are."""
        return cast("Record", self._records[0]) if self._records else None

    def add(self, records: Sequence[Record], passed: Sequence[bool] | None) -> range:
        """Append records in the order of the source.

        Args:
            records: the next ones.
            passed: which of them go to batches; None: all.

        Returns:
            The slots of those.
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

    def at(self, slots: Sequence[int]) -> list[Record]:
        """Return the records at ascending slots that are not done."""
        base, records = self.end, cast("list[Record]", self._records)
        if slots and slots[-1] - slots[0] == len(slots) - 1:
            return records[slots[0] - base : slots[-1] - base + 1]
        return [records[slot - base] for slot in slots]

    def advance(self, first: float) -> None:
        """Move on. `first` is the first slot that is not done; infinity if all are."""
        end = self.fed if first > self.fed else int(first)
        moved = end - self.end
        if moved:
            self.done = _position(self._records[moved - 1])
            del self._records[:moved]
            self.end = end
            self.count += moved
        while self._skipped and self._skipped[0][0] <= end:
            slot, position, count = self._skipped.popleft()
            self.count += count
            if slot == end:
                self.done = position
        if moved:
            self._ends.append((self.count, end))

    def drop(self, slots: Iterable[int]) -> None:
        """Keep of these records, which are done, no more than the positions."""
        base = self.end
        for slot in slots:
            if slot >= base:
                self._records[slot - base] = _position(self._records[slot - base])

    def commit(self, count: int) -> int:
        """Return where the prefix ended when it had the many records that are committed now."""
        while self._ends and self._ends[0][0] <= count:
            _, self._committed_end = self._ends.popleft()
        return self._committed_end

    def _skip(self, record: Record) -> None:
        slot, count = self.end + len(self._records), 1
        if self._skipped and self._skipped[-1][0] == slot:
            count += self._skipped.pop()[2]
        self._skipped.append((slot, record.position, count))


def _position(entry: Record | Position) -> Position:
    return entry.position if isinstance(entry, Record) else entry
