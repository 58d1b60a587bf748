"""What a destination of asynchronous invocations is told, in the form of AWS Lambda."""

import msgspec
from msgspec import UNSET, UnsetType

from headrace.dead_letters.failure_record import RequestContext


class AnsweredContext(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """How the last invocation ended; without `function_error` it gave a response."""

    status_code: int = 200
    executed_version: str = "$LATEST"
    function_error: str | UnsetType = UNSET


class InvocationRecord(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """An event that is done, or that is given up.

    Attributes:
        timestamp: when it was written, in ISO 8601.
        request_context: what was invoked, how often, and why no more.
        request_payload: the event, as JSON.
        response_context: how the last invocation ended; left out if there was none.
        response_payload: what it returned, or its error, as JSON.
    """

    version: str = "1.0"
    timestamp: str
    request_context: RequestContext
    request_payload: msgspec.Raw
    response_context: AnsweredContext | UnsetType = UNSET
    response_payload: msgspec.Raw | UnsetType = UNSET


class ErrorPayload(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The function's error."""

    error_message: str
    error_type: str
