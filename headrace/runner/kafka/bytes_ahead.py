"""How many bytes of records the runner holds: a bound on its memory, whatever their sizes.

Records are counted exactly, their bytes by the mean of the last fetches. A partition that holds
many because one of them fails is paused by itself, so that it takes no room from the others.
"""

from typing import Any

from headrace.runner.kafka.assignment import AssignedPartition, Assignment
from headrace.runner.poller import Intake


class BytesAhead:
    """What was fed and is not done.

    Args:
        assignment: the partitions.
        intake: knows how many records of each are not done.
        most: bytes that may be ahead.
        record: bytes that a record may have, for all that is known before the first.

    Attributes:
        heavy: the channels that hold as much alone while a record of theirs is retried.
    """

    def __init__(self, assignment: Assignment, intake: Intake, most: int, record: int = 1) -> None:
        self.heavy: frozenset[Any] = frozenset()
        self._assignment = assignment
        self._intake = intake
        self._most = most
        self._counted = 0.0
        self._since = 0.0  # bytes that were fed since they were counted
        self._mean = float(record)

    def note(self, partition: AssignedPartition, records: int, size: int) -> None:
        """Take in that records of so many bytes were fed."""
        partition.mean = _mean(partition.mean, size / records)
        self._mean = _mean(self._mean, size / records)
        self._since += size

    def chunk(self, most: int) -> int:
        """Return how many records to fetch next, at most."""
        return max(1, min(most, int(self._most / max(1.0, self._mean))))

    def is_over(self) -> bool:
        """Return whether nothing more should be fetched for now."""
        if self._counted + self._since > self._most or self.heavy:
            self._count()
        return self._counted > self._most

    def _count(self) -> None:
        self._counted = self._since = 0.0
        heavy = set()
        for partition in self._assignment.partitions.values():
            if not partition.mean:
                continue
            state = self._intake.state(partition.channel)
            held = state.outstanding * partition.mean
            if not state.parking:
                self._counted += held
            elif held > self._most:
                heavy.add(partition.channel)
        self.heavy = frozenset(heavy)


def _mean(before: float, now: float) -> float:
    """Return a mean that follows at once if records get larger, and slowly if they get smaller."""
    return max(now, (before + now) / 2)
