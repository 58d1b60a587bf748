"""What a run on an in-memory topic has come to."""

from collections import Counter
from typing import Any

from headrace import json_text
from headrace.dead_letters.letter import DeadLetter
from headrace.dead_letters.reading import letters
from headrace.record import Record, kafka_position
from headrace.sinks.base import Message
from headrace.testing.memory_sink import MemorySink
from headrace.testing.memory_topic import MemoryTopic


class StreamView:
    """Looks at a topic, at what a worker was given of it, and at what came of that.

    Attributes:
        delivered: every record that the worker was given, in order, each time that it was.
        messages: what went to the sink: key, value and headers of each result.
    """

    def __init__(self, topic: MemoryTopic, delivered: list[Record]) -> None:
        self._topic = topic
        self._sink, self._letters = MemorySink(), MemorySink()
        self.delivered = delivered
        self.messages: list[Message] = self._sink.messages

    @property
    def committed(self) -> dict[int, int]:
        """The group's position in each partition: the next offset to read."""
        return dict(self._topic.committed)

    @property
    def unfinished(self) -> list[Record]:
        """The records that are not committed: a crash now would deliver them (again)."""
        committed = self.committed
        return [
            record
            for partition, log in self._topic.partitions.items()
            for record in log
            if kafka_position(record).offset >= committed.get(partition, 0)
        ]

    @property
    def delivered_twice(self) -> list[Record]:
        """The records that the worker was given more than once, each of them once."""
        times = Counter(record.id for record in self.delivered)
        known = {record.id: record for record in self.delivered}
        return [record for name, record in known.items() if times[name] > 1]

    @property
    def results(self) -> list[Any]:
        """The values that went to the sink: JSON as what it says, anything else as bytes."""
        return [_plain(message.value) for message in self.messages]

    @property
    def dead_letters(self) -> list[DeadLetter]:
        """What was rejected or given up, as it is written; `error` says why."""
        written = [message.value or b"" for message in self._letters.messages]
        return [found for data in written for found in letters(data)]


def _plain(value: bytes | None) -> Any:
    try:
        return None if value is None else json_text.decode(value)
    except json_text.JsonError:
        return value
