"""SQS: standard and FIFO queues.

A failed message comes back when its visibility timeout is over, until the queue's redrive policy
moves it. The messages of a FIFO group are records of one key, so after a failure the later messages
of its group are not done, and those of other groups are.
"""

from typing import Any

import msgspec

from headrace.processing.outcomes import Outcomes
from headrace.record import Headers, MessagePosition, Record
from headrace.sources.base import Redelivery, parse, utf8

RECEIVE_COUNT = "aws.receive-count"
"""The header that says how often a message was delivered. No user's attribute begins so."""


class _Attribute(msgspec.Struct, rename="camel"):
    string_value: str | None = None
    binary_value: bytes | None = None


class _System(msgspec.Struct, rename="pascal"):
    approximate_receive_count: str | None = None
    sent_timestamp: str | None = None
    message_group_id: str | None = None


class _Message(msgspec.Struct, rename="camel"):
    message_id: str
    body: str
    attributes: _System = msgspec.field(default_factory=_System)
    message_attributes: dict[str, _Attribute] = msgspec.field(default_factory=dict)
    arn: str = msgspec.field(default="", name="eventSourceARN")


class _Event(msgspec.Struct):
    records: list[_Message] = msgspec.field(name="Records")


class Sqs:
    """Each message stands for itself; the groups of a FIFO queue keep their order."""

    name = "sqs"
    redelivery: Redelivery = "partial"

    def records(self, event: Any) -> list[Record]:
        """The messages in the order of the event.

        The key is the message group, headers are the message's attributes, and `aws.receive-count`
        says how often the message was delivered, this time included.
        """
        return [
            Record(
                self.name,
                MessagePosition(message.arn.rpartition(":")[2], message.message_id),
                utf8(message.body),
                _encoded(message.attributes.message_group_id),
                _headers(message),
                _number(message.attributes.sent_timestamp),
            )
            for message in parse(event, _Event, "SQS").records
        ]

    def respond(self, outcomes: Outcomes) -> dict[str, list[dict[str, str]]]:
        """The id of each message that is not done, once each."""
        failed = dict.fromkeys(
            record.position.id
            for record in outcomes.not_done()
            if isinstance(record.position, MessagePosition)
        )
        return {"batchItemFailures": [{"itemIdentifier": name} for name in failed]}


def _headers(message: _Message) -> Headers:
    own = [
        (name, attribute.binary_value or utf8(attribute.string_value or ""))
        for name, attribute in message.message_attributes.items()
    ]
    count = message.attributes.approximate_receive_count
    return (*own, (RECEIVE_COUNT, utf8(count))) if count else tuple(own)


def _encoded(text: str | None) -> bytes | None:
    return utf8(text) if text else None


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() else None
