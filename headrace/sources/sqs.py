"""SQS: standard and FIFO queues.

A failed message comes back when its visibility timeout is over, until the queue's redrive policy
moves it. The messages of a FIFO group are records of one key, so after a failure the later messages
of its group are not done, and those of other groups are.
"""

from functools import lru_cache
from typing import Any

import msgspec

from headrace.processing.outcomes import Outcomes
from headrace.record import Headers, MessagePosition, Record
from headrace.sources.base import Redelivery, parse, utf8

RECEIVE_COUNT = "aws.receive-count"
"""The header that says how often a message was delivered. No user's attribute begins so."""


class _Attribute(msgspec.Struct, gc=False, rename="camel"):
    string_value: str | None = None
    binary_value: bytes | None = None


class _System(msgspec.Struct, frozen=True, gc=False, rename="pascal"):
    approximate_receive_count: str | None = None
    sent_timestamp: str | None = None
    message_group_id: str | None = None


_NO_ATTRIBUTES = _System()


class _Message(msgspec.Struct, gc=False, rename="camel"):
    message_id: str
    body: str
    attributes: _System = _NO_ATTRIBUTES
    message_attributes: dict[str, _Attribute] | None = None
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
        arn, queue, found = "", "", []
        for message in parse(event, _Event, "SQS").records:
            if message.arn != arn:  # one mapping, one queue
                arn = message.arn
                queue = arn.rpartition(":")[2]
            told = message.attributes
            found.append(
                Record(
                    "sqs",
                    MessagePosition(queue, message.message_id),
                    message.body.encode("utf-8", "surrogatepass"),
                    _encoded(told.message_group_id),
                    _headers(message)
                    if message.message_attributes
                    else _counted(told.approximate_receive_count),
                    _number(told.sent_timestamp),
                )
            )
        return found

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
        for name, attribute in (message.message_attributes or {}).items()
    ]
    return (*own, *_counted(message.attributes.approximate_receive_count))


@lru_cache(maxsize=1000)  # nearly all messages come for the first time
def _counted(count: str | None) -> Headers:
    return ((RECEIVE_COUNT, utf8(count)),) if count else ()


def _encoded(text: str | None) -> bytes | None:
    return utf8(text) if text else None


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() else None
