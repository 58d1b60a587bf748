"""DynamoDB Streams: the changes of a table's items.

As for Kinesis, a failed change comes back with all that follow it in its shard. The record's value
is what the service says of the change, as JSON with typed attribute values. `change` turns it into
plain Python values, with numbers that stay exact. The key is the item's, so the changes of an item
keep their order.
"""

from collections.abc import Callable, Mapping
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


class _Change(msgspec.Struct, rename="pascal"):
    keys: Image
    sequence_number: SequenceNumber
    approximate_creation_date_time: float | None = None


class _Message(msgspec.Struct):
    dynamodb: _Change
    arn: str = msgspec.field(name="eventSourceARN")


class _Event(msgspec.Struct):
    records: list[_Message] = msgspec.field(name="Records")


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What happened to an item.

    Attributes:
        event: INSERT, MODIFY or REMOVE.
        keys: the item's key.
        new: the item after the change; None if it is gone, or the stream does not carry it.
        old: the item before the change; None if it is new, or the stream does not carry it.
        expired: whether DynamoDB removed the item because its time to live was over.
    """

    event: Literal["INSERT", "MODIFY", "REMOVE"]
    keys: dict[str, Value]
    new: dict[str, Value] | None = None
    old: dict[str, Value] | None = None
    expired: bool = False


class _Identity(msgspec.Struct, rename="camel"):
    type: str = ""
    principal_id: str = ""


class _Images(msgspec.Struct, rename="pascal"):
    keys: Image
    new_image: Image | None = None
    old_image: Image | None = None


class _Value(msgspec.Struct, rename="camel"):
    event_name: Literal["INSERT", "MODIFY", "REMOVE"]
    dynamodb: _Images
    user_identity: _Identity | None = None


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
        encode(dict(sorted(keys.items()))),
        (),
        _milliseconds(created),
    )


def change(record: Record) -> Change:
    """Read what happened to an item. Raises Reject if the record is no change of a table."""
    try:
        told = msgspec.json.decode(record.value or b"", type=_Value)
        images = told.dynamodb
        identity = told.user_identity
        return Change(
            event=told.event_name,
            keys=_item(images.keys),
            new=None if images.new_image is None else _item(images.new_image),
            old=None if images.old_image is None else _item(images.old_image),
            expired=identity is not None and identity.principal_id == "dynamodb.amazonaws.com",
        )
    except (msgspec.DecodeError, ValueError) as error:
        raise Reject(f"not a change of a DynamoDB table: {error}") from None


def _item(image: Image) -> dict[str, Value]:
    return {name: plain(value) for name, value in image.items()}


def _milliseconds(seconds: float | None) -> int | None:
    return None if seconds is None else int(seconds * 1000 + 0.5)
