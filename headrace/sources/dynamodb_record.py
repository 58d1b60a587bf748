"""A change of a DynamoDB table as a record: what is not asked for is not built."""

from collections.abc import Callable, Iterable, Mapping
from itertools import repeat
from operator import itemgetter
from typing import Any, cast

import msgspec

from headrace import json_text
from headrace.names import table_of
from headrace.record import DynamoDbPosition, Record
from headrace.sources.base import Seconds, SequenceNumber, as_json, parse
from headrace.unread_record import UNREAD, UnreadJson, late, message_of

SOURCE = "dynamodb"

_NUMBER, _CHANGE = map(itemgetter, ("SequenceNumber", "dynamodb"))

_Dict = dict[str, Any]


class _Change(msgspec.Struct, rename="pascal"):
    sequence_number: SequenceNumber


class _Message(msgspec.Struct):
    dynamodb: _Change


_Created: Any = Seconds | None


class _Event(msgspec.Struct):
    records: list[_Message] = msgspec.field(name="Records")


def changes_of(event: Any) -> list[Record]:
    """Return the changes of an event as records.

    What every record needs is checked at once, the rest when a record is asked for it: its fields
    may raise MalformedEvent, then.

    Raises:
        MalformedEvent: the event has not the shape that DynamoDB promises.
    """
    try:  # as nearly all events are
        messages = event["Records"]
        "".join(map(_NUMBER, map(_CHANGE, messages)))  # each is text: the quickest way to find out
        return _unread(messages)
    except (LookupError, TypeError):
        pass
    parse(event, _Event, "DynamoDB")
    return _unread(event["Records"])


def _unread(messages: list[_Dict]) -> list[Record]:
    unread, kept = repeat(UNREAD), cast("Iterable[Any]", messages)
    # By columns, not by rows: this runs for every change.
    return [*map(_Unread, repeat(SOURCE), unread, unread, unread, repeat(()), unread, kept)]


def dynamodb_record(
    position: DynamoDbPosition,
    message: Mapping[str, Any],
    keys: Mapping[str, Any],
    created: float | None,
    encode: Callable[[Any], bytes] = json_text.encode,
) -> Record:
    """Make a record of what the service says of a change, wherever it was read.

    Args:
        position: where it stands.
        message: what AWS Lambda is sent of it.
        keys: the item's key, typed.
        created: when it happened, in seconds since the epoch.
        encode: writes these values as JSON.
    """
    return Record(
        SOURCE,
        position,
        encode(message),
        encode(_ordered(keys)),
        (),
        _milliseconds(created),
    )


def unread_message(record: Record) -> Mapping[str, Any] | None:
    """Return what AWS Lambda was sent of a change, if the record still has it."""
    return message_of(record) if type(record) is _Unread else None


def _position(message: _Dict) -> DynamoDbPosition:
    number = parse(message["dynamodb"]["SequenceNumber"], SequenceNumber, "DynamoDB")
    arn = parse(message.get("eventSourceARN"), str, "DynamoDB")
    return DynamoDbPosition(table_of(arn), "", number)


def _key(message: _Dict) -> bytes:
    keys = parse(message["dynamodb"].get("Keys"), dict[str, Any], "DynamoDB")
    return as_json(_ordered(keys), "DynamoDB")


def _timestamp(message: _Dict) -> int | None:
    created = message["dynamodb"].get("ApproximateCreationDateTime")
    return _milliseconds(parse(created, _Created, "DynamoDB"))


def _ordered(keys: Mapping[str, Any]) -> Mapping[str, Any]:
    return keys if len(keys) == 1 else dict(sorted(keys.items()))


def _milliseconds(seconds: float | None) -> int | None:
    return None if seconds is None else int(seconds * 1000 + 0.5)


class _Unread(UnreadJson, frozen=True, gc=False):
    position = late("position", _position)
    key = late("key", _key)
    timestamp = late("timestamp", _timestamp)
