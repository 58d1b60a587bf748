"""Errors of the SQS service: which pass by themselves."""

from botocore.exceptions import (
    ClientError,
    CredentialRetrievalError,
    HTTPClientError,
    IncompleteReadError,
)
from botocore.exceptions import (
    ConnectionError as UnreachableError,
)
from botocore.parsers import ResponseParserError

from headrace.errors import HeadraceError

_PASSING_CODES = {
    "InternalError",
    "InternalFailure",
    "KmsThrottled",
    "OverLimit",  # more messages are in flight, in all runners, than the queue allows
    "RequestThrottled",
    "ServiceUnavailable",
    "ThrottlingException",
}
_PASSING_KINDS = (
    CredentialRetrievalError,
    HTTPClientError,
    IncompleteReadError,
    ResponseParserError,
    UnreachableError,
)


class QueueError(HeadraceError):
    """The queue cannot be read on; the message says why."""


def code(error: ClientError) -> str:
    """Return the service's name for an error, without a namespace."""
    name = str(error.response["Error"].get("Code", ""))
    return name.rpartition("#")[2].removeprefix("AWS.SimpleQueueService.")


def is_passing(error: Exception) -> bool:
    """Return whether a request that failed so is worth repeating: throttled, or not answered."""
    if isinstance(error, ClientError):
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return code(error) in _PASSING_CODES or status >= 500
    return isinstance(error, _PASSING_KINDS)
