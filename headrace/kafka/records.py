"""Messages of a Kafka partition, as the client gives them, as records."""

from collections.abc import Iterator, Sequence
from itertools import repeat
from typing import Any, NamedTuple, cast

from confluent_kafka import Message

from headrace.record import Headers, KafkaPosition, Record


class Run(NamedTuple):
    """Consecutive messages of a partition as records, and the columns that these are made of."""

    records: list[Record]
    values: list[bytes | None]
    keys: list[bytes | None]
    headers: list[Headers]


def to_records(topic: str, partition: int, messages: Sequence[Message]) -> Run:
    """Make records, in the same order.

    A header whose value is null gets an empty one: the service's event, in which a header is a
    list of bytes, has no other form for it.
    """
    # By columns, not by rows: this runs for every message.
    offsets = cast("Iterator[int]", map(Message.offset, messages))
    positions = map(KafkaPosition, repeat(topic), repeat(partition), offsets)
    values, keys = list(map(Message.value, messages)), list(map(Message.key, messages))
    headers = [_headers(pairs) if pairs else () for pairs in map(Message.headers, messages)]
    times = [ms if kind else None for kind, ms in map(Message.timestamp, messages)]
    records = list(map(Record, repeat("kafka"), positions, values, keys, headers, times))
    return Run(records, values, keys, headers)


def _headers(pairs: Any) -> Headers:
    return tuple((name, b"" if value is None else value) for name, value in pairs)
