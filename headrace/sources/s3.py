"""S3: notifications of objects that were created, removed or restored.

The service calls asynchronously and reads no answer: if a record fails, the call fails, and the
service calls again. A worker gets the same form for notifications by S3 itself, by EventBridge, and
inside of queue messages:

    {"event": "ObjectCreated:Put", "bucket": "photos", "key": "a b.jpg", "size": 1024,
     "etag": "…", "version_id": "…", "sequencer": "…"}
"""

from typing import Any
from urllib.parse import unquote_plus

import msgspec

from headrace import json_text
from headrace.processing.outcomes import Outcomes
from headrace.record import MessagePosition, Record
from headrace.sources.base import Redelivery, parse, utf8
from headrace.sources.times import milliseconds


class S3Object(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """An object that something happened to.

    Attributes:
        event: what happened, such as `ObjectCreated:Put` or `ObjectRemoved:Delete`.
        bucket: the bucket's name.
        key: the object's key, decoded.
        size: bytes; None if the notification does not say.
        etag: the object's entity tag.
        version_id: its version, in a bucket with versions.
        sequencer: orders the events of one key, as a hexadecimal number.
    """

    event: str
    bucket: str
    key: str
    size: int | None = None
    etag: str | None = None
    version_id: str | None = None
    sequencer: str | None = None

    def record(self, timestamp: int | None, event_id: str = "") -> Record:
        """This notification as a record; its key is the object's.

        Args:
            timestamp: when it happened.
            event_id: what a bus calls the event.
        """
        # Only what creates or deletes an object has a sequencer. Its tags may change many times.
        event = event_id or f"{self.event}:{self.version_id or self.etag}:{timestamp}"
        return Record(
            "s3",
            MessagePosition(self.bucket, f"{self.key}@{self.sequencer or event}"),
            json_text.encode(self),
            utf8(self.key),
            (),
            timestamp,
        )


class _Bucket(msgspec.Struct):
    name: str


class _Object(msgspec.Struct, rename="camel"):
    key: str
    size: int | None = None
    e_tag: str | None = None
    version_id: str | None = None
    sequencer: str | None = None


class _S3(msgspec.Struct):
    bucket: _Bucket
    object: _Object


class _Message(msgspec.Struct, rename="camel"):
    event_name: str
    s3: _S3
    event_time: str | None = None


class _Event(msgspec.Struct):
    records: list[_Message] = msgspec.field(name="Records")


class S3:
    """Each notification is a record."""

    name = "s3"
    redelivery: Redelivery = "whole"

    def records(self, event: Any) -> list[Record]:
        """The notifications, keys decoded; none for the test that a new notification sends."""
        if is_test(event):
            return []
        return [
            S3Object(
                event=message.event_name,
                bucket=message.s3.bucket.name,
                key=unquote_plus(message.s3.object.key),
                size=message.s3.object.size,
                etag=message.s3.object.e_tag,
                version_id=message.s3.object.version_id,
                sequencer=message.s3.object.sequencer,
            ).record(milliseconds(message.event_time))
            for message in parse(event, _Event, "S3").records
        ]

    def respond(self, outcomes: Outcomes) -> None:
        """Nothing: the service reads no answer."""
        del outcomes


def is_test(event: Any) -> bool:
    """Whether this is what S3 sends once, to try a new notification."""
    return isinstance(event, dict) and event.get("Event") == "s3:TestEvent"
