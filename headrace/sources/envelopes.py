"""Messages that carry other messages: what SNS, S3 and EventBridge put into a queue or a topic.

A notification may be wrapped twice: S3 tells SNS, SNS tells SQS. Each envelope that is opened gives
the records inside, under the position of the message that brought them: they are done, and come
again, together.
"""

from collections.abc import Iterator, Sequence
from typing import Any, get_args

import msgspec

from headrace import json_text
from headrace.errors import MalformedEvent
from headrace.prepared import prepared
from headrace.record import MessagePosition, Record, whole
from headrace.sources import s3
from headrace.sources.base import Envelope, utf8
from headrace.sources.eventbridge import EventBridge
from headrace.sources.sns import Notification

# Of others, each record has an answer, or a place, of its own.
_CARRIERS = frozenset({"sqs", "sns", "mq"})

ENVELOPES: tuple[Envelope, ...] = get_args(Envelope)


def unwrap(records: Sequence[Record], envelopes: Sequence[Envelope]) -> list[Record]:
    """Open the envelopes of messages.

    Args:
        records: what a queue or a topic brought; records of other sources stay as they are.
        envelopes: which kinds are opened. What looks like none of them stays as it is.
    """
    return [inner for record in records for inner in _opened(record, envelopes)]


def _opened(record: Record, envelopes: Sequence[Envelope]) -> Iterator[Record]:
    position = record.position
    content = _content(record) if record.source in _CARRIERS else None
    try:
        inner = _inside(record, content, envelopes) if isinstance(content, dict) else None
    except (MalformedEvent, msgspec.ValidationError):
        inner = None  # it only looked like an envelope
    if inner is None or not isinstance(position, MessagePosition):
        yield record
    elif len(inner) == 1 and inner[0].position == position:
        yield from _opened(inner[0], envelopes)
    else:
        for part, one in enumerate(inner):
            place = MessagePosition(position.origin, position.id, part)
            key = one.key if record.key is None else record.key  # a group keeps its order
            yield msgspec.structs.replace(whole(one), position=place, key=key)


def _inside(
    record: Record, content: dict[str, Any], envelopes: Sequence[Envelope]
) -> list[Record] | None:
    """What an envelope holds; None if it is none, or none of those that are opened."""
    if "sns" in envelopes and content.get("Type") == "Notification":
        return [_told(record, msgspec.convert(content, prepared(Notification)))]
    if "s3" in envelopes and (_is_s3(content) or s3.is_test(content)):
        return s3.S3().records(content)
    if "eventbridge" in envelopes and "detail-type" in content and "detail" in content:
        return EventBridge().records(content)
    return None


def _content(record: Record) -> Any:
    value = record.value or b""
    if not value.lstrip().startswith(b"{"):
        return None
    try:
        return json_text.decode(value)
    except json_text.JsonError:  # nested too deeply, too: who reads it says so, of this one record
        return None


def _told(record: Record, told: Notification) -> Record:
    """The message inside an SNS envelope, in the place of its envelope."""
    return msgspec.structs.replace(
        whole(record),
        value=utf8(told.message),
        headers=(*record.headers, *told.headers()),
    )


def _is_s3(content: dict[str, Any]) -> bool:
    records = content.get("Records")
    first = records[0] if isinstance(records, list) and records else None
    return isinstance(first, dict) and first.get("eventSource") == "aws:s3"
