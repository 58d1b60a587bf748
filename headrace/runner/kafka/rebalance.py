"""What happens when the group shares its partitions anew."""

from collections.abc import Iterable, Mapping

from headrace.runner.kafka.assignment import Assignment
from headrace.runner.kafka.commits import OffsetCommits
from headrace.runner.kafka.consumer import ConsumerError
from headrace.runner.kafka.position_resets import PositionResets
from headrace.runner.poller import Channel, Intake


class Rebalance:
    """Opens and closes channels as partitions come and go; hands on the answers to commits.

    Args:
        topic: its name, for those of the channels.
        assignment: the partitions that are ours.
        commits: what is being committed of them.
        resets: those that stand still.
        intake: the mapping.

    Attributes:
        happened: whether there was a first assignment, though it may have been empty.
    """

    def __init__(
        self,
        topic: str,
        assignment: Assignment,
        commits: OffsetCommits,
        resets: PositionResets,
        intake: Intake,
    ) -> None:
        self.happened = False
        self._topic = topic
        self._assignment = assignment
        self._commits = commits
        self._resets = resets
        self._intake = intake

    def assigned(self, partitions: Iterable[int]) -> None:
        """Begin the assignments of partitions."""
        numbers = list(partitions)
        for number in numbers:
            self._assignment.add(number, self._intake.open(f"{self._topic}-{number}"))
        self.happened = True
        self._intake.log.info("assigned", partitions=numbers)

    def revoked(self, partitions: Iterable[int]) -> None:
        """End assignments in order: what is done is committed."""
        numbers = list(partitions)
        self._intake.release(self._forget(numbers))
        self._intake.log.info("revoked", partitions=numbers)

    def lost(self, partitions: Iterable[int]) -> None:
        """End assignments at once: others may read these partitions already."""
        numbers = list(partitions)
        self._intake.abandon(self._forget(numbers))
        self._intake.log.warning("lost", partitions=numbers)

    def committed(self, offsets: Mapping[int, int], errors: Mapping[int, ConsumerError]) -> None:
        """Hand the answer to whoever sent the commit."""
        self._commits.take_answer(offsets, errors)

    def _forget(self, numbers: Iterable[int]) -> list[Channel]:
        self._commits.forget(numbers)
        self._resets.forget(numbers)
        return self._assignment.remove(numbers)
