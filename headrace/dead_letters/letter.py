"""A dead letter: the record as it came, where it stood, and what was wrong with it.

The form is one JSON object, the same in every sink; bytes are base64, so that the record can be
put back exactly. What the event source mapping gave up has the service's form instead
(`headrace.dead_letters.failure_record`); both are read here.
"""

import time
from typing import Any

import msgspec

from headrace.dead_letters import failure_record
from headrace.dead_letters.failure_record import FailureRecord
from headrace.errors import MalformedEvent, Reject
from headrace.record import Headers, KafkaPosition, Position, Record
from headrace.sinks.base import Message, Sink


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


class Reference(DeadLetter, frozen=True, kw_only=True):
    """A letter without its records: they stand in their source, as long as that keeps them.

    Attributes:
        last: the position of the last record; `position` is that of the first.
    """

    last: Position

    def record(self) -> Record:
        """Raises LookupError: the letter does not hold it."""
        raise LookupError(f"{self.id}: the letter does not hold the record itself")


def encode(record: Record, error: Exception) -> Message:
    """The dead letter of a record, as a message with the record's own key."""
    letter = DeadLetter(
        source=record.source,
        id=record.id,
        position=record.position,
        key=record.key,
        value=record.value,
        headers=tuple((encodable(name), value) for name, value in record.headers),
        timestamp=record.timestamp,
        error_type=type(error).__name__,
        error=encodable(str(error)),
        errors=tuple(map(_as_json, error.errors)) if isinstance(error, Reject) else (),
        rejected_at=time.time_ns() // 1_000_000,
    )
    return Message(record.key, msgspec.json.encode(letter), id=record.id)


def decode(data: bytes) -> DeadLetter:
    """Read the letter of one record back. Raises msgspec.ValidationError where it is none."""
    found = letters(data)
    if len(found) != 1:
        raise msgspec.ValidationError(f"{len(found)} dead letters instead of one")
    return found[0]


def letters(data: bytes) -> list[DeadLetter]:
    """Read what a sink holds in either form; the service may write one for many records.

    Returns:
        a letter for each record, or a Reference for each partition or shard.

    Raises:
        msgspec.ValidationError: it is no dead letter.
    """
    if isinstance(msgspec.json.decode(data, type=_Versioned).version, int):
        return [msgspec.json.decode(data, type=DeadLetter)]
    failure = msgspec.json.decode(data, type=FailureRecord)
    try:
        return _of_failure(failure)
    except (MalformedEvent, ValueError) as error:
        raise msgspec.ValidationError(str(error)) from error


def write(sink: Sink, record: Record, error: Exception) -> None:
    """Write a dead letter and wait for its acknowledgement; raises where there is none."""
    (failure,) = sink.send([encode(record, error)])
    if failure is not None:
        raise failure


def encodable(text: str) -> str:
    """The text, with what UTF-8 cannot express (lone surrogates) escaped: no letter gets stuck."""
    return text.encode(errors="backslashreplace").decode()


class _Versioned(msgspec.Struct):
    version: int | str


def _of_failure(failure: FailureRecord) -> list[DeadLetter]:
    response = failure.response_payload or failure_record.Response()
    about = {
        "error_type": failure.request_context.condition,
        "error": ": ".join(filter(None, (response.error_type, response.error_message))),
        "rejected_at": failure_record.milliseconds(failure.timestamp),
    }
    records = failure.records()
    if records:
        return [_letter(record, about) for record in records]
    return [_reference(first, last, about) for first, last in failure.ranges()]


def _letter(record: Record, about: dict[str, Any]) -> DeadLetter:
    return DeadLetter(
        source=record.source,
        id=record.id,
        position=record.position,
        key=record.key,
        value=record.value,
        headers=record.headers,
        timestamp=record.timestamp,
        **about,
    )


def _reference(first: Position, last: Position, about: dict[str, Any]) -> Reference:
    return Reference(
        source="kafka" if isinstance(first, KafkaPosition) else "kinesis",
        id=str(first) if first == last else f"{first}…{last}",
        position=first,
        last=last,
        key=None,
        value=None,
        headers=(),
        timestamp=None,
        **about,
    )


def _as_json(value: object) -> object:
    try:
        msgspec.json.encode(value)
    except (TypeError, UnicodeEncodeError):
        return encodable(str(value))
    return value
