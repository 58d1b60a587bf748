"""A real Kafka client that tells how far it is."""

from collections.abc import Iterable, Mapping

from headrace.log import logger
from headrace.runner.kafka.confluent import open_consumer
from headrace.runner.kafka.consumer import ConsumerError, Fetched, Listener, LogEnd, Records
from tests.support.histories.topic import RealTopic

_SILENT = logger("kafka", "CRITICAL")


class TrackedConsumer:
    """The real client, and how far it is: it is settled once it has all that is there.

    Attributes:
        positions: the next offset of each partition that something was read of.
        owned: the partitions that are assigned.
        events: what the group gave and took, in order: ("assign", partitions) and so on.
        dead: it says and hears nothing more.
    """

    def __init__(self, topic: RealTopic) -> None:
        self.positions: dict[int, int] = {}
        self.owned: set[int] = set()
        self.events: list[tuple[str, tuple[int, ...]]] = []
        self.dead = False
        self._topic = topic
        self._real = open_consumer(topic.source, _SILENT)
        self._paused: set[int] = set()
        self._ends: dict[int, int] = {}
        self._out = 0  # commits without an answer

    def __getattr__(self, name: str):
        return getattr(self._real, name)  # what needs no tracking

    @property
    def is_settled(self) -> bool:
        return not self._out and all(
            number in self._paused or self._ends.get(number) == self._topic.end(number)
            for number in self.owned
        )

    @property
    def patience(self) -> float:
        return 0.0 if self.is_settled else 0.02

    def join(self, listener: Listener) -> None:
        self._listener = listener
        self._real.join(Ears(self))

    def fetch(self, most: int, timeout: float) -> list[Fetched]:
        found = self._real.fetch(most, timeout)
        for item in found:
            if isinstance(item, Records):
                self.positions[item.partition] = item.records[-1].position.offset + 1
            elif isinstance(item, LogEnd):
                self._ends[item.partition] = item.offset
        return found

    def pause(self, partitions: Iterable[int]) -> None:
        chosen = set(partitions)
        self._paused |= chosen
        self._real.pause(chosen)

    def resume(self, partitions: Iterable[int]) -> None:
        chosen = set(partitions)
        self._paused -= chosen
        self._real.resume(chosen)

    def read_from(self, offsets: Mapping[int, int], reached: Mapping[int, int | None]) -> None:
        self._paused.clear()
        self._real.read_from(offsets, reached)

    def commit(self, offsets: Mapping[int, int]) -> None:
        if not self.dead:
            self._out += 1
            self._real.commit(offsets)

    def hear(self, event: str, partitions: Iterable[int]) -> None:
        """Note what the group does, and hand it on to the poller."""
        numbers = tuple(partitions)
        self.events.append((event, numbers))
        for number in numbers:
            self._ends.pop(number, None)
        if event == "assign":
            self.owned.update(numbers)
            self._listener.assigned(numbers)
            return
        self.owned.difference_update(numbers)
        if not self.dead:
            (self._listener.revoked if event == "revoke" else self._listener.lost)(numbers)

    def answered(self, offsets: Mapping[int, int], errors: Mapping[int, ConsumerError]) -> None:
        self._out -= 1
        if not self.dead:
            self._listener.committed(offsets, errors)


class Ears:
    """Hears the group for a tracked consumer: a Listener."""

    def __init__(self, tracked: TrackedConsumer) -> None:
        self.assigned = lambda partitions: tracked.hear("assign", partitions)
        self.revoked = lambda partitions: tracked.hear("revoke", partitions)
        self.lost = lambda partitions: tracked.hear("lose", partitions)
        self.committed = tracked.answered
