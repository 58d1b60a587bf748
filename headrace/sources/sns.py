"""SNS: topics that call a function.

The service calls asynchronously, with one message as a rule, and reads no answer: if a record
fails, the call fails, and the service calls again (twice, then the function's own destination).
"""

import base64
from typing import Any

import msgspec

from headrace.processing.outcomes import Outcomes
from headrace.record import Headers, MessagePosition, Record
from headrace.sources.base import Redelivery, parse, utf8
from headrace.sources.times import milliseconds


class _Attribute(msgspec.Struct, rename="pascal"):
    type: str
    value: str


class Notification(msgspec.Struct, rename="pascal"):
    """What SNS says of a message, in an event and in the envelope that it puts into a queue."""

    message_id: str
    topic_arn: str
    message: str
    timestamp: str | None = None
    subject: str | None = None
    message_attributes: dict[str, _Attribute] = msgspec.field(default_factory=dict)

    def headers(self) -> Headers:
        """The message's attributes, and its subject as `aws.subject`."""
        own = [(name, _bytes(attribute)) for name, attribute in self.message_attributes.items()]
        return (*own, ("aws.subject", utf8(self.subject))) if self.subject else tuple(own)


class _Message(msgspec.Struct):
    notification: Notification = msgspec.field(name="Sns")


class _Event(msgspec.Struct):
    records: list[_Message] = msgspec.field(name="Records")


class Sns:
    """Each message of a topic is a record."""

    name = "sns"
    redelivery: Redelivery = "whole"

    def records(self, event: Any) -> list[Record]:
        """The messages in the order of the event."""
        return [
            Record(
                self.name,
                MessagePosition(told.topic_arn.rpartition(":")[2], told.message_id),
                utf8(told.message),
                None,
                told.headers(),
                milliseconds(told.timestamp),
            )
            for told in (message.notification for message in parse(event, _Event, "SNS").records)
        ]

    def respond(self, outcomes: Outcomes) -> None:
        """Nothing: the service reads no answer."""
        del outcomes


def _bytes(attribute: _Attribute) -> bytes:
    if attribute.type != "Binary":
        return utf8(attribute.value)
    try:
        return base64.b64decode(attribute.value, validate=True)
    except ValueError:  # the attribute says what it is not: its text, then
        return utf8(attribute.value)
