"""Errors of services that keep shards: which pass by themselves, and what the others are called."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.eventstream import ParserError
from botocore.exceptions import BotoCoreError, ClientError
from urllib3.exceptions import HTTPError

from headrace.errors import HeadraceError
from headrace.runner import aws
from headrace.runner.presence import refusal

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


@contextmanager
def looking_for(what: str) -> Iterator[None]:
    """Have the errors of a service say whether what is looked for may be found later.

    Args:
        what: is looked for, as the message names it.

    Raises:
        SourceAbsent: it is not there, or the service does not answer for now.
        SettingsError: it may not be read.
    """
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        passes = code(error) == ABSENT or is_passing(error)
        raise refusal(what, error, passes=passes) from None
