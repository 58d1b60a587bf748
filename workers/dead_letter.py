"""A dead letter: the record as it came, where it stood, and what was wrong with it.

The form is one JSON object, the same in every sink; bytes are base64, so that the record can be
put back exactly.
"""

import time

import msgspec

from workers.errors import Reject
from workers.record import Headers, Position, Record
from workers.sinks.base import Message, Sink


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True):
    """What a dead-letter sink holds. Times are milliseconds since the epoch."""

    version: int = 1
    source: str
    id: str
    position: Position
    key: bytes | None
    value: bytes | None
    headers: Headers
    timestamp: int | None
    error_type: str
    error: str
    errors: tuple[object, ...] = ()
    rejected_at: int

    def record(self) -> Record:
        """The record as it was."""
        return Record(
            self.source, self.position, self.value, self.key, self.headers, self.timestamp
        )


def encode(record: Record, error: Exception) -> Message:
    """The dead letter of a record, as a message with the record's own key."""
    letter = DeadLetter(
        source=record.source,
        id=record.id,
        position=record.position,
        key=record.key,
        value=record.value,
        headers=tuple((_encodable(name), value) for name, value in record.headers),
        timestamp=record.timestamp,
        error_type=type(error).__name__,
        error=_encodable(str(error)),
        errors=tuple(map(_as_json, error.errors)) if isinstance(error, Reject) else (),
        rejected_at=time.time_ns() // 1_000_000,
    )
    return Message(record.key, msgspec.json.encode(letter), id=record.id)


def decode(data: bytes) -> DeadLetter:
    """Read a dead letter back. Raises msgspec.ValidationError where it is none."""
    return msgspec.json.decode(data, type=DeadLetter)


def write(sink: Sink, record: Record, error: Exception) -> None:
    """Write a dead letter and wait for its acknowledgement; raises where there is none."""
    (failure,) = sink.send([encode(record, error)])
    if failure is not None:
        raise failure


def _encodable(text: str) -> str:
    """The text, with what UTF-8 cannot express (lone surrogates) escaped: no letter gets stuck."""
    return text.encode(errors="backslashreplace").decode()


def _as_json(value: object) -> object:
    try:
        msgspec.json.encode(value)
    except (TypeError, UnicodeEncodeError):
        return _encodable(str(value))
    return value
