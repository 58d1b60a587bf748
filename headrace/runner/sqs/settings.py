"""Which SQS queue to read, and how to reach it."""

import os
import re
from typing import TYPE_CHECKING, Annotated, cast

import msgspec
from msgspec import Meta

from headrace.errors import SettingsError
from headrace.names import is_queue, read_arn
from headrace.runner import aws

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

_MEGABYTE = 1024 * 1024
# Beyond a long poll, an answer that takes longer does not come.
_ANSWER_SECONDS = 10
_HOST = re.compile(
    r"(?:.+\.)?sqs(?:-fips)?\.([a-z0-9-]+)\.(?:(?:vpce\.)?amazonaws\..+|api\.aws)"
    r"|([a-z0-9-]+)\.queue\.amazonaws\..+"
)
_ENDPOINT_VARIABLES = ("AWS_ENDPOINT_URL_SQS", "AWS_ENDPOINT_URL")


class SqsSource(msgspec.Struct, frozen=True, kw_only=True):
    """Which queue to read, and how to reach it.

    Attributes:
        queue: The queue to read: its name, its URL or its ARN.
        endpoint_url: The address of a stand-in for Amazon SQS, for development. Unless it is set,
            AWS's own variables decide, or else the queue's URL if it begins with http:, which AWS
            does not take.
        region: The AWS region of the queue. Unless it is set, it is that of the ARN or the URL, or
            else AWS's own variables and files decide.
        receivers: How many requests for messages may be under way at once. A quiet queue has one.
        receive_wait_seconds: How long a request waits for a message if there is none. When the
            runner stops, it first waits for the requests that are under way.
        visibility_timeout: How long a message stays invisible unless the runner extends that, in
            seconds: so late it comes again if the runner is killed. Unless it is set, the queue
            decides.
        messages_ahead: How many messages may be held that are not done: they wait, or are in work.
            Unless it is set: twice as many as may be in work, and at least 100.
        megabytes_ahead: How many megabytes of messages may be held that are not done. It bounds
            the runner's memory; what one request brings may come on top of it.
        asynchronous: Whether messages hold events of SNS, S3 or EventBridge, and the function is
            given the event, as if the service had called it: one at a time, with
            HEADRACE_MAXIMUM_RETRY_ATTEMPTS (0 to 2, by default 2) retries after one and two
            minutes. An event that is given up goes to HEADRACE_ON_FAILURE_URL.
        maximum_event_age_in_seconds: The age at which such an event is given up.
        on_success_url: The sink for such events that are done, as a URL, in AWS's form.
    """

    queue: str
    endpoint_url: str | None = None
    region: str | None = None
    receivers: Annotated[int, Meta(ge=1, le=100)] = 4
    receive_wait_seconds: Annotated[int, Meta(ge=0, le=20)] = 5
    visibility_timeout: Annotated[int, Meta(ge=1, le=43_200)] | None = None
    messages_ahead: Annotated[int, Meta(ge=1, le=100_000)] | None = None
    megabytes_ahead: Annotated[int, Meta(ge=4, le=8_192)] = 64
    asynchronous: bool = False
    maximum_event_age_in_seconds: Annotated[int, Meta(ge=60, le=21_600)] = 21_600
    on_success_url: str | None = None

    @property
    def bytes_ahead(self) -> int:
        """Return how many bytes of messages may be held."""
        return self.megabytes_ahead * _MEGABYTE

    @property
    def is_fifo(self) -> bool:
        """Return whether the queue keeps the order of message groups: its name says so."""
        return self.queue.endswith(".fifo")


def settled(source: SqsSource) -> SqsSource:
    """Return the source with what the ARN or the URL says of where the queue is.

    Raises:
        SettingsError: it names no queue.
    """
    queue = source.queue
    if is_queue(queue):
        return source
    arn, (scheme, _, rest) = read_arn(queue, "sqs"), queue.partition("://")
    if arn is not None and is_queue(arn.resource):
        return msgspec.structs.replace(source, region=source.region or arn.region)
    host, name = rest.partition("/")[0], rest.rpartition("/")[2]
    if scheme not in {"http", "https"} or not (host and is_queue(name)):
        raise SettingsError(f"queue {queue!r}: expected its name, its URL or its ARN")
    told = _HOST.fullmatch(host)
    region = source.region or (told and (told[1] or told[2])) or None
    endpoint = source.endpoint_url
    if scheme == "http" and not any(map(os.environ.get, _ENDPOINT_VARIABLES)):
        endpoint = endpoint or f"http://{host}"
    return msgspec.structs.replace(source, region=region, endpoint_url=endpoint)


def open_client(settings: SqsSource) -> "SQSClient":
    """Open a client for the queue. Raises SettingsError if region or credentials are missing."""
    return cast(
        "SQSClient",
        aws.open_client(
            "sqs",
            "SQS",
            endpoint_url=settings.endpoint_url,
            region=settings.region,
            connections=2 * settings.receivers + 2,
            read_seconds=settings.receive_wait_seconds + _ANSWER_SECONDS,
        ),
    )
