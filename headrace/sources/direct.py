"""Direct invocation: any JSON value that no other source claims; what returns is the answer."""

import json
from typing import Any

from headrace import json_text
from headrace.errors import Reject
from headrace.processing.outcomes import Outcomes
from headrace.record import Record, RequestPosition
from headrace.reply import Reply
from headrace.sources.answer import as_json, body, problem
from headrace.sources.base import Redelivery, utf8
from headrace.sources.http_headers import v1


class Direct:
    """The event itself is the record; its value is the event as JSON."""

    name = "direct"
    redelivery: Redelivery = "caller"

    def records(self, event: Any) -> list[Record]:
        """Return the event as the only record."""
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
        return utf8(json.dumps(event))
    except (TypeError, ValueError, RecursionError):
        raise Reject(f"the event is not JSON: {fault}") from None


def _response(reply: Reply) -> dict[str, Any]:
    text, is_base64 = body(reply)
    response: dict[str, Any] = {"statusCode": int(reply.status)}
    if reply.content_type != "application/json" or reply.headers:
        response |= v1([("content-type", reply.content_type), *reply.headers])
    response["body"] = text
    if is_base64:
        response["isBase64Encoded"] = True
    return response
