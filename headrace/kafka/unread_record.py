"""A Kafka record whose position and time are not read before somebody asks for them."""

from collections.abc import Iterable
from itertools import repeat
from typing import Any, cast

from confluent_kafka import Message

from headrace.position import NO_TIME
from headrace.record import Headers, KafkaPosition, Record
from headrace.unread_record import UNREAD, UnreadRecord, late

_SOURCE = "kafka"


def _time(message: Message) -> int | None:
    kind, milliseconds = message.timestamp()
    return milliseconds if kind and milliseconds != NO_TIME else None


def _position(message: Message) -> KafkaPosition:
    # What was read has all three; `cast` would cost a third of the whole.
    return KafkaPosition(message.topic(), message.partition(), message.offset())  # type: ignore[arg-type]


class UnreadKafkaRecord(UnreadRecord, frozen=True, gc=False):
    """A record of the runner."""

    timestamp = late("timestamp", _time)
    position = late("position", _position)


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
