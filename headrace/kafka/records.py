"""Messages of a Kafka partition, as the client gives them, as records."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, cast

from confluent_kafka import Message

from headrace.kafka.unread_record import unread_records
from headrace.record import Headers, Record


class Run(NamedTuple):
    """Consecutive messages of a partition as records.

    Attributes:
        records: in the order of the messages. Each keeps its message until all of it
            has been read.
        keys: of each record.
        headers: of each record.
        unreadable: what could not be read, by the index of the record: it has no headers.
    """

    records: list[Record]
    keys: Sequence[bytes | None]
    headers: Sequence[Headers]
    unreadable: Mapping[int, str]


def to_records(messages: Sequence[Message]) -> Run:
    """Make records, in the same order.

    A header whose value is null gets an empty one. On AWS Lambda it is missing: the service's event
    has an object without a name in its place.
    """
    # By columns, not by rows: this runs for every message.
    headers, unreadable = _all_headers(messages)
    values = cast("Iterator[bytes | None]", map(Message.value, messages))
    keys = cast("list[bytes | None]", list(map(Message.key, messages)))
    return Run(unread_records(values, keys, headers, messages), keys, headers, unreadable)


def _all_headers(messages: Sequence[Message]) -> tuple[list[Headers], dict[int, str]]:
    """Return the headers of each message, and what could not be read, by its index.

    The client raises for a name that is not UTF-8, and crashes the process if it is asked for the
    headers of that message once more. So each message is asked once.
    """
    pairs: list[Any] = []
    unreadable: dict[int, str] = {}
    each = map(Message.headers, messages)
    while len(pairs) < len(messages):
        try:
            pairs.extend(each)  # keeps what came before one that raises
        except (SystemError, UnicodeDecodeError) as error:
            unreadable[len(pairs)] = f"its headers: {error.__cause__ or error}"
            pairs.append(None)
    return list(map(_headers, pairs)) if any(pairs) else [()] * len(pairs), unreadable


def _headers(pairs: Any) -> Headers:
    return tuple((name, b"" if value is None else value) for name, value in pairs or ())
