"""A dead letter: the record as it came, where it stood, and what was wrong with it.

The form is one JSON object, the same in every sink; bytes are base64, so that the record can be
put back exactly. If a sink takes no message of that size, it gets a letter without the bytes, and
the record is put back from its source, as long as that keeps it. A queue keeps nothing that is
done: its message gets no such letter, and is not done.
"""

import time

import msgspec
from msgspec import UNSET, UnsetType

from headrace.errors import Reject, message_of, summary_of
from headrace.record import (
    DynamoDbPosition,
    Headers,
    KafkaPosition,
    KinesisPosition,
    Position,
    Record,
)
from headrace.sinks.base import ContentRefused, Message, Sink

# Where the sources stand that keep what was read.
_KEPT = (KafkaPosition, KinesisPosition, DynamoDbPosition)
# Of a letter that is to be small.
_MOST_ERROR = 1_000


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True):
    """What a dead-letter sink holds. Times are milliseconds since the epoch.

    Attributes:
        omitted_bytes: if the sink took no message of that size, how large key, value and headers
            were together; they are left out then.
    """

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
    omitted_bytes: int | UnsetType = UNSET

    def record(self) -> Record:
        """Return the record as it was."""
        return Record(
            self.source, self.position, self.value, self.key, self.headers, self.timestamp
        )


def encode(record: Record, error: Exception) -> Message:
    """Return the dead letter of a record, as a message with the record's own key."""
    return _message(record, _letter(record, error))


def write(sink: Sink, record: Record, error: Exception) -> None:
    """Write a dead letter and wait for its acknowledgement. Raises what stood in its way."""
    letter = _letter(record, error)
    (failure,) = sink.send([_message(record, letter)])
    if isinstance(failure, ContentRefused) and isinstance(record.position, _KEPT):
        (failure,) = sink.send([_message(record, _without_bytes(letter))])
    if isinstance(failure, ContentRefused):
        why = encodable(summary_of(error))[:_MOST_ERROR]
        raise ContentRefused(f"no dead letter could be written ({why}): {failure}") from failure
    if failure is not None:
        raise failure


def encodable(text: str) -> str:
    """Return the text with what UTF-8 cannot express (lone surrogates) escaped.

    No letter gets stuck for a text.
    """
    return text.encode(errors="backslashreplace").decode()


def _letter(record: Record, error: Exception) -> DeadLetter:
    return DeadLetter(
        source=record.source,
        id=record.id,
        position=record.position,
        key=record.key,
        value=record.value,
        headers=tuple((encodable(name), value) for name, value in record.headers),
        timestamp=record.timestamp,
        error_type=type(error).__name__,
        error=encodable(message_of(error)),
        errors=tuple(map(_as_json, error.errors)) if isinstance(error, Reject) else (),
        rejected_at=time.time_ns() // 1_000_000,
    )


def _without_bytes(letter: DeadLetter) -> DeadLetter:
    sizes = [len(name) + len(value) for name, value in letter.headers]
    return msgspec.structs.replace(
        letter,
        key=None,
        value=None,
        headers=(),
        error=letter.error[:_MOST_ERROR],
        errors=(),
        omitted_bytes=len(letter.key or b"") + len(letter.value or b"") + sum(sizes),
    )


def _message(record: Record, letter: DeadLetter) -> Message:
    value = msgspec.json.encode(letter)
    return Message(record.key, value, id=record.id, position=record.position)


def _as_json(value: object) -> object:
    try:
        msgspec.json.encode(value)
    except Exception:  # noqa: BLE001 - no letter gets stuck for what a Reject says beside it
        return encodable(message_of(value))
    return value
