"""Messages of a partition as records."""

from collections.abc import Iterator, Sequence
from itertools import repeat
from typing import Any, cast

from confluent_kafka import Message

from headrace.record import Headers, KafkaPosition, Record
from headrace.runner.protocol.payload import largest


def to_records(topic: str, partition: int, messages: Sequence[Message]) -> tuple[list[Record], int]:
    """Make records, in the same order.

    A header whose value is null gets an empty one: the service's event, in which a header is a
    list of bytes, has no other form for it.

    Returns:
        the records, and a number of bytes that none of them reaches in an event.
    """
    # By columns, not by rows: this runs for every message.
    offsets = cast("Iterator[int]", map(Message.offset, messages))
    positions = map(KafkaPosition, repeat(topic), repeat(partition), offsets)
    values, keys = list(map(Message.value, messages)), list(map(Message.key, messages))
    headers = [_headers(pairs) if pairs else () for pairs in map(Message.headers, messages)]
    times = [ms if kind else None for kind, ms in map(Message.timestamp, messages)]
    records = list(map(Record, repeat("kafka"), positions, values, keys, headers, times))
    return records, largest(values, keys, headers)


def position_of(record: Record) -> KafkaPosition:
    """The position of a record that came from Kafka."""
    return cast("KafkaPosition", record.position)


def _headers(pairs: Any) -> Headers:
    return tuple((name, b"" if value is None else value) for name, value in pairs)
