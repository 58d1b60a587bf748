"""Dead letters as they are read back, in our own form or in the service's.

What the event source mapping gave up has the service's form (`failure_record.py`); one of those
may stand for many records.
"""

from typing import Any, TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from headrace import json_text
from headrace.dead_letters.failure_record import FailureRecord, Response
from headrace.dead_letters.invocation import InvocationFailure, letter_of
from headrace.dead_letters.letter import DeadLetter
from headrace.dead_letters.ranges import ranges
from headrace.dead_letters.times import milliseconds
from headrace.errors import MalformedEvent
from headrace.record import (
    DynamoDbPosition,
    KafkaPosition,
    KinesisPosition,
    Position,
    Record,
    kinesis_record,
    whole,
)
from headrace.sources.dynamodb import DynamoDb
from headrace.sources.kafka import Kafka
from headrace.sources.kinesis import stream_of
from headrace.sources.shapes import source_of

_Form = TypeVar("_Form")

_SOURCES: dict[type, str] = {
    KafkaPosition: "kafka",
    KinesisPosition: "kinesis",
    DynamoDbPosition: "dynamodb",
}


class Reference(DeadLetter, frozen=True, kw_only=True):
    """A letter without its records: they stand in their source, as long as that keeps them.

    Attributes:
        last: the position of the last record; `position` is that of the first.
    """

    last: Position

    def record(self) -> Record:
        """Raise LookupError: the letter does not hold it."""
        raise LookupError(f"{self.id}: the letter does not hold the record itself")


def decode(data: bytes) -> DeadLetter:
    """Read the letter of one record back. Raises msgspec.ValidationError if it is none."""
    found = letters(data)
    if len(found) != 1:
        raise msgspec.ValidationError(f"{len(found)} dead letters instead of one")
    return found[0]


def letters(data: bytes) -> list[DeadLetter]:
    """Read what a sink holds in either form; the service may write one for many records.

    Returns:
        a letter for each record, or a Reference for each partition or shard.

    Raises:
        msgspec.ValidationError: it is no dead letter, or names what no topic and no stream can be
            called.
    """
    told = _read(data, _Versioned)
    if isinstance(told.version, int):
        letter = _read(data, DeadLetter)
        return [letter if letter.omitted_bytes is UNSET else _without_bytes(letter)]
    try:
        if told.request_payload is not UNSET:
            return [letter_of(_read(data, InvocationFailure))]
        return _of_failure(_read(data, FailureRecord))
    except msgspec.ValidationError:
        raise
    except (MalformedEvent, ValueError) as error:
        raise msgspec.ValidationError(str(error)) from error


class _Versioned(msgspec.Struct):
    version: int | str
    request_payload: Any = msgspec.field(name="requestPayload", default=UNSET)


def _read(data: bytes, form: type[_Form]) -> _Form:
    """Read one of the forms. Raises msgspec.DecodeError if it is none."""
    try:
        return msgspec.json.decode(data, type=form)
    except msgspec.ValidationError:
        raise
    except (msgspec.DecodeError, UnicodeError, RecursionError) as refusal:
        # An error may end in half a surrogate pair: services cut texts where they please.
        try:
            return msgspec.convert(json_text.decode(data), form)
        except (json_text.JsonError, UnicodeError):
            raise msgspec.DecodeError(str(refusal)) from None


class _Data(msgspec.Struct, frozen=True, rename="camel"):
    partition_key: str
    data: bytes
    sequence_number: str
    approximate_arrival_timestamp: float


class _Entry(msgspec.Struct, frozen=True):
    kinesis: _Data
    eventID: str  # noqa: N815 - the service's name
    eventSourceARN: str  # noqa: N815


class _Entries(msgspec.Struct, frozen=True):
    Records: list[_Entry]


def _of_failure(failure: FailureRecord) -> list[DeadLetter]:
    response = failure.response_payload or Response()
    about = {
        "error_type": failure.request_context.condition,
        "error": ": ".join(filter(None, (response.error_type, response.error_message))),
        "rejected_at": milliseconds(failure.timestamp),
    }
    records = _records(failure.payload)
    if records:
        return [_letter(_in_its_shard(record, failure), about) for record in records]
    return [_reference(first, last, about) for first, last in ranges(failure)]


def _records(payload: dict[str, Any] | str | UnsetType) -> list[Record]:
    """Return the records that a payload holds, as they came."""
    if isinstance(payload, UnsetType):
        return []
    event = json_text.decode(payload) if isinstance(payload, str) else payload
    if "Records" in event:
        if source_of(event) == DynamoDb.name:
            return DynamoDb().records(event)
        return [_kinesis(entry) for entry in msgspec.convert(event, _Entries).Records]
    return Kafka().records(event)


def _kinesis(entry: _Entry) -> Record:
    # Not as a worker gets it: what was packed into one record is put back as one.
    shard, _, number = entry.eventID.partition(":")
    sub = number.partition(".")[2]  # ours: the place of a record that had been taken apart
    data = entry.kinesis
    position = KinesisPosition(
        stream_of(entry.eventSourceARN), shard, data.sequence_number, int(sub) if sub else None
    )
    arrival = data.approximate_arrival_timestamp
    return kinesis_record(position, data.data, data.partition_key, arrival)


def _in_its_shard(record: Record, failure: FailureRecord) -> Record:
    """Return a change with its shard, which only the failure record names, not the event."""
    info, position = failure.ddb_stream_batch_info, record.position
    if isinstance(info, UnsetType) or not isinstance(position, DynamoDbPosition):
        return record
    return msgspec.structs.replace(
        whole(record), position=msgspec.structs.replace(position, shard=info.shard_id)
    )


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


def _without_bytes(letter: DeadLetter) -> Reference:
    return Reference(**msgspec.structs.asdict(letter), last=letter.position)


def _reference(first: Position, last: Position, about: dict[str, Any]) -> Reference:
    return Reference(
        source=_SOURCES[type(first)],
        id=str(first) if first == last else f"{first}…{last}",
        position=first,
        last=last,
        key=None,
        value=None,
        headers=(),
        timestamp=None,
        **about,
    )
