"""Amazon DocumentDB: the change stream of a collection.

The service takes no partial answer: if a record fails, the whole batch comes again. The record's
value is the change event as JSON; the key is the document's.
"""

from typing import Any

import msgspec

from headrace.processing.outcomes import Outcomes
from headrace.record import MessagePosition, Record
from headrace.sources.base import Redelivery, as_json, parse
from headrace.unread_record import UNREAD, UnreadJson, late


class _Token(msgspec.Struct):
    data: str = msgspec.field(name="_data")


class _Namespace(msgspec.Struct):
    db: str = ""  # a change that ends the stream has none
    coll: str = ""


class _Timestamp(msgspec.Struct):
    t: int


class _Time(msgspec.Struct):
    timestamp: _Timestamp | None = msgspec.field(default=None, name="$timestamp")

    @property
    def milliseconds(self) -> int | None:
        return self.timestamp.t * 1000 if self.timestamp else None


class _Change(msgspec.Struct, rename="camel"):
    token: _Token = msgspec.field(name="_id")
    ns: _Namespace = msgspec.field(default_factory=_Namespace)
    cluster_time: _Time = msgspec.field(default_factory=_Time)
    document_key: dict[str, Any] | None = None


class _Message(msgspec.Struct):
    event: _Change


class _Event(msgspec.Struct):
    events: list[_Message]


class DocumentDb:
    """Each change is a record."""

    name = "documentdb"
    redelivery: Redelivery = "whole"

    def records(self, event: Any) -> list[Record]:
        """The changes in the order of the stream."""
        changes = [message.event for message in parse(event, _Event, "DocumentDB").events]
        return [
            _Unread(
                self.name,
                MessagePosition(f"{change.ns.db}.{change.ns.coll}", change.token.data),
                UNREAD,
                UNREAD,
                (),
                change.cluster_time.milliseconds,
                message["event"],
            )
            for change, message in zip(changes, event["events"], strict=True)
        ]

    def respond(self, outcomes: Outcomes) -> None:
        """Nothing: the service reads no answer."""
        del outcomes


def _key(change: Any) -> bytes | None:
    document = change.get("documentKey")
    return as_json(document, "DocumentDB") if document else None


class _Unread(UnreadJson, frozen=True, gc=False):
    key = late("key", _key)
