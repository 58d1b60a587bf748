"""EventBridge: events of AWS services, of partners, and of one's own applications.

The service calls asynchronously, with one event, and reads no answer: if the record fails, the call
fails, and the service calls again. The record's value is the event's `detail`; what the bus says
of it stands in headers. An object in S3 has the form of `headrace.sources.s3`.
"""

from typing import Any

import msgspec

from headrace.processing.outcomes import Outcomes
from headrace.record import Headers, MessagePosition, Record
from headrace.sources.base import Redelivery, as_json, parse, utf8
from headrace.sources.s3 import S3Object
from headrace.sources.s3_event_names import event_name
from headrace.sources.times import milliseconds


class _Event(msgspec.Struct):
    id: str
    source: str
    detail: Any
    detail_type: str = msgspec.field(name="detail-type")
    time: str | None = None
    account: str = ""
    region: str = ""
    resources: list[str] = msgspec.field(default_factory=list)


class _Bucket(msgspec.Struct):
    name: str


class _Object(msgspec.Struct, rename="kebab"):
    key: str
    size: int | None = None
    etag: str | None = None
    version_id: str | None = None
    sequencer: str | None = None


class _S3Detail(msgspec.Struct, rename="kebab"):
    bucket: _Bucket
    object: _Object
    reason: str = ""
    deletion_type: str = ""


class EventBridge:
    """One event, one record."""

    name = "eventbridge"
    redelivery: Redelivery = "whole"

    def records(self, event: Any) -> list[Record]:
        """The event as the only record."""
        told = parse(event, _Event, "EventBridge")
        if told.source == "aws.s3" and told.detail_type.startswith("Object "):
            return [_stored(told)]
        return [
            Record(
                self.name,
                MessagePosition(told.source, told.id),
                as_json(told.detail, "EventBridge"),
                None,
                _headers(told),
                milliseconds(told.time),
            )
        ]

    def respond(self, outcomes: Outcomes) -> None:
        """Nothing: the service reads no answer."""
        del outcomes


def _headers(event: _Event) -> Headers:
    return (
        ("aws.source", utf8(event.source)),
        ("aws.detail-type", utf8(event.detail_type)),
        ("aws.account", utf8(event.account)),
        ("aws.region", utf8(event.region)),
        *(("aws.resource", utf8(resource)) for resource in event.resources),
    )


def _stored(event: _Event) -> Record:
    detail = parse(event.detail, _S3Detail, "EventBridge")
    return S3Object(
        event=event_name(event.detail_type, detail.reason, detail.deletion_type),
        bucket=detail.bucket.name,
        key=detail.object.key,  # EventBridge does not encode it
        size=detail.object.size,
        etag=detail.object.etag,
        version_id=detail.object.version_id,
        sequencer=detail.object.sequencer,
    ).record(milliseconds(event.time), event.id)
