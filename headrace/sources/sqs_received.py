"""A message that ReceiveMessage has given, as a record."""

from collections.abc import Mapping
from typing import Any

from headrace.record import Headers, MessagePosition, Record
from headrace.sources.base import utf8
from headrace.sources.sqs_message import RECEIVE_COUNT, split_group


def to_record(message: Mapping[str, Any], queue: str) -> Record:
    """Return the record of a message, the same that a worker makes of Lambda's event.

    Args:
        message: as boto3 gives it.
        queue: the queue's name.
    """
    told = message.get("Attributes", {})
    key, grouped = split_group(queue, told.get("MessageGroupId"))
    sent = told.get("SentTimestamp", "")
    own = _headers(message.get("MessageAttributes", {}), told.get("ApproximateReceiveCount"))
    return Record(
        "sqs",
        MessagePosition(queue, message["MessageId"]),
        utf8(message.get("Body", "")),
        key,
        (*own, *grouped),
        int(sent) if sent.isdecimal() else None,
    )


def _headers(attributes: Mapping[str, Any], count: str | None) -> Headers:
    own = [
        (name, given.get("BinaryValue") or utf8(given.get("StringValue", "")))
        for name, given in attributes.items()
    ]
    return (*own, (RECEIVE_COUNT, utf8(count))) if count else tuple(own)
