"""A Kafka record whose position and time are not read before somebody asks for them.

Most handlers ask for the value alone, and to read the rest costs more than to hand a record over.
Such a record behaves as any other: it compares, hashes, prints, pickles and matches alike. When
its position is asked for, it is read as a whole, turns into a plain `Record`, and lets go of its
message.

What looks into a struct by itself (`msgspec.structs`, encoders) would see what is not read yet: see
`headrace.record.whole`.
"""

from collections.abc import Iterable
from itertools import repeat
from typing import Any, cast

from confluent_kafka import Message
from msgspec.structs import force_setattr

from headrace.record import Headers, KafkaPosition, Position, Record

_SOURCE = "kafka"
# What stands in the place of a position that is not read yet.
_UNREAD: Any = object()
# The fields of a record below the properties that stand before them. An unread one keeps its
# message in the place of the timestamp.
_POSITION, _TIMESTAMP = (vars(Record)[name] for name in ("position", "timestamp"))
_kept = _TIMESTAMP.__get__


class UnreadRecord(Record, frozen=True, gc=False):
    """A record that still has its message. Any thread may read it."""

    @property  # type: ignore[misc]  # a field there
    def position(self) -> Position:
        """As of any record."""
        return _read(self).position

    @property  # type: ignore[misc]
    def timestamp(self) -> int | None:
        """As of any record."""
        message = _kept(self)
        return _time(message) if type(message) is Message else message

    def __eq__(self, other: object) -> bool:
        return _read(self) == other

    def __ne__(self, other: object) -> bool:
        return _read(self) != other

    def __hash__(self) -> int:
        return hash(_read(self))

    def __repr__(self) -> str:
        return repr(_read(self))

    def __reduce__(self) -> Any:
        return Record.__reduce__(_read(self))

    def __copy__(self) -> Any:
        return Record.__copy__(_read(self))  # type: ignore[attr-defined]

    def __replace__(self, **changes: Any) -> Any:
        return Record.__replace__(_read(self), **changes)

    def __rich_repr__(self) -> Any:
        return Record.__rich_repr__(_read(self))


def unread_records(
    values: Iterable[bytes | None],
    keys: Iterable[bytes | None],
    headers: Iterable[Headers],
    messages: Iterable[Message],
) -> list[Record]:
    """Return records from the columns of what was read, and from the messages."""
    kept = cast("Iterable[Any]", messages)
    return [*map(UnreadRecord, repeat(_SOURCE), repeat(_UNREAD), values, keys, headers, kept)]


def _read(record: Record) -> Record:
    """Read the rest of a record, and return it."""
    if type(record) is UnreadRecord:
        message = _kept(record)
        if type(message) is Message:  # otherwise, another thread has read it
            _POSITION.__set__(record, _position(message))
            _TIMESTAMP.__set__(record, _time(message))  # the last one: now the message may go
        force_setattr(record, "__class__", Record)
    return record


def _position(message: Message) -> KafkaPosition:
    topic, partition, offset = message.topic(), message.partition(), message.offset()
    return KafkaPosition(cast("str", topic), cast("int", partition), cast("int", offset))


def _time(message: Message) -> int | None:
    kind, milliseconds = message.timestamp()
    return milliseconds if kind else None
