"""Messages of a Kafka partition, as the client gives them, as records."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import repeat
from typing import Any, NamedTuple, cast

from confluent_kafka import Message

from headrace.record import Headers, KafkaPosition, Record


class Run(NamedTuple):
    """Consecutive messages of a partition as records, and the columns that these are made of.

    Attributes:
        records: in the order of the messages.
        values: of each record.
        keys: of each record.
        headers: of each record.
        unreadable: what could not be read, by the index of the record: it has no headers.
    """

    records: list[Record]
    values: list[bytes | None]
    keys: list[bytes | None]
    headers: list[Headers]
    unreadable: Mapping[int, str]


def to_records(topic: str, partition: int, messages: Sequence[Message]) -> Run:
    """Make records, in the same order.

    A header whose value is null gets an empty one: the service's event, in which a header is a
    list of bytes, has no other form for it.
    """
    # By columns, not by rows: this runs for every message.
    offsets = cast("Iterator[int]", map(Message.offset, messages))
    positions = map(KafkaPosition, repeat(topic), repeat(partition), offsets)
    values, keys = list(map(Message.value, messages)), list(map(Message.key, messages))
    headers, unreadable = _all_headers(messages)
    times = [ms if kind else None for kind, ms in map(Message.timestamp, messages)]
    records: list[Record] = list(
        map(Record, repeat("kafka"), positions, values, keys, headers, times)
    )
    return Run(records, values, keys, headers, unreadable)


def _all_headers(messages: Sequence[Message]) -> tuple[list[Headers], dict[int, str]]:
    """Return the headers of each message, and what could not be read, by its index.

    The client raises for a name that is not UTF-8, and crashes the process if it is asked for the
    headers of that message once more. So each message is asked once.
    """
    found: list[Headers] = []
    unreadable: dict[int, str] = {}
    each = map(Message.headers, messages)
    while len(found) < len(messages):
        try:
            found.extend(_headers(pairs) if pairs else () for pairs in each)
        except (SystemError, UnicodeDecodeError) as error:
            unreadable[len(found)] = f"its headers: {error.__cause__ or error}"
            found.append(())
    return found, unreadable


def _headers(pairs: Any) -> Headers:
    return tuple((name, b"" if value is None else value) for name, value in pairs)
