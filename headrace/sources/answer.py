"""The answer to a caller who waits: a value, a reply of one's own, or a problem (RFC 9457)."""

import base64
from contextlib import suppress
from http import HTTPStatus
from typing import Any

from headrace import json_text
from headrace.errors import NotDone, OutOfTime, Reject, message_of
from headrace.readable import readable_record
from headrace.record import Record
from headrace.reply import Reply


def as_reply(value: object) -> Reply:
    """What `process` returned, as a reply; None is an empty 204."""
    if isinstance(value, Reply):
        return value
    if value is None:
        return Reply(b"", status=HTTPStatus.NO_CONTENT)
    return Reply(as_json(value))


def as_json(value: object) -> bytes:
    """Return what `process` returned, as JSON; a record becomes an object with all its parts.

    Raises:
        JsonError: the value has no form in JSON.
    """
    if isinstance(value, Record):  # a worker that forwards records, asked by a caller who waits
        value = readable_record(value)
    return json_text.encode(value)


def problem(error: Exception) -> Reply:
    """A problem document. Only a Reject explains itself: other errors may hold secrets."""
    status = _status(error)
    document: dict[str, Any] = {"title": _title(status), "status": int(status)}
    if isinstance(error, Reject):
        document["detail"] = error.detail
        if error.errors:
            document["errors"] = [*map(_sayable, error.errors)]
    return Reply(json_text.encode(document), "application/problem+json", status)


def _title(status: int) -> str:
    """Return the phrase of a status; one that HTTP does not know has that of its class."""
    known = status if status in set(HTTPStatus) else status // 100 * 100
    return HTTPStatus(known).phrase


def _sayable(value: object) -> object:
    """Return a value as it is, or as text if it has no form in JSON."""
    try:
        json_text.encode(value)
    except json_text.JsonError:
        return message_of(value)
    return value


def _status(error: Exception) -> int:
    if isinstance(error, Reject):
        return error.status
    if isinstance(error, NotDone | OutOfTime):  # the time was over
        return HTTPStatus.GATEWAY_TIMEOUT
    return HTTPStatus.INTERNAL_SERVER_ERROR


def body(reply: Reply) -> tuple[str, bool]:
    """The reply's body as it travels in JSON, and whether it is base64."""
    if reply.is_text:
        with suppress(UnicodeDecodeError):  # another encoding, or compressed
            return reply.body.decode(), False
    return base64.b64encode(reply.body).decode(), True
