"""Partitions whose position has to be found: the group has none, or the log does not hold it."""

import time
from collections.abc import Iterable, Mapping

from headrace.runner.kafka.assignment import AssignedPartition, Assignment
from headrace.runner.kafka.commits import Answers, OffsetCommits, Offsets
from headrace.runner.kafka.consumer import ConsumerError, ConsumerRefused
from headrace.runner.kafka.starting_position import StartingPositions
from headrace.runner.poller import Intake

_RETRY_SECONDS = 1.0


class PositionResets:
    """Sets partitions to where they begin, or go on.

    A beginning is committed before anything is read. So a restart finds it, and not another one
    that skips what came in between.
    """

    def __init__(
        self,
        assignment: Assignment,
        commits: OffsetCommits,
        starting_positions: StartingPositions,
        intake: Intake,
    ) -> None:
        self._assignment = assignment
        self._commits = commits
        self._starting_positions = starting_positions
        self._intake = intake
        self._open: set[int] = set()
        self._begins: dict[AssignedPartition, int] = {}  # found, and to be committed
        self._found: dict[AssignedPartition, int] = {}
        self._is_anew = False
        self._due = 0.0
        self._refused: ConsumerRefused | None = None

    def add(self, number: int) -> None:
        """Note that the consumer stands still at a partition."""
        self._open.add(number)

    def go_back(self, number: int, offset: int) -> None:
        """Have a partition read again from an offset on, as if it were given anew."""
        partition = self._assignment.partitions.get(number)
        if partition is not None:
            self._found[partition] = offset

    def begin_anew(self) -> None:
        """Have all of a topic read that was made anew, whatever was reached of the one before."""
        self._is_anew = True

    def forget(self, numbers: Iterable[int]) -> None:
        """Let partitions be that are no longer ours."""
        self._open.difference_update(numbers)

    def work(self) -> None:
        """Find positions, and let the consumer go on at those that are known.

        Raises:
            ConsumerRefused: The brokers refuse that, now and later.
        """
        if self._refused is not None:
            raise self._refused
        if self._is_anew and time.monotonic() >= self._due:
            self._begin_anew()
        if (self._open or self._begins) and time.monotonic() >= self._due:
            if self._open:
                self._find()
            self._commit()
        if self._found:
            self._go_on()

    def _begin_anew(self) -> None:
        ours = self._assignment.partitions
        try:
            begins = self._starting_positions.beginnings(ours)
        except ConsumerError as error:
            self._try_later(error)
            return
        self._is_anew = False
        self._intake.log.error("topic made anew: all that it holds is read", partitions=[*ours])
        self._found |= {ours[number]: offset for number, offset in begins.items()}
        self._go_on()
        # The group may have a position of the old topic, which was committed just before.
        self._commits.send(begins, lambda _: None)

    def _find(self) -> None:
        ours = self._assignment.partitions
        chosen = {number: ours[number] for number in self._open if number in ours}
        try:
            found = self._starting_positions.find({n: mine.next for n, mine in chosen.items()})
        except ConsumerError as error:
            self._try_later(error)
            return
        self._open.clear()
        for number, offset in found.items():
            partition = chosen[number]
            (self._begins if partition.next is None else self._found)[partition] = offset

    def _commit(self) -> None:
        begins = self._of_ours(self._begins)
        self._begins.clear()
        if begins:
            partitions = {number: self._assignment.partitions[number] for number in begins}
            self._commits.send(begins, lambda answers: self._begin(partitions, begins, answers))

    def _begin(
        self, partitions: Mapping[int, AssignedPartition], begins: Offsets, answers: Answers
    ) -> None:
        for number, error in answers.items():
            if error is not None:
                self._try_later(error)
            (self._begins if error else self._found)[partitions[number]] = begins[number]

    def _go_on(self) -> None:
        offsets = self._of_ours(self._found)
        self._found.clear()
        for number, offset in offsets.items():
            self._prepare(self._assignment.partitions[number], offset)
        try:
            self._assignment.go_on(offsets)
        except ConsumerError as error:
            self._open.update(offsets)
            self._try_later(error)

    def _prepare(self, partition: AssignedPartition, offset: int) -> None:
        if partition.next is not None and offset < partition.next:
            # The log was truncated, so what the channel has done belongs to records that are no
            # more; or these are to come again.
            self._intake.abandon([partition.channel])
            partition.channel = self._intake.open(partition.channel.name)
        partition.next, partition.end = offset, None

    def _of_ours(self, offsets: Mapping[AssignedPartition, int]) -> dict[int, int]:
        ours = self._assignment.partitions.items()
        return {n: offsets[partition] for n, partition in ours if partition in offsets}

    def _try_later(self, error: ConsumerError) -> None:
        if isinstance(error, ConsumerRefused):  # perhaps inside a callback: it is raised outside
            self._refused = error
        self._due = time.monotonic() + _RETRY_SECONDS
        self._intake.log.warning("no position yet", error=error)
