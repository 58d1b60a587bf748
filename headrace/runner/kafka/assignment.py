"""The partitions that a group's member has been given, each with its channel."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from headrace.record import KafkaPosition
from headrace.runner.kafka.consumer import GroupConsumer
from headrace.runner.poller import Channel


class AssignedPartition:
    """One partition during one assignment.

    Attributes:
        channel: takes its records.
        next: the lowest offset that the channel still takes; None as long as that is unknown.
        end: where the log ended when it was read up to there; None while there may be more.
            It is beyond `next` if the log ends in control records or aborted transactions.
        whole: whether the channel got all that came; a limit on the run cuts some off.
        mean: bytes of a record, by the last fetches; 0 before the first.
    """

    __slots__ = ("channel", "end", "mean", "next", "whole")

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.next: int | None = None
        self.end: int | None = None
        self.whole = True
        self.mean = 0.0

    def position(self) -> int | None:
        """Return the offset up to which all is done; None as long as that is unknown."""
        done = self.channel.done
        reached = done.offset + 1 if isinstance(done, KafkaPosition) else self.next
        return self.end if self.end is not None and reached in {None, self.next} else reached


class Assignment:
    """The partitions that are ours, and which of them are paused."""

    def __init__(self, consumer: GroupConsumer) -> None:
        self.partitions: dict[int, AssignedPartition] = {}
        self._consumer = consumer
        self._paused: set[int] = set()
        self._fresh: set[int] = set()  # perhaps paused by an earlier assignment

    def add(self, number: int, channel: Channel) -> None:
        """Begin a partition's assignment."""
        self.partitions[number] = AssignedPartition(channel)
        self._fresh.add(number)

    def remove(self, numbers: Iterable[int]) -> list[Channel]:
        """End assignments. Returns the channels of those that were ours."""
        gone = [number for number in numbers if number in self.partitions]
        self._paused.difference_update(gone)
        return [self.partitions.pop(number).channel for number in gone]

    def go_on(self, offsets: Mapping[int, int]) -> None:
        """Let the consumer read partitions of ours from these offsets. Raises ConsumerError."""
        if offsets:
            reached = {number: partition.next for number, partition in self.partitions.items()}
            self._consumer.read_from(offsets, reached)
            self._fresh.update(self.partitions)

    def pause(self, channels: Collection[Any] | None) -> None:
        """Fetch for all channels but these (None: for none)."""
        wanted = set(self.partitions) if channels is None else self._numbers(channels)
        if wanted == self._paused and not self._fresh:
            return
        if more := wanted - (self._paused - self._fresh):
            self._consumer.pause(more)
        if fewer := ((self._paused | self._fresh) - wanted) & self.partitions.keys():
            self._consumer.resume(fewer)
        self._paused = wanted
        self._fresh = set()

    def _numbers(self, channels: Collection[Any]) -> set[int]:
        if not channels:
            return set()
        return {number for number, mine in self.partitions.items() if mine.channel in channels}
