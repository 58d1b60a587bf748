"""Direct invocation: any JSON value that no other source claims; what returns is the answer."""

import json
from typing import Any

import orjson

from headrace.errors import MalformedEvent, Reject
from headrace.processing.outcomes import Outcomes
from headrace.record import Record, RequestPosition
from headrace.reply import Reply
from headrace.sources.answer import body, problem


class Direct:
    """The event itself is the record; its value is the event as JSON."""

    name = "direct"
    redelivers = False

    def matches(self, event: Any) -> bool:  # noqa: ARG002 - it takes any
        """Whatever the others left."""
        return True

    def records(self, event: Any) -> list[Record]:
        """The event as the only record. Raises MalformedEvent for an event of another service."""
        _refuse_other_services(event)
        return [Record("direct", RequestPosition(""), _as_json(event))]

    def respond(self, outcomes: Outcomes) -> Any:
        """What `process` returned. A Reject becomes a problem document, other errors are raised."""
        failure = outcomes.failures.get(0)
        if failure is None:
            result = outcomes.results[0]
            return _response(result) if isinstance(result, Reply) else result
        if isinstance(failure, Reject):
            return _response(problem(failure))
        raise failure


def _as_json(event: Any) -> bytes:
    try:
        return orjson.dumps(event)
    except TypeError:  # an integer over 64 bits or a lone surrogate: the slower encoder takes them
        return json.dumps(event).encode()


def _response(reply: Reply) -> dict[str, Any]:
    text, is_base64 = body(reply)
    response: dict[str, Any] = {"statusCode": int(reply.status)}
    if reply.content_type != "application/json" or reply.headers:
        response["headers"] = {"content-type": reply.content_type, **dict(reply.headers)}
    response["body"] = text
    if is_base64:
        response["isBase64Encoded"] = True
    return response


def _refuse_other_services(event: Any) -> None:
    records = event.get("Records") if isinstance(event, dict) else None
    first = records[0] if isinstance(records, list) and records else None
    service = (
        first.get("eventSource", first.get("EventSource")) if isinstance(first, dict) else None
    )
    if isinstance(service, str):
        raise MalformedEvent(f"no source takes events of {service!r}")
