"""Errors of services that keep shards: which pass by themselves, and what the others are called."""

from botocore.eventstream import ParserError
from botocore.exceptions import ClientError
from urllib3.exceptions import HTTPError

from headrace.errors import HeadraceError
from headrace.runner import aws

ABSENT = "ResourceNotFoundException"
"""The service's name for the error that there is no such table, stream, shard or consumer."""

_PASSING_CODES = frozenset(
    {
        "InternalFailure",
        "InternalFailureException",
        "InternalServerError",
        "KMSThrottlingException",
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "ResourceInUseException",  # a stream that changes, or a subscription that is not yet over
        "ServiceUnavailable",
        "ThrottlingException",
    }
)
# A subscription is read through urllib3 itself, whose errors botocore does not translate there.
_OF_SUBSCRIPTIONS = (HTTPError, ParserError)


class StreamError(HeadraceError):
    """The stream cannot be read on; the message says why."""


def code(error: Exception) -> str | None:
    """The service's name for an error; None where the service did not answer."""
    return error.response["Error"].get("Code") if isinstance(error, ClientError) else None


def is_passing(error: Exception) -> bool:
    """Whether a request that failed so is worth repeating: throttled, or not answered."""
    return isinstance(error, _OF_SUBSCRIPTIONS) or aws.is_passing(
        error, code(error), _PASSING_CODES
    )
