"""The sources of requirements, made through the API of AWS."""

import time
from collections.abc import Callable
from typing import Any, Protocol

from headrace.testing.conformance.given import GivenRecord
from headrace.testing.conformance.observed import Unsupported
from headrace.testing.conformance.requirement import Requirement

Client = Callable[[str], Any]
"""Makes a boto3 client of a service."""

VISIBLE_AGAIN_SECONDS = 10
"""As long as the function may take: AWS refuses a mapping of a queue that waits for less."""

_HASH_KEYS = 2**128


class Source(Protocol):
    """A source that was made.

    Attributes:
        arn: what a mapping reads.
        numbers: the names of the records that were written, by their sequence numbers.
    """

    arn: str
    numbers: dict[str, str]

    def write(self, record: GivenRecord) -> None:
        """Write a record."""
        ...


class KinesisSource:
    """A stream.

    Attributes:
        places: the names of the records that were written, by shard and sequence number: shards may
            have the same numbers.
    """

    def __init__(self, client: Client, name: str, requirement: Requirement) -> None:
        self.numbers: dict[str, str] = {}
        self.places: dict[tuple[str, str], str] = {}
        self._client, self._name = client("kinesis"), name
        self._shards = requirement.partitions
        self._client.create_stream(StreamName=name, ShardCount=self._shards)
        self._client.get_waiter("stream_exists").wait(StreamName=name, WaiterConfig={"Delay": 1})
        told = self._client.describe_stream_summary(StreamName=name)
        self.arn = told["StreamDescriptionSummary"]["StreamARN"]

    def write(self, record: GivenRecord) -> None:
        """Put a record into its shard."""
        middle = (2 * record.partition + 1) * _HASH_KEYS // (2 * self._shards)
        told = self._client.put_record(
            StreamName=self._name,
            Data=record.payload().encode(),
            PartitionKey=record.key or "-",
            ExplicitHashKey=str(middle),
        )
        self.numbers[told["SequenceNumber"]] = record.name
        self.places[told["ShardId"], told["SequenceNumber"]] = record.name


class TableSource:
    """A table with its stream. The sequence numbers are those that the function was given.

    What an item was before it is changed or deleted is put before the stream is switched on.
    """

    def __init__(self, client: Client, name: str, requirement: Requirement) -> None:
        if requirement.partitions > 1:
            raise Unsupported("a table has one shard there")
        if any(record.expired for record in requirement.records):
            raise Unsupported("items do not expire there while one waits")
        self.numbers: dict[str, str] = {}
        self._client, self._name = client("dynamodb"), name
        self._client.create_table(
            TableName=name,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        for record in requirement.records:
            if record.change == "REMOVE":
                self._put(record, _attributes(record))
            elif record.change == "MODIFY":
                self._put(record, {"payload": {"S": "before"}})
        on = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
        told = self._client.update_table(TableName=name, StreamSpecification=on)
        self.arn = told["TableDescription"]["LatestStreamArn"]

    def write(self, record: GivenRecord) -> None:
        """Put an item, each time with a value that differs; or delete it."""
        if record.change == "REMOVE":
            self._client.delete_item(TableName=self._name, Key={"id": {"S": record.key}})
        else:
            self._put(record, _attributes(record))

    def _put(self, record: GivenRecord, attributes: dict[str, Any]) -> None:
        item = {"id": {"S": record.key}, **attributes}
        self._client.put_item(TableName=self._name, Item=item)


def _attributes(record: GivenRecord) -> dict[str, Any]:
    if isinstance(record.value, dict):
        return record.value
    return {"payload": {"S": record.payload()}}


class QueueSource:
    """A queue, with a dead-letter queue if it is asked for one."""

    def __init__(self, client: Client, name: str, requirement: Requirement) -> None:
        self.numbers: dict[str, str] = {}
        self._client, self._fifo = client("sqs"), requirement.source == "fifo"
        self._end = ".fifo" if self._fifo else ""
        attributes = {"VisibilityTimeout": str(VISIBLE_AGAIN_SECONDS), **requirement.queue}
        if self._fifo:
            attributes |= {"FifoQueue": "true"}
        self.dead = None
        if "RedrivePolicy" in attributes:
            self.dead = self._make(f"{name}-dead", {"FifoQueue": "true"} if self._fifo else {})
            policy = attributes["RedrivePolicy"]
            end = policy[policy.index(', "maxReceiveCount"') :]
            arn = self._arn(self.dead)
            attributes["RedrivePolicy"] = f'{{"deadLetterTargetArn": "{arn}"{end}'
        self.url = self._make(name, attributes)
        self.arn = self._arn(self.url)

    def write(self, record: GivenRecord) -> None:
        """Send a message."""
        group = {"MessageGroupId": record.key, "MessageDeduplicationId": record.name}
        self._client.send_message(
            QueueUrl=self.url,
            MessageBody=record.payload(),
            MessageAttributes={
                name: {"DataType": "String", "StringValue": value}
                for name, value in record.headers.items()
            },
            **(group if self._fifo else {}),
        )

    def bodies(self, url: str, seconds: float) -> list[str]:
        """Return the bodies of what a queue holds, or has visible within so many seconds."""
        found: list[str] = []
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            answer = self._client.receive_message(
                QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=0, VisibilityTimeout=60
            )
            found += [message["Body"] for message in answer.get("Messages", ())]
            time.sleep(0.1)
        return found

    def _make(self, name: str, attributes: dict[str, str]) -> str:
        told = self._client.create_queue(QueueName=name + self._end, Attributes=attributes)
        return str(told["QueueUrl"])

    def _arn(self, url: str) -> str:
        told = self._client.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return str(told["Attributes"]["QueueArn"])


SOURCES: dict[str, Callable[[Client, str, Requirement], Source]] = {
    "kinesis": KinesisSource,
    "dynamodb": TableSource,
    "sqs": QueueSource,
    "fifo": QueueSource,
}
