"""`sqs://queue` or `sqs://account/queue`, `?region=…&endpoint=…&timeout=seconds`: an SQS queue.

Bodies and attributes are those of `headrace.sinks.envelope`. In a FIFO queue, messages of a group
are written one after the other (see `headrace.sinks.partial_writes`); other queues keep no order.
"""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from headrace.names import is_queue
from headrace.sinks import aws, envelope
from headrace.sinks.base import TIMEOUT_SECONDS, Message
from headrace.sinks.partial_writer import PartialWriter
from headrace.sinks.partial_writes import Entry, ServiceLimits
from headrace.sinks.url import SinkUrl

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

_MIB = 1 << 20


def open_url(url: SinkUrl) -> "SqsSink":
    """Open `sqs://queue` or `sqs://account/queue`; the queue must exist."""
    client, queue = find_queue(url)
    return SqsSink(client, queue, timeout=url.seconds("timeout", TIMEOUT_SECONDS))


def find_queue(url: SinkUrl) -> tuple["SQSClient", str]:
    """Return a client and the queue's own URL. Raises SettingsError if there is no such queue."""
    url.allow(aws.PARAMETERS)
    account, name = ("", url.host) if url.path in {"", "/"} else (url.host, url.path[1:])
    if not is_queue(name) or (account and not (account.isdigit() and len(account) == 12)):
        raise url.wrong("the form is sqs://queue-name or sqs://account-id/queue-name")
    client = aws.client("sqs", url)
    owner = {"QueueOwnerAWSAccountId": account} if account else {}
    return client, aws.look_up(url, client.get_queue_url, QueueName=name, **owner)["QueueUrl"]


class SqsSink(PartialWriter):
    """Messages of a queue.

    Args:
        client: a boto3 client.
        queue: the URL of the queue; it ends in `.fifo` for a FIFO queue.
        timeout: seconds after which no further request is made.
    """

    limits = ServiceLimits(entries=10, request_bytes=_MIB, entry_bytes=_MIB)

    def __init__(self, client: "SQSClient", queue: str, *, timeout: float) -> None:
        super().__init__(client, timeout)
        self._queue = queue
        self._fifo = queue.endswith(".fifo")

    def entry(self, index: int, message: Message) -> Entry:
        """Make an entry of SendMessageBatch."""
        return envelope.entry(index, message, "MessageBody", fifo=self._fifo)

    def put(self, requests: list[dict[str, Any]]) -> Sequence[Exception | None]:
        """Call SendMessageBatch."""
        operation = partial(aws.call, self._client.send_message_batch, QueueUrl=self._queue)
        return envelope.put(operation, "Entries", requests)
