"""Dead letters in an SQS queue: hidden from other readers while they are read here.

A queue may also hold what another queue moved to it by its redrive policy, or what a topic that is
a failure destination told it.
"""

import base64
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from headrace.dead_letters.boxes.base import Stored
from headrace.dead_letters.boxes.moved import moved_letter, source_queues
from headrace.sinks import aws
from headrace.sinks.sqs import find_queue
from headrace.sinks.url import SinkUrl
from headrace.sources.base import utf8
from headrace.sources.sns import Notification

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

_HIDDEN_SECONDS = 300
# A long poll asks every server of the service: if it finds nothing, nothing is left.
_POLL_SECONDS = 1


def open_box(url: SinkUrl) -> "SqsBox":
    """Open `sqs://queue` or `sqs://account/queue`."""
    client, queue = find_queue(url)
    return SqsBox(client, queue, url)


class SqsBox:
    """The messages of a queue. Those of a FIFO queue's group come at most ten at a time.

    Args:
        client: a boto3 client.
        queue: the queue's own URL.
        url: as it was opened, for errors.
    """

    removes = True

    def __init__(self, client: "SQSClient", queue: str, url: SinkUrl) -> None:
        self._client = client
        self._queue = queue
        self._url = url
        self.unread = 0
        self._hidden: dict[str, str] = {}  # receipt handles by message id

    def read(self) -> Iterator[list[Stored]]:
        """The messages, each once; the service keeps no order."""
        seen: set[str] = set()
        again = 0
        sources = source_queues(self._client, self._queue)
        while messages := self._receive():
            new = [message for message in messages if message["MessageId"] not in seen]
            # What was read first comes into sight again, in between or after a whole turn.
            again = 0 if new else again + len(messages)
            if again > len(self._hidden):
                break
            seen.update(message["MessageId"] for message in new)
            self._hidden |= {message["MessageId"]: message["ReceiptHandle"] for message in messages}
            if new:
                yield [self._stored(message, sources) for message in new]
        self.unread = self._behind() if self._queue.endswith(".fifo") else 0

    def remove(self, stored: Stored) -> None:
        """Delete a message from the queue."""
        receipt = self._hidden.pop(stored.handle)
        aws.look_up(
            self._url, self._client.delete_message, QueueUrl=self._queue, ReceiptHandle=receipt
        )

    def close(self) -> None:
        """Let other readers see at once what was not removed."""
        for receipt in self._hidden.values():
            aws.look_up(
                self._url,
                self._client.change_message_visibility,
                QueueUrl=self._queue,
                ReceiptHandle=receipt,
                VisibilityTimeout=0,
            )
        self._client.close()

    def _behind(self) -> int:
        """Return how many messages of a FIFO queue stand behind those that are hidden."""
        told = aws.look_up(
            self._url,
            self._client.get_queue_attributes,
            QueueUrl=self._queue,
            AttributeNames=["ApproximateNumberOfMessages"],
        )
        return int(told["Attributes"]["ApproximateNumberOfMessages"])

    def _stored(self, message: dict[str, Any], sources: tuple[str, ...]) -> Stored:
        moved = moved_letter(message, sources, self._queue.rpartition("/")[2])
        data = _data(message)
        # What was moved goes back as it was sent, whatever it tells.
        return Stored(_told(data) if moved is None else data, message["MessageId"], moved)

    def _receive(self) -> list[dict[str, Any]]:
        answer = aws.look_up(
            self._url,
            self._client.receive_message,
            QueueUrl=self._queue,
            MaxNumberOfMessages=10,
            VisibilityTimeout=_HIDDEN_SECONDS,
            WaitTimeSeconds=_POLL_SECONDS,
            AttributeNames=["All"],
            MessageAttributeNames=["All"],
        )
        found: list[dict[str, Any]] = answer.get("Messages", [])
        return found


def _data(message: dict[str, Any]) -> bytes:
    encoding = message.get("MessageAttributes", {}).get("encoding", {}).get("StringValue", "")
    return _decoded(utf8(message["Body"]), utf8(encoding))


def _told(data: bytes) -> bytes:
    """Return what a topic told, if the message is the envelope that it puts into a queue."""
    try:
        told = msgspec.json.decode(data, type=Notification)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return data
    return _decoded(utf8(told.message), dict(told.headers()).get("encoding", b""))


def _decoded(data: bytes, encoding: bytes) -> bytes:
    try:
        return base64.b64decode(data) if encoding == b"base64" else data
    except ValueError:  # whoever may write to the queue may say so
        return data
