"""A Kafka record whose position and time are not read before somebody asks for them.

When its position is asked for, it is read as a whole.
"""

from collections.abc import Iterable
from itertools import repeat
from typing import Any, cast

from confluent_kafka import Message

from headrace.record import Headers, KafkaPosition, Position, Record
from headrace.unread_record import SLOTS, UNREAD, UnreadRecord, late, let_go, message_of

_SOURCE = "kafka"


def _time(message: Message) -> int | None:
    kind, milliseconds = message.timestamp()
    return milliseconds if kind else None


class UnreadKafkaRecord(UnreadRecord, frozen=True, gc=False):
    """A record of the runner."""

    timestamp = late("timestamp", _time)

    @property  # type: ignore[misc]  # a field there
    def position(self) -> Position:
        """As of any record."""
        return self._whole().position

    def _whole(self) -> Record:
        message = message_of(self)
        if message is not None:  # otherwise, another thread has read it
            SLOTS["position"].__set__(self, _position(message))
            SLOTS["timestamp"].__set__(self, _time(message))
        return let_go(self)


def unread_records(
    values: Iterable[bytes | None],
    keys: Iterable[bytes | None],
    headers: Iterable[Headers],
    messages: Iterable[Message],
) -> list[Record]:
    """Return records from the columns of what was read, and from the messages."""
    unread = repeat(UNREAD)
    kept = cast("Iterable[Any]", messages)
    return [*map(UnreadKafkaRecord, repeat(_SOURCE), unread, values, keys, headers, unread, kept)]


def _position(message: Message) -> KafkaPosition:
    topic, partition, offset = message.topic(), message.partition(), message.offset()
    return KafkaPosition(cast("str", topic), cast("int", partition), cast("int", offset))
