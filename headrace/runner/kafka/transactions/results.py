"""Results that wait: each is written in the transaction that commits past its record.

A position of Kafka is a prefix, so results of records ahead of it (beyond one that failed, or of a
batch that was quicker) wait here until it gets there. After a crash they are gone, and their
records come again: nothing of them was written.
"""

import threading
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from headrace.errors import NotDone
from headrace.record import KafkaPosition, Record, kafka_position
from headrace.runner.kafka.transactions.partition import HeldPartition
from headrace.sinks.base import ContentRefused, Message, held_back

_OVERHEAD = 100  # bytes that a message has in Kafka beside its parts, and more
_HEADER_OVERHEAD = 10


class Result(NamedTuple):
    """One result: where its record stands, and what is written."""

    partition: int
    offset: int
    message: Message


class HeldResults:
    """The sink of the worker. `send` accepts a result, and does not write it yet.

    The poller's thread says which partitions are here, and takes the results.

    Args:
        topic: what is read.
        most_bytes: what a message may have, so that a larger one is its record's own failure.
    """

    def __init__(self, topic: str, most_bytes: int) -> None:
        self._topic = topic
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        self._partitions: dict[int, HeldPartition] = {}
        self._refused: dict[tuple[int, int], str] = {}

    def send(self, messages: Sequence[Message]) -> list[Exception | None]:
        """Accept results. What comes again takes the place of what came before."""
        failed_keys: set[bytes] = set()
        failures: list[Exception | None] = []
        with self._lock:
            for message in messages:
                key = message.key
                failure = held_back() if key in failed_keys else self._accept(message)
                failures.append(failure)
                if failure is not None and key is not None:
                    failed_keys.add(key)
        return failures

    def close(self) -> None:
        """Do nothing: the connection is the poller's."""

    def begin(self, number: int) -> None:
        """Begin a partition's assignment."""
        with self._lock:
            self._partitions[number] = HeldPartition()

    def came(self, number: int, records: Iterable[Record]) -> None:
        """Note records that were read. An assignment begins with its first."""
        partition = self._partitions.get(number)
        if partition is not None and partition.reached is None:
            partition.reached = min(kafka_position(record).offset for record in records)

    def go_on(self, number: int, offset: int) -> None:
        """Note where a partition is read on. What comes again belongs to a new assignment."""
        with self._lock:
            one = self._partitions.get(number)
            if one is None or one.is_over or one.reached is None or offset < one.reached:
                self._partitions[number] = HeldPartition(offset)

    def end(self, numbers: Iterable[int]) -> None:
        """Drop what is held of partitions that are no longer ours; what comes late is refused."""
        gone = set(numbers)
        with self._lock:
            for number in gone:
                self._partitions.pop(number, None)
            self._refused = {at: why for at, why in self._refused.items() if at[0] not in gone}

    def movable(self, offsets: Mapping[int, int]) -> dict[int, int]:
        """Return those of these offsets that may be committed: not where records come again."""
        with self._lock:
            known = self._partitions
            return {n: end for n, end in offsets.items() if n in known and not known[n].is_over}

    def until(self, offsets: Mapping[int, int]) -> list[Result]:
        """Return what is to be written before these offsets are committed, in order."""
        with self._lock:
            return [
                Result(number, at, message)
                for number in sorted(offsets)
                for at, message in self._partitions[number].until(offsets[number])
            ]

    def note_committed(self, offsets: Mapping[int, int]) -> None:
        """Drop what is written."""
        with self._lock:
            for number, end in offsets.items():
                self._partitions[number].commit(end)

    def note_doubt(self, offsets: Mapping[int, int]) -> None:
        """Note that these offsets were committed, with all before them, or not."""
        for number, end in offsets.items():
            self._partitions[number].in_doubt = end

    def doubts(self) -> list[int]:
        """Return the partitions of which that was noted, and that are still ours."""
        return [n for n, one in self._partitions.items() if one.in_doubt is not None]

    def resolve(self, found: Mapping[int, int]) -> None:
        """Take in the positions that are committed. Nobody else has moved them: they are ours."""
        with self._lock:
            for number, one in self._partitions.items():
                if one.in_doubt is not None and found.get(number) == one.in_doubt:
                    one.commit(one.in_doubt)
                one.in_doubt = None

    def refuse(self, result: Result, why: str) -> int:
        """Have a result refused when its record comes again.

        Returns:
            The offset from which its partition is to be read again, all of it.
        """
        with self._lock:
            self._refused[result.partition, result.offset] = why
            one = self._partitions[result.partition]
            one.is_over = True
            return result.offset if one.reached is None else one.reached

    def _accept(self, message: Message) -> Exception | None:
        position = message.position
        if not isinstance(position, KafkaPosition) or position.topic != self._topic:
            return ContentRefused(f"no record of {self._topic} has this result")
        partition = self._partitions.get(position.partition)
        if partition is None or partition.is_over:
            return NotDone("the partition is no longer ours, or its records come again")
        why = self._refused.get((position.partition, position.offset)) or self._wrong(message)
        if why:
            return ContentRefused(why)
        partition.results[position.offset] = message
        return None

    def _wrong(self, message: Message) -> str:
        try:
            names = sum(len(name.encode()) for name, _ in message.headers)
        except UnicodeEncodeError as error:
            return str(error)
        values = sum(len(value or b"") + _HEADER_OVERHEAD for _, value in message.headers)
        size = len(message.key or b"") + len(message.value or b"") + names + values + _OVERHEAD
        if size <= self._most_bytes:
            return ""
        return f"{size} bytes are more than message.max.bytes={self._most_bytes}"
