"""Amazon MQ: queues of ActiveMQ and RabbitMQ.

The service takes no partial answer: if a record fails, the whole batch comes again.
"""

import uuid
from typing import Any

import msgspec

from headrace.processing.outcomes import Outcomes
from headrace.record import Headers, MessagePosition, Record
from headrace.sources.base import Redelivery, as_json, parse, utf8


class _Destination(msgspec.Struct):
    physical_name: str = msgspec.field(default="", name="physicalName")
    old_name: str = msgspec.field(default="", name="physicalname")


class _ActiveMessage(msgspec.Struct):
    message_id: str = msgspec.field(name="messageID")
    data: bytes | None = None  # a text of JMS may be null
    destination: _Destination = msgspec.field(default_factory=_Destination)
    timestamp: int | None = None
    properties: dict[str, Any] | None = None
    group: str | None = msgspec.field(default=None, name="groupID")


class _ActiveEvent(msgspec.Struct):
    messages: list[_ActiveMessage]


class _Properties(msgspec.Struct, rename="camel"):
    message_id: str | None = None
    headers: dict[str, Any] | None = None


class _RabbitMessage(msgspec.Struct, rename="camel"):
    data: bytes
    basic_properties: _Properties = msgspec.field(default_factory=_Properties)


class _RabbitEvent(msgspec.Struct):
    queues: dict[str, list[_RabbitMessage]] = msgspec.field(name="rmqMessagesByQueue")


class Mq:
    """The messages of a broker's queue."""

    name = "mq"
    redelivery: Redelivery = "whole"

    def records(self, event: Any) -> list[Record]:
        """The messages in the order of the event."""
        if event.get("eventSource") == "aws:rmq":
            return _rabbit(parse(event, _RabbitEvent, "RabbitMQ"))
        return _active(parse(event, _ActiveEvent, "ActiveMQ"))

    def respond(self, outcomes: Outcomes) -> None:
        """Nothing: the service reads no answer."""
        del outcomes


def _active(event: _ActiveEvent) -> list[Record]:
    return [
        Record(
            Mq.name,
            MessagePosition(
                message.destination.physical_name or message.destination.old_name,
                message.message_id,
            ),
            message.data,
            utf8(message.group) if message.group else None,
            _headers(message.properties),
            message.timestamp,
        )
        for message in event.messages
    ]


def _rabbit(event: _RabbitEvent) -> list[Record]:
    return [
        Record(
            Mq.name,
            # RabbitMQ gives no id of its own. Two messages are never to be taken for one.
            MessagePosition(queue, message.basic_properties.message_id or str(uuid.uuid4())),
            message.data,
            None,
            _headers(message.basic_properties.headers),
        )
        for queue, messages in event.queues.items()
        for message in messages
    ]


def _headers(properties: dict[str, Any] | None) -> Headers:
    return tuple((name, _bytes(value)) for name, value in (properties or {}).items())


def _bytes(value: Any) -> bytes:
    """A header: text as it is, RabbitMQ's `{"bytes": [104, 105]}`, else JSON."""
    if isinstance(value, str):
        return utf8(value)
    octets = value.get("bytes") if isinstance(value, dict) else None
    if isinstance(octets, list) and all(isinstance(octet, int) for octet in octets):
        return bytes(octet & 0xFF for octet in octets)  # Java's bytes may be signed
    return as_json(value, "Amazon MQ")
