"""`sns://topic-name` or `sns://topic-arn`, `?region=…&endpoint=…&timeout=seconds`: an SNS topic.

Bodies and attributes are those of `headrace.sinks.envelope`. To a FIFO topic, messages of a group
are published one after the other (see `headrace.sinks.partial_writes`).
"""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from headrace.names import is_notifier, read_arn
from headrace.sinks import aws, envelope
from headrace.sinks.base import TIMEOUT_SECONDS, Message
from headrace.sinks.partial_writer import PartialWriter
from headrace.sinks.partial_writes import Entry, ServiceLimits
from headrace.sinks.url import SinkUrl

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient


def open_url(url: SinkUrl) -> "SnsSink":
    """Open `sns://topic-name` (a topic of the caller's own account) or `sns://topic-arn`."""
    url.allow(aws.PARAMETERS)
    arn = read_arn(url.host, "sns")
    if url.path not in {"", "/"} or not is_notifier(arn.resource if arn else url.host):
        raise url.wrong("the form is sns://topic-name, or sns:// and the topic's ARN")
    client = aws.client("sns", url, region=arn.region if arn else None)
    topic = url.host if arn else _arn(url, client.meta.region_name)
    return SnsSink(client, topic, timeout=url.seconds("timeout", TIMEOUT_SECONDS))


class SnsSink(PartialWriter):
    """Notifications of a topic.

    Args:
        client: a boto3 client.
        topic: its ARN; it ends in `.fifo` for a FIFO topic.
        timeout: seconds after which no further request is made.
    """

    # 256 KiB is what every topic takes; a larger message goes alone to a topic set to take it.
    limits = ServiceLimits(entries=10, request_bytes=1 << 18, entry_bytes=1 << 20)

    def __init__(self, client: "SNSClient", topic: str, *, timeout: float) -> None:
        super().__init__(client, timeout)
        self._topic = topic
        self._fifo = topic.endswith(".fifo")

    def entry(self, index: int, message: Message) -> Entry:
        """Make an entry of PublishBatch."""
        return envelope.entry(index, message, "Message", fifo=self._fifo)

    def absent(self) -> str | None:
        """As `headrace.sinks.open.absent`."""
        missing = aws.is_missing(self._client.get_topic_attributes, TopicArn=self._topic)
        return f"there is no topic {self._topic}" if missing else None

    def put(self, requests: list[dict[str, Any]]) -> Sequence[Exception | None]:
        """Call PublishBatch."""
        operation = partial(aws.call, self._client.publish_batch, TopicArn=self._topic)
        return envelope.put(operation, "PublishBatchRequestEntries", requests)


def _arn(url: SinkUrl, region: str) -> str:
    """The ARN of a topic by name: SNS itself finds topics only by ARN."""
    caller = aws.look_up(url, aws.client("sts", url).get_caller_identity)
    partition = caller["Arn"].split(":")[1]
    return f"arn:{partition}:sns:{region}:{caller['Account']}:{url.host}"
