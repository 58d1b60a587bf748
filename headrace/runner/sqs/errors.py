"""Errors of the SQS service: which pass by themselves."""

from botocore.exceptions import ClientError

from headrace.errors import HeadraceError
from headrace.runner import aws

_PASSING_CODES = {
    "InternalError",
    "InternalFailure",
    "KmsThrottled",
    "OverLimit",  # more messages are in flight, in all runners, than the queue allows
    "RequestThrottled",
    "ServiceUnavailable",
    "ThrottlingException",
}


class QueueError(HeadraceError):
    """The queue cannot be read on; the message says why."""


def code(error: ClientError) -> str:
    """Return the service's name for an error, without a namespace."""
    name = str(error.response["Error"].get("Code", ""))
    return name.rpartition("#")[2].removeprefix("AWS.SimpleQueueService.")


def is_passing(error: Exception) -> bool:
    """Return whether a request that failed so is worth repeating: throttled, or not answered."""
    name = code(error) if isinstance(error, ClientError) else None
    return aws.is_passing(error, name, _PASSING_CODES)
