"""DynamoDB Streams: the changes of a table's items.

As for Kinesis, a failed change comes back with all that follow it in its shard. The record's value
is what the service says of the change, as JSON with typed attribute values. `change` turns it into
plain Python values, with numbers that stay exact. The key is the item's, so the changes of an item
keep their order.
"""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, Literal

import msgspec

from headrace import json_text
from headrace.errors import Reject
from headrace.names import table_of
from headrace.processing.outcomes import Outcomes
from headrace.record import DynamoDbPosition, Record
from headrace.sources.attribute_values import Value, plain
from headrace.sources.base import Redelivery, SequenceNumber, parse

Image = dict[str, dict[str, Any]]


class _Change(msgspec.Struct, gc=False, rename="pascal"):
    keys: dict[str, Any]
    sequence_number: SequenceNumber
    approximate_creation_date_time: float | None = None


class _Message(msgspec.Struct):
    dynamodb: _Change
    arn: str = msgspec.field(name="eventSourceARN")


class _Event(msgspec.Struct):
    records: list[_Message] = msgspec.field(name="Records")


class _Identity(msgspec.Struct, rename="camel"):
    type: str = ""
    principal_id: str = ""


_NULL = msgspec.Raw(b"null")


class _Images(msgspec.Struct, gc=False, rename="pascal"):
    keys: Image
    new_image: msgspec.Raw = _NULL
    old_image: msgspec.Raw = _NULL


class _Value(msgspec.Struct, gc=False, rename="camel"):
    event_name: Literal["INSERT", "MODIFY", "REMOVE"]
    dynamodb: _Images
    user_identity: _Identity | None = None


_decode = msgspec.json.Decoder(_Value).decode
_image = msgspec.json.Decoder(Image | None).decode


class Change:
    """What happened to an item. An image is read when it is asked for.

    Attributes:
        event: INSERT, MODIFY or REMOVE.
        keys: the item's key.
        new: the item after the change; None if it is gone, or the stream does not carry it.
        old: the item before the change; None if it is new, or the stream does not carry it.
        expired: whether DynamoDB removed the item because its time to live was over.
    """

    def __init__(self, told: "_Value") -> None:
        identity = told.user_identity
        self.event = told.event_name
        self.keys = _item(told.dynamodb.keys)
        self.expired = identity is not None and identity.principal_id == "dynamodb.amazonaws.com"
        self._images = told.dynamodb

    @cached_property
    def new(self) -> dict[str, Value] | None:
        """The item after the change. Raises Reject if its values are none of DynamoDB's."""
        return _read(self._images.new_image)

    @cached_property
    def old(self) -> dict[str, Value] | None:
        """The item before the change. Raises as `new`."""
        return _read(self._images.old_image)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Change) and self._parts() == other._parts()

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        names = ("event", "keys", "new", "old", "expired")
        told = (f"{n}={part!r}" for n, part in zip(names, self._parts(), strict=True))
        return f"Change({', '.join(told)})"

    def _parts(self) -> tuple[object, ...]:
        return self.event, self.keys, self.new, self.old, self.expired


class DynamoDb:
    """One shard per batch; the lowest failure is the checkpoint, all after it comes again."""

    name = "dynamodb"
    redelivery: Redelivery = "partial"

    def records(self, event: Any) -> list[Record]:
        """The changes, in the order of the shard."""
        messages = parse(event, _Event, "DynamoDB").records
        return [
            dynamodb_record(
                DynamoDbPosition(table_of(told.arn), "", told.dynamodb.sequence_number),
                message,
                told.dynamodb.keys,
                told.dynamodb.approximate_creation_date_time,
            )
            for told, message in zip(messages, event["Records"], strict=True)
        ]

    def respond(self, outcomes: Outcomes) -> dict[str, list[dict[str, str]]]:
        """The lowest sequence number that is not done; the service reads no other."""
        failed = (
            record.position.sequence_number
            for record in outcomes.not_done()
            if isinstance(record.position, DynamoDbPosition)
        )
        lowest = min(failed, key=int, default=None)
        return {"batchItemFailures": [] if lowest is None else [{"itemIdentifier": lowest}]}


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
        DynamoDb.name,
        position,
        encode(message),
        encode(keys if len(keys) == 1 else dict(sorted(keys.items()))),
        (),
        _milliseconds(created),
    )


def change(record: Record) -> Change:
    """Read what happened to an item. Raises Reject if the record is no change of a table."""
    try:
        return Change(_decode(record.value or b""))
    except (msgspec.DecodeError, ValueError) as error:
        raise _no_change(error) from None


def _read(image: msgspec.Raw) -> dict[str, Value] | None:
    try:
        found = _image(image)
        return None if found is None else _item(found)
    except (msgspec.DecodeError, ValueError) as error:
        raise _no_change(error) from None


def _no_change(error: Exception) -> Reject:
    return Reject(f"not a change of a DynamoDB table: {error}")


def _item(image: Image) -> dict[str, Value]:
    found = {}
    for name, value in image.items():
        text = value.get("S")  # most are texts, and a call for each would cost more than they do
        found[name] = text if type(text) is str and len(value) == 1 else plain(value)
    return found


def _milliseconds(seconds: float | None) -> int | None:
    return None if seconds is None else int(seconds * 1000 + 0.5)
