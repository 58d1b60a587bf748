"""One queue, as the service has it: what it is, and the four requests that the runner makes."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from headrace.names import read_arn
from headrace.runner.presence import refusal
from headrace.runner.sqs.errors import QueueError, code, is_passing
from headrace.runner.sqs.lease import Lease
from headrace.runner.sqs.message import ATTRIBUTES
from headrace.sources.sqs_received import to_record

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

MOST = 10
"""How many messages one request takes, of any kind."""

_ABSENT = {"NonExistentQueue", "QueueDoesNotExist"}
_DEFAULT_VISIBILITY = 30


class Refusal(msgspec.Struct, frozen=True):
    """Why the service did not do to a message what it was asked to.

    Attributes:
        why: in the service's words.
        is_final: no repetition would change it: the message is no longer ours.
    """

    why: str
    is_final: bool


class Queue:
    """A queue as it was found at the start.

    Args:
        client: the SQS client.
        queue: its name, its URL or its ARN.
        visibility: seconds that a message stays invisible; None: as the queue says.

    Attributes:
        name: its name.
        arn: its ARN.
        is_fifo: whether it keeps the order of message groups.
        visibility: seconds that a message stays invisible, once received or extended.
        most_receives: after so many deliveries it moves a message to its dead-letter queue; None if
            it never does.

    Raises:
        SourceAbsent: there is no such queue, or the service does not answer for now.
        SettingsError: it may not be read.
    """

    def __init__(self, client: "SQSClient", queue: str, visibility: int | None = None) -> None:
        self._client = client
        try:
            self._url = _url_of(client, queue)
            answer = client.get_queue_attributes(QueueUrl=self._url, AttributeNames=["All"])
        except (ClientError, BotoCoreError) as error:
            passes = _is_absent(error) or is_passing(error)
            raise refusal(f"queue {queue!r}", error, passes=passes) from None
        attributes: Mapping[str, str] = cast("Any", answer).get("Attributes", {})
        self.arn = attributes["QueueArn"]
        self.name = self.arn.rpartition(":")[2]
        self.is_fifo = self.name.endswith(".fifo")
        own = int(attributes.get("VisibilityTimeout", _DEFAULT_VISIBILITY))
        # With a timeout of 0, a message would be visible before it could be extended.
        self.visibility = visibility or own or _DEFAULT_VISIBILITY
        self.most_receives = _most_receives(attributes.get("RedrivePolicy"))

    def receive(self, most: int, wait: int) -> list[Lease]:
        """Receive up to `most` messages; if there is none, wait for one up to `wait` seconds."""
        asked = time.monotonic()
        answer = self._call(
            self._client.receive_message,
            MaxNumberOfMessages=most,
            WaitTimeSeconds=wait,
            VisibilityTimeout=self.visibility,
            MessageSystemAttributeNames=list(ATTRIBUTES),
            MessageAttributeNames=["All"],
        )
        # They were handed out at some time in between, and hardly long before the answer was read:
        # if that cannot be known, they are extended at once.
        begun = max(asked, time.monotonic() - self.visibility / 2)
        return [self._lease(message, begun) for message in answer.get("Messages", ())]

    def delete(self, leases: Sequence[Lease]) -> list[Refusal | None]:
        """Delete up to ten messages: for each, None or why it was not."""
        entries = [{"Id": str(n), "ReceiptHandle": le.handle} for n, le in enumerate(leases)]
        return _refusals(
            self._call(self._client.delete_message_batch, Entries=entries), len(leases)
        )

    def change(self, leases: Sequence[Lease], seconds: Sequence[int]) -> list[Refusal | None]:
        """Have up to ten messages invisible for so many seconds from now: as `delete`."""
        entries = [
            {"Id": str(n), "ReceiptHandle": lease.handle, "VisibilityTimeout": timeout}
            for n, (lease, timeout) in enumerate(zip(leases, seconds, strict=True))
        ]
        change = self._client.change_message_visibility_batch
        return _refusals(self._call(change, Entries=entries), len(leases))

    def _call(self, operation: Callable[..., Any], **arguments: Any) -> Any:
        """Make a request. Raises QueueError if no repetition would change the answer."""
        try:
            return operation(QueueUrl=self._url, **arguments)
        except (ClientError, BotoCoreError) as error:
            if is_passing(error):
                raise
            raise QueueError(f"queue {self.name!r}: {error}") from None

    def _lease(self, message: Mapping[str, Any], begun: float) -> Lease:
        record = to_record(message, self.name)
        bare = {name: value for name, value in message.items() if name != "Body"}
        group = record.key.decode(errors="surrogatepass") if self.is_fifo and record.key else None
        return Lease(record, bare, group, begun, begun + self.visibility)


def _is_absent(error: Exception) -> bool:
    return isinstance(error, ClientError) and code(error) in _ABSENT


def _url_of(client: "SQSClient", queue: str) -> str:
    if "://" in queue:
        return queue
    arn = read_arn(queue, "sqs")
    if arn is None:
        return client.get_queue_url(QueueName=queue)["QueueUrl"]
    owner = {"QueueOwnerAWSAccountId": arn.account} if arn.account else {}
    return client.get_queue_url(QueueName=arn.resource, **owner)["QueueUrl"]


def _most_receives(policy: str | None) -> int | None:
    return int(msgspec.json.decode(policy)["maxReceiveCount"]) if policy else None


def _refusals(answer: Mapping[str, Any], count: int) -> list[Refusal | None]:
    refusals: list[Refusal | None] = [None] * count
    for failed in answer.get("Failed", ()):
        why = f"{failed.get('Code')}: {failed.get('Message', '')}".rstrip(": ")
        refusals[int(failed["Id"])] = Refusal(why, bool(failed.get("SenderFault")))
    return refusals
