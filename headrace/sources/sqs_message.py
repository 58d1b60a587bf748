"""A message of a queue as a record: its body is at hand, the rest is read when it is asked for.

A message group is the key in a FIFO queue alone. In a standard queue it says whose a message is, so
that the service hands out those of all fairly, and nothing of an order: there, it is a header.
"""

from collections.abc import Iterable
from functools import lru_cache
from itertools import repeat
from operator import itemgetter
from typing import Any, cast

import msgspec

from headrace.record import Headers, MessagePosition, Record
from headrace.sources.base import parse, utf8
from headrace.unread_record import UNREAD, UnreadRecord, late

RECEIVE_COUNT = "aws.receive-count"
"""The header that says how often a message was delivered. No user's attribute begins so."""

MESSAGE_GROUP = "aws.message-group"
"""The header with the message group in a standard queue."""

_SOURCE = "sqs"
_ID, _BODY = map(itemgetter, ("messageId", "body"))

_Dict = dict[str, Any]


class _Attribute(msgspec.Struct, gc=False, rename="camel"):
    string_value: str | None = None
    binary_value: bytes | None = None


class _System(msgspec.Struct, gc=False, rename="pascal"):
    approximate_receive_count: str | None = None
    sent_timestamp: str | None = None
    message_group_id: str | None = None


class _Message(msgspec.Struct, rename="camel"):
    message_id: str
    body: str


class _Event(msgspec.Struct):
    records: list[_Message] = msgspec.field(name="Records")


def messages_of(event: Any) -> list[Record]:
    """Return the messages of an event as records.

    What every record needs is checked at once. The rest is when a record is asked for it: its
    fields may raise MalformedEvent, then.

    Raises:
        MalformedEvent: the event has not the shape that SQS promises.
    """
    try:  # as nearly all events are
        messages = event["Records"]
        "".join(map(_ID, messages))  # each is text: the quickest way to find out
        return _unread(messages, map(str.encode, map(_BODY, messages)))
    except (LookupError, TypeError, UnicodeError):
        pass
    told = parse(event, _Event, "SQS").records
    return _unread(event["Records"], (utf8(message.body) for message in told))


def split_group(queue: str, group: str | None) -> tuple[bytes | None, Headers]:
    """Return what a message group is to a record: its key, or a header.

    Args:
        queue: the name or the ARN of the queue; that of a FIFO queue ends in `.fifo`, and no other.
        group: as the service tells it.
    """
    if not group:
        return None, ()
    if queue.endswith(".fifo"):
        return utf8(group), ()
    return None, ((MESSAGE_GROUP, utf8(group)),)


def _unread(messages: list[_Dict], bodies: Iterable[bytes]) -> list[Record]:
    unread, kept = repeat(UNREAD), cast("Iterable[Any]", messages)
    # By columns, not by rows: this runs for every message.
    return [*map(_Unread, repeat(_SOURCE), unread, bodies, unread, unread, unread, kept)]


def _position(message: _Dict) -> MessagePosition:
    return MessagePosition(_arn(message).rpartition(":")[2], message["messageId"])


def _key(message: _Dict) -> bytes | None:
    group = _system(message).message_group_id
    return split_group(_arn(message), group)[0] if group else None


def _headers(message: _Dict) -> Headers:
    system = _system(message)
    counted = _counted(system.approximate_receive_count)
    if system.message_group_id:
        counted += split_group(_arn(message), system.message_group_id)[1]
    attributes = message.get("messageAttributes")
    if not attributes:
        return counted
    own = parse(attributes, dict[str, _Attribute], "SQS")
    texts = [(name, one.binary_value or utf8(one.string_value or "")) for name, one in own.items()]
    return (*texts, *counted)


def _timestamp(message: _Dict) -> int | None:
    sent = _system(message).sent_timestamp
    return int(sent) if sent and sent.isdecimal() else None


def _arn(message: _Dict) -> str:
    return parse(message.get("eventSourceARN", ""), str, "SQS")


def _system(message: _Dict) -> _System:
    return parse(message.get("attributes", {}), _System, "SQS")


@lru_cache(maxsize=1000)  # nearly all messages come for the first time
def _counted(count: str | None) -> Headers:
    return ((RECEIVE_COUNT, utf8(count)),) if count else ()


class _Unread(UnreadRecord, frozen=True, gc=False):
    position = late("position", _position)
    key = late("key", _key)
    headers = late("headers", _headers)
    timestamp = late("timestamp", _timestamp)
