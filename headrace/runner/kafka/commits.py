"""Commits that do not block: sent one at a time, answered while the consumer is polled.

librdkafka may send a commit again after a broken connection. With one on its way at a time, a
late copy of an older one cannot set a position back.
"""

import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping

from headrace.runner.kafka.consumer import ConsumerError, GroupConsumer

# The next offset of each partition, and what stood in the way of its commit (None: it is durable).
Offsets = Mapping[int, int]
Answers = Mapping[int, ConsumerError | None]

_CONFIRM_SECONDS = 2.0


class OffsetCommits:
    """The commits of one member of a group."""

    def __init__(self, consumer: GroupConsumer) -> None:
        self._consumer = consumer
        self._waiting: deque[tuple[Offsets, Callable[[Answers], None]]] = deque()
        self._on_its_way: tuple[Offsets, Callable[[Answers], None]] | None = None
        self._sent_at = 0.0

    @property
    def age(self) -> float:
        """Return for how many seconds a commit has been on its way; 0 if none is."""
        return 0.0 if self._on_its_way is None else time.monotonic() - self._sent_at

    def send(self, offsets: Offsets, answered: Callable[[Answers], None]) -> None:
        """Commit, after those that were sent before; `answered` is called once."""
        self._waiting.append((offsets, answered))
        self._send_next()

    def confirm(self, offsets: Offsets) -> None:
        """Commit and wait for it, but not for long. Raises ConsumerError if it is not certain.

        This may be called inside a callback of the consumer, where no answer can be taken; so it
        asks the broker. (A synchronous commit would wait for a lost broker without a limit.)
        """
        self.forget(offsets)  # or one that waits would set these positions back
        self._consumer.commit(offsets)
        found = self._consumer.committed(offsets, timeout=_CONFIRM_SECONDS)
        behind = [p for p, offset in offsets.items() if found.get(p, -1) < offset]
        if behind:
            raise ConsumerError(f"the broker does not confirm the commit of partitions {behind}")

    def forget(self, partitions: Iterable[int]) -> None:
        """Send nothing more for partitions that are no longer ours."""
        gone = set(partitions)
        self._waiting = deque(
            ({p: offset for p, offset in offsets.items() if p not in gone}, answered)
            for offsets, answered in self._waiting
        )

    def take_answer(self, offsets: Offsets, errors: Mapping[int, ConsumerError]) -> None:
        """Hand on what the broker answered to a commit, and send the next one."""
        if self._on_its_way is None:
            return
        sent, answered = self._on_its_way
        if offsets != sent:
            return  # of a commit that was confirmed
        self._on_its_way = None
        answered({partition: errors.get(partition) for partition in sent})
        self._send_next()

    def _send_next(self) -> None:
        while self._on_its_way is None and self._waiting:
            offsets, answered = self._waiting.popleft()
            if not offsets:
                answered({})
                continue
            self._on_its_way = offsets, answered
            self._sent_at = time.monotonic()
            try:
                self._consumer.commit(offsets)
            except ConsumerError as error:
                self._on_its_way = None
                answered(dict.fromkeys(offsets, error))
