"""A record of a topic, a bucket or a bus as the message that brings it again.

A queue, or a topic, holds such records in an envelope, as their service wrote it. Who reads them
there opens it (`HEADRACE_UNWRAP`), or gives a function the event (`HEADRACE_ASYNCHRONOUS`). What is
put back without it would be another record: the value alone, of a message.
"""

import base64
from typing import Any
from urllib.parse import quote_plus

import msgspec

from headrace import json_text
from headrace.dead_letters.times import iso
from headrace.record import MessagePosition, Record
from headrace.sources.s3 import S3Object

_EPOCH = "1970-01-01T00:00:00.000Z"  # for a record without a time


def enveloped(record: Record, *, in_topic: bool) -> Record:
    """Return a record as the message that a queue or a topic holds of it.

    Args:
        record: of any source; it stays as it is if its source writes no envelopes.
        in_topic: whether a topic takes the message: it puts its own into an envelope itself.
    """
    position = record.position
    if not isinstance(position, MessagePosition):
        return record
    try:
        content = _content(record, position, in_topic)
        value = None if content is None else json_text.encode(content)
    except (msgspec.DecodeError, UnicodeError, KeyError, json_text.JsonError):
        return record  # it is none that its source could have told of
    if value is None:
        return record
    return msgspec.structs.replace(record, value=value, headers=())


def _content(record: Record, position: MessagePosition, in_topic: bool) -> Any:
    match record.source:
        case "s3":
            return {"Records": [_of_s3(record)]}
        case "eventbridge":
            return _of_bus(record, position)
        case "sns" if not in_topic:
            return _of_topic(record, position)
    return None


def _of_s3(record: Record) -> dict[str, Any]:
    told = msgspec.json.decode(record.value or b"", type=S3Object)
    about = {
        "key": quote_plus(told.key),
        "size": told.size,
        "eTag": told.etag,
        "versionId": told.version_id,
        "sequencer": told.sequencer,
    }
    return {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "eventTime": _moment(record),
        "eventName": told.event,
        "s3": {
            "s3SchemaVersion": "1.0",
            "bucket": {"name": told.bucket, "arn": f"arn:aws:s3:::{told.bucket}"},
            "object": {name: value for name, value in about.items() if value is not None},
        },
    }


def _of_bus(record: Record, position: MessagePosition) -> dict[str, Any]:
    said = dict(record.headers)
    return {
        "version": "0",
        "id": position.id,
        "detail-type": said["aws.detail-type"].decode(),
        "source": said["aws.source"].decode(),
        "account": said.get("aws.account", b"").decode(),
        "time": _moment(record),
        "region": said.get("aws.region", b"").decode(),
        "resources": [value.decode() for name, value in record.headers if name == "aws.resource"],
        "detail": json_text.decode(record.value or b""),
    }


def _of_topic(record: Record, position: MessagePosition) -> dict[str, Any]:
    subject = dict(record.headers).get("aws.subject")
    own = {name: _attribute(value) for name, value in record.headers if name != "aws.subject"}
    return {
        "Type": "Notification",
        "MessageId": position.id,
        "TopicArn": position.origin,
        **({} if subject is None else {"Subject": subject.decode()}),
        "Message": (record.value or b"").decode(),
        "Timestamp": _moment(record),
        "MessageAttributes": own,
    }


def _attribute(value: bytes) -> dict[str, str]:
    try:
        return {"Type": "String", "Value": value.decode()}
    except UnicodeDecodeError:
        return {"Type": "Binary", "Value": base64.b64encode(value).decode()}


def _moment(record: Record) -> str:
    return (None if record.timestamp is None else iso(record.timestamp)) or _EPOCH
