"""What the AWS sinks share: clients with bounded waits, and errors in our own terms."""

import os
import re
from collections.abc import Callable
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, NoRegionError, ParamValidationError

from headrace.aws_endpoint import checked
from headrace.errors import SettingsError
from headrace.sinks.base import TIMEOUT_SECONDS, ContentRefused
from headrace.sinks.partial_writes import Transient
from headrace.sinks.url import SinkUrl

PARAMETERS = ("region", "endpoint", "timeout")

_ATTEMPTS = 3

_CONTENT = {
    "BatchRequestTooLong",
    "InvalidArgument",
    "InvalidMessageContents",
    "InvalidParameter",
    "InvalidParameterValue",
    "Validation",
}
"""Error codes, without prefix and "Exception", that blame what is in the request."""

_MISSING = {"404", "NoSuchBucket", "NotFound", "ResourceNotFound"}
"""Error codes, without "Exception", of what is not there."""


def client(service: str, url: SinkUrl, region: str | None = None) -> Any:
    """A boto3 client of the service.

    The parameters `region` and `endpoint` come before what boto3 finds itself (AWS_REGION,
    AWS_ENDPOINT_URL, its configuration files). An attempt that hears nothing ends early enough
    for the others to fit into `timeout`.
    """
    if "@" in url.params.get("endpoint", ""):
        raise url.wrong("an endpoint takes no user and no password")
    wait = url.seconds("timeout", TIMEOUT_SECONDS) / (2 * _ATTEMPTS)
    config = Config(
        connect_timeout=min(wait, 5.0),
        read_timeout=wait,
        retries={"mode": "standard", "total_max_attempts": _ATTEMPTS},
        s3={"addressing_style": "path" if _has_endpoint(url) else "auto"},
    )
    try:
        client = boto3.client(  # type: ignore[call-overload]  # the service is a variable here
            service,
            region_name=url.params.get("region") or region,
            endpoint_url=url.params.get("endpoint") or None,
            config=config,
        )
        return checked(client)
    except NoRegionError as error:
        raise url.wrong(f"{error} AWS_REGION does, or ?region=NAME") from None
    except (BotoCoreError, ValueError) as error:
        raise url.wrong(str(error)) from None


def call(operation: Callable[..., Any], **arguments: Any) -> Any:
    """Call the service. Raises ContentRefused or Transient if the answer says so."""
    try:
        return operation(**arguments)
    except ParamValidationError as error:
        raise ContentRefused(str(error)) from error
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if blames_content(code):
            raise ContentRefused(str(error)) from error
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        if status >= 500 or re.search("Throttl|ThroughputExceeded", code):
            raise Transient(str(error)) from error
        raise


def blames_content(code: str) -> bool:
    """Return whether an error's code says that what was sent is to blame."""
    return code.rpartition(".")[2].removesuffix("Exception") in _CONTENT


def look_up(url: SinkUrl, operation: Callable[..., Any], **arguments: Any) -> Any:
    """Call the service while a sink is opened. Raises SettingsError if it refuses."""
    try:
        return operation(**arguments)
    except (BotoCoreError, ClientError) as error:
        raise SettingsError(f"sink {url}: {error}") from error


def is_missing(operation: Callable[..., Any], **arguments: Any) -> bool:
    """Return whether the service says that there is no such thing. Whatever else it says is no."""
    try:
        operation(**arguments)
    except ClientError as error:
        return error.response["Error"]["Code"].removesuffix("Exception") in _MISSING
    except BotoCoreError:
        pass
    return False


def _has_endpoint(url: SinkUrl) -> bool:
    """Whether the service is a stand-in, whose name has no host for each bucket."""
    names = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")
    return "endpoint" in url.params or any(os.environ.get(name) for name in names)
