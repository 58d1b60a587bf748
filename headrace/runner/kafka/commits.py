"""Commits that do not block: sent one at a time, answered while the consumer is polled.

librdkafka may send a commit again after a broken connection. With one on its way at a time, a
late copy of an older one cannot set a position back.
"""

import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping

from confluent_kafka import KafkaError, KafkaException, TopicPartition

from headrace.runner.kafka.client import GroupConsumer

# The next offset of each partition, and what stood in the way of its commit (None: it is durable).
Offsets = Mapping[int, int]
Answers = Mapping[int, KafkaException | None]

_CONFIRM_SECONDS = 2.0


class OffsetCommits:
    """The commits of one topic by one member of a group."""

    def __init__(self, consumer: GroupConsumer, topic: str) -> None:
        self._consumer = consumer
        self._topic = topic
        self._waiting: deque[tuple[Offsets, Callable[[Answers], None]]] = deque()
        self._on_its_way: tuple[Offsets, Callable[[Answers], None]] | None = None
        self._sent_at = 0.0
        consumer.on_commit = self._take_answer

    @property
    def age(self) -> float:
        """For how many seconds a commit has been on its way; 0 where none is."""
        return 0.0 if self._on_its_way is None else time.monotonic() - self._sent_at

    def send(self, offsets: Offsets, answered: Callable[[Answers], None]) -> None:
        """Commit, after those that were sent before; `answered` is called once."""
        self._waiting.append((offsets, answered))
        self._send_next()

    def confirm(self, offsets: Offsets) -> None:
        """Commit and wait for it, but not for long. Raises KafkaException where it is not certain.

        This may be called inside a callback of the consumer, where no answer can be taken; so it
        asks the broker. (A synchronous commit would wait for a lost broker without a limit.)
        """
        self.forget(offsets)  # or one that waits would set these positions back
        wanted = self._partitions(offsets)
        self._consumer.commit(offsets=wanted, asynchronous=True)
        for found in self._consumer.committed(wanted, timeout=_CONFIRM_SECONDS):
            if found.error is not None:
                raise KafkaException(found.error)
            if found.offset < offsets[found.partition]:
                raise KafkaException(KafkaError(KafkaError._NO_OFFSET))

    def forget(self, partitions: Iterable[int]) -> None:
        """Send nothing more for partitions that are no longer ours."""
        gone = set(partitions)
        self._waiting = deque(
            ({p: offset for p, offset in offsets.items() if p not in gone}, answered)
            for offsets, answered in self._waiting
        )

    def _send_next(self) -> None:
        while self._on_its_way is None and self._waiting:
            offsets, answered = self._waiting.popleft()
            if not offsets:
                answered({})
                continue
            self._on_its_way = offsets, answered
            self._sent_at = time.monotonic()
            try:
                self._consumer.commit(offsets=self._partitions(offsets), asynchronous=True)
            except KafkaException as error:
                self._on_its_way = None
                answered(dict.fromkeys(offsets, error))

    def _take_answer(self, error: KafkaError | None, partitions: list[TopicPartition]) -> None:
        if self._on_its_way is None:
            return
        offsets, answered = self._on_its_way
        if {p.partition: p.offset for p in partitions} != offsets:
            return  # of a commit that was confirmed
        self._on_its_way = None
        answered({p.partition: _failure(error or p.error) for p in partitions})
        self._send_next()

    def _partitions(self, offsets: Offsets) -> list[TopicPartition]:
        return [TopicPartition(self._topic, *position) for position in offsets.items()]


def _failure(error: KafkaError | None) -> KafkaException | None:
    return None if error is None else KafkaException(error)
