"""The ends of partitions: positions move past what ends a log and is not a record.

Control records and aborted transactions have offsets. Without this, a group that has read all
would seem to lag behind them until the next record.
"""

from headrace.runner.kafka.assignment import Assignment
from headrace.runner.kafka.commits import OffsetCommits
from headrace.runner.poller import Intake


class LogEnds:
    """Commits the end of a log once everything before it is done."""

    def __init__(self, assignment: Assignment, commits: OffsetCommits, intake: Intake) -> None:
        self._assignment = assignment
        self._commits = commits
        self._intake = intake
        self._open: set[int] = set()

    def note(self, number: int, end: int) -> None:
        """Note that a partition was read up to its end, for now."""
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
            elif self._intake.state(partition.channel).idle:
                self._open.discard(number)
                reached[number] = partition.end
        if reached:
            self._commits.send(reached, lambda _: None)
