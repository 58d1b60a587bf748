"""Direct invocation: any JSON value that no other source claims; what returns is the answer."""

import json
from typing import Any

from headrace import json_text
from headrace.errors import MalformedEvent, Reject
from headrace.processing.outcomes import Outcomes
from headrace.record import Record, RequestPosition
from headrace.reply import Reply
from headrace.sources.answer import as_json, body, problem


class Direct:
    """The event itself is the record; its value is the event as JSON."""

    name = "direct"
    redelivers = False

    def matches(self, event: Any) -> bool:  # noqa: ARG002 - it takes any
        """Whatever the others left."""
        return True

    def records(self, event: Any) -> list[Record]:
        """Return the event as the only record. Raises MalformedEvent for one of another service."""
        _refuse_other_services(event)
        return [Record("direct", RequestPosition(""), _as_json(event))]

    def respond(self, outcomes: Outcomes) -> Any:
        """What `process` returned. A Reject becomes a problem document, other errors are raised."""
        failure = outcomes.failures.get(0)
        if failure is None:
            result = outcomes.results[0]
            if isinstance(result, Reply):
                return _response(result)
            return json_text.decode(as_json(result))  # what JSON cannot say is told here
        if isinstance(failure, Reject):
            return _response(problem(failure))
        raise failure


def _as_json(event: Any) -> bytes:
    """Return the event as text. A NaN that a caller in Python sent stays one, for its reader."""
    try:
        return json_text.encode(event)
    except json_text.JsonError as error:
        fault = error
    try:
        return json.dumps(event).encode()
    except (TypeError, ValueError, RecursionError):
        raise Reject(f"the event is not JSON: {fault}") from None


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
