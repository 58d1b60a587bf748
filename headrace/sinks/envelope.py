"""A message in the form of SQS and SNS: a body of text, and attributes.

The body is the value. What cannot stand there is named by the attribute `encoding`: `base64` for
bytes that are not text as the service allows it, `empty` and `tombstone` for values without bytes,
whose body is a placeholder. The attribute `key` holds the key, if it has any bytes. Headers are
attributes of the same name, if each of them can be one; else all stand together in the
attribute `headers`, as a JSON list of names and base64 values. Attributes that are text are of the
type String, others Binary. What is put back into a queue that it came from has the attributes that
it had, and no others.
"""

import base64
import hashlib
import re
import uuid
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from headrace.record import Headers
from headrace.sinks.aws import blames_content
from headrace.sinks.base import ContentRefused, Message, WriteFailed
from headrace.sinks.partial_writes import Entry, Transient

_TEXT = re.compile("[\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]+")
_NAME = re.compile(r"(?!(?i:aws|amazon)\.)[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*")
_TOKEN = re.compile(r"[!-~]{1,128}")
_OWN = frozenset({"encoding", "key", "headers"})
_MOST_ATTRIBUTES = 10
_MOST_HEADERS = _MOST_ATTRIBUTES - 2  # two are our own

Attributes = dict[str, dict[str, Any]]


def entry(index: int, message: Message, body_name: str, *, fifo: bool) -> Entry:
    """A message as an entry of a batch request, without its id.

    Args:
        index: the place of the message; if there is no order, it is the queue.
        message: the message.
        body_name: how the service calls the body.
        fifo: whether the queue or topic keeps the order of groups.
    """
    body, attributes = _envelope(message)
    order = _fifo(message) if fifo else {}
    request = {body_name: body, "MessageAttributes": attributes, **order}
    if message.group is not None and not fifo:
        request["MessageGroupId"] = _group(message.group)
    return Entry(order.get("MessageGroupId", index), _size(body, attributes), request)


def put(
    send: Callable[..., dict[str, Any]], name: str, requests: list[dict[str, Any]]
) -> Sequence[Exception | None]:
    """Send a batch request, and say what became of each entry.

    Args:
        send: the operation.
        name: of its argument that takes the entries.
        requests: the entries; their ids are their places.
    """
    entries = [{"Id": str(index), **request} for index, request in enumerate(requests)]
    response = send(**{name: entries})
    return _answers(response, len(requests))


def _envelope(message: Message) -> tuple[str, Attributes]:
    """The body, and the attributes with all that is not in it."""
    text, encoding = _body(message.value)
    if message.as_sent and not encoding and _are_attributes(message.headers, _MOST_ATTRIBUTES):
        return text, {name: _attribute(value) for name, value in message.headers}
    attributes = _headers(message.headers)
    if message.key:
        attributes["key"] = _attribute(message.key)
    if encoding:
        attributes["encoding"] = _attribute(encoding.encode())
    return text, attributes


def _size(text: str, attributes: Attributes) -> int:
    """Bytes of a body with its attributes, as the services count them."""
    total = len(text.encode())
    for name, attribute in attributes.items():
        value = attribute.get("BinaryValue") or attribute["StringValue"].encode()
        total += len(name) + len(attribute["DataType"]) + len(value)
    return total


def _fifo(message: Message) -> dict[str, str]:
    """Group and deduplication id, for FIFO queues and topics.

    The group is the key, or its SHA-256 if the key cannot be one; a message without a key is a
    group of its own. The deduplication id is made of the record's id and of the content: what the
    same record gives again is dropped, but no two different messages are taken for one.
    """
    parts = message.key, message.value, message.headers, message.id, message.position
    content = msgspec.msgpack.encode(parts) if message.id else uuid.uuid4().bytes
    token = hashlib.sha256(content).hexdigest()
    group = token if message.key is None else _group(message.key)
    return {"MessageGroupId": group, "MessageDeduplicationId": token}


def _answers(response: dict[str, Any], count: int) -> Sequence[Exception | None]:
    silent = WriteFailed("the service did not say what became of this message")
    found: list[Exception | None] = [silent] * count
    for taken in response.get("Successful", ()):
        found[int(taken["Id"])] = None
    for failed in response.get("Failed", ()):
        reason = f"{failed['Code']}: {failed.get('Message', '')}"
        found[int(failed["Id"])] = _refusal(failed)(reason)
    return found


def _refusal(failed: dict[str, Any]) -> type[Exception]:
    if not failed["SenderFault"]:
        return Transient
    return ContentRefused if blames_content(failed["Code"]) else WriteFailed


def _body(value: bytes | None) -> tuple[str, str]:
    if value is None:
        return "-", "tombstone"
    if not value:
        return "-", "empty"
    text = _text(value)
    return (base64.b64encode(value).decode(), "base64") if text is None else (text, "")


def _headers(headers: Headers) -> Attributes:
    names = {name for name, _ in headers}
    if _are_attributes(headers, _MOST_HEADERS) and not names & _OWN:
        return {name: _attribute(value) for name, value in headers}
    return {"headers": _attribute(msgspec.json.encode(headers))}


def _are_attributes(headers: Headers, most: int) -> bool:
    """Return whether each header can be an attribute of its own."""
    return len(headers) == len({name for name, _ in headers}) <= most and all(
        _NAME.fullmatch(name) and len(name) <= 256 and value for name, value in headers
    )


def _attribute(value: bytes) -> dict[str, Any]:
    text = _text(value)
    if text is None:
        return {"DataType": "Binary", "BinaryValue": value}
    return {"DataType": "String", "StringValue": text}


def _text(data: bytes) -> str | None:
    """The bytes as text of the characters that XML allows; None if they are not."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    return text if _TEXT.fullmatch(text) else None


def _group(key: bytes) -> str:
    text = _text(key) or ""
    return text if _TOKEN.fullmatch(text) else hashlib.sha256(key).hexdigest()
