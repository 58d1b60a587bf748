"""Tables of a test, and a runner that reads their changes again and again."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import boto3

from headrace.record import Record
from headrace.runner.dynamodb.open import open_poller
from headrace.runner.dynamodb.settings import DynamoDbSource, open_clients
from headrace.sources.dynamodb import change
from tests.support.kinesis.runner import QUICK_PACE, StreamRunner

KEYS = 7


def dynamodb(endpoint: str) -> Any:
    """A client for a stand-in, whatever the environment says."""
    return boto3.client(
        "dynamodb",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",
    )


def create_table(endpoint: str, name: str, *, stream: bool = True) -> str:
    """Create a table, with a stream or without. Returns the stream's ARN."""
    told = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
    made = dynamodb(endpoint).create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        **({"StreamSpecification": told} if stream else {}),
    )
    return made["TableDescription"].get("LatestStreamArn", "")


def write(endpoint: str, table: str, numbers: Sequence[int], keys: int = KEYS) -> None:
    """Write numbers, each over the one before that has the same key."""
    client = dynamodb(endpoint)
    for n in numbers:
        item = {"id": {"S": f"k{n % keys}"}, "n": {"N": str(n)}}
        client.put_item(TableName=table, Item=item)


def number(record: Record) -> int:
    """The number that a change has written."""
    return int(change(record).new["n"])


class TableRunner(StreamRunner):
    """A runner with its checkpoints in a folder."""

    def __init__(self, endpoint: str, table: str, folder: Path, **source) -> None:
        self.source = DynamoDbSource(
            table=table,
            checkpoints=str(folder / "checkpoints.sqlite"),
            endpoint_url=endpoint,
            region="us-east-1",
            **source,
        )
        self.seen: list[Record] = []
        self.clients = open_clients(self.source)

    def values(self) -> list[int]:
        """What was processed, as numbers."""
        return [number(record) for record in self.seen]

    def _open(self, chosen, checkpoints, *, by_event):
        return open_poller(self.clients, self.source, chosen, checkpoints, pace=QUICK_PACE)

    kind = "dynamodb"
