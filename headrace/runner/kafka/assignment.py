"""The partitions that a group member has been given, each with its lane."""

from collections.abc import Collection, Iterable, Mapping

from confluent_kafka import OFFSET_INVALID, TopicPartition

from headrace.record import kafka_position
from headrace.runner.dispatch.partition import Lane
from headrace.runner.kafka.client import GroupConsumer


class Partition:
    """One partition during one assignment.

    Attributes:
        lane: takes its records.
        next: the lowest offset that the lane still takes; None as long as that is unknown.
        end: where the log ended when it was read up to there; None while there may be more.
            It is beyond `next` where the log ends in control records or aborted transactions.
        whole: whether the lane got all that came; a limit on the run cuts some off.
    """

    __slots__ = ("end", "lane", "next", "whole")

    def __init__(self, lane: Lane) -> None:
        self.lane = lane
        self.next: int | None = None
        self.end: int | None = None
        self.whole = True

    def position(self) -> int | None:
        """The offset up to which all is done; None as long as that is unknown."""
        done = self.lane.done
        reached = self.next if done is None else kafka_position(done).offset + 1
        return self.end if self.end is not None and reached in {None, self.next} else reached


class Assignment:
    """The partitions of one topic that are ours, and which of them are paused."""

    def __init__(self, consumer: GroupConsumer, topic: str) -> None:
        self.partitions: dict[int, Partition] = {}
        self._consumer = consumer
        self._topic = topic
        self._paused: set[int] = set()
        self._fresh: set[int] = set()  # perhaps paused by an earlier assignment

    def add(self, number: int, lane: Lane) -> None:
        """Begin a partition's assignment."""
        self.partitions[number] = Partition(lane)
        self._fresh.add(number)

    def remove(self, numbers: Iterable[int]) -> list[Lane]:
        """End assignments. Returns the lanes of those that were ours."""
        gone = [number for number in numbers if number in self.partitions]
        self._paused.difference_update(gone)
        return [self.partitions.pop(number).lane for number in gone]

    def go_on(self, offsets: Mapping[int, int]) -> None:
        """Let the consumer read partitions of ours from these offsets. Raises KafkaException.

        A consumer that stands still after an error cannot seek: it takes an assignment anew.
        """
        if not offsets:
            return
        if self._consumer.cooperative:
            here = {assigned.partition for assigned in self._consumer.assignment()}
            self._consumer.incremental_unassign(self._named(offsets.keys() & here))
            self._consumer.incremental_assign(self._placed(offsets))
            self._fresh.update(offsets)
        else:
            reached = {number: partition.next for number, partition in self.partitions.items()}
            known = {n: OFFSET_INVALID if at is None else at for n, at in reached.items()}
            self._consumer.assign(self._placed({**known, **offsets}))
            self._fresh.update(known)

    def pause(self, lanes: Collection[Lane] | None) -> None:
        """Fetch for all lanes but these (None: for none)."""
        wanted = set(self.partitions) if lanes is None else self._numbers(lanes)
        if wanted == self._paused and not self._fresh:
            return
        if more := wanted - (self._paused - self._fresh):
            self._consumer.pause(self._named(more))
        if fewer := ((self._paused | self._fresh) - wanted) & self.partitions.keys():
            self._consumer.resume(self._named(fewer))
        self._paused = wanted
        self._fresh = set()

    def _numbers(self, lanes: Collection[Lane]) -> set[int]:
        if not lanes:
            return set()
        return {number for number, mine in self.partitions.items() if mine.lane in lanes}

    def _named(self, numbers: Iterable[int]) -> list[TopicPartition]:
        return [TopicPartition(self._topic, number) for number in numbers]

    def _placed(self, offsets: Mapping[int, int]) -> list[TopicPartition]:
        return [TopicPartition(self._topic, *place) for place in offsets.items()]
