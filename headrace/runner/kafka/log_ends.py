"""The ends of partitions: positions move past what ends a log and is no record.

Control records and aborted transactions have offsets. Without this, a group that has read all
would seem to lag behind them until the next record.
"""

from headrace.runner.dispatch.dispatcher import Dispatcher
from headrace.runner.kafka.assignment import Assignment
from headrace.runner.kafka.commits import OffsetCommits


class Ends:
    """Commits the end of a log where everything before it is done."""

    def __init__(
        self, assignment: Assignment, commits: OffsetCommits, dispatcher: Dispatcher
    ) -> None:
        self._assignment = assignment
        self._commits = commits
        self._dispatcher = dispatcher
        self._open: set[int] = set()

    def note(self, number: int, end: int) -> None:
        """Note that a partition was read up to its end, for now.

        The same fetch may hold what was written after that: then the end is an old one.
        """
        partition = self._assignment.partitions.get(number)
        if partition is None or not partition.whole or end < (partition.next or 0):
            return
        partition.end = end
        if end != partition.next:
            self._open.add(number)

    def work(self) -> None:
        """Commit the ends that have been reached."""
        reached = {}
        for number in list(self._open):
            partition = self._assignment.partitions.get(number)
            if partition is None or partition.end is None:
                self._open.discard(number)
            elif self._dispatcher.is_idle(partition.lane):
                self._open.discard(number)
                reached[number] = partition.end
        if reached:
            self._commits.send(reached, lambda _: None)
